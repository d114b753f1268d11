"""What every client's tests share: the server under test and people of their own.

`cargo xtask conformance fhir` starts the server and names it in the environment.
"""

import os
import uuid

import pytest

SYSTEM = "https://conformance.example/identifiers"


@pytest.fixture(scope="session")
def base() -> str:
    """The server's FHIR base, without a slash at its end."""
    return os.environ["BIANQUE_FHIR"]


@pytest.fixture(scope="session")
def token() -> str:
    """A bearer token for everything."""
    return os.environ["BIANQUE_TOKEN"]


@pytest.fixture
def person() -> dict:
    """A patient that no server has seen: name and identifier are new each time."""
    mark = uuid.uuid4().hex[:12]
    return {
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": mark}],
        "name": [{"family": f"Conform{mark}", "given": ["Ada"]}],
        "gender": "female",
        "birthDate": "1985-12-10",
    }
