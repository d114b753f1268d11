"""SMART App Launch 2 and Backend Services with the SMART team's `fhirclient`; assertions are signed by PyJWT."""

import json
import time
import uuid

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fhirclient.client import FHIRClient
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException, FHIRPermissionDeniedException
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from people import Desk, parameter

CALLBACK = "http://127.0.0.1:9/cb"
LAUNCH = "http://127.0.0.1:9/launch"
SCOPES = "launch launch/patient patient/*.rs user/*.rs openid fhirUser offline_access"


@pytest.fixture(scope="module")
def site(base) -> str:
    return base.removesuffix("/fhir")


@pytest.fixture(scope="module")
def administrator(site) -> Desk:
    return Desk(site, "administrator")


@pytest.fixture
def clinician(site) -> Desk:
    return Desk(site, "clinician")


def register(administrator: Desk, **making) -> dict:
    making = {"name": "Growth", "redirect_uris": [CALLBACK], "scopes": SCOPES, **making}
    return administrator.post("/api/admin/applications", making)


@pytest.fixture(params=["public", "confidential-secret"])
def settings(request, administrator, base) -> dict:
    made = register(administrator, kind=request.param, launch_url=LAUNCH)
    return {
        "app_id": made["application"]["id"],
        "app_secret": made["client_secret"],
        "api_base": base,
        "redirect_uri": CALLBACK,
        "scope": "patient/*.read openid fhirUser offline_access",
    }


def observe(base: str, token: str, patient: str) -> str:
    """A pulse, written by a program."""
    pulse = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "pulse"},
        "subject": {"reference": f"Patient/{patient}"},
    }
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{base}/Observation", json=pulse, headers=headers, timeout=30)
    return answer.json()["id"]


def test_a_standalone_launch_ends_with_the_patient_that_was_chosen(settings, clinician, base, token):
    ada, bo = clinician.take_in("Ada Standalone"), clinician.take_in("Bo Other")
    of_ada, of_bo = observe(base, token, ada), observe(base, token, bo)
    client = FHIRClient(settings=settings)
    assert not client.prepare()
    client.handle_callback(clinician.follow(client.authorize_url, patient=ada))
    assert client.ready
    assert client.patient.id == ada
    assert client.human_name(client.patient.name[0]) or client.patient.name[0].text == "Ada Standalone"
    assert Observation.read(of_ada, client.server).id == of_ada
    with pytest.raises(FHIRNotFoundException):
        Observation.read(of_bo, client.server)
    with pytest.raises(FHIRNotFoundException):
        Patient.read(bo, client.server)
    found = Observation.where({}).perform_resources(client.server)
    assert [one.id for one in found] == [of_ada]

    # The library signs in again with its refresh token, and works on.
    before = client.server.auth.access_token
    assert client.reauthorize()
    assert client.server.auth.access_token != before
    assert Patient.read(ada, client.server).id == ada
    id_token = client.launch_context["id_token"]
    keys = jwt.PyJWKClient(f"{base.removesuffix('/fhir')}/oauth2/jwks")
    key = keys.get_signing_key_from_jwt(id_token).key
    who = jwt.decode(id_token, key, algorithms=["ES256"], audience=settings["app_id"])
    assert who["fhirUser"] == f"{base}/Practitioner/{clinician.user['practitioner_id']}"


def test_a_launch_from_a_chart_ends_with_its_patient(settings, clinician):
    ada = clinician.take_in("Ada Chart")
    opening = {"application_id": settings["app_id"], "patient_id": ada}
    address = clinician.post("/api/launches", opening)["url"]
    assert address.startswith(LAUNCH)
    launched = {**settings, "api_base": parameter(address, "iss"), "launch_token": parameter(address, "launch")}
    client = FHIRClient(settings=launched)
    client.prepare()
    client.handle_callback(clinician.follow(client.authorize_url))
    assert client.patient.id == ada
    # The same launch again brings nobody in.
    again = FHIRClient(settings=launched)
    again.prepare()
    place = requests.get(again.authorize_url, allow_redirects=False, timeout=30).headers["location"]
    seen = clinician.post("/api/authorizations/look", {"query": place.split("?", 1)[1]})
    assert parameter(seen["redirect"], "error") == "invalid_request"


