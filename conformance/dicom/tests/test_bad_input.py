"""What nobody should send, and what comes of it: a refusal or an end for who sends it, and nothing for the others. After
each the archive answers an echo within a second and holds no more memory than before."""

import gzip
import random
import struct
import time
from urllib.parse import quote

import pytest
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.dsutils import encode

from archive import ENDED
from images import Names, deflate, file_of, image, new_uid
from multipart import stow
from wire import (
    ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, CT, DEFLATED, EXPLICIT, IMPLICIT, P_DATA, RELEASE_RP, RELEASE_RQ, VERIFICATION,
    Wire, command, echo_command, fragment, item, pdu, request, status_of, store_command,
)

# Memory that may be in use for a while: buffers of an association, threads, what the allocator keeps.
ROOM_MB = 100
ENDS = [[], [ABORT], [ASSOCIATE_RJ]]


@pytest.fixture(autouse=True)
def unharmed(archive):
    before = archive.memory_mb()
    yield
    assert archive.echo() < 1
    assert archive.memory_mb() - before < ROOM_MB


@pytest.fixture
def wire(archive):
    wire = Wire(archive)
    yield wire
    wire.close()


def whole(archive, **more):
    return request(archive.ae_title.encode(), **more)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(64), b"\xff" * 64, bytes(range(256)), b"\x16\x03\x01\x02\x00\x01\x00",
        pdu(P_DATA, fragment(1, echo_command(), True)), pdu(RELEASE_RQ, bytes(4)), pdu(9, bytes(4)), pdu(ABORT, bytes(4)),
    ],
    ids=["http", "zeros", "ones", "bytes", "tls", "data first", "release first", "unknown type", "abort first"],
)
def test_other_things_than_a_request(wire, garbage):
    wire.send_last(garbage)
    assert wire.ended() in ENDS


def test_requests_cut_off_anywhere(archive):
    one = whole(archive)
    for length in [*range(0, 80, 7), *range(80, len(one), 23), len(one) - 1]:
        wire = Wire(archive)
        wire.send_last(one[:length])
        assert wire.ended() in ENDS, length
        wire.close()


def test_lengths_of_items_that_are_wrong(archive):
    one = whole(archive)
    user = one.index(item(0x51, b"\0\0\x40\0"))
    places = {2: 4, 76: 2, one.index(b"\x20\0") + 2: 2, user - 2: 2, user + 2: 2}
    for place, size in places.items():
        for value in (0, 1, 2 ** (8 * size) - 1, 2 ** (8 * size - 1), 70):
            wire = Wire(archive, patience=60)
            wire.send_last(one[:place] + value.to_bytes(size, "big") + one[place + size :])
            assert [kind for kind in wire.ended() if kind != ASSOCIATE_AC] in ENDS, (place, value)
            wire.close()


def test_requests_with_bytes_turned_over(archive):
    one, dice = whole(archive), random.Random(5)
    for _ in range(150):
        bad = bytearray(one)
        for _ in range(dice.randint(1, 4)):
            bad[dice.randrange(len(bad))] = dice.randrange(256)
        wire = Wire(archive, patience=60)
        wire.send_last(bytes(bad))
        assert set(wire.ended()) <= {ASSOCIATE_AC, ASSOCIATE_RJ, ABORT}
        wire.close()


def test_four_gigabytes_are_not_made_room_for(archive):
    for kind in (1, P_DATA):
        wire = Wire(archive, patience=60)
        if kind == P_DATA:
            wire.associate()
        wire.send(pdu(kind, b"x" * 1000, length=0xFFFFFFFF))
        before = archive.memory_mb()
        try:
            for _ in range(64):
                wire.send(b"x" * (1 << 20))
        except OSError:
            pass
        assert archive.memory_mb() - before < ROOM_MB
        wire.close()


def test_fragments_that_are_longer_than_their_pdu(archive):
    for length in (0, 1, 2, 3, 5000, 0x7FFFFFFF, 0xFFFFFFFF):
        wire = Wire(archive, patience=60)
        wire.associate()
        wire.send_last(pdu(P_DATA, fragment(1, echo_command(), True, length=length)))
        assert set(wire.ended()) <= {ABORT, P_DATA}, length
        wire.close()


def test_pdus_longer_than_was_agreed(archive):
    """The archive says how long a PDU may be; what is longer ends the association, or is read all the same."""
    wire = Wire(archive)
    wire.associate(contexts=[(CT, EXPLICIT)])
    try:
        wire.send(pdu(P_DATA, fragment(1, store_command(), True)))
        wire.send(pdu(P_DATA, fragment(1, bytes(8 << 20), is_last=False)))
    except OSError:
        pass
    wire.close()


