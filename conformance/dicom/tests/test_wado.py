"""WADO-RS (PS3.18, 10.4): every way in which viewers ask for instances, frames, pictures, bulk data and metadata."""

import io
import zlib

import pytest
from dicomweb_client.api import DICOMwebClient
from PIL import Image
from pydicom import dcmread

from images import Names, image, jpeg_frames, multiframe
from multipart import parts
from sets import differences

JSON = "application/dicom+json"
OCTETS = "application/octet-stream"
EXPLICIT, IMPLICIT, JPEG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.4.50"


def path(one, end=""):
    return (
        f"/studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}/instances/{one.SOPInstanceUID}{end}"
    )


@pytest.fixture(scope="module")
def loop(archive):
    """Native frames."""
    one = multiframe(Names())
    assert archive.store(one) == 0x0000
    return one


@pytest.fixture(scope="module")
def compressed(archive):
    """JPEG frames and their bytes."""
    one, frames = jpeg_frames(Names())
    assert archive.store(one) == 0x0000
    return one, frames


def native(one, number):
    size = one.Rows * one.Columns * one.SamplesPerPixel * one.BitsAllocated // 8
    return one.PixelData[(number - 1) * size : number * size]


@pytest.mark.parametrize(
    "accept",
    [
        'multipart/related; type="application/dicom"; transfer-syntax=*',
        'multipart/related; type="application/dicom";transfer-syntax="*"',
        "multipart/related; type=application/dicom; transfer-syntax=*",
        f'multipart/related; type="application/dicom"; transfer-syntax={EXPLICIT}',
        'multipart/related; type="application/dicom"',
        "multipart/related",
        "*/*",
        'image/png, multipart/related; type="application/dicom"; q=0.5',
    ],
)
def test_instances_in_parts(archive, cohort, accept):
    answer = archive.get(path(cohort.ct[0]), accept)
    assert answer.status_code == 200, answer.text
    [(headers, file)] = parts(answer)
    assert headers["content-type"].startswith("application/dicom")
    assert differences(dcmread(io.BytesIO(file)), cohort.ct[0]) == []


def test_one_instance_alone(archive, cohort):
    """application/dicom without parts (PS3.18, 8.7.3.1)."""
    answer = archive.get(path(cohort.ct[0]), "application/dicom; transfer-syntax=*")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/dicom")
    assert differences(dcmread(io.BytesIO(answer.content)), cohort.ct[0]) == []


def test_a_series_and_a_study(archive, cohort):
    accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
    series = f"/studies/{cohort.ana.study}/series/{cohort.ct[0].SeriesInstanceUID}"
    for where, sent in ((series, cohort.ct), (f"/studies/{cohort.ana.study}", cohort.ct + cohort.mr)):
        files = [dcmread(io.BytesIO(file)) for _, file in parts(archive.get(where, accept))]
        assert {one.SOPInstanceUID for one in files} == {one.SOPInstanceUID for one in sent}


def test_the_client_retrieves(archive, cohort):
    client = DICOMwebClient(url=archive.web, session=archive.session)
    one = cohort.mr[0]
    keys = one.StudyInstanceUID, one.SeriesInstanceUID, one.SOPInstanceUID
    assert differences(client.retrieve_instance(*keys), one) == []
    assert len(client.retrieve_study(cohort.ana.study)) == 5
    assert len(client.retrieve_series(*keys[:2])) == 2
    [frame] = client.retrieve_instance_frames(*keys, frame_numbers=[1])
    assert frame == one.PixelData
    assert client.retrieve_instance_metadata(*keys)["00080018"]["Value"] == [one.SOPInstanceUID]


def test_what_is_kept_in_another_syntax_alone_is_changed_or_refused(archive, compressed):
    answer = archive.get(path(compressed[0]), f'multipart/related; type="application/dicom"; transfer-syntax={IMPLICIT}')
    assert answer.status_code in (200, 406)
    if answer.status_code == 200:
        [(_, file)] = parts(answer)
        changed = dcmread(io.BytesIO(file))
        assert changed.file_meta.TransferSyntaxUID == IMPLICIT and len(changed.PixelData) == 3 * 64 * 64 * 3


