"""Storage Commitment, push model (PS3.4, J.3): who stored may ask whether it is kept before it deletes its own."""

import queue
import uuid

import pytest
from pydicom import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import StorageCommitmentPushModel as Commitment

from archive import TRANSFER_SYNTAXES, free_port
from images import new_uid

INSTANCE = "1.2.840.10008.1.20.1.1"
ALL_KEPT, SOME_ARE_NOT = 1, 2
NO_SUCH_INSTANCE, CLASS_INSTANCE_CONFLICT = 0x0112, 0x0119


@pytest.fixture
def requester(archive):
    """An application entity that is known to the archive and hears what is reported to it."""
    reports = queue.Queue()

    def report(event):
        reports.put((event.event_type, event.event_information))
        return 0x0000, None

    entity = AE(ae_title="C" + uuid.uuid4().hex[:10].upper())
    entity.add_supported_context(Commitment, TRANSFER_SYNTAXES, scu_role=True, scp_role=False)
    entity.add_supported_context(Commitment, TRANSFER_SYNTAXES)
    port = free_port()
    handlers = [(evt.EVT_N_EVENT_REPORT, report)]
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
    archive.destination(entity.ae_title, port)
    yield entity.ae_title, reports, handlers
    server.shutdown()


def ask(archive, requester, references):
    """The status of the request, and the report that comes, in the same association or in one of its own."""
    title, reports, handlers = requester
    transaction = Dataset()
    transaction.TransactionUID = new_uid()
    transaction.ReferencedSOPSequence = []
    for sop_class, uid in references:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
        transaction.ReferencedSOPSequence.append(item)
    roles = [build_role(Commitment, scu_role=True, scp_role=True)]
    association = archive.associate([Commitment], title=title, ext_neg=roles, evt_handlers=handlers)
    assert association.accepted_contexts
    status, _ = association.send_n_action(transaction, 1, Commitment, INSTANCE)
    if status.Status != 0x0000:
        association.release()
        return status.Status, None, None
    kind, report = reports.get(timeout=20)
    association.release()
    assert report.TransactionUID == transaction.TransactionUID
    return status.Status, kind, report


def test_what_is_kept_is_committed_to(archive, cohort, requester):
    references = [(one.SOPClassUID, one.SOPInstanceUID) for one in cohort.ct + cohort.mr]
    status, kind, report = ask(archive, requester, references)
    assert (status, kind) == (0x0000, ALL_KEPT)
    kept = {(item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) for item in report.ReferencedSOPSequence}
    assert kept == set(references)
    assert "FailedSOPSequence" not in report


def test_what_is_not_kept_is_told(archive, cohort, requester):
    one, unknown = cohort.ct[0], new_uid()
    references = [(one.SOPClassUID, one.SOPInstanceUID), (one.SOPClassUID, unknown)]
    status, kind, report = ask(archive, requester, references)
    assert (status, kind) == (0x0000, SOME_ARE_NOT)
    assert [item.ReferencedSOPInstanceUID for item in report.ReferencedSOPSequence] == [one.SOPInstanceUID]
    [failure] = report.FailedSOPSequence
    assert (failure.ReferencedSOPInstanceUID, failure.FailureReason) == (unknown, NO_SUCH_INSTANCE)


def test_another_class_than_it_is_of_is_told(archive, cohort, requester):
    status, kind, report = ask(archive, requester, [(cohort.mr[0].SOPClassUID, cohort.ct[0].SOPInstanceUID)])
    assert (status, kind) == (0x0000, SOME_ARE_NOT)
    assert report.FailedSOPSequence[0].FailureReason == CLASS_INSTANCE_CONFLICT


def test_a_request_for_nothing_is_refused(archive, requester):
    status, _, _ = ask(archive, requester, [])
    assert status != 0x0000
