"""A cohort of synthetic patients, and the server that takes it in.

`cargo xtask conformance synthea` starts the server and names it in the environment.
"""

import copy
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

PATIENTS = 10
SEED = 1
DAY = "20260101"
"""The same three always make the same people."""
ENTRIES = 500
"""Entries that a transaction may have (`--transaction-entries`)."""
FIGURES: list[str] = []
"""What was measured, for the end of the run."""


@dataclass
class Record:
    """What one patient's Bundle holds, by `Type/id`, as the server is to give it back."""

    patient: str
    resources: dict[str, dict] = field(default_factory=dict)


class Server:
    """The server under test, asked as a program with a token for everything."""

    def __init__(self, base: str, token: str):
        self.base = base
        self.session = requests.Session()
        self.session.headers.update({"authorization": f"Bearer {token}", "accept": "application/fhir+json"})

    def get(self, url: str, **more) -> requests.Response:
        """An address below the FHIR base, or a whole one."""
        whole = url if url.startswith("http") else f"{self.base}/{url}"
        return self.session.get(whole, timeout=120, **more)

    def read(self, url: str) -> dict:
        """The same, expecting a resource; numbers as they are written."""
        answer = self.get(url)
        assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.text[:1000]}"
        return as_written(answer.text)

    def pages(self, url: str):
        """A searchset's Bundles, page by page."""
        while url:
            bundle = self.read(url)
            yield bundle
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)

    def process(self, bundle: dict) -> requests.Response:
        """A transaction."""
        headers = {"content-type": "application/fhir+json"}
        return self.session.post(self.base, data=json.dumps(bundle), headers=headers, timeout=120)


def as_written(text: str) -> dict:
    """JSON with each number as its digits."""
    return json.loads(text, parse_float=str)


def without_own(resource: dict) -> dict:
    """Without what only a server assigns."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    kept = {name: value for name, value in resource.items() if name != "meta"}
    return kept | ({"meta": meta} if meta else {})


@pytest.fixture(scope="session")
def server() -> Server:
    return Server(os.environ["BIANQUE_FHIR"], os.environ["BIANQUE_TOKEN"])


@pytest.fixture(scope="session")
def bundles(tmp_path_factory) -> list[dict]:
    """The Bundles of the cohort, each a transaction about one patient."""
    folder = tmp_path_factory.mktemp("cohort")
    made = ["--population", str(PATIENTS), "--seed", str(SEED), "--reference-date", DAY, "--output-dir", str(folder)]
    subprocess.run([Path(sys.executable).with_name("synthea"), *made], check=True, capture_output=True)
    files = sorted((folder / "fhir").glob("*.json"))
    return [json.loads(file.read_text()) for file in files]


def mended(bundle: dict) -> int:
    """Where a patient pays alone, this generator names the patient as the insurer, which R4 has no place for (`insurer` is
    an Organization). Such references become logical; how many there were."""
    patient = next(entry["fullUrl"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    wrong = [entry["resource"]["insurer"] for entry in bundle["entry"] if is_own_insurer(entry["resource"], patient)]
    for insurer in wrong:
        del insurer["reference"]
        insurer["display"] = "nobody but the patient"
    return len(wrong)


def is_own_insurer(resource: dict, patient: str) -> bool:
    return resource["resourceType"] == "ExplanationOfBenefit" and resource["insurer"].get("reference") == patient


@pytest.fixture(scope="session")
def cohort(server, bundles) -> list[Record]:
    """The records, once all of them are stored."""
    bundles = copy.deepcopy(bundles)
    changed = sum(mended(bundle) for bundle in bundles)
    begun, sent, records = time.monotonic(), 0, []
    for bundle in bundles:
        names = {entry["fullUrl"]: name_of(entry["resource"]) for entry in bundle["entry"]}
        for at in range(0, len(bundle["entry"]), ENTRIES):
            some = bundle["entry"][at : at + ENTRIES]
            answer = server.process(transaction(some, names))
            assert answer.status_code == 200, f"{answer.status_code} {answer.text[:2000]}"
            statuses = [entry["response"]["status"][:3] for entry in answer.json()["entry"]]
            assert len(statuses) == len(some) and set(statuses) <= {"200", "201"}
            sent += len(some)
        patient = next(name for name in names.values() if name.startswith("Patient/"))
        record = Record(patient)
        for entry in bundle["entry"]:
            named = renamed(entry["resource"], names)
            record.resources[name_of(named)] = without_own(as_written(json.dumps(named)))
        records.append(record)
    seconds = time.monotonic() - begun
    FIGURES.append(f"{sent} resources stored in {seconds:.1f} s, {sent / seconds:.0f} a second; {changed} mended before")
    return records


def transaction(entries: list[dict], names: dict[str, str]) -> dict:
    """Entries of one Bundle as a part of it, each under the id that it has there. What refers to another part is named by
    that id; within a part, the server does it."""
    inside = {entry["fullUrl"] for entry in entries}
    outside = {url: name for url, name in names.items() if url not in inside}
    put = [
        {
            "fullUrl": entry["fullUrl"],
            "resource": renamed(entry["resource"], outside),
            "request": {"method": "PUT", "url": name_of(entry["resource"])},
        }
        for entry in entries
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": put}


def name_of(resource: dict) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def renamed(value, names: dict[str, str], member: str = ""):
    """With every reference to one of these by its name."""
    if isinstance(value, dict):
        return {key: renamed(inner, names, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, names, member) for inner in value]
    return names.get(value, value) if isinstance(value, str) and member == "reference" else value


def pytest_terminal_summary(terminalreporter):
    for line in FIGURES:
        terminalreporter.write_line(line)