@pytest.mark.parametrize(
    "accept",
    [
        f'multipart/related; type="{OCTETS}"; transfer-syntax=*',
        f'multipart/related; type="{OCTETS}"; transfer-syntax={EXPLICIT}',
        f'multipart/related; type="{OCTETS}"',
        f"multipart/related; type={OCTETS}",
        "*/*",
    ],
)
def test_native_frames(archive, loop, accept):
    for wanted in ([1], [7], [2, 5], [3, 1, 2]):
        answer = archive.get(path(loop, f"/frames/{','.join(map(str, wanted))}"), accept)
        assert answer.status_code == 200, answer.text
        came = parts(answer)
        assert [data for _, data in came] == [native(loop, number) for number in wanted]
        assert all(headers["content-type"].startswith(OCTETS) for headers, _ in came)


def test_one_native_frame_alone(archive, loop):
    answer = archive.get(path(loop, "/frames/3"), OCTETS)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith(OCTETS)
    assert answer.content == native(loop, 3)


@pytest.mark.parametrize(
    "accept",
    [
        'multipart/related; type="application/octet-stream"; transfer-syntax=*',
        f'multipart/related; type="image/jpeg"; transfer-syntax={JPEG}',
        'multipart/related; type="image/jpeg"; transfer-syntax=*',
        'multipart/related; type="image/jpeg"',
        'multipart/related; type="image/jpls", multipart/related; type="image/jpeg"; q=0.9',
        "*/*",
    ],
)
def test_frames_as_they_are_kept(archive, compressed, accept):
    """The bytes of the codec, and nothing done to them."""
    one, frames = compressed
    answer = archive.get(path(one, "/frames/1,3"), accept)
    assert answer.status_code == 200, answer.text
    came = parts(answer)
    # A frame of an odd length is filled up in the data set.
    assert [data.rstrip(b"\0") for _, data in came] == [frames[0].rstrip(b"\0"), frames[2].rstrip(b"\0")]


@pytest.mark.parametrize("accept", ["image/jpeg", f"image/jpeg; transfer-syntax={JPEG}", "image/jpeg, */*;q=0.1"])
def test_one_frame_alone(archive, compressed, accept):
    """As OpenSeadragon asks for tiles."""
    one, frames = compressed
    answer = archive.get(path(one, "/frames/2"), accept)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("image/jpeg")
    assert answer.content.rstrip(b"\0") == frames[1].rstrip(b"\0")


@pytest.mark.parametrize("fragments, offsets", [(1, False), (3, True)], ids=["no offsets", "fragments"])
def test_frames_are_found_however_they_are_laid_out(archive, fragments, offsets):
    one, frames = jpeg_frames(Names(), 4, fragments, offsets)
    assert archive.store(one) == 0x0000
    for number in (1, 4):
        answer = archive.get(path(one, f"/frames/{number}"), 'multipart/related; type="image/jpeg"; transfer-syntax=*')
        [(_, data)] = parts(answer)
        assert data.rstrip(b"\0") == frames[number - 1].rstrip(b"\0")


def test_compressed_frames_are_decoded_for_who_asks_for_native_ones(archive, compressed):
    one, frames = compressed
    answer = archive.get(path(one, "/frames/1"), f'multipart/related; type="{OCTETS}"; transfer-syntax={EXPLICIT}')
    assert answer.status_code in (200, 406)
    if answer.status_code == 200:
        [(_, data)] = parts(answer)
        assert len(data) == 64 * 64 * 3
        picture = Image.open(io.BytesIO(frames[0]))
        # Colours as they are named in the image, or red, green and blue; decoders differ by a few steps.
        decoded = [picture.convert(mode).tobytes() for mode in ("YCbCr", "RGB")]
        assert min(sum(abs(a - b) for a, b in zip(data, one)) / len(data) for one in decoded) < 4


