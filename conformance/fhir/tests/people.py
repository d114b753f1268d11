"""People of the demo at their desks, over the application's own API: who registers applications, and who lets them in."""

from urllib.parse import parse_qs, urlsplit

import requests


class Desk:
    """A session of somebody of the demo."""

    def __init__(self, site: str, role: str):
        self.site = site
        self.session = requests.Session()
        people = self.session.get(f"{site}/api/demo/people", timeout=30).json()["people"]
        key = next(person["key"] for person in people if person["role"] == role)
        begun = self.post("/api/demo/sign-in", {"key": key})["session"]
        self.user = begun["user"]
        self.session.headers["x-csrf-token"] = begun["csrf"]

    def post(self, path: str, body: dict) -> dict:
        answer = self.session.post(f"{self.site}{path}", json=body, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def take_in(self, name: str) -> str:
        """A new patient of this clinician's institution."""
        patient = {"name": name, "birth_date": "1985-12-10", "sex": "female", "language": "en"}
        return self.post("/api/patients", patient)["patient"]["id"]

    def follow(self, authorize_url: str, patient: str | None = None, allow: bool = True) -> str:
        """What a browser does with an address of `/oauth2/authorize`: where it lands in the end."""
        asked = requests.get(authorize_url, allow_redirects=False, timeout=30)
        assert asked.status_code == 303
        place = urlsplit(asked.headers["location"])
        if place.path != "/authorize":
            return asked.headers["location"]
        seen = self.post("/api/authorizations/look", {"query": place.query})
        assert "redirect" not in seen, seen
        assert seen["patient_needed"] is (patient is not None)
        deciding = {"query": place.query, "allow": allow}
        if patient:
            deciding["patient_id"] = patient
        return self.post("/api/authorizations", deciding)["redirect"]


def parameter(address: str, name: str) -> str:
    """A parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]
