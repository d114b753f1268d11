"""Bulk Data Access 2.0 as a client drives it: asked for, waited for, fetched and deleted with plain `requests`, and held
against what `fhirpy` finds by searching."""

import json
import time
import uuid

import pytest
import requests
from fhirpy import SyncFHIRClient

NDJSON = "application/fhir+ndjson"
WAIT_S = 120


class Program:
    """A program with a token."""

    def __init__(self, base: str, token: str):
        self.base = base
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"

    def begin(self, path: str, method: str = "GET", **how) -> str:
        """Asks for what takes long; gives the address at which it is looked after."""
        headers = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
        answer = self.http.request(method, f"{self.base}/{path}", headers=headers, timeout=30, **how)
        assert answer.status_code == 202, answer.text
        return answer.headers["Content-Location"]

    def done(self, place: str) -> dict:
        """Waits as the server says, and gives what came of it."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            answer = self.http.get(place, timeout=30)
            if answer.status_code == 200:
                return answer.json()
            assert answer.status_code == 202, answer.text
            assert answer.headers["X-Progress"]
            time.sleep(min(int(answer.headers["Retry-After"]), 2))
        raise AssertionError("it is not done")

    def lines(self, manifest: dict) -> dict[str, list[dict]]:
        """The resources of all files by type; each file says how many it has."""
        found: dict[str, list[dict]] = {}
        for output in manifest["output"]:
            answer = self.http.get(output["url"], headers={"Accept": NDJSON}, timeout=60)
            assert answer.status_code == 200, answer.text
            assert answer.headers["Content-Type"].startswith(NDJSON)
            lines = [json.loads(line) for line in answer.content.decode("utf-8").splitlines()]
            assert len(lines) == output["count"]
            assert {line["resourceType"] for line in lines} == {output["type"]}
            found.setdefault(output["type"], []).extend(lines)
        return found

    def export(self, path: str, **how) -> dict[str, list[dict]]:
        """All of an export, which is deleted then."""
        place = self.begin(path, **how)
        found = self.lines(self.done(place))
        assert self.http.delete(place, timeout=30).status_code == 202
        assert self.http.get(place, timeout=30).status_code == 404
        return found

    def write(self, resource: dict) -> dict:
        answer = self.http.post(f"{self.base}/{resource['resourceType']}", json=resource, timeout=30)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def program(base, token) -> Program:
    return Program(base, token)


def ids(resources: list[dict]) -> list[str]:
    return sorted(resource["id"] for resource in resources)


def test_everything_is_what_searches_find(program, base, token):
    client = SyncFHIRClient(base, authorization=f"Bearer {token}")
    found = program.export("$export?_type=Patient,Practitioner,Encounter,Observation")
    assert found["Patient"] and found["Encounter"]
    for resource_type, lines in found.items():
        searched = client.resources(resource_type).limit(200).fetch_all()
        assert ids(lines) == ids(searched), resource_type


def test_an_export_of_patients_has_what_is_about_somebody(program):
    found = program.export("Patient/$export")
    assert "Patient" in found and "Organization" not in found
    assert "Binary" not in found and "AuditEvent" not in found


def test_a_group_is_exported_member_by_member(program, person):
    ada = program.write(person)
    other = program.write({**person, "identifier": [{"system": "urn:x", "value": uuid.uuid4().hex}]})
    pulse = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "pulse"},
        "subject": {"reference": f"Patient/{ada['id']}"},
    }
    seen = program.write(pulse)
    group = program.write(
        {
            "resourceType": "Group",
            "type": "person",
            "actual": True,
            "member": [{"entity": {"reference": f"Patient/{ada['id']}"}}],
        }
    )
    found = program.export(f"Group/{group['id']}/$export?_outputFormat={NDJSON.replace('+', '%2B')}")
    assert ids(found["Patient"]) == [ada["id"]]
    assert ids(found["Observation"]) == [seen["id"]]
    assert other["id"] not in json.dumps(found)


def test_what_changed_since_the_last_export(program, person):
    place = program.begin("$export?_type=Patient")
    before = program.done(place)["transactionTime"]
    ada = program.write(person)
    found = program.export("$export", params={"_type": "Patient", "_since": before})
    assert ada["id"] in ids(found["Patient"])
    assert len(found["Patient"]) < 50
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_since", "valueInstant": before},
            {"name": "_type", "valueString": "Patient"},
            {"name": "_typeFilter", "valueString": f"Patient?_id={ada['id']}"},
            {"name": "_elements", "valueString": "birthDate"},
        ],
    }
    posted = program.export("$export", method="POST", json=parameters)
    assert [line["birthDate"] for line in posted["Patient"]] == [person["birthDate"]]
    assert "name" not in posted["Patient"][0]


def test_a_download_that_broke_off_goes_on(program):
    place = program.begin("$export?_type=Patient")
    output = program.done(place)["output"][0]
    whole = program.http.get(output["url"], timeout=60).content
    rest = program.http.get(output["url"], headers={"Range": "bytes=100-"}, timeout=60)
    assert rest.status_code == 206
    assert whole == whole[:100] + rest.content
    assert requests.get(output["url"], timeout=30).status_code == 401, "it requires the token"


@pytest.mark.parametrize(
    "path",
    [
        "$export?_count=5",
        "$export?_outputFormat=text/csv",
        "$export?_type=Nothing",
        "$export?_since=yesterday",
        "$export?_typeFilter=Patient%3Fcolour%3Dred",
        "Patient/$export?_type=Organization",
    ],
)
def test_what_cannot_be_done_is_refused_at_once(program, path):
    answer = program.http.get(f"{program.base}/{path}", headers={"Prefer": "respond-async"}, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_nobody_waits_for_it(program):
    answer = program.http.get(f"{program.base}/$export", timeout=30)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_indexing_anew_changes_nothing_that_is_seen(program, person):
    ada = program.write(person)
    place = program.begin("Patient/$reindex", method="POST")
    report = program.done(place)
    assert report["resourceType"] == "Parameters"
    assert report["parameter"][0]["valueInteger"] > 0
    found = program.http.get(f"{program.base}/Patient", params={"family": person["name"][0]["family"]}, timeout=30)
    [entry] = found.json()["entry"]
    assert entry["resource"]["meta"] == ada["meta"]