@pytest.mark.parametrize("number", ["0", "8", "-1", "one", "1,9", ""])
def test_frames_that_are_not_there(archive, loop, number):
    answer = archive.get(path(loop, f"/frames/{number}"), f'multipart/related; type="{OCTETS}"')
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize("where", ["study", "series", "image", "frame"])
@pytest.mark.parametrize("accept", ["image/jpeg", "image/png", "*/*"])
def test_rendered(archive, loop, where, accept):
    ends = {"image": path(loop, "/rendered"), "frame": path(loop, "/frames/2/rendered")}
    if where in ("study", "series"):
        # A picture of many images is one of any of them, or many in parts.
        study = f"/studies/{loop.StudyInstanceUID}"
        ends[where] = study + ("" if where == "study" else f"/series/{loop.SeriesInstanceUID}") + "/rendered"
    answer = archive.get(ends[where], accept)
    if where in ("study", "series") and answer.status_code in (400, 404, 406):
        return
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("multipart"):
        pictures = [data for _, data in parts(answer)]
    else:
        pictures = [answer.content]
    assert Image.open(io.BytesIO(pictures[0])).size == (30, 20)


def test_rendered_with_a_window(archive, cohort):
    """The window of who asks is used (PS3.18, 8.3.5.1.4)."""
    one = cohort.ct[0]

    def mean(window):
        answer = archive.get(path(one, f"/rendered?window={window}"), "image/png")
        assert answer.status_code == 200, answer.text
        picture = Image.open(io.BytesIO(answer.content)).convert("L").tobytes()
        return sum(picture) / len(picture)

    # After the slope and the intercept values lie between -1024 and 2976.
    assert mean("-3000,10,linear") == 255
    assert mean("9000,10,linear") == 0
    assert 100 < mean("976,4000,linear") < 156


def test_rendered_into_a_view(archive, loop):
    answer = archive.get(path(loop, "/rendered?viewport=15,15"), "image/jpeg")
    assert answer.status_code == 200
    width, height = Image.open(io.BytesIO(answer.content)).size
    assert max(width, height) == 15 and min(width, height) in (10, 15)


@pytest.mark.parametrize("query", ["window=1", "window=a,b,linear", "viewport=0,0", "viewport=-1,5", "quality=1000"])
def test_what_cannot_be_drawn_is_refused(archive, cohort, query):
    assert archive.get(path(cohort.ct[0], f"/rendered?{query}"), "image/jpeg").status_code == 400


@pytest.mark.parametrize("where", ["study", "series", "image"])
def test_thumbnails(archive, cohort, where):
    one = cohort.ct[0]
    series = f"/studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}"
    ends = {"study": f"/studies/{one.StudyInstanceUID}", "series": series, "image": path(one)}
    answer = archive.get(ends[where] + "/thumbnail", "image/jpeg")
    assert answer.status_code == 200, answer.text
    assert max(Image.open(io.BytesIO(answer.content)).size) <= 512


def expected_metadata(one):
    """pydicom's, with bulk data as it would stand inline."""
    return one.to_json_dict(bulk_data_threshold=1 << 40)


def same_metadata(archive, told, one):
    expected = expected_metadata(one)
    told = {tag: value for tag, value in told.items() if not tag.startswith("0002")}
    # The origin may be told beside it (PS3.18, 10.4.3.3.2).
    assert told.keys() - {"00081190", "00083002"} == expected.keys()
    for tag, element in expected.items():
        got = told[tag]
        assert got["vr"] == element["vr"], tag
        if "BulkDataURI" in got:
            assert element["vr"] in ("OB", "OW", "UN", "OF", "OD", "OL", "OV", "SQ", "UT", "UC", "LT", "ST")
            bulk = archive.session.get(got["BulkDataURI"], headers={"accept": "*/*"}, timeout=30)
            assert bulk.status_code == 200, bulk.url
            data = b"".join(data for _, data in parts(bulk)) if "multipart" in bulk.headers["content-type"] else bulk.content
            assert data.rstrip(b"\0") == one[tag].value.rstrip(b"\0")
        elif tag == "00080005":
            # Text is UTF-8 in JSON, whatever it was.
            assert got["Value"][-1] in (element["Value"][-1], "ISO_IR 192")
        elif element["vr"] in ("DS", "IS"):
            assert [float(value) for value in got["Value"]] == [float(value) for value in element["Value"]]
        else:
            assert got.get("Value") == element.get("Value"), tag
            assert got.get("InlineBinary") == element.get("InlineBinary"), tag