@pytest.mark.parametrize("context", [0, 2, 3, 255])
def test_contexts_that_nobody_agreed_on(wire, context):
    wire.associate()
    wire.send(pdu(P_DATA, fragment(context, echo_command(), True)))
    assert wire.ended() in ENDS


def test_a_context_that_was_refused(wire):
    answer = wire.associate(contexts=[(VERIFICATION, IMPLICIT), (b"1.2.3.4.5", IMPLICIT), (CT, b"1.2.3.4.5")])
    assert b"\x21" in answer
    wire.send(pdu(P_DATA, fragment(5, store_command(), True)))
    assert wire.ended() in ENDS


US = struct.Struct("<H").pack


@pytest.mark.parametrize(
    "bad",
    [
        b"", bytes(7), bytes(8), command(), command(_0002=VERIFICATION), command(_0100=US(0x30)),
        command(_0002=VERIFICATION, _0100=US(0x7777), _0110=US(1), _0800=US(0x0101)),
        command(_0002=VERIFICATION, _0100=US(0x8030), _0110=US(1), _0800=US(0x0101)),
        command(_0002=VERIFICATION, _0100=b"", _0110=b"", _0800=b""),
        command(_0002=b"1" * 5000, _0100=US(0x30), _0110=US(1), _0800=US(0x0101)),
        echo_command()[:-1], echo_command()[:20] + b"\xff" * 40,
        struct.pack("<HHI", 0, 0x0100, 0xFFFFFFFF) + bytes(20),
    ],
)
def test_commands_that_say_nothing(wire, bad):
    wire.associate()
    wire.send_last(pdu(P_DATA, fragment(1, bad, True)))
    assert set(wire.ended()) <= {ABORT, P_DATA}


def test_a_command_without_an_end_is_bounded(archive):
    wire = Wire(archive, patience=60)
    wire.associate()
    before = archive.memory_mb()
    try:
        for _ in range(4000):
            wire.send(pdu(P_DATA, fragment(1, bytes(16000), True, is_last=False)))
    except OSError:
        pass
    assert archive.memory_mb() - before < ROOM_MB
    wire.close()


def test_a_data_set_that_stops_is_not_stored(archive):
    one = image(Names())
    data = encode(one, False, True)
    for ending in ("close", "abort", "release"):
        wire = Wire(archive)
        wire.associate(contexts=[(CT, EXPLICIT)])
        wire.send(pdu(P_DATA, fragment(1, store_command(one.SOPInstanceUID.encode()), True)))
        wire.send(pdu(P_DATA, fragment(1, data[:900], is_last=False)))
        if ending != "close":
            wire.send(pdu(ABORT if ending == "abort" else RELEASE_RQ, bytes(4)))
            wire.ended()
        wire.close()
        time.sleep(0.3)
        assert archive.rows("/studies", StudyInstanceUID=one.StudyInstanceUID) == [], ending


@pytest.mark.parametrize("missing", [1, 100, 700])
def test_a_data_set_that_is_too_short_is_refused(archive, missing):
    one = image(Names())
    data = encode(one, False, True)[:-missing]
    status = archive.store_bytes(one.SOPClassUID, ExplicitVRLittleEndian, one.SOPInstanceUID, data)
    assert status & 0xF000 in (0xA000, 0xC000) or not archive.strict and status == ENDED, f"{status:04x}"
    assert archive.rows("/studies", StudyInstanceUID=one.StudyInstanceUID) == []


def element(tag, vr, length, value=b""):
    """An element that may say another length than it has."""
    is_long = vr in (b"OB", b"OW", b"SQ", b"UN", b"UT")
    told = struct.pack("<xxI", length) if is_long else struct.pack("<H", length)
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr + told + value


@pytest.mark.parametrize(
    "tail",
    [
        element(0x7FE00010, b"OW", 0xFFFFFFF0, b"x" * 100),
        element(0x00100010, b"UT", 0xFFFFFFFE, b"x" * 100),
        element(0x00400275, b"SQ", 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) * 20000,
        element(0x00400275, b"SQ", 0x7FFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0x7FFFFFF0),
        element(0x7FE00010, b"OB", 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFF0) + b"x" * 100,
        b"\xff" * 5000,
    ],
    ids=["pixels", "text", "deep", "items", "fragments", "noise"],
)
def test_lengths_that_are_lies_are_refused(archive, tail):
    one = image(Names())
    # Everything before the element that names the order of the study.
    data = encode(one, False, True)
    start = data[: data.index(b"\x28\0\x02\0")] if tail[:2] == b"\xe0\x7f" else data[: data.index(b"\x10\0\x10\0")]
    status = archive.store_bytes(one.SOPClassUID, ExplicitVRLittleEndian, one.SOPInstanceUID, start + tail)
    assert status != 0x0000
    assert archive.rows("/studies", StudyInstanceUID=one.StudyInstanceUID) == []


