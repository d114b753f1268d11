"""A visit that is in its call, and people in it, over the application's own API.

`cargo xtask conformance sound` starts the server and names it in the environment.
"""

import os
import sys
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "examples"))

from sound_device import Visit  # noqa: E402

INTAKE = {
    "reason": "Cough",
    "symptoms": ["cough"],
    "duration": {"value": 3, "unit": "d"},
    "location": {"text": "Health post, room 2", "city": "Suzhou"},
    "callback_number": "+86 138 0000 0000",
    "emergency_contact": {"name": "Chen Mei", "phone": "+86 139 0000 0000", "relation": ""},
    "red_flags": [],
}


class Clinician:
    """A clinician of the demo, over the API."""

    def __init__(self, site: str, name: str):
        self.site = site
        self.session = requests.Session()
        self.session.headers["origin"] = site
        people = self.session.get(f"{site}/api/demo/people", timeout=30).json()["people"]
        key = next(person["key"] for person in people if person["name"] == name)
        self.csrf = self.ask("POST", "/api/demo/sign-in", {"key": key})["session"]["csrf"]
        self.session.headers["x-csrf-token"] = self.csrf

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        answer = self.session.request(method, self.site + path, json=body, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}

    def sound_address(self, visit: str) -> tuple[str, dict[str, str]]:
        path = f"/api/visits/{visit}/sound?csrf={self.csrf}"
        cookie = "; ".join(f"{one.name}={one.value}" for one in self.session.cookies)
        return self.site.replace("http", "ws", 1) + path, {"cookie": cookie, "origin": self.site}


@pytest.fixture(scope="session")
def site() -> str:
    return os.environ["BIANQUE_HTTP"]


@pytest.fixture(scope="session")
def patient() -> Visit:
    """The patient's device, entered by the link and in the waiting room."""
    visit = Visit(os.environ["BIANQUE_PATIENT_LINK"], os.environ["BIANQUE_PATIENT_BIRTH_DATE"])
    here = f"/api/visits/{visit.id}"
    version = visit.ask("GET", f"{here}/consent-text")["version"]
    consent = {"version": version, "language": "en", "agreed": True, "by": "patient", "name": "Chen Wei"}
    visit.ask("POST", f"{here}/consent", consent)
    visit.ask("PUT", f"{here}/intake", INTAKE)
    visit.ask("POST", f"{here}/arrive")
    return visit


@pytest.fixture(scope="session")
def clinician(site: str, patient: Visit) -> Clinician:
    """Whose visit it is."""
    token = os.environ["BIANQUE_PATIENT_LINK"].rstrip("/").split("/")[-1]
    return Clinician(site, patient.ask("GET", f"/api/join/{token}")["practitioner_name"])


@pytest.fixture(scope="session")
def call(patient: Visit, clinician: Clinician) -> Visit:
    """The visit once the patient is admitted."""
    clinician.ask("POST", f"/api/visits/{patient.id}/admit", {"identifiers": ["name", "birth_date"]})
    return patient
