"""Two records of one person, merged by fhirpy: the observations of both are found by the one that survives."""

from datetime import datetime, timezone

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome

LOINC = "http://loinc.org"


@pytest.fixture
def client(base: str, token: str) -> SyncFHIRClient:
    return SyncFHIRClient(base, authorization=f"Bearer {token}")


def measured(client: SyncFHIRClient, patient: str, value: float) -> str:
    """A body weight in a record."""
    observation = client.resource(
        "Observation",
        status="final",
        code={"coding": [{"system": LOINC, "code": "29463-7"}]},
        subject={"reference": f"Patient/{patient}"},
        effectiveDateTime=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        valueQuantity={"value": value, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    )
    observation.save()
    return observation.id


def weights(client: SyncFHIRClient, **asked: str) -> set[str]:
    found = client.resources("Observation").search(code=f"{LOINC}|29463-7", **asked).fetch_all()
    return {observation.id for observation in found}


def operation(client: SyncFHIRClient, name: str, source: str, target: str | None = None) -> dict:
    parameter = [{"name": "source-patient", "valueReference": {"reference": f"Patient/{source}"}}]
    if target:
        parameter.append({"name": "target-patient", "valueReference": {"reference": f"Patient/{target}"}})
    parameter.append({"name": "reason", "valueString": "seen at the desk"})
    return client.execute(f"Patient/{name}", data={"resourceType": "Parameters", "parameter": parameter})


def test_the_survivor_has_the_observations_of_the_merged_one(client: SyncFHIRClient, person: dict) -> None:
    own = {key: value for key, value in person.items() if key != "resourceType"}
    source = client.resource("Patient", **own)
    source.save()
    target = client.resource("Patient", **{**own, "identifier": [], "name": [{"text": "Ada Conform"}]})
    target.save()
    old, new = measured(client, source.id, 61.0), measured(client, target.id, 62.5)
    assert weights(client, patient=target.id) == {new}

    answer = operation(client, "$merge", source.id, target.id)
    result = next(one["resource"] for one in answer["parameter"] if one["name"] == "result")
    assert result["id"] == target.id
    assert {"other": {"reference": f"Patient/{source.id}"}, "type": "replaces"} in result["link"]
    merged = client.reference("Patient", source.id).to_resource()
    assert merged["active"] is False
    assert merged["link"][0]["type"] == "replaced-by"

    number = person["identifier"][0]
    for asked in [
        {"patient": target.id},
        {"subject": f"Patient/{target.id}"},
        {"patient": source.id},
        {"patient.identifier": f"{number['system']}|{number['value']}"},
    ]:
        assert weights(client, **asked) == {old, new}, asked
    whole = client.execute(f"Patient/{target.id}/$everything", method="get")
    assert {old, new} <= {entry["resource"]["id"] for entry in whole["entry"]}
    # What refers to the merged record was not written.
    assert client.reference("Observation", old).to_resource()["subject"]["reference"] == f"Patient/{source.id}"

    with pytest.raises(OperationOutcome):
        operation(client, "$merge", target.id, source.id)
    operation(client, "$unmerge", source.id)
    assert weights(client, patient=target.id) == {new}
    assert weights(client, patient=source.id) == {old}
    assert "link" not in client.reference("Patient", source.id).to_resource()