HOSTILE = [
    "../../../../etc/passwd", "1.2.3/../../4", "'; DROP TABLE studies; --", "1.2.3\\4.5.6", "1" * 65, "1.2.3" + "\u4f60",
    "%2e%2e%2f", "", "*", "?", "1..2", ".1.2", "1.2.", "-1.2", "1.2.3\r\nX-Header: 1", "<script>alert(1)</script>",
]


@pytest.mark.parametrize("uid", HOSTILE, ids=range(len(HOSTILE)))
def test_uids_that_mean_harm(archive, uid):
    """They are refused, or kept as text and found as text; no path, no statement and no header comes of them."""
    for place in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        one = image(Names())
        old, new = one[place].value.encode(), uid.encode()
        data = encode(one, False, True).replace(valued(old), valued(new), 1)
        command_uid = uid if place == "SOPInstanceUID" else one.SOPInstanceUID
        status = store(archive, command_uid.encode(), data)
        if archive.strict:
            assert status != 0x0000, place
            assert archive.rows("/studies", PatientID=one.PatientID) == [], place


def valued(uid):
    """Length and value of a UID."""
    uid += b"\0" * (len(uid) % 2)
    return struct.pack("<H", len(uid)) + uid


def store(archive, uid, data):
    """C-STORE with any bytes for a UID, which pynetdicom would not send."""
    wire = Wire(archive)
    wire.associate(contexts=[(CT, EXPLICIT)])
    wire.send(pdu(P_DATA, fragment(1, store_command(uid), True)) + pdu(P_DATA, fragment(1, data)))
    kind, body = wire.next()
    wire.close()
    return status_of(body) if kind == P_DATA else ENDED


@pytest.mark.parametrize("uid", [uid for uid in HOSTILE if uid], ids=range(len(HOSTILE) - 1))
def test_addresses_that_mean_harm(archive, uid):
    for end in ("", "/metadata", "/series", "/rendered"):
        answer = archive.get(f"/studies/{quote(uid, safe='')}{end}", "*/*")
        assert answer.status_code in (200, 204, 400, 404, 406)
        assert answer.status_code not in (200, 204) or "json" in answer.headers.get("content-type", "json")


@pytest.mark.parametrize("title", [b"", b"\xff" * 16, b"../../etc", b"A\\B", b"\0" * 16, b"'; DROP TABLE"])
def test_titles_that_mean_harm(archive, title):
    wire = Wire(archive)
    wire.send(request(archive.ae_title.encode(), calling=title))
    assert wire.next()[0] in (ASSOCIATE_AC, ASSOCIATE_RJ, ABORT, None)
    wire.close()
    wire = Wire(archive)
    wire.send(request(title))
    assert wire.next()[0] in (ASSOCIATE_AC, ASSOCIATE_RJ, ABORT, None)
    wire.close()


def test_many_contexts_and_many_syntaxes(archive):
    wire = Wire(archive)
    contexts = [(b"1.2.840.10008.5.1.4.1.1.%d" % number, EXPLICIT) for number in range(128)]
    wire.send(request(archive.ae_title.encode(), contexts=contexts + contexts))
    assert wire.next()[0] in (ASSOCIATE_AC, ASSOCIATE_RJ, ABORT, None)
    wire.close()


def test_idle_connections_hold_nobody_up(archive):
    """A hundred that say nothing, say half of a request, or are in an association and wait."""
    wires = [Wire(archive) for _ in range(100)]
    for number, wire in enumerate(wires):
        if number % 3 == 1:
            wire.send(whole(archive)[:40])
        elif number % 3 == 2 and number < 30:
            wire.associate()
    if archive.strict:
        assert archive.echo() < 1
    for wire in wires:
        wire.close()
    time.sleep(0.5)


