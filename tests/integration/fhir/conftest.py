"""The small place with a system of the municipality in it."""

import pytest

from naer.events.instant import Instant
from naer.site import clock
from tests import place
from tests.integration.fhir.system import System, register
from tests.place import Place


@pytest.fixture
def now() -> Instant:
    """The instant of the test."""
    return clock.now()


@pytest.fixture
def here(db: None) -> Place:
    """The small place, before anything has happened."""
    return place.build()


@pytest.fixture
def system(here: Place, now: Instant) -> System:
    """A system of the municipality that acts as a coordinator and may ask for everything."""
    return register(now)
