"""schemathesis asks the JSON API everything its description allows, and what it does not."""

from collections.abc import Iterator
from functools import cache

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from tests.integration.fhir.system import System

pytestmark = pytest.mark.django_db

OPERATIONS = [
    ("/api/messages/in", "GET"),
    ("/api/messages/in/{id}", "GET"),
    ("/api/messages/in/{id}/fault", "POST"),
    ("/api/messages/in/{id}/absence", "POST"),
    ("/api/messages/out", "GET"),
    ("/api/messages/out/{id}", "GET"),
    ("/api/messages/out/{id}/retry", "POST"),
    ("/api/messages/out/{id}/again", "POST"),
    ("/api/messages/out/{id}/take-back", "POST"),
    ("/api/messages/out/{id}/give-up", "POST"),
    ("/api/obligations", "GET"),
    ("/api/ready-answers", "POST"),
]


@pytest.fixture
def kept(system: System) -> Iterator[dict[str, str]]:
    """The headers of a system; meanwhile a request through WSGI leaves the test's connection open."""
    headers = system.headers()  # asks as Django's client does, which connects the signals again
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield headers
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@cache
def described() -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", WSGIHandler())


def test_every_operation_is_asked():
    found = [one.ok() for one in described().get_all_operations()]
    assert sorted((one.path, one.method.upper()) for one in found) == sorted(OPERATIONS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_one_that_is_described(
    path: str, method: str, mode: GenerationMode, kept: dict[str, str]
):
    operation = described()[path][method]

    @settings(max_examples=12, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=kept)

    ask()
