"""STOW-RS (PS3.18, 10.5): dicomweb-client, and raw requests."""

import pytest
from dicomweb_client.api import DICOMwebClient

from images import Names, file_of, image, new_uid
from multipart import stow, written

FILES = 'multipart/related; type="application/dicom"; boundary=a-boundary-of-the-tests'


def stored(answer):
    return [item["00081155"]["Value"][0] for item in answer.json().get("00081199", {}).get("Value", [])]


def failed(answer):
    # What names no instance stands among the other failures (0008,119A).
    return {
        item["00081155"]["Value"][0]: item["00081197"]["Value"][0]
        for item in answer.json().get("00081198", {}).get("Value", [])
    }


def count(archive, study):
    rows = archive.rows("/studies", StudyInstanceUID=study, includefield="00201208")
    return rows[0]["00201208"]["Value"][0] if rows else 0


def test_the_client_stores(archive):
    names, series = Names(), new_uid()
    images = [image(names, series=series, number=number) for number in range(1, 6)]
    client = DICOMwebClient(url=archive.web, session=archive.session)
    answer = client.store_instances(images)
    assert len(answer.ReferencedSOPSequence) == 5
    assert count(archive, names.study) == 5


def test_what_is_answered(archive):
    """References to what is stored, and where it is (PS3.18, 10.5.3)."""
    one = image(Names())
    answer = stow(archive, file_of(one))
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/dicom+json")
    told = answer.json()
    assert stored(answer) == [one.SOPInstanceUID] and failed(answer) == {}
    [item] = told["00081199"]["Value"]
    assert item["00081150"]["Value"] == [one.SOPClassUID]
    assert one.SOPInstanceUID in item["00081190"]["Value"][0]
    url = item["00081190"]["Value"][0]
    assert archive.session.get(f"{url}/metadata", headers={"accept": "application/dicom+json"}, timeout=30).ok


def test_many_files_of_several_studies(archive):
    images = [image(Names()) for _ in range(20)]
    answer = stow(archive, *map(file_of, images))
    assert answer.status_code == 200
    assert set(stored(answer)) == {one.SOPInstanceUID for one in images}
    assert all(count(archive, one.StudyInstanceUID) == 1 for one in images)


def test_into_a_study(archive):
    names = Names()
    inside, outside = image(names), image(Names())
    answer = stow(archive, file_of(inside), file_of(outside), study=names.study)
    assert answer.status_code == 202
    assert stored(answer) == [inside.SOPInstanceUID]
    assert list(failed(answer)) == [outside.SOPInstanceUID]
    assert count(archive, outside.StudyInstanceUID) == 0


def test_good_and_bad_files_together(archive):
    """What is good is stored, what is not is named (202), and the one does not sink the other."""
    good, bad = image(Names()), image(Names())
    del bad.StudyInstanceUID
    answer = stow(archive, file_of(bad), file_of(good), file_of(image(Names()))[:400])
    assert answer.status_code == 202, answer.text
    assert stored(answer) == [good.SOPInstanceUID]
    assert bad.SOPInstanceUID in failed(answer) or "0008119A" in answer.json()
    assert count(archive, good.StudyInstanceUID) == 1


def test_nothing_but_bad_files(archive):
    answer = stow(archive, b"not an image", bytes(200))
    assert answer.status_code in (400, 409)
    assert archive.echo() < 1


def test_the_same_file_twice(archive):
    one = image(Names())
    for _ in range(2):
        assert stow(archive, file_of(one)).status_code in (200, 202)
    assert count(archive, one.StudyInstanceUID) == 1


def test_the_answer_as_xml_or_not_at_all(archive):
    answer = stow(archive, file_of(image(Names())), accept="application/dicom+xml")
    assert answer.status_code in (200, 406)
    if answer.status_code == 200:
        assert "xml" in answer.headers["content-type"] or "json" in answer.headers["content-type"]


@pytest.mark.parametrize(
    "content_type, status",
    [
        ("application/json", (400, 415)),
        ("multipart/related", (400, 415)),
        ('multipart/related; type="application/dicom"', (400, 415)),
        ('multipart/related; type="image/png"; boundary=a-boundary-of-the-tests', (400, 415)),
        ("multipart/form-data; boundary=a-boundary-of-the-tests", (400, 415)),
    ],
)
def test_other_bodies_are_refused(archive, content_type, status):
    body = written([({"Content-Type": "application/dicom"}, file_of(image(Names())))])
    answer = archive.session.post(
        f"{archive.web}/studies", data=body, headers={"content-type": content_type, "accept": "application/dicom+json"},
        timeout=30,
    )
    assert answer.status_code in status


def test_bodies_as_they_are_written_by_others(archive):
    """A preamble, lines after the boundary, headers in other cases, a part without headers, a length for each part."""
    files = [image(Names()) for _ in range(4)]
    first, second, third, fourth = map(file_of, files)
    boundary = "a-boundary-of-the-tests"
    body = (
        b"This is what old mail readers show.\r\n"
        + f"--{boundary}\r\ncontent-TYPE: application/dicom\r\nContent-Length: {len(first)}\r\n\r\n".encode() + first
        + f"\r\n--{boundary}  \r\nContent-Type:application/dicom;transfer-syntax=1.2.840.10008.1.2.1\r\n\r\n".encode() + second
        + f"\r\n--{boundary}\r\nContent-Location: somewhere\r\nContent-Type: application/dicom\r\n\r\n".encode() + third
        + f"\r\n--{boundary}\r\nContent-Type: application/dicom\r\nMIME-Version: 1.0\r\n\r\n".encode() + fourth
        + f"\r\n--{boundary}--\r\nand what comes after".encode()
    )
    headers = {"content-type": FILES, "accept": "application/dicom+json"}
    answer = archive.session.post(f"{archive.web}/studies", data=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    assert set(stored(answer)) == {one.SOPInstanceUID for one in files}


def test_in_small_chunks(archive):
    """Chunked transfer, the boundary cut in two."""
    images = [image(Names()) for _ in range(3)]
    body = written([({"Content-Type": "application/dicom"}, file_of(one)) for one in images])
    pieces = (body[at : at + 97] for at in range(0, len(body), 97))
    headers = {"content-type": FILES, "accept": "application/dicom+json"}
    answer = archive.session.post(f"{archive.web}/studies", data=pieces, headers=headers, timeout=60)
    assert answer.status_code == 200
    assert set(stored(answer)) == {one.SOPInstanceUID for one in images}


def test_a_body_that_ends_early_is_no_success(archive):
    one = image(Names())
    body = written([({"Content-Type": "application/dicom"}, file_of(one))])[: -len(b"\r\n--a-boundary-of-the-tests--\r\n")]
    headers = {"content-type": FILES, "accept": "application/dicom+json"}
    answer = archive.session.post(f"{archive.web}/studies", data=body, headers=headers, timeout=30)
    if archive.strict:
        assert answer.status_code in (400, 409), answer.text
        assert count(archive, one.StudyInstanceUID) == 0
