"""Beda Software's `fhirpy`, synchronous: plain documents, searches as chains of calls."""

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, OperationOutcome, ResourceNotFound


@pytest.fixture
def client(base, token):
    return SyncFHIRClient(base, authorization=f"Bearer {token}")


def saved(client, person):
    patient = client.resource(**{key if key != "resourceType" else "resource_type": value for key, value in person.items()})
    patient.save()
    return patient


def refused(call) -> dict:
    with pytest.raises(OperationOutcome) as raised:
        call()
    return raised.value.resource["issue"][0]


def test_what_is_created_is_read(client, person):
    patient = saved(client, person)
    assert patient["meta"]["versionId"] == "1"
    again = client.reference("Patient", patient.id).to_resource()
    assert again.serialize() == patient.serialize()
    assert again["name"] == person["name"]


def test_an_update_is_the_next_version_and_both_are_in_the_history(client, person):
    patient = saved(client, person)
    patient["gender"] = "other"
    patient.save()
    assert patient["meta"]["versionId"] == "2"
    history = client.execute(f"Patient/{patient.id}/_history", method="get")
    assert [entry["resource"]["gender"] for entry in history["entry"]] == ["other", "female"]


def test_get_or_create_makes_one(client, person):
    identifier = person["identifier"][0]
    search = client.resources("Patient").search(identifier=f"{identifier['system']}|{identifier['value']}")
    first, made = search.get_or_create(client.resource("Patient", **without_type(person)))
    again, made_again = search.get_or_create(client.resource("Patient", **without_type(person)))
    assert (made, made_again) == (True, False)
    assert first.id == again.id


def without_type(person) -> dict:
    return {key: value for key, value in person.items() if key != "resourceType"}


def test_a_deleted_resource_is_gone(client, person):
    patient = saved(client, person)
    patient.delete()
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", patient.id).to_resource()
    assert client.resources("Patient").search(family=person["name"][0]["family"]).fetch() == []


def test_search_by_token_string_and_date(client, person):
    patient = saved(client, person)
    identifier, family = person["identifier"][0], person["name"][0]["family"]
    for found in [
        client.resources("Patient").search(identifier=f"{identifier['system']}|{identifier['value']}"),
        client.resources("Patient").search(family__exact=family, gender="female"),
        client.resources("Patient").search(name=family[:15], birthdate__ge="1985-12-01", birthdate__lt="1986"),
    ]:
        assert [one.id for one in found.fetch()] == [patient.id], str(found)
    assert client.resources("Patient").search(family=family, gender__not="female").fetch() == []


def test_search_by_reference(client, person):
    patient = saved(client, person)
    allergy = client.resource(
        "AllergyIntolerance",
        patient=patient.to_reference(),
        code={"text": "Penicillin"},
        clinicalStatus=coded("allergyintolerance-clinical", "active"),
        verificationStatus=coded("allergyintolerance-verification", "confirmed"),
    )
    allergy.save()
    found = client.resources("AllergyIntolerance").search(patient=patient.to_reference()).fetch()
    assert [one.id for one in found] == [allergy.id]
    assert found[0]["patient"].to_resource().id == patient.id


def coded(system: str, code: str) -> dict:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


def test_every_page_is_walked_and_nothing_comes_twice(client):
    patients = client.resources("Patient")
    everybody = patients.limit(4).fetch_all()
    assert len({patient.id for patient in everybody}) == len(everybody) >= 30
    assert patients.count() == len(everybody)
    assert len(patients.limit(4).fetch()) == 4


def test_the_quality_of_a_past_visit_stands_on_its_encounter(client):
    visits = client.resources("Encounter").search(_id="demo-visit-01,demo-visit-02").fetch()
    assert len(visits) == 2
    for visit in visits:
        figures = client.resources("Observation").search(encounter=visit.to_reference()).fetch_all()
        by_code = {figure["code"]["coding"][0]["code"]: figure["valueQuantity"] for figure in figures}
        t, c, d, r = (by_code[code]["value"] for code in "TCDR")
        assert abs(t * c / d - r) < 1e-9 * r
        assert by_code["R"]["unit"] == "Mbit/s.CNY/s"


def test_the_first_of_a_sorted_search(client):
    oldest = client.resources("Patient").sort("birthdate").first()
    youngest = client.resources("Patient").sort("-birthdate").first()
    assert oldest["birthDate"] < youngest["birthDate"]


def test_an_unknown_field_is_refused(client, person):
    issue = refused(lambda: saved(client, {**person, "colour": "red"}))
    assert issue["severity"] == "error" and "colour" in str(issue)


def test_an_unknown_parameter_is_refused(client):
    issue = refused(lambda: client.resources("Patient").search(colour="red").fetch())
    assert issue["code"] == "not-supported" and "colour" in issue["diagnostics"]


def test_a_bad_date_is_refused(client, person):
    refused(lambda: saved(client, {**person, "birthDate": "1985-02-30"}))
    refused(lambda: client.resources("Patient").search(birthdate="soon").fetch())


def test_what_is_not_there_is_not_found(client):
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", "nobody").to_resource()
    assert client.resources("Patient").search(_id="nobody").first() is None


def test_a_wrong_token_is_told_so(base):
    with pytest.raises(AuthorizationError):
        SyncFHIRClient(base, authorization="Bearer wrong").resources("Patient").fetch()


def test_a_search_parameter_of_ones_own_is_stored_and_found_by(client):
    # No device metrics are there before: all there will be are indexed by it.
    parameter = client.resource(
        "SearchParameter",
        url="https://conformance.example/SearchParameter/metric-colour",
        name="MetricColour",
        status="active",
        description="The colour of a metric",
        code="colour",
        base=["DeviceMetric"],
        type="token",
        expression="DeviceMetric.color",
    )
    parameter.save()
    kind = coded("device-kind", "x")
    red = client.resource("DeviceMetric", type=kind, category="measurement", color="red")
    blue = client.resource("DeviceMetric", type=kind, category="measurement", color="blue")
    red.save()
    blue.save()
    metrics = client.resources("DeviceMetric")
    assert [one.id for one in metrics.search(colour="red").fetch()] == [red.id]
    assert [one.id for one in metrics.search(colour__not="red").fetch()] == [blue.id]
    parameter.delete()
    assert refused(metrics.search(colour="red").fetch)["code"] == "not-supported"


def test_a_search_parameter_that_older_resources_lack_is_refused_and_not_answered_by_halves(client, person):
    patient = saved(client, person)
    parameter = client.resource(
        "SearchParameter",
        url="https://conformance.example/SearchParameter/kin",
        name="Kin",
        status="active",
        description="Names of kin",
        code="kin",
        base=["Patient"],
        type="string",
        expression="Patient.contact.name",
    )
    parameter.save()
    issue = refused(client.resources("Patient").search(kin="x", _id=patient.id).fetch)
    assert issue["code"] == "not-supported" and "$reindex" in str(issue)
    parameter.delete()


def test_definitions_answer_what_the_server_has(client):
    definitions = client.resources("SearchParameter").search(base="Patient", code="birthdate").fetch()
    assert [one["url"] for one in definitions] == ["http://hl7.org/fhir/SearchParameter/individual-birthdate"]
    statement = client.execute("metadata", "get")
    [patient] = [one for one in statement["rest"][0]["resource"] if one["type"] == "Patient"]
    for operation in patient["operation"]:
        [found] = client.resources("OperationDefinition").search(url=operation["definition"]).fetch()
        assert found["code"] == operation["name"]
