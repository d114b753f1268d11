"""Programs that others wrote receive: a visit that is booked, held and signed comes out at them."""

import base64
import json
import queue
import socket
import subprocess
import threading
import time

import pytest
from hl7apy.mllp import AbstractHandler, MLLPServer
from hl7apy.parser import parse_message

from clinic import Clinic, Person, soon

WITHIN_S = 20


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Received:
    """Messages as they came."""

    def __init__(self):
        self.queue = queue.Queue()

    def next(self):
        return self.queue.get(timeout=WITHIN_S)

    def kinds(self, count):
        """The next messages, by kind; each is also read by hl7apy and held against the standard's structure."""
        came = [parse_message(self.next(), find_groups=True) for _ in range(count)]
        return {f"{one.msh.msh_9.msh_9_1.value}^{one.msh.msh_9.msh_9_2.value}": one for one in came}, came


class Accepting(AbstractHandler):
    def __init__(self, message, received):
        super().__init__(message)
        self.received = received

    def reply(self):
        self.received.queue.put(self.incoming_message)
        message = parse_message(self.incoming_message, find_groups=False)
        return (
            "\x0bMSH|^~\\&|HIS||BIANQUE||20260105160000||ACK|1|P|2.5.1\r"
            f"MSA|AA|{message.msh.msh_10.value}\r\x1c\r"
        )


@pytest.fixture
def hl7apy():
    """The MLLP server of hl7apy, which closes its line after every message."""
    received, port = Received(), free_port()
    structures = ["ADT^A04^ADT_A01", "ADT^A03^ADT_A03", "SIU^S12^SIU_S12", "SIU^S15^SIU_S12", "SIU^S26^SIU_S12"]
    structures += ["MDM^T02^MDM_T02", "MDM^T06^MDM_T02", "ORU^R01^ORU_R01", "REF^I12^REF_I12"]
    server = MLLPServer("127.0.0.1", port, {kind: (Accepting, received) for kind in structures})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    received.port = port
    yield received
    server.shutdown()
    server.server_close()


@pytest.fixture
def node():
    """node-hl7-server, which keeps its line."""
    received, port = Received(), free_port()
    process = subprocess.Popen(["node", "receiver.mjs", str(port)], stdout=subprocess.PIPE, text=True)

    def read():
        for line in process.stdout:
            came = json.loads(line)
            if "text" in came:
                received.queue.put(came["text"])

    threading.Thread(target=read, daemon=True).start()
    received.port = port
    yield received
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def administrator():
    return Person("administrator")


@pytest.fixture
def destination(administrator):
    """Makes destinations, and takes them away afterwards."""
    made = []

    def make(port, **rules):
        said = {
            "name": f"A system at {port}", "host": "127.0.0.1", "port": port, "application": "HIS",
            "facility": "COUNTY", "own_application": "BIANQUE", "zone": "Asia/Shanghai",
            "events": ["SIU", "ADT", "MDM", "ORU", "REF"], **rules,
        }
        made.append(administrator.ask("POST", "/api/admin/destinations", said)["id"])
        return made[-1]

    yield make
    for one in made:
        administrator.ask("DELETE", f"/api/admin/destinations/{one}")


def state(administrator, destination):
    all = administrator.ask("GET", "/api/admin/destinations")["destinations"]
    return next(one["state"] for one in all if one["id"] == destination)


def until(holds):
    for _ in range(WITHIN_S * 20):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came so far")


