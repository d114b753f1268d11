"""Programs that others wrote send, and what they sent is in the record."""

import os
import subprocess
import sys
import uuid

import hl7
from hl7apy.core import Message
from hl7apy.parser import parse_message

from conftest import adt, said


def of(patient):
    return f"urn:hl7v2:TRY-MRN|{patient}"


def test_mllp_send(address, fhir, tmp_path):
    numbers = [uuid.uuid4().hex[:12] for _ in range(3)]
    # As its manual says: the file holds frames.
    file = tmp_path / "messages"
    file.write_bytes(b"".join(b"\x0b" + adt(number, number) + b"\x1c\r" for number in numbers))
    host, port = address.rsplit(":", 1)
    program = os.path.join(os.path.dirname(sys.executable), "mllp_send")
    told = subprocess.run([program, "--port", port, "--file", str(file), host], capture_output=True, check=True)
    answers = told.stdout.decode()
    assert answers.count("MSA|AA|") == 3, answers
    for number in numbers:
        assert fhir.found("Patient", identifier=of(number))[0]["birthDate"] == "1970-05-06"


def test_the_client_of_python_hl7_reads_the_answers(address):
    from hl7.client import MLLPClient

    host, port = address.rsplit(":", 1)
    number = uuid.uuid4().hex[:12]
    with MLLPClient(host, int(port)) as client:
        answer = hl7.parse(client.send_message(hl7.parse(adt(number, number).decode())).decode().strip("\x0b\x1c\r"))
    assert str(answer.segment("MSA")[1]) == "AA"
    assert str(answer.segment("MSA")[2]) == number
    assert str(answer.segment("MSH")[3]) == "BIANQUE"


def test_a_message_that_hl7apy_builds(line, fhir):
    number = uuid.uuid4().hex[:12]
    message = Message("ORU_R01", version="2.5.1")
    message.msh.msh_3, message.msh.msh_4, message.msh.msh_5 = "TRY", "OUT", "BIANQUE"
    message.msh.msh_7, message.msh.msh_9 = "20260105160000+0800", "ORU^R01^ORU_R01"
    message.msh.msh_10, message.msh.msh_11 = number, "P"
    result = message.add_group("ORU_R01_PATIENT_RESULT")
    pid = result.add_group("ORU_R01_PATIENT").add_segment("PID")
    pid.pid_3, pid.pid_5 = f"{number}^^^TRY-MRN^MR", "Reyes^Ana"
    order = result.add_group("ORU_R01_ORDER_OBSERVATION")
    obr = order.add_segment("OBR")
    obr.obr_3, obr.obr_4 = f"{number}^LAB", "718-7^Hemoglobin^LN"
    obx = order.add_group("ORU_R01_OBSERVATION").add_segment("OBX")
    obx.obx_2, obx.obx_3, obx.obx_5 = "NM", "718-7^Hemoglobin^LN", "11.1"
    obx.obx_6, obx.obx_11 = "g/dL", "F"
    answer = parse_message(line.ask(message.to_er7().encode()).decode(), find_groups=False)
    assert answer.msa.msa_1.value == "AA" and answer.msa.msa_2.value == number
    patient = fhir.found("Patient", identifier=of(number))[0]
    observation = fhir.found("Observation", patient=patient["id"])[0]
    assert observation["valueQuantity"]["value"] == 11.1 and observation["status"] == "final"


def test_a_repeat_is_applied_once_and_a_number_may_be_used_again(line, fhir):
    number = uuid.uuid4().hex[:12]
    for _ in range(2):
        assert said(line.ask(adt(number, number)))[:2] == ("AA", number)
    assert fhir.found("Patient", identifier=of(number))[0]["meta"]["versionId"] == "1"
    assert said(line.ask(adt(number, f"{number}b")))[0] == "AA"
    assert len(fhir.found("Patient", identifier=of(f"{number}b"))) == 1
