"""What no sender should do, and what comes of it: a clear answer or a closed line, and nothing for the others."""

import resource
import time
import uuid

from conftest import Line, adt, said


def held_mb(server):
    with open(f"/proc/{server}/status", encoding="ascii") as status:
        lines = dict(line.split(":", 1) for line in status)
    return int(lines["VmRSS"].split()[0]) // 1024


def number():
    return uuid.uuid4().hex[:12]


def closed(line):
    """What is said before the line is closed."""
    try:
        answers = []
        while (answer := line.answer()) is not None:
            answers.append(said(answer))
        return answers
    except (ConnectionResetError, BrokenPipeError):
        return answers


def test_pieces_and_glued_frames(line):
    numbers = [number() for _ in range(3)]
    stream = b"".join(b"\x0b" + adt(one, one) + b"\x1c\r" for one in numbers)
    for place in range(0, 40):
        line.socket.sendall(stream[place : place + 1])
        time.sleep(0.002)
    line.socket.sendall(stream[40:])
    assert [said(line.answer())[:2] for _ in numbers] == [("AA", one) for one in numbers]


def test_garbage_is_told_and_the_line_is_closed(address):
    for garbage in [b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)), b"\x0b\x0b\x0b", b"\x0bPID|1\x1c\r"]:
        line = Line(address)
        line.socket.sendall(garbage)
        line.socket.shutdown(1)
        assert all(code == "AR" for code, _, _ in closed(line)), garbage


def test_a_message_without_an_end_changes_nothing(address, fhir):
    one = number()
    line = Line(address)
    line.socket.sendall(b"\x0b" + adt(one, one))
    line.close()
    time.sleep(0.5)
    assert fhir.found("Patient", identifier=f"urn:hl7v2:TRY-MRN|{one}") == []


def test_a_hundred_megabytes_are_refused_and_not_held(address, server):
    before = held_mb(server)
    line = Line(address)
    highest = before
    piece = b"x" * (1 << 20)
    try:
        line.socket.sendall(b"\x0b" + adt(number(), "1"))
        for _ in range(100):
            line.socket.sendall(piece)
            highest = max(highest, held_mb(server))
        ended = closed(line)
        assert all(code == "AR" for code, _, _ in ended)
    except (ConnectionResetError, BrokenPipeError):
        pass
    assert highest - before < 150, f"{before} MB before, {highest} MB at most"
    assert said(Line(address).ask(adt(number(), number())))[0] == "AA"


def test_another_charset_than_is_named_is_answered(line):
    one = number()
    said_utf8 = adt(one, one).replace(b"|2.5.1\r", b"|2.5.1||||||UNICODE UTF-8\r", 1)
    wrong = said_utf8.replace(b"Reyes", "王".encode("gb18030"))
    code, answered, _ = said(line.ask(wrong))
    assert (code, answered) in [("AA", one), ("AE", one)]


def test_a_thousand_idle_lines_disturb_nobody(address, server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    before = held_mb(server)
    idle = [Line(address) for _ in range(1000)]
    for line in idle[::2]:
        line.socket.sendall(b"\x0bMSH|^~\\&|TRY")
    busy = Line(address)
    waits = []
    for _ in range(50):
        begun = time.monotonic()
        assert said(busy.ask(adt(number(), number())))[0] == "AA"
        waits.append(time.monotonic() - begun)
    print(f"1,000 idle lines: {held_mb(server) - before} MB, median answer {sorted(waits)[25] * 1000:.1f} ms")
    assert held_mb(server) - before < 150
    for line in idle:
        line.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
