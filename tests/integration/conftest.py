"""What tests with a database may use besides."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.tables import template


def _on_postgres() -> bool:
    return os.environ.get("NAER_DATABASE", "").startswith("postgres")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `own_database` a test uses PostgreSQL's test database, which is made for those marked so only."""
    for item in items:
        if _on_postgres() and "own_database" in getattr(item, "fixturenames", ()):
            item.add_marker("django_db")


@pytest.fixture
def own_database(tmp_path: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database is a file of the test's own, and no transaction is around the test.

    For what SQLite does only outside one. On PostgreSQL the same as `db`.
    """
    if _on_postgres():
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
