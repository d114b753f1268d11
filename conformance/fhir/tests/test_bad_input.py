"""What no well-behaved client sends: refused with an OperationOutcome each time, and the server goes on as if it had not been."""

import json
import os
import socket
from urllib.parse import urlsplit

import pytest
import requests

JSON = "application/fhir+json"
MIB = 1 << 20
GROWTH = 256 * MIB
"""Memory that the largest of these requests may leave a server with, beyond what it had."""


@pytest.fixture
def send(base, token):
    """Sends what is refused, and gives the status and what its outcome says."""
    session = requests.Session()
    session.headers["authorization"] = f"Bearer {token}"

    def refused(method: str, path: str, body=b"", content_type: str | None = JSON, **headers) -> tuple[int, str]:
        named = {"content-type": content_type} if content_type else {}
        answer = session.request(method, f"{base}{path}", data=body, headers=named | headers, timeout=60)
        return answer.status_code, outcome_of(answer)

    return refused


def outcome_of(answer) -> str:
    assert 400 <= answer.status_code < 500, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"].startswith(JSON), answer.headers["content-type"]
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    issues = outcome["issue"]
    assert issues and all(issue["severity"] == "error" and issue["code"] for issue in issues)
    return "; ".join(issue.get("diagnostics", "") for issue in issues)


def memory() -> int:
    """Bytes that the server holds in memory."""
    with open(f"/proc/{os.environ['BIANQUE_PID']}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def patient(**members) -> dict:
    return {"resourceType": "Patient", "name": [{"family": "Bad"}], **members}


ARRAYS = b'{"resourceType":"Patient","extension":' + b"[" * 200_000
OBJECTS = b'{"resourceType":"Patient","a":' + b'{"a":' * 200_000
EXTENSIONS = b'{"resourceType":"Patient","extension":[' + b'{"url":"u","extension":[' * 40 + b"]}" * 40 + b"]}"


@pytest.mark.parametrize("body", [ARRAYS, OBJECTS, EXTENSIONS], ids=["arrays", "objects", "extensions"])
@pytest.mark.parametrize("path", ["/Patient", "", "/Patient/$validate"])
def test_nesting_has_an_end(send, path, body):
    status, why = send("POST", path, body)
    assert status == 400 and "nested deeper" in why


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"Patient"',
        b"{}",
        b'{"resourceType":"Patient","resourceType":"Patient"}',
        b'{"resourceType":"Patient","gender":"male","gender":"female"}',
        b'{"resourceType":"Patient","name":[{"family":"a","family":"b"}]}',
        b'{"resourceType":"Patient","name":[{"family":"a"}]} {}',
        b'{"resourceType":"Patient","name":[{"family":"\xff\xfe"}]}',
        b'{"resourceType":"Patient","name":[{"family":"\xed\xa0\x80"}]}',
        b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}',
        b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
        b'{"resourceType":"Patient","name":[{"family":"a\tb"}]}',
        b'\xef\xbb\xbf{"resourceType":"Patient"}',
        '{"resourceType":"Patient"}'.encode("utf-16"),
        b'{"resourceType":"Patient","multipleBirthInteger":' + b"1" * 10_000 + b"}",
        b'{"resourceType":"Patient","multipleBirthInteger":NaN}',
        b'{"resourceType":"Patient","multipleBirthInteger":01}',
        b'{"resourceType":"Patient",}',
        b'{"resourceType":"Nothing"}',
        b'{"resourceType":["Patient"]}',
        b"<Patient/>",
    ],
)
@pytest.mark.parametrize("method, path", [("POST", "/Patient"), ("PUT", "/Patient/bad"), ("POST", "")])
def test_what_is_no_resource_is_malformed(send, method, path, body):
    assert send(method, path, body)[0] in {400, 422}


@pytest.mark.parametrize("value", ["1e999", "-1e999", "1e-999", "99999999999999999999", "1.0", "2147483648"])
def test_a_number_that_no_integer_is_is_refused(send, value):
    body = f'{{"resourceType":"Patient","multipleBirthInteger":{value}}}'
    status, why = send("POST", "/Patient", body.encode())
    assert status == 422, why


@pytest.mark.parametrize("value", ["1e999", "-1e999", "1e-999", "123456789012345678901234567890.123456789"])
def test_a_decimal_beyond_what_machines_count_in_is_kept_as_it_is_or_refused(base, token, value):
    body = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":%s}}' % value
    headers = {"authorization": f"Bearer {token}", "content-type": JSON}
    answer = requests.post(f"{base}/Observation", data=body, headers=headers, timeout=60)
    if answer.status_code == 201:
        read = requests.get(answer.headers["location"].split("/_history")[0], headers=headers, timeout=60)
        assert f'"value":{value}' in read.text
    else:
        outcome_of(answer)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/fhir+xml", "multipart/form-data", "nonsense"])
@pytest.mark.parametrize(
    "method, path", [("POST", "/Patient"), ("PUT", "/Patient/bad"), ("POST", ""), ("PATCH", "/Patient/bad"), ("POST", "/Patient/$validate")]
)
def test_another_media_type_is_refused(send, method, path, kind):
    assert send(method, path, json.dumps(patient()).encode(), kind)[0] == 415


def test_a_form_is_no_resource_and_a_resource_no_form(send):
    assert send("POST", "/Patient", b"family=a", "application/x-www-form-urlencoded")[0] == 415
    assert send("POST", "/Patient/_search", json.dumps(patient()).encode())[0] == 415
    assert send("POST", "/Patient/_search", b"family=%ff%fe", "application/x-www-form-urlencoded")[0] == 400


