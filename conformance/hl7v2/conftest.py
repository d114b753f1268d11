"""Lines into a running server, and what it has stored."""

import os
import socket
from pathlib import Path

import pytest
import requests


class Line:
    """A line of MLLP, as plain as a socket is."""

    def __init__(self, address, patience=20):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.socket.settimeout(patience)
        self.held = b""

    def send(self, message):
        self.socket.sendall(b"\x0b" + message + b"\x1c\r")

    def answer(self):
        """The next answer; none when the line was closed."""
        while b"\x1c\r" not in self.held:
            read = self.socket.recv(65536)
            if not read:
                return None
            self.held += read
        answer, self.held = self.held.split(b"\x1c\r", 1)
        assert answer[:1] == b"\x0b"
        return answer[1:]

    def ask(self, message):
        self.send(message)
        return self.answer()

    def close(self):
        self.socket.close()


class Fhir:
    """The records of the server."""

    def __init__(self, base, token):
        self.base = base
        self.session = requests.Session()
        self.session.headers["authorization"] = f"Bearer {token}"

    def found(self, kind, **conditions):
        answer = self.session.get(f"{self.base}/{kind}", params=conditions)
        answer.raise_for_status()
        return [entry["resource"] for entry in answer.json().get("entry", [])]


@pytest.fixture(scope="session")
def address():
    return os.environ["BIANQUE_MLLP"]


@pytest.fixture
def line(address):
    line = Line(address)
    yield line
    line.close()


@pytest.fixture(scope="session")
def fhir():
    return Fhir(os.environ["BIANQUE_FHIR"], os.environ["BIANQUE_TOKEN"])


@pytest.fixture(scope="session")
def server():
    """The id of the server's process."""
    return int(os.environ["BIANQUE_PID"])


def said(answer):
    """MSA of an answer: its code, the number it answers, and the words."""
    msa = next(segment for segment in answer.split(b"\r") if segment.startswith(b"MSA"))
    fields = msa.decode("utf-8", "replace").split("|") + ["", "", ""]
    return fields[1], fields[2], fields[3]


def adt(number, patient, event="A28", name="Reyes^Ana", born="19700506"):
    """A message of an application that no sender is named for."""
    return (
        f"MSH|^~\\&|TRY|OUT|BIANQUE||20260105160000+0800||ADT^{event}|{number}|P|2.5.1\r"
        f"EVN||20260105160000+0800\rPID|1||{patient}^^^TRY-MRN^MR||{name}||{born}|F\r"
    ).encode()


CORPUS = Path(os.environ.get("BIANQUE_CORPUS", "/nowhere"))
