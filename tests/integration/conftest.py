"""What tests with a database may use besides."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.tables import template


@pytest.fixture
def own_database(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """The database is a file of the test's own, and no transaction is around the test.

    For what SQLite does only outside one. On PostgreSQL the same as `db`.
    """
    if os.environ.get("NAER_DATABASE", "").startswith("postgres"):
        request.getfixturevalue("db")
        yield
        return
    shared, name = connections["default"], tmp_path / "naer.sqlite3"
    shutil.copyfile(template(), name)
    with django_db_blocker.unblock():
        own = shared.copy()
        own.settings_dict["NAME"] = str(name)
        connections["default"] = own
        try:
            yield
        finally:
            own.close()
            connections["default"] = shared