def test_one_that_sends_slowly_holds_nobody_up(archive, wire):
    one = image(Names())
    data = encode(one, False, True)
    wire.associate(contexts=[(CT, EXPLICIT)])
    wire.send(pdu(P_DATA, fragment(1, store_command(one.SOPInstanceUID.encode()), True)))
    for at in range(0, 40):
        wire.send(pdu(P_DATA, fragment(1, data[at : at + 1], is_last=False)))
    other = image(Names())
    assert archive.store(other) == 0x0000
    wire.send(pdu(P_DATA, fragment(1, data[40:])))
    kind, body = wire.next()
    assert (kind, status_of(body)) == (P_DATA, 0x0000)
    wire.send(pdu(RELEASE_RQ, bytes(4)))
    assert wire.ended() == [RELEASE_RP]


def test_one_that_does_not_read_holds_nobody_up(archive, cohort):
    """Thousands of questions whose answers nobody takes."""
    wire = Wire(archive, patience=3)
    wire.associate()
    wire.socket.setblocking(False)
    for _ in range(20000):
        try:
            wire.socket.send(pdu(P_DATA, fragment(1, echo_command(), True)))
        except BlockingIOError:
            break
        except OSError:
            break
    assert archive.echo() < 1
    wire.close()


def test_a_bomb_that_is_deflated(archive):
    """A gigabyte of zeros in a megabyte (Deflated Explicit VR Little Endian)."""
    one = image(Names())
    data = encode(one, False, True)
    pixels = data.index(b"\xe0\x7f\x10\0")
    bomb = deflate(data[:pixels] + element(0x7FE00010, b"OW", 1 << 30) + bytes(1 << 30))
    assert len(bomb) < 2 << 20
    before = archive.memory_mb()
    status = archive.store_bytes(one.SOPClassUID, DEFLATED.decode(), one.SOPInstanceUID, bomb)
    answer = archive.get(
        f"/studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}/instances/{one.SOPInstanceUID}/rendered", "image/png"
    )
    # The pixels are more than rows and columns say.
    assert answer.status_code in (200, 400, 404, 406, 413, 415, 422, 500, 503), (status, answer.text)
    if archive.strict:
        assert answer.status_code != 500
        assert archive.memory_mb() - before < 2 * ROOM_MB


def test_a_bomb_in_the_header(archive):
    """A text of half a gigabyte, deflated: an index keeps no such values."""
    one = image(Names())
    data = encode(one, False, True)
    place = data.index(b"\x28\0\x02\0")
    bomb = deflate(data[:place] + element(0x00281055, b"UT", 1 << 29) + b" " * (1 << 29) + data[place:])
    before = archive.memory_mb()
    archive.store_bytes(one.SOPClassUID, DEFLATED.decode(), one.SOPInstanceUID, bomb)
    if archive.strict:
        assert archive.memory_mb() - before < ROOM_MB


def test_a_body_that_is_packed_is_no_bomb(archive):
    headers = {"content-encoding": "gzip"}
    packed = gzip.compress(bytes(1 << 28))
    answer = archive.session.post(
        f"{archive.web}/studies", data=packed, timeout=60,
        headers={"content-type": 'multipart/related; type="application/dicom"; boundary=b'} | headers,
    )
    assert answer.status_code in (400, 409, 411, 413, 415)


def test_two_files_in_one(archive):
    """A preamble that is a program or a page for a browser too (PS3.10, 7.5): stored, and never served as such."""
    one = image(Names())
    for preamble in (b"MZ\x90\0", b"<html><script>alert(1)</script>", b"#!/bin/sh\nid\n", b"%PDF-1.7\n", b"\x7fELF"):
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = new_uid()
        one.preamble = preamble.ljust(128, b"\0")
        assert stow(archive, file_of(one)).status_code == 200
        where = f"/studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}/instances/{one.SOPInstanceUID}"
        answer = archive.get(where, 'multipart/related; type="application/dicom"; transfer-syntax=*')
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("multipart/related")
        if archive.strict:
            # The bytes are given back as they came, but no browser takes them for a page or a script.
            assert answer.headers.get("x-content-type-options") == "nosniff"


def test_dimensions_that_are_lies_are_not_drawn(archive):
    """Sixty thousand rows and columns of which there is nothing."""
    one = image(Names())
    one.Rows = one.Columns = 60000
    if archive.store(one) == 0x0000:
        where = f"/studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}/instances/{one.SOPInstanceUID}"
        for end in ("/rendered", "/frames/1", "/thumbnail"):
            answer = archive.get(where + end, "*/*")
            assert answer.status_code in (400, 404, 406, 409, 413, 415, 422, 500, 501), end
            if archive.strict:
                assert answer.status_code != 500
