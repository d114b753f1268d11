"""Slides of pathology over DICOMweb: wsidicom as a viewer, and tiles as viewers ask for them."""

import base64
import io

import pytest
from dicomweb_client.api import DICOMwebClient
from PIL import Image, ImageChops, ImageStat
from wsidicom import WsiDicom, WsiDicomWebClient

from images import Names, file_of
from multipart import parts, stow
from slides import Slide


@pytest.fixture(scope="module", params=["full", "sparse", "basic offsets"])
def slide(request, archive):
    slide = Slide(Names(name="Slide^Sam"), sparse=request.param == "sparse", extended=request.param != "basic offsets")
    answer = stow(archive, *map(file_of, slide.images))
    assert answer.status_code == 200, answer.text
    return slide


def tile(slide, level, number):
    """Where the tile of this number lies."""
    places = sorted(place for place in slide.tiles if place[0] == level)
    return slide.tiles[places[number - 1]]


def path(slide, level, end):
    one = slide.images[level]
    return f"/studies/{slide.names.study}/series/{slide.series}/instances/{one.SOPInstanceUID}{end}"


def test_wsidicom_reads_the_slide(archive, slide):
    client = WsiDicomWebClient(DICOMwebClient(url=archive.web, session=archive.session))
    with WsiDicom.open_web(client, slide.names.study, slide.series) as opened:
        assert [level.size.width for level in opened.levels] == [1024, 512, 256]
        assert opened.mpp.width == pytest.approx(0.5)
        region = opened.read_region((200, 300), 0, (150, 100))
        expected = slide.picture.crop((200, 300, 350, 400))
        difference = ImageStat.Stat(ImageChops.difference(region.convert("RGB"), expected)).mean
        assert max(difference) < 12
        assert opened.read_encoded_tile(0, (1, 2)).rstrip(b"\0") == slide.tiles[0, 2, 1].rstrip(b"\0")
        whole = opened.read_thumbnail((128, 128))
        assert max(whole.size) == 128


@pytest.mark.parametrize(
    "accept",
    [
        'multipart/related; type="application/octet-stream"; transfer-syntax=*',
        'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50',
        'multipart/related; type="image/jpeg"; transfer-syntax=*',
    ],
)
def test_tiles_in_parts(archive, slide, accept):
    answer = archive.get(path(slide, 0, "/frames/1,6,15"), accept)
    assert [data.rstrip(b"\0") for _, data in parts(answer)] == [
        tile(slide, 0, number).rstrip(b"\0") for number in (1, 6, 15)
    ]


def test_one_tile_as_a_picture(archive, slide):
    answer = archive.get(path(slide, 1, "/frames/3"), "image/jpeg")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/jpeg")
    assert answer.content.rstrip(b"\0") == tile(slide, 1, 3).rstrip(b"\0")
    rendered = archive.get(path(slide, 1, "/frames/3/rendered"), "image/jpeg")
    assert rendered.status_code == 200 and Image.open(io.BytesIO(rendered.content)).size == (256, 256)


def test_the_profile_of_colours_is_bulk_data(archive, slide):
    [told] = archive.get(path(slide, 0, "/metadata"), "application/dicom+json").json()
    assert told["00480006"]["Value"] == [1024] and told["00280008"]["Value"] == [slide.images[0].NumberOfFrames]
    profile = told["00480105"]["Value"][0]["00282000"]
    expected = slide.images[0].OpticalPathSequence[0].ICCProfile
    if "BulkDataURI" in profile:
        answer = archive.session.get(profile["BulkDataURI"], headers={"accept": "application/octet-stream"}, timeout=30)
        data = parts(answer)[0][1] if "multipart" in answer.headers["content-type"] else answer.content
    else:
        data = base64.b64decode(profile["InlineBinary"])
    assert data.rstrip(b"\0") == expected.rstrip(b"\0")
