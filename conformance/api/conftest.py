"""Who asks the server, and about whom.

`cargo xtask conformance api` starts the demo and names it in the environment.
"""

import os
from dataclasses import dataclass, field
from functools import cache

import requests

BASE = os.environ["BIANQUE_HTTP"]


@dataclass(frozen=True)
class Asker:
    """Somebody with a session, a visit's cookie or a token."""

    name: str
    headers: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)


def by_role(role: str) -> Asker:
    """Signs one of the demo's people in."""
    session = requests.Session()
    people = session.get(f"{BASE}/api/demo/people", timeout=30).json()["people"]
    key = next(person["key"] for person in people if person["role"] == role)
    answer = session.post(f"{BASE}/api/demo/sign-in", json={"key": key}, timeout=30)
    answer.raise_for_status()
    return Asker(role, {"x-csrf-token": answer.json()["session"]["csrf"]}, session.cookies.get_dict())


def patient() -> Asker:
    """Confirms the demo's patient by their link."""
    session = requests.Session()
    token = os.environ["BIANQUE_PATIENT_LINK"].rsplit("/", 1)[1]
    visit = session.get(f"{BASE}/api/join/{token}", timeout=30).json()["visit_id"]
    confirmation = {"token": token, "birth_date": os.environ["BIANQUE_PATIENT_BIRTH_DATE"]}
    answer = session.post(f"{BASE}/api/visits/{visit}/confirm", json=confirmation, timeout=30)
    answer.raise_for_status()
    headers = {"x-csrf-token": answer.json()["csrf"], "x-bianque-as": "visit"}
    return Asker("patient", headers, session.cookies.get_dict())


@cache
def asker(name: str) -> Asker:
    """The asker of this name; each signs in once."""
    if name == "nobody":
        return Asker(name, {})
    if name == "program":
        return Asker(name, {"authorization": f"Bearer {os.environ['BIANQUE_TOKEN']}"})
    return patient() if name == "patient" else by_role(name)


@cache
def known() -> dict[str, str]:
    """Ids that are really there, by the name of the parameter: with made-up ones alone nothing behind 404 is tried."""
    token = os.environ["BIANQUE_PATIENT_LINK"].rsplit("/", 1)[1]
    visit = requests.get(f"{BASE}/api/join/{token}", timeout=30).json()["visit_id"]
    clinician = asker("clinician")
    ask = {"headers": clinician.headers, "cookies": clinician.cookies, "timeout": 30}
    patients = requests.get(f"{BASE}/api/patients", params={"query": ""}, **ask).json()["patients"]
    practitioners = requests.get(f"{BASE}/api/practitioners", **ask).json()["practitioners"]
    return {
        "visit": visit,
        "token": token,
        "patient": patients[0]["id"],
        "practitioner": practitioners[0]["id"],
        "organization": practitioners[0]["organization"]["id"],
        "type": "Patient",
        "id": patients[0]["id"],
        "code": "video",
    }