def test_a_visit_from_booking_to_signature(hl7apy, node, destination):
    for receiver in (hl7apy, node):
        destination(receiver.port)
    clinic = Clinic()
    patient = clinic.patient()
    visit, link = clinic.books(patient, soon(0.1))
    clinic.holds(visit, link, "hospital")
    for receiver in (hl7apy, node):
        by_kind, came = receiver.kinds(5)
        assert list(by_kind) == ["SIU^S12", "ADT^A04", "ADT^A03", "MDM^T02", "REF^I12"]
        for message in came:
            assert message.validate()
            assert message.msh.msh_5.value == "HIS" and message.msh.msh_3.value == "BIANQUE"
        booked = by_kind["SIU^S12"]
        assert booked.sch.sch_25.ce_1.value == "Booked"
        assert booked.siu_s12_patient.pid.pid_7.value == "19700506"
        opened = by_kind["ADT^A04"]
        assert opened.pv1.pv1_19.cx_1.value == visit and opened.pid.pid_3[-1].cx_1.value == patient
        assert by_kind["ADT^A03"].pv1.pv1_45.value
        document = by_kind["MDM^T02"]
        observations = [line.split("|") for line in document.to_er7().split("\r") if line.startswith("OBX|")]
        assert observations[0][3].startswith("61150-9^") and observations[0][3].endswith("^LN")
        assert observations[0][5] == "Cough \\T\\ fever~for three days"
        pdf = observations[-1][5].split("^")
        assert pdf[2:4] == ["PDF", "Base64"] and base64.b64decode(pdf[4]).startswith(b"%PDF")
        assert document.txa.txa_17.value == "LA"
        assert by_kind["REF^I12"].rf1.rf1_6.value.startswith(tuple("0123456789abcdef"))


def test_a_visit_that_is_cancelled(node, destination):
    destination(node.port, events=["SIU"])
    clinic = Clinic()
    visit, _ = clinic.books(clinic.patient(), soon(30))
    clinic.clinician.ask("POST", f"/api/visits/{visit}/cancel", {})
    by_kind, _ = node.kinds(2)
    assert by_kind["SIU^S15"].sch.sch_25.ce_1.value == "Cancelled"
    assert by_kind["SIU^S12"].sch.sch_2.value == by_kind["SIU^S15"].sch.sch_2.value


def test_a_note_as_a_result(node, destination):
    destination(node.port, events=["ORU"], notes="result", version="2.3.1", charset="GB 18030-2000")
    clinic = Clinic()
    visit, link = clinic.books(clinic.patient("李娜"))
    clinic.holds(visit, link)
    raw = node.next()
    assert "|34131-3^" in raw and "|2.3.1|" in raw and "GB 18030-2000" in raw


def test_what_is_refused_waits_for_people_and_the_rest_goes_on(node, destination, administrator):
    to = destination(node.port, events=["SIU"])
    clinic = Clinic()
    clinic.books(clinic.patient("REFUSE Ana"), soon(31))
    clinic.books(clinic.patient("Reyes Eva"), soon(32))
    # A no is asked for three times.
    came = [node.next() for _ in range(4)]
    assert ["REFUSE" in text for text in came] == [True, True, True, False]
    assert len({parse_message(text, find_groups=False).msh.msh_10.value for text in came[:3]}) == 1
    until(lambda: state(administrator, to)["refused"] == 1)
    listed = administrator.ask("GET", f"/api/admin/outgoing?state=refused&destination={to}")["messages"]
    assert [one["answer"] for one in listed] == ["AE"]
    administrator.ask("POST", "/api/admin/outgoing/resend", {"messages": [listed[0]["id"]]})
    assert "REFUSE" in node.next()
    administrator.ask("POST", f"/api/admin/outgoing/{listed[0]['id']}/drop", {"reason": "they know"})
    until(lambda: state(administrator, to)["refused"] == 0)


def test_what_waits_for_a_receiver_that_is_down_comes_when_it_is_up(destination, administrator):
    port = free_port()
    to = destination(port, events=["SIU"])
    clinic = Clinic()
    for hours in (40, 41, 42):
        clinic.books(clinic.patient(), soon(hours))
    until(lambda: state(administrator, to)["waiting"] == 3 and state(administrator, to)["failures"] > 0)
    assert state(administrator, to)["error"] == "nothing answers there"
    received = Received()
    server = MLLPServer("127.0.0.1", port, {"SIU^S12^SIU_S12": (Accepting, received)})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    administrator.ask("POST", f"/api/admin/destinations/{to}/try", {})
    starts = [parse_message(received.next(), find_groups=False).sch.sch_11.value for _ in range(3)]
    assert starts == sorted(starts)
    until(lambda: state(administrator, to)["waiting"] == 0)
    server.shutdown()
    server.server_close()