def test_a_refusal_reaches_the_library(settings, clinician):
    ada = clinician.take_in("Ada Refused")
    client = FHIRClient(settings=settings)
    client.prepare()
    with pytest.raises(Exception, match="did not allow"):
        client.handle_callback(clinician.follow(client.authorize_url, patient=ada, allow=False))
    assert not client.ready


def test_writing_is_not_granted_by_reading(settings, clinician):
    ada = clinician.take_in("Ada Written")
    client = FHIRClient(settings=settings)
    client.prepare()
    client.handle_callback(clinician.follow(client.authorize_url, patient=ada))
    pulse = Observation({"status": "final", "code": {"text": "pulse"}, "subject": {"reference": f"Patient/{ada}"}})
    with pytest.raises((FHIRPermissionDeniedException, requests.HTTPError)) as raised:
        pulse.create(client.server)
    assert raised.value.response.status_code == 403


class Signer:
    """A service's key, of either algorithm that SMART requires."""

    def __init__(self, algorithm: str):
        self.algorithm = algorithm
        if algorithm == "ES384":
            self.key = ec.generate_private_key(ec.SECP384R1())
            public = ECAlgorithm.to_jwk(self.key.public_key())
        else:
            self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            public = RSAAlgorithm.to_jwk(self.key.public_key())
        self.jwk = {**json.loads(public), "kid": "k1", "use": "sig", "alg": algorithm}
        self.jwk.pop("key_ops", None)

    def assertion(self, client: str, audience: str, **more) -> str:
        claims = {"iss": client, "sub": client, "aud": audience, "exp": int(time.time()) + 240, "jti": uuid.uuid4().hex}
        return jwt.encode({**claims, **more}, self.key, algorithm=self.algorithm, headers={"kid": "k1"})


@pytest.fixture(params=["RS384", "ES384"])
def service(request, administrator) -> tuple[str, Signer]:
    signer = Signer(request.param)
    scopes = "system/Patient.cruds system/Observation.rs"
    keys = {"keys": [signer.jwk]}
    made = register(administrator, name="Night report", kind="service", redirect_uris=[], scopes=scopes, keys=keys)
    return made["application"]["id"], signer


def backend(base: str, client: str, assertion: str) -> FHIRClient:
    settings = {"app_id": client, "api_base": base, "scope": "system/Patient.cruds system/Condition.rs"}
    service = FHIRClient(settings={**settings, "jwt_token": assertion})
    service.wants_patient = False
    service.prepare()
    return service


def test_a_backend_service_works_with_what_it_was_given(service, base, person):
    client, signer = service
    token_url = f"{base.removesuffix('/fhir')}/oauth2/token"
    work = backend(base, client, signer.assertion(client, token_url))
    work.authorize()
    assert work.ready
    assert work.launch_context["scope"] == "system/Patient.cruds"
    made = Patient(person).create(work.server)["id"]
    assert Patient.read(made, work.server).birthDate.isostring == person["birthDate"]
    with pytest.raises((FHIRPermissionDeniedException, requests.HTTPError)) as raised:
        Observation.where({}).perform_resources(work.server)
    assert raised.value.response.status_code == 403


def test_an_assertion_that_is_old_early_foreign_or_used_gets_nothing(service, base):
    client, signer = service
    token_url = f"{base.removesuffix('/fhir')}/oauth2/token"
    now = int(time.time())
    used = signer.assertion(client, token_url)
    backend(base, client, used).authorize()
    for wrong in [
        used,
        signer.assertion(client, token_url, exp=now - 60),
        signer.assertion(client, token_url, exp=now + 3600),
        signer.assertion(client, token_url, iat=now + 120),
        signer.assertion(client, base),
        signer.assertion(client, "https://elsewhere.example/oauth2/token"),
        signer.assertion(client, token_url, sub="somebody"),
        Signer(signer.algorithm).assertion(client, token_url),
        jwt.encode({"iss": client, "sub": client, "aud": token_url, "exp": now + 60, "jti": "x"}, None, algorithm="none"),
    ]:
        with pytest.raises(Exception) as raised:
            backend(base, client, wrong).authorize()
        assert raised.value.response.status_code == 401, raised.value
        assert raised.value.response.json()["error"] == "invalid_client"
