"""People of a clinic, over the API: who books, holds and signs visits, and who says where messages go."""

import os
from datetime import datetime, timedelta, timezone

import requests

BASE = os.environ.get("BIANQUE_FHIR", "").removesuffix("/fhir")


class Person:
    """Somebody with a session."""

    def __init__(self, role):
        self.session = requests.Session()
        people = self.session.get(f"{BASE}/api/demo/people", timeout=30).json()
        key = next(person["key"] for person in people["people"] if person["role"] == role)
        self.password = people["password"]
        answer = self.session.post(f"{BASE}/api/demo/sign-in", json={"key": key}, timeout=30)
        answer.raise_for_status()
        self.session.headers["x-csrf-token"] = answer.json()["session"]["csrf"]

    def ask(self, method, path, body=None):
        answer = self.session.request(method, f"{BASE}{path}", json=body, timeout=30)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


class Visitor(Person):
    """A patient who came by a link."""

    def __init__(self, link, birth_date):
        self.session = requests.Session()
        token = link.rsplit("/", 1)[1]
        self.visit = self.session.get(f"{BASE}/api/join/{token}", timeout=30).json()["visit_id"]
        self.session.headers["x-bianque-as"] = "visit"
        confirmed = self.ask("POST", f"/api/visits/{self.visit}/confirm", {"token": token, "birth_date": birth_date})
        self.session.headers["x-csrf-token"] = confirmed["csrf"]

    def comes_in(self):
        of = f"/api/visits/{self.visit}"
        text = self.ask("GET", f"{of}/consent-text")
        agreement = {"version": text["version"], "language": "en", "agreed": True, "by": "patient", "name": "Ana Reyes"}
        self.ask("POST", f"{of}/consent", agreement)
        self.ask("PUT", f"{of}/intake", {
            "reason": "cough", "duration": {"value": 3, "unit": "d"}, "location": {"text": "home", "city": "Springfield"},
            "callback_number": "+1 555 0100",
            "emergency_contact": {"name": "Lu Reyes", "phone": "+1 555 0101", "relation": "brother"},
        })
        self.ask("POST", f"{of}/arrive", {})


class Clinic:
    """A clinician with patients."""

    BIRTH_DATE = "1970-05-06"

    def __init__(self):
        self.clinician = Person("clinician")

    def patient(self, name="Reyes Ana"):
        taken = {"name": name, "birth_date": self.BIRTH_DATE, "sex": "female", "language": "en", "phone": "+1 555 0100"}
        return self.clinician.ask("POST", "/api/patients", taken)["patient"]["id"]

    def books(self, patient, after=None):
        """A visit and its link; without a time now and without an appointment."""
        booking = {"patient_id": patient, "visit_type": "general", "reason": "cough"}
        if after is not None:
            start = datetime.now(timezone.utc).replace(microsecond=0) + after
            booking["start"] = start.isoformat().replace("+00:00", "Z")
        booked = self.clinician.ask("POST", "/api/visits", booking)
        return booked["visit"]["id"], booked["join_url"]

    def holds(self, visit, link, disposition="self-care"):
        """Everything from the patient's link to the signed note."""
        Visitor(link, self.BIRTH_DATE).comes_in()
        of, ask = f"/api/visits/{visit}", self.clinician.ask
        ask("POST", f"{of}/admit", {"identifiers": ["name", "birth_date"]})
        ask("POST", f"{of}/end", {"reason": "done"})
        note = {
            "version": 0, "subjective": "Cough & fever\nfor three days", "objective": "", "assessment": "Bronchitis",
            "plan": "Rest, drink", "disposition": disposition, "go_to_hospital_if": "short of breath", "follow_up": "",
            "self_care": "", "prescriptions": [],
            "diagnoses": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "J20.9",
                           "display": "Acute bronchitis", "verification": "confirmed"}],
        }
        saved = ask("PUT", f"{of}/note", note)["note"]
        chart = ask("GET", f"{of}/chart")
        ask("POST", f"{of}/sign", {
            "password": self.clinician.password, "chart_version": chart["version"], "note_version": saved["version"],
        })


def soon(hours):
    return timedelta(hours=hours)
