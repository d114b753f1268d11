"""Whatever is sent to a route of `/api/openapi.json`, by whomever: an answer, and never a fault of the server.

Each route gets values that fit its description and values that do not, half of them about people who are there.
"""

import os
import random

import pytest
import schemathesis
from conftest import BASE, asker, known
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode

EXAMPLES = int(os.environ.get("BIANQUE_EXAMPLES", "8"))

schema = schemathesis.openapi.from_url(f"{BASE}/api/openapi.json")
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
# Signing the asker out would leave the rest to strangers; sockets are no requests.
asked = (
    schema.exclude(path_regex="/socket$")
    .exclude(path="/api/session", method="DELETE")
    .exclude(path_regex="^/api/sessions", method="DELETE")
    .exclude(path="/api/session/provider/sign-out")
    .exclude(path="/api/visits/{visit}/leave")
    # What ends somebody's part, or keeps everybody out.
    .exclude(path_regex="/guests/{guest}/(link|turn-away|remove|refuse)$")
    .exclude(path="/api/visits/{visit}/guests/{guest}", method="DELETE")
    .exclude(path="/api/visits/{visit}/lock")
    .exclude(path="/api/session/password")
)


@pytest.mark.parametrize("name", ["nobody", "program", "patient", "clinician", "administrator"])
@asked.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_route_answers(case, name):
    """No status of 500 and above, and no connection that breaks off."""
    who = asker(name)
    luck = random.Random(repr((case.path_parameters, case.query, str(case.body))))
    for parameter in case.path_parameters:
        if parameter in known() and luck.random() < 0.5:
            case.path_parameters[parameter] = known()[parameter]
    answer = case.call(headers=who.headers, cookies=who.cookies, timeout=60)
    assert answer.status_code < 500, f"{answer.status_code}: {answer.text[:500]}"
