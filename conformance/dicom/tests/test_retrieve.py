"""C-MOVE and C-GET (PS3.4, C.4.2 and C.4.3): dcmtk's movescu, getscu and storescp, and pynetdicom."""

import subprocess
import uuid

import pytest
from pydicom import Dataset, dcmread
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelGet as PatientRootGet,
    PatientRootQueryRetrieveInformationModelMove as PatientRootMove,
    StudyRootQueryRetrieveInformationModelMove as StudyRootMove,
)

from archive import free_port
from images import Names, image, jpeg_frames, new_uid
from receiving import StoreScp, get, get_bytes, read
from sets import differences


def identifier(level, **keys):
    set_ = Dataset()
    set_.QueryRetrieveLevel = level
    for key, value in keys.items():
        setattr(set_, key, value)
    return set_


@pytest.fixture
def storescp(archive, tmp_path):
    """storescp of dcmtk, known to the archive."""
    folder = tmp_path / "received"
    folder.mkdir()
    receiver = StoreScp(folder, "S" + uuid.uuid4().hex[:10].upper())
    archive.destination(receiver.title, receiver.port)
    yield receiver
    receiver.close()


def move(archive, destination, query, model=StudyRootMove):
    association = archive.associate([model])
    statuses = [status for status, _ in association.send_c_move(query, destination, model)]
    association.release()
    return statuses


def same(received, sent):
    """Whether the images are those that were stored."""
    received, sent = ({one.SOPInstanceUID: one for one in images} for images in (received, sent))
    assert received.keys() == sent.keys()
    for uid, one in received.items():
        assert differences(one, sent[uid]) == []


def test_movescu_moves_a_study(archive, cohort, storescp):
    line = [
        "movescu", "-S", "-aet", storescp.title, "-aec", archive.ae_title, "-aem", storescp.title,
        "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={cohort.ana.study}", archive.host, str(archive.port),
    ]
    ran = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    same(storescp.images(), cohort.ct + cohort.mr)


def test_move_at_every_level(archive, cohort, storescp):
    of_patient = identifier("PATIENT", PatientID=cohort.ana.patient)
    last = move(archive, storescp.title, of_patient, PatientRootMove)[-1]
    assert (last.Status, last.NumberOfCompletedSuboperations) == (0x0000, 7)
    same(storescp.images(), cohort.ct + cohort.mr + cohort.us)
    for path in storescp.folder.iterdir():
        path.unlink()
    one = cohort.ct[1]
    keys = {"StudyInstanceUID": one.StudyInstanceUID, "SeriesInstanceUID": one.SeriesInstanceUID}
    assert move(archive, storescp.title, identifier("SERIES", **keys))[-1].NumberOfCompletedSuboperations == 3
    for path in storescp.folder.iterdir():
        path.unlink()
    keys["SOPInstanceUID"] = [cohort.ct[1].SOPInstanceUID, cohort.ct[2].SOPInstanceUID]
    assert move(archive, storescp.title, identifier("IMAGE", **keys))[-1].NumberOfCompletedSuboperations == 2
    same(storescp.images(), cohort.ct[1:])


def test_move_counts_down(archive, cohort, storescp):
    """Every pending answer says how many are left and done (PS3.4, C.4.2.1.6)."""
    statuses = move(archive, storescp.title, identifier("STUDY", StudyInstanceUID=cohort.ana.study))
    pending = [one for one in statuses if one.Status == 0xFF00]
    for one in pending:
        failed = one.NumberOfFailedSuboperations + one.NumberOfWarningSuboperations
        assert one.NumberOfRemainingSuboperations + one.NumberOfCompletedSuboperations + failed == 5
    assert statuses[-1].NumberOfCompletedSuboperations == 5


def test_move_of_compressed_frames(archive, storescp):
    one, _ = jpeg_frames(Names())
    assert archive.store(one) == 0x0000
    assert move(archive, storescp.title, identifier("STUDY", StudyInstanceUID=one.StudyInstanceUID))[-1].Status == 0x0000
    same(storescp.images(), [one])


