"""schemathesis asks the JSON API everything its description allows, and what it does not."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from naer.site.wsgi import application
from tests.integration.fhir.system import System

pytestmark = pytest.mark.django_db

OPERATIONS = [
    ("/api/messages/in", "GET"),
    ("/api/messages/in/{id}", "GET"),
    ("/api/messages/out", "GET"),
    ("/api/messages/out/{id}", "GET"),
    ("/api/messages/out/{id}/retry", "POST"),
    ("/api/messages/out/{id}/again", "POST"),
    ("/api/messages/out/{id}/take-back", "POST"),
    ("/api/messages/out/{id}/give-up", "POST"),
    ("/api/obligations", "GET"),
    ("/api/ready-answers", "POST"),
]


def described() -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application)


def test_every_operation_is_asked():
    found = [one.ok() for one in described().get_all_operations()]
    assert sorted((one.path, one.method.upper()) for one in found) == sorted(OPERATIONS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_one_that_is_described(path: str, method: str, mode: GenerationMode, system: System):
    operation = described()[path][method]
    headers = system.headers()

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers)

    ask()
