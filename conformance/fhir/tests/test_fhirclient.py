"""The SMART team's `fhirclient`: its models refuse a resource that is not R4, so every answer is checked by them."""

import pytest
import requests
from fhirclient._utils import iter_pages
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.fhirdate import FHIRDate
from fhirclient.models.observation import Observation
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException, FHIRUnauthorizedException


@pytest.fixture
def server(base, token):
    client = FHIRClient({"app_id": "conformance", "api_base": base})
    client.server.session.headers["Authorization"] = f"Bearer {token}"
    assert client.server.prepare() is not None
    return client.server


def created(person, server) -> Patient:
    patient = Patient(person)
    patient.id = patient.create(server)["id"]
    return patient


def refused(call, status) -> OperationOutcome:
    with pytest.raises(requests.HTTPError) as raised:
        call()
    assert raised.value.response.status_code == status
    return OperationOutcome(raised.value.response.json())


def test_the_capability_statement_is_one(server):
    statement = server.capabilityStatement
    assert statement.fhirVersion == "4.0.1"
    assert "Patient" in [resource.type for resource in statement.rest[0].resource]


def test_what_is_created_is_read(server, person):
    answer = Patient(person).create(server)
    assert answer["meta"]["versionId"] == "1"
    patient = Patient.read(answer["id"], server)
    assert patient.name[0].family == person["name"][0]["family"]
    assert patient.birthDate.isostring == "1985-12-10"


def test_an_update_is_the_next_version_and_both_are_in_the_history(server, person):
    patient = created(person, server)
    patient.birthDate = FHIRDate("1985-12-11")
    assert patient.update(server)["meta"]["versionId"] == "2"
    history = Bundle.read_from(f"Patient/{patient.id}/_history", server)
    assert (history.type, history.total) == ("history", 2)
    assert [entry.resource.birthDate.isostring for entry in history.entry] == ["1985-12-11", "1985-12-10"]
    assert [entry.request.method for entry in history.entry] == ["PUT", "POST"]
    first = Patient.read_from(f"Patient/{patient.id}/_history/1", server)
    assert first.birthDate.isostring == "1985-12-10"


def test_a_conditional_create_makes_one(server, person):
    identifier = person["identifier"][0]
    server.session.headers["If-None-Exist"] = f"identifier={identifier['system']}|{identifier['value']}"
    first, second = (server.post_json("Patient", person) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_a_deleted_resource_is_gone(server, person):
    patient = created(person, server)
    patient.delete(server)
    refused(lambda: Patient.read(patient.id, server), 410)


def test_search_by_token_string_and_date(server, person):
    patient = created(person, server)
    identifier = person["identifier"][0]
    for criteria in [
        {"identifier": f"{identifier['system']}|{identifier['value']}"},
        {"family": person["name"][0]["family"].lower(), "gender": "female"},
        {"name": person["name"][0]["family"][:15], "birthdate": {"$and": ["ge1985-12-01", "lt1986"]}},
    ]:
        found = list(Patient.where(criteria).perform_resources_iter(server))
        assert [one.id for one in found] == [patient.id], criteria
    none = {"family": person["name"][0]["family"], "birthdate": "gt1985-12-10"}
    assert list(Patient.where(none).perform_resources_iter(server)) == []


def test_search_by_reference(server, person):
    patient = created(person, server)
    weight = {
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": f"Patient/{patient.id}"},
        "effectiveDateTime": "2026-01-02T03:04:05Z",
        "valueQuantity": {"value": 61.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }
    made = Observation(weight).create(server)["id"]
    for subject in [f"Patient/{patient.id}", patient.id]:
        search = Observation.where({"subject": subject, "code": "http://loinc.org|29463-7"})
        assert [one.id for one in search.perform_resources_iter(server)] == [made]


def test_every_page_is_walked_and_nothing_comes_twice(server):
    pages = list(Patient.where({"_count": "7", "_sort": "birthdate"}).perform_iter(server))
    patients = [entry.resource for page in pages for entry in page.entry or []]
    assert len(pages) > 3 and all(len(page.entry or []) <= 7 for page in pages)
    assert len({patient.id for patient in patients}) == len(patients) >= 30
    # Who has no birth date stands apart.
    born = [patient.birthDate.isostring for patient in patients if patient.birthDate]
    assert born == sorted(born)


def test_what_the_server_wrote_itself_is_r4(server):
    """The client's models read every resource of the demo, of every type, page by page."""
    types = [resource.type for resource in server.capabilityStatement.rest[0].resource]
    read = {}
    for name in types:
        bundle = Bundle.read_from(f"{name}?_count=200", server)
        read[name] = sum(len(page.entry or []) for page in iter_pages(bundle, server))
    assert read["Patient"] >= 30 and read["Encounter"] > 30 and read["Observation"] > 30, read
    assert read["AuditEvent"] > 0, read


def test_an_unknown_field_is_refused(server, person):
    outcome = refused(lambda: server.post_json("Patient", {**person, "colour": "red"}), 422)
    assert "colour" in " ".join(outcome.issue[0].expression or []) + (outcome.issue[0].diagnostics or "")


def test_an_unknown_parameter_is_refused(server):
    outcome = refused(lambda: list(Patient.where({"colour": "red"}).perform_resources_iter(server)), 400)
    assert "colour" in outcome.issue[0].diagnostics


def test_a_bad_date_is_refused(server, person):
    refused(lambda: server.post_json("Patient", {**person, "birthDate": "1985-02-30"}), 422)
    refused(lambda: list(Patient.where({"birthdate": "soon"}).perform_resources_iter(server)), 400)


def test_what_is_not_there_is_not_found(server):
    with pytest.raises(FHIRNotFoundException):
        Patient.read("nobody", server)


def test_without_a_token_nothing_is_shown(server):
    del server.session.headers["Authorization"]
    with pytest.raises(FHIRUnauthorizedException):
        Patient.read("nobody", server)