def test_an_unknown_destination_is_told(archive, cohort):
    query = identifier("STUDY", StudyInstanceUID=cohort.ana.study)
    for title in ("NOBODY", "A'; DROP TABLE--", "../../etc", "X" * 16):
        assert move(archive, title, query)[-1].Status == 0xA801
    assert archive.echo() < 1


def test_a_destination_that_does_not_answer_is_told(archive, cohort):
    title = "D" + uuid.uuid4().hex[:10].upper()
    archive.destination(title, free_port())
    last = move(archive, title, identifier("STUDY", StudyInstanceUID=cohort.ana.study))[-1]
    assert last.Status & 0xF000 in (0xA000, 0xC000) or last.Status == 0xB000, f"{last.Status:04x}"
    assert archive.echo() < 1


def test_nothing_to_move(archive, storescp):
    last = move(archive, storescp.title, identifier("STUDY", StudyInstanceUID=new_uid()))[-1]
    assert last.Status == 0x0000 or last.Status & 0xF000 in (0xA000, 0xC000)
    assert storescp.images() == []


def test_getscu_gets_a_study(archive, cohort, tmp_path):
    line = [
        "getscu", "-S", "-aet", "DCMTK", "-aec", archive.ae_title, "-od", str(tmp_path),
        "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={cohort.ana.study}", archive.host, str(archive.port),
    ]
    ran = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    same([dcmread(path) for path in tmp_path.iterdir()], cohort.ct + cohort.mr)


def test_get_at_every_level(archive, cohort):
    def images(level, model=None, **keys):
        more = {"model": model} if model else {}
        last, came = get_bytes(archive, identifier(level, **keys), **more)
        assert (last.Status, last.NumberOfCompletedSuboperations) == (0x0000, len(came))
        return [read(data, syntax) for syntax, data in came]

    same(images("PATIENT", PatientRootGet, PatientID=cohort.ana.patient), cohort.ct + cohort.mr + cohort.us)
    keys = {"StudyInstanceUID": cohort.ana.study}
    same(images("STUDY", **keys), cohort.ct + cohort.mr)
    keys["SeriesInstanceUID"] = cohort.mr[0].SeriesInstanceUID
    same(images("SERIES", **keys), cohort.mr)
    same(images("IMAGE", SOPInstanceUID=cohort.mr[1].SOPInstanceUID, **keys), cohort.mr[1:])


def test_get_of_chinese(archive, cohort):
    for names, one in zip((cohort.li, cohort.wang), cohort.chinese):
        same(get(archive, names.study), [one])


def test_get_into_another_encoding(archive, cohort):
    """Who takes Implicit VR Little Endian alone gets native images in it."""
    back = get(archive, cohort.ana.study, syntaxes=["1.2.840.10008.1.2"])
    assert len(back) == 5
    sent = {one.SOPInstanceUID: one for one in cohort.ct + cohort.mr}
    for one in back:
        assert one.PixelData == sent[one.SOPInstanceUID].PixelData
        assert one.PatientName == sent[one.SOPInstanceUID].PatientName


def test_what_the_asker_cannot_take_is_counted(archive, cohort):
    """Nobody who asks takes ultrasound: those fail, and the answer names them (PS3.4, C.4.3.1.3.1)."""
    query = identifier("PATIENT", PatientID=cohort.ana.patient)
    classes = [cohort.ct[0].SOPClassUID, cohort.mr[0].SOPClassUID]
    last, came = get_bytes(archive, query, classes=classes, model=PatientRootGet)
    assert len(came) == 5
    assert (last.NumberOfCompletedSuboperations, last.NumberOfFailedSuboperations) == (5, 2)
    assert last.Status in (0xB000, 0xA702), f"{last.Status:04x}"


def test_compressed_frames_are_not_sent_to_who_does_not_take_them_as_if_they_were_native(archive):
    one, _ = jpeg_frames(Names())
    assert archive.store(one) == 0x0000
    query = identifier("STUDY", StudyInstanceUID=one.StudyInstanceUID)
    last, came = get_bytes(archive, query, syntaxes=["1.2.840.10008.1.2.1"])
    if came:
        # Decoded, then: three frames of 64 by 64 pixels of three bytes.
        assert len(read(came[0][1], came[0][0]).PixelData) == 3 * 64 * 64 * 3
    else:
        assert last.NumberOfFailedSuboperations == 1
