"""The small place, and clients signed in as its people."""

from collections.abc import Callable

import pytest
from django.test import Client

from naer.events.instant import Instant
from naer.site import clock
from tests import place
from tests.place import Place

SignedIn = Callable[[str], Client]


@pytest.fixture
def here(db: None) -> Place:
    """The small place, before anything has happened."""
    return place.build()


@pytest.fixture
def now() -> Instant:
    """The instant of the test."""
    return clock.now()


@pytest.fixture
def as_(here: Place) -> SignedIn:
    """A client signed in as one of the people."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(here.users[name])
        return client

    return sign_in
