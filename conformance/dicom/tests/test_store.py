"""C-ECHO and C-STORE (PS3.4, B): dcmtk's storescu, and pynetdicom."""

import subprocess

import pytest
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.dsutils import encode
from pynetdicom.sop_class import Verification

from archive import TRANSFER_SYNTAXES
from images import CLASSES, Names, file_of, image, multiframe, new_uid
from receiving import get
from sets import differences


def dcmtk(program, archive, *arguments):
    """Runs a program of dcmtk against the archive."""
    line = [program, "-aet", "DCMTK", "-aec", archive.ae_title, archive.host, str(archive.port), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def test_echo_of_dcmtk(archive):
    answer = dcmtk("echoscu", archive, "-v")
    assert answer.returncode == 0, answer.stderr
    assert "Received Echo Response (Success)" in answer.stderr + answer.stdout


def test_echo_many_times_in_one_association(archive):
    association = archive.associate([Verification])
    assert [association.send_c_echo().Status for _ in range(50)] == [0x0000] * 50
    association.release()
    assert association.is_released


def test_storescu_stores_a_study(archive, tmp_path):
    names = Names()
    images = [image(names, modality, number=number) for modality in CLASSES for number in (1, 2)] + [multiframe(names)]
    for number, one in enumerate(images):
        (tmp_path / f"{number}.dcm").write_bytes(file_of(one))
    sent = dcmtk("storescu", archive, "-v", "+sd", tmp_path)
    assert sent.returncode == 0, sent.stderr
    found = archive.rows("/instances", StudyInstanceUID=names.study, limit=100)
    assert {row["00080018"]["Value"][0] for row in found} == {one.SOPInstanceUID for one in images}


@pytest.mark.parametrize("options", [["-xi"], ["-xe"], ["-xb"]], ids=["implicit", "little", "big"])
def test_storescu_in_other_encodings(archive, tmp_path, options):
    one = image(Names())
    (tmp_path / "one.dcm").write_bytes(file_of(one))
    sent = dcmtk("storescu", archive, *options, tmp_path / "one.dcm")
    assert sent.returncode == 0, sent.stderr
    back = get(archive, one.StudyInstanceUID, syntaxes=TRANSFER_SYNTAXES + ["1.2.840.10008.1.2.2"])
    # Numbers of two bytes are turned around in the other order.
    assert [(set_.SOPInstanceUID, set_.PatientID, set_.Rows) for set_ in back] == [
        (one.SOPInstanceUID, one.PatientID, one.Rows)
    ]


def test_storescu_with_small_and_with_large_fragments(archive, tmp_path):
    for size in ("4096", "131072"):
        one = image(Names(), rows=300, columns=400)
        (tmp_path / "one.dcm").write_bytes(file_of(one))
        sent = dcmtk("storescu", archive, "--max-pdu", size, "--max-send-pdu", size, tmp_path / "one.dcm")
        assert sent.returncode == 0, sent.stderr
        assert differences(get(archive, one.StudyInstanceUID)[0], one) == []


def test_the_same_image_twice_is_one_image(archive):
    one = image(Names())
    for _ in range(2):
        assert archive.store(one) == 0x0000
    rows = archive.rows("/studies", StudyInstanceUID=one.StudyInstanceUID, includefield="00201208")
    assert rows[0]["00201208"]["Value"] == [1]


def test_another_image_with_a_uid_that_is_taken(archive):
    """Whoever is told that it is stored gets it back; whoever is told that it is not finds the first."""
    first = image(Names())
    second = image(Names(name="Else^Somebody", patient=first.PatientID), number=9)
    second.StudyInstanceUID, second.SeriesInstanceUID = first.StudyInstanceUID, first.SeriesInstanceUID
    second.SOPInstanceUID = second.file_meta.MediaStorageSOPInstanceUID = first.SOPInstanceUID
    assert archive.store(first) == 0x0000
    status = archive.store(second)
    back = get(archive, first.StudyInstanceUID)
    assert len(back) == 1
    kept = second if status in (0x0000, 0xB000) else first
    assert back[0].PixelData == kept.PixelData, f"status {status:04x}"


def test_the_command_and_the_data_set_name_the_same_image(archive):
    """Another UID in the data set than in the command: refused, or not found by the wrong one (PS3.7, 9.1.1.1.4)."""
    one = image(Names())
    status = archive.store_bytes(one.SOPClassUID, ExplicitVRLittleEndian, new_uid(), encode(one, False, True))
    assert status & 0xF000 in (0xA000, 0xC000) or status == 0x0110, f"{status:04x}"


def test_a_class_that_nobody_knows_is_taken_or_refused_but_not_lost(archive):
    """Private SOP classes come from real devices."""
    one = image(Names())
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = "1.3.12.2.1107.5.9.1"
    association = archive.associate([one.SOPClassUID])
    if not association.is_established or not association.accepted_contexts:
        return
    assert association.send_c_store(one).Status == 0x0000
    association.release()
    assert archive.rows("/instances", StudyInstanceUID=one.StudyInstanceUID)


def test_several_associations_at_once(archive):
    names, series = Names(), new_uid()
    images = [image(names, series=series, number=number) for number in range(1, 9)]
    associations = [archive.associate([one.SOPClassUID]) for one in images]
    assert all(one.is_established for one in associations)
    statuses = [association.send_c_store(one).Status for association, one in zip(associations, images)]
    for association in associations:
        association.release()
    assert statuses == [0x0000] * 8
    rows = archive.rows("/studies", StudyInstanceUID=names.study, includefield="00201208")
    assert rows[0]["00201208"]["Value"] == [8]


def test_what_was_stored_is_there_at_once(archive):
    """A viewer that is told of a study by the device asks for it in the same second."""
    for _ in range(10):
        one = image(Names())
        assert archive.store(one) == 0x0000
        assert archive.rows("/studies", StudyInstanceUID=one.StudyInstanceUID)


def test_called_by_another_title(archive):
    """An application entity that is not this one is told so (PS3.8, 9.3.4), or the archive answers to any."""
    title, archive.ae_title = archive.ae_title, "SOMEBODY-ELSE"
    try:
        association = archive.associate([Verification])
    finally:
        archive.ae_title = title
    if archive.strict:
        assert association.is_rejected
        rejection = association.acceptor.primitive
        assert (rejection.result, rejection.diagnostic) == (1, 7)
    elif association.is_established:
        association.release()