def test_a_packed_body_is_not_unpacked(send):
    status, _ = send("POST", "/Patient", b"\x1f\x8b\x08\x00", **{"content-encoding": "gzip"})
    assert status == 415


def test_a_bundle_of_too_many_entries_is_refused_whole(send):
    entry = {"request": {"method": "POST", "url": "Patient"}, "resource": patient()}
    for kind in ["batch", "transaction"]:
        status, why = send("POST", "", json.dumps({"resourceType": "Bundle", "type": kind, "entry": [entry] * 501}))
        assert status in {400, 413, 422} and "500" in why, why


@pytest.mark.parametrize(
    "entry",
    [
        None,
        7,
        {},
        {"request": {}},
        {"request": {"method": "STEAL", "url": "Patient"}},
        {"request": {"method": "POST", "url": "../../api/session"}, "resource": patient()},
        {"request": {"method": "POST", "url": "http://other.example/Patient"}, "resource": patient()},
        {"request": {"method": "POST", "url": ""}, "resource": {"resourceType": "Bundle", "type": "batch"}},
        {"request": {"method": "PUT", "url": "Patient/" + "x" * 1000}, "resource": patient()},
        {"request": {"method": "GET", "url": "Patient?" + "&".join(["name=a"] * 65)}},
    ],
)
def test_an_entry_that_makes_no_sense_ends_its_transaction(send, entry):
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert 400 <= send("POST", "", json.dumps(bundle))[0] < 500


@pytest.mark.parametrize(
    "patch",
    [
        b"{}",
        b"[1]",
        b'[{"op":"steal","path":"/name"}]',
        b'[{"op":"replace","path":"name","value":1}]',
        b'[{"op":"remove","path":"/name/99999999999999999999"}]',
        b"[" + b",".join([b'{"op":"test","path":"/gender","value":"x"}'] * 1001) + b"]",
        b"[" + b",".join([b'{"op":"copy","from":"/name","path":"/name/-"}'] * 1000) + b"]",
        b'[{"op":"add","path":"/extension","value":[]},'
        + b",".join([b'{"op":"copy","from":"/extension","path":"/extension/-"}'] * 60)
        + b"]",
    ],
    ids=["object", "number", "operation", "path", "index", "many", "copies", "doubling"],
)
def test_a_patch_is_bounded(send, base, token, patch):
    headers = {"authorization": f"Bearer {token}", "content-type": JSON}
    made = requests.post(f"{base}/Patient", json=patient(), headers=headers, timeout=60).json()
    before = memory()
    status, _ = send("PATCH", f"/Patient/{made['id']}", patch, "application/json-patch+json")
    assert status in {400, 409, 413, 422}
    assert memory() - before < GROWTH


@pytest.mark.parametrize(
    "query",
    [
        "&".join(["name=a"] * 65),
        "name=" + "a" * 4097,
        "name=" + ",".join(["a"] * 201),
        "_count=-1",
        "_count=99999999999999999999",
        "_cursor=AAAA",
        "birthdate=99999-01-01",
        "name=%c0%ee",
        "name:exact=%ff",
        "general-practitioner:Practitioner." * 9 + "name=a",
        "&".join(["organization.partof.partof.name=" + ",".join(["a"] * 200)] * 60),
    ],
)
def test_a_search_is_bounded(send, query):
    assert send("GET", f"/Patient?{query}", content_type=None)[0] in {400, 422}


@pytest.mark.parametrize("path", ["/Patient/" + "x" * 65, "/Patient/a%2Fb", "/Patient/..%2f..%2fetc", "/Patient/%00", "/Nothing/1", "/Patient/1/_history/x"])
def test_an_address_that_names_nothing(send, path):
    assert send("GET", path, content_type=None)[0] in {400, 404}


def test_what_is_too_large_is_refused_before_it_is_read(base, token):
    for path, size in [("/Patient", 16 * MIB + 1), ("", 32 * MIB + 1)]:
        answer = raw(base, token, path, f"content-length: {size}\r\n", [])
        assert answer.startswith("HTTP/1.1 413") and "OperationOutcome" in answer


def test_what_does_not_say_how_large_it_is_is_read_to_the_bound_and_no_further(base, token):
    before = memory()
    piece = b" " * MIB
    pieces = [b"%x\r\n%s\r\n" % (len(piece), piece) for _ in range(64)]
    answer = raw(base, token, "", "transfer-encoding: chunked\r\n", pieces)
    assert answer.startswith("HTTP/1.1 413") and "OperationOutcome" in answer
    assert memory() - before < GROWTH


def test_after_all_of_it_the_server_answers(base, token):
    headers = {"authorization": f"Bearer {token}"}
    assert requests.get(f"{base}/Patient?_count=1", headers=headers, timeout=60).status_code == 200
    assert requests.get(f"{base.removesuffix('/fhir')}/readyz", timeout=60).status_code == 200


def raw(base: str, token: str, path: str, how_long: str, pieces: list[bytes]) -> str:
    """The answer to a POST whose body may break off when the server has heard enough."""
    place = urlsplit(base)
    head = f"POST {place.path}{path} HTTP/1.1\r\nhost: {place.netloc}\r\nauthorization: Bearer {token}\r\ncontent-type: {JSON}\r\n"
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        connection.sendall(f"{head}{how_long}connection: close\r\n\r\n".encode())
        try:
            for piece in pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
    return answer.decode(errors="replace")
