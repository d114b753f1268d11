"""Subscriptions as others receive them: rest-hooks on Python's own HTTP server, pings with the package `websockets`."""

import json
import os
import queue
import subprocess
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

PATIENCE = 30
SECRET = "Bearer of-the-subscriber"


@pytest.fixture(scope="module")
def hook():
    """A subscriber where the server may go: what came, and what it answers."""
    came, answers = queue.Queue(), {"status": 200}

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            came.put((self.command, self.path, dict(self.headers), body))
            self.send_response(answers["status"])
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_PUT = answer

        def log_message(self, *_):
            pass

    address = urlsplit(os.environ["BIANQUE_HOOK"])
    server = ThreadingHTTPServer((address.hostname, address.port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield came, answers
    server.shutdown()


@pytest.fixture
def fhir(base, token):
    session = requests.Session()
    session.headers["authorization"] = f"Bearer {token}"

    def ask(method, path, resource=None, expected=(200, 201)):
        answer = session.request(method, f"{base}/{path}", json=resource, timeout=30)
        assert answer.status_code in expected, answer.text
        return answer.json() if answer.content else None

    return ask


def subscribed(fhir, criteria, **channel):
    subscription = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "conformance",
        "criteria": criteria,
        "channel": channel,
    }
    made = fhir("POST", "Subscription", subscription)
    return until(fhir, made["id"], "active")


def until(fhir, name, status):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = fhir("GET", f"Subscription/{name}")
        if found["status"] == status:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never {status}: {found}")


def off(fhir, subscription):
    fhir("DELETE", f"Subscription/{subscription['id']}", expected=(200, 204))


def rest_hook(path, **more):
    return {"type": "rest-hook", "endpoint": f"{os.environ['BIANQUE_HOOK']}/{path}", **more}


def test_a_payload_comes_as_an_update_with_the_headers_that_nobody_is_shown(fhir, hook, person):
    came, _ = hook
    name = person["name"][0]["family"]
    channel = rest_hook("whole", payload="application/fhir+json", header=[f"Authorization: {SECRET}"])
    subscription = subscribed(fhir, f"Patient?family={name}&gender:not=male", **channel)
    assert SECRET not in json.dumps(subscription)
    assert SECRET not in json.dumps(fhir("GET", f"Subscription/{subscription['id']}/_history"))
    fhir("POST", "Patient", {**person, "gender": "male"})
    patient = fhir("POST", "Patient", {**person, "identifier": [{"value": uuid.uuid4().hex}]})
    method, path, headers, body = came.get(timeout=PATIENCE)
    assert (method, path) == ("PUT", f"/whole/Patient/{patient['id']}")
    assert headers["authorization"] == SECRET
    assert headers["content-type"].startswith("application/fhir+json")
    assert json.loads(body) == patient
    assert came.empty(), "what does not match is not told of"
    off(fhir, subscription)


def test_without_a_payload_an_empty_post_says_that_there_is_something(fhir, hook, person):
    came, _ = hook
    subscription = subscribed(fhir, f"Patient?family={person['name'][0]['family']}", **rest_hook("empty"))
    patient = fhir("POST", "Patient", person)
    method, path, _, body = came.get(timeout=PATIENCE)
    assert (method, path, body) == ("POST", "/empty", b"")
    fhir("PUT", f"Patient/{patient['id']}", {**patient, "active": True})
    assert came.get(timeout=PATIENCE)[0] == "POST"
    off(fhir, subscription)


def test_what_fails_comes_again_before_what_came_after_it(fhir, hook, person):
    came, answers = hook
    answers["status"] = 503
    channel = rest_hook("again", payload="application/fhir+json")
    subscription = subscribed(fhir, f"Patient?family={person['name'][0]['family']}", **channel)
    first = fhir("POST", "Patient", person)
    second = fhir("POST", "Patient", {**person, "identifier": [{"value": uuid.uuid4().hex}]})
    for _ in range(2):
        assert came.get(timeout=PATIENCE)[1].endswith(first["id"])
    told = fhir("GET", f"Subscription/{subscription['id']}/$status")
    reasons = [one["valueString"] for one in told["parameter"] if one["name"] == "last-failure-reason"]
    assert reasons == ["the endpoint answered 503"]
    answers["status"] = 200
    path = came.get(timeout=PATIENCE)[1]
    while path.endswith(first["id"]):
        path = came.get(timeout=PATIENCE)[1]
    assert path.endswith(second["id"])
    off(fhir, subscription)


@pytest.mark.parametrize(
    ("criteria", "channel"),
    [
        ("Patient?colour=red", {"type": "websocket"}),
        ("Patient?_has:Observation:patient:code=x", {"type": "websocket"}),
        ("Patient", {"type": "email", "endpoint": "mailto:night@example.org"}),
        ("Patient", {"type": "rest-hook", "endpoint": "https://127.0.0.1/hook"}),
        ("Patient", {"type": "rest-hook", "endpoint": "https://[::ffff:169.254.169.254]/latest/meta-data/"}),
        ("Patient", {"type": "rest-hook", "endpoint": "http://2130706433/hook"}),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(fhir, criteria, channel):
    asked = {"resourceType": "Subscription", "status": "requested", "reason": "r", "criteria": criteria, "channel": channel}
    outcome = fhir("POST", "Subscription", asked, expected=(400, 422))
    assert outcome["resourceType"] == "OperationOutcome" and outcome["issue"][0]["diagnostics"]


def socket_of(fhir):
    rest = fhir("GET", "metadata")["rest"][0]
    url = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket"
    return next(one["valueUri"] for one in rest["extension"] if one["url"] == url)


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_a_socket_that_is_bound_hears_of_every_match(fhir, token, person):
    subscription = subscribed(fhir, f"Patient?family={person['name'][0]['family']}", type="websocket")
    name = subscription["id"]
    with connect(socket_of(fhir), additional_headers=bearer(token)) as socket:
        socket.send(f"bind {name}")
        assert socket.recv(timeout=PATIENCE) == f"bound {name}"
        patient = fhir("POST", "Patient", person)
        assert socket.recv(timeout=PATIENCE) == f"ping {name}"
        fhir("PUT", f"Patient/{patient['id']}", {**patient, "active": True})
        assert socket.recv(timeout=PATIENCE) == f"ping {name}"
    off(fhir, subscription)


def test_a_stranger_is_not_bound_and_nobody_without_a_token_comes_in(fhir, token):
    subscription = subscribed(fhir, "Patient?gender=other", type="websocket")
    create = [os.environ["BIANQUE_PROGRAM"], "token", "create", "--scope", "system/*.cruds", "--data", os.environ["BIANQUE_DATA"]]
    stranger = subprocess.run(create, capture_output=True, check=True, text=True).stdout.strip()
    with connect(socket_of(fhir), additional_headers=bearer(stranger)) as socket:
        socket.send(f"bind {subscription['id']}")
        assert socket.recv(timeout=PATIENCE).startswith(f"refused {subscription['id']}")
    for address in [socket_of(fhir), f"{socket_of(fhir)}?access_token={token}"]:
        with pytest.raises(InvalidStatus) as refused, connect(address):
            pass
        assert refused.value.response.status_code == 401
    off(fhir, subscription)
