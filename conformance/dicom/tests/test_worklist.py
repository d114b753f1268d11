"""Modality Worklist (PS3.4, annex K): orders of FHIR as devices read them, by pynetdicom and findscu."""

import subprocess
import uuid

import pytest
from pydicom.dataset import Dataset
from pynetdicom.sop_class import ModalityWorklistInformationFind

IMAGING = "363679005"


def fhir(archive, resource):
    base = archive.web.removesuffix("/dicomweb")
    answer = archive.session.post(
        f"{base}/fhir/{resource['resourceType']}", json=resource, headers={"content-type": "application/fhir+json"}, timeout=30
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


class Ordered:
    """A patient with an order of imaging."""

    def __init__(self, archive, modality="CT", when="2031-05-06T09:30:00+08:00", status="active"):
        self.number, self.accession = uuid.uuid4().hex[:12].upper(), "A" + uuid.uuid4().hex[:10].upper()
        self.name = "Tester" + uuid.uuid4().hex[:6]
        patient = fhir(archive, {
            "resourceType": "Patient", "birthDate": "1980-03-01", "gender": "female",
            "identifier": [{"system": "urn:tests:mrn", "value": self.number}],
            "name": [{"family": self.name, "given": ["Ana", "Li"]}],
        })
        self.order = fhir(archive, {
            "resourceType": "ServiceRequest", "status": status, "intent": "order",
            "category": [{"coding": [{"system": "http://snomed.info/sct", "code": IMAGING}]}],
            "subject": {"reference": f"Patient/{patient}"},
            "requisition": {"system": "urn:tests:accession", "value": self.accession},
            "identifier": [{"system": "urn:tests:step", "value": f"{self.accession}/7"}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "24627-2", "display": "CT Chest"}]},
            "orderDetail": [{"coding": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality}]}],
            "occurrenceDateTime": when,
            "performer": [{"type": "Device", "identifier": {"value": "CT_ROOM_1"}, "display": "Room 1"}],
        })


def identifier(**keys):
    asked = Dataset()
    for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyInstanceUID",
                 "RequestedProcedureID", "RequestedProcedureDescription"):
        setattr(asked, name, keys.pop(name, ""))
    step = Dataset()
    for name in ("ScheduledStationAETitle", "Modality", "ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime",
                 "ScheduledProcedureStepID", "ScheduledProcedureStepDescription"):
        setattr(step, name, keys.pop(name, ""))
    asked.ScheduledProcedureStepSequence = [step]
    assert not keys
    return asked


def ask(archive, **keys):
    association = archive.associate([ModalityWorklistInformationFind])
    assert association.is_established
    answers = list(association.send_c_find(identifier(**keys), ModalityWorklistInformationFind))
    association.release()
    assert answers[-1][0].Status == 0x0000, hex(answers[-1][0].Status)
    return [found for status, found in answers if found is not None]


@pytest.fixture(scope="module")
def ordered(archive):
    if not archive.strict:
        pytest.skip("Orthanc reads worklists from files")
    return Ordered(archive)


def test_an_order_is_a_step(archive, ordered):
    [step] = ask(archive, AccessionNumber=ordered.accession)
    assert (step.PatientID, step.PatientName.family_name, step.PatientName.given_name) == (ordered.number, ordered.name, "Ana")
    assert (step.PatientBirthDate, step.PatientSex) == ("19800301", "F")
    assert step.RequestedProcedureDescription == "CT Chest"
    assert step.StudyInstanceUID.is_valid
    [scheduled] = step.ScheduledProcedureStepSequence
    assert (scheduled.ScheduledStationAETitle, scheduled.Modality) == ("CT_ROOM_1", "CT")
    assert (scheduled.ScheduledProcedureStepStartDate, scheduled.ScheduledProcedureStepStartTime) == ("20310506", "093000")
    assert scheduled.ScheduledProcedureStepID == "7"
    [again] = ask(archive, AccessionNumber=ordered.accession)
    assert again.StudyInstanceUID == step.StudyInstanceUID


@pytest.mark.parametrize("keys, found", [
    ({"Modality": "CT"}, True), ({"Modality": "MR"}, False),
    ({"ScheduledStationAETitle": "CT_ROOM_1"}, True), ({"ScheduledStationAETitle": "CT_ROOM_2"}, False),
    ({"ScheduledProcedureStepStartDate": "20310501-20310531"}, True),
    ({"ScheduledProcedureStepStartDate": "20310507"}, False), ({"ScheduledProcedureStepStartDate": "-20310506"}, True),
])
def test_steps_are_asked_for_as_devices_do(archive, ordered, keys, found):
    assert len(ask(archive, AccessionNumber=ordered.accession, **keys)) == found


def test_names_are_asked_for_with_wildcards(archive, ordered):
    assert [step.PatientID for step in ask(archive, PatientName=ordered.name[:-2] + "*")] == [ordered.number]


def test_what_is_not_active_is_not_on_the_list(archive):
    done = Ordered(archive, status="completed")
    assert ask(archive, AccessionNumber=done.accession) == []


def test_findscu_reads_it(archive, ordered):
    command = ["findscu", "-v", "-aet", "TESTS", "-aec", archive.ae_title, "-W", "-k", "PatientName", "-k", f"AccessionNumber={ordered.accession}",
               "-k", "ScheduledProcedureStepSequence[0].Modality=CT", archive.host, str(archive.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and ordered.name in said, said