def test_metadata_is_what_pydicom_makes_of_it(archive, cohort, loop):
    for one in (cohort.ct[0], cohort.us[0], loop, *cohort.chinese):
        answer = archive.get(path(one, "/metadata"), JSON)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/dicom+json")
        [told] = answer.json()
        same_metadata(archive, told, one)


def test_metadata_of_a_series_and_a_study(archive, cohort):
    series = f"/studies/{cohort.ana.study}/series/{cohort.ct[0].SeriesInstanceUID}"
    for where, sent in ((series, cohort.ct), (f"/studies/{cohort.ana.study}", cohort.ct + cohort.mr)):
        told = archive.get(f"{where}/metadata", JSON).json()
        assert {one["00080018"]["Value"][0] for one in told} == {one.SOPInstanceUID for one in sent}
        by_uid = {one.SOPInstanceUID: one for one in sent}
        for one in told:
            same_metadata(archive, one, by_uid[one["00080018"]["Value"][0]])


def test_metadata_that_did_not_change_is_not_sent_again(archive, cohort):
    """ETag and If-None-Match (RFC 9110, 13.1.2)."""
    where = path(cohort.ct[0], "/metadata")
    first = archive.get(where, JSON)
    tag = first.headers.get("etag")
    if not archive.strict and not tag:
        return
    assert tag
    again = archive.get(where, JSON, headers={"if-none-match": tag})
    assert again.status_code == 304 and again.content == b""
    assert archive.get(where, JSON, headers={"if-none-match": '"another"'}).status_code == 200


def test_frames_that_did_not_change_are_not_sent_again(archive, compressed):
    where = path(compressed[0], "/frames/1")
    tag = archive.get(where, "image/jpeg").headers.get("etag")
    if not archive.strict and not tag:
        return
    assert tag
    assert archive.get(where, "image/jpeg", headers={"if-none-match": tag}).status_code == 304


def test_pieces_of_an_instance(archive, cohort):
    """Ranges (RFC 9110, 14) of what is one body."""
    whole = archive.get(path(cohort.ct[0]), "application/dicom; transfer-syntax=*")
    if not archive.strict and whole.headers.get("accept-ranges") != "bytes":
        return
    assert whole.headers["accept-ranges"] == "bytes"
    for asked, piece in (("0-9", slice(0, 10)), ("128-131", slice(128, 132)), ("-5", slice(-5, None))):
        headers = {"range": f"bytes={asked}"}
        answer = archive.get(path(cohort.ct[0]), "application/dicom; transfer-syntax=*", headers=headers)
        assert (answer.status_code, answer.content) == (206, whole.content[piece])
        assert answer.headers["content-range"].endswith(f"/{len(whole.content)}")
    headers = {"range": f"bytes={len(whole.content) + 5}-"}
    assert archive.get(path(cohort.ct[0]), "application/dicom; transfer-syntax=*", headers=headers).status_code == 416


def test_metadata_may_come_packed(archive, cohort):
    answer = archive.get(f"/studies/{cohort.ana.study}/metadata", JSON, headers={"accept-encoding": "gzip"}, stream=True)
    raw = answer.raw.read()
    if answer.headers.get("content-encoding") == "gzip":
        raw = zlib.decompress(raw, 31)
    assert raw.startswith(b"[")


def test_what_is_not_there(archive, cohort):
    for where in ("/studies/1.2.3", "/studies/1.2.3/metadata", path(cohort.ct[0])[:-3] + "0.9", "/studies/1.2.3/rendered"):
        answer = archive.get(where, "*/*")
        assert answer.status_code == 404, f"{where}: {answer.status_code}"


def test_what_cannot_be_made_is_refused(archive, cohort):
    for where, accept in (
        (path(cohort.ct[0]), "video/mp4"),
        (path(cohort.ct[0], "/metadata"), "image/jpeg"),
        (path(cohort.ct[0], "/rendered"), "application/dicom"),
        (path(cohort.ct[0], "/frames/1"), 'multipart/related; type="video/mp4"'),
    ):
        assert archive.get(where, accept).status_code == 406, (where, accept)


def test_accept_as_a_parameter(archive, cohort):
    """For those who cannot set headers (PS3.18, 8.3.3.1)."""
    answer = archive.get(path(cohort.ct[0], "/rendered?accept=image/png"), "*/*")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/png")
