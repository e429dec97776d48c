"""A database in which other connections see what was done."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from tests.integration.intake.ward import town


@pytest.fixture
def committed(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The town in a PostgreSQL database where other connections see what was done: its URL."""
    shared = connections["default"]
    if shared.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    postgres_copy = str(request.getfixturevalue("postgres_copy"))
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings.DATABASES["default"], "NAME", postgres_copy.rpartition("/")[2])
        own = connections.create_connection("default")
        connections["default"] = own
        try:
            town()
            yield postgres_copy
        finally:
            own.close()
            connections["default"] = shared
