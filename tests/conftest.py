"""What every kind of test may use: a PostgreSQL server, Chromium, and the choice of database.

Which database Django's tests run on is the environment's NAER_DATABASE (default: SQLite in
memory); `./run test` sets it and runs the database-bound tests once on each.
"""

import gc
import os
import shutil
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from tests.tables import copy_into_memory, copy_on_server, make, template
from tools.postgres import server

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = float(os.environ.get("NAER_EXAMPLES", "0.4"))
"""The share of the examples that each property test takes; 1 takes all that it asks for."""
settings.register_profile(
    "any machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")  # how fast it runs is no property of the code: it may be busy or small
_DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_setup",
    "live_server",
    "postgres_url",
    "postgres_copy",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-bound",
        action="store_true",
        help="only tests that use the database; the others give the same result on any",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays until the end: to look through it again and again cost a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Every test is marked with its kind, the name of its folder; then the database-bound are chosen."""
    for test in _property_tests(items):
        _shorten(test)
    kept, left = [], []
    for item in items:
        folder = Path(item.path).relative_to(ROOT / "tests").parts[0]
        if folder in {"e2e", "standards", "spark"}:
            item.add_marker(folder)
        bound = _database_bound(item) and folder != "e2e"
        (kept if bound or not config.getoption("--database-bound") else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
    yield


def _shorten(test: object) -> None:
    """Fewer examples for a property test, fewer still where another database has taken them already."""
    name = "_hypothesis_internal_use_settings"
    asked = getattr(test, name, None) or settings()
    share = EXAMPLES * (0.5 if os.environ.get("NAER_DATABASE", "").startswith("postgres") else 1)
    setattr(test, name, settings(asked, max_examples=max(5, round(asked.max_examples * share))))


def _property_tests(items: list[pytest.Item]) -> set[object]:
    """The functions that Hypothesis gives examples to; several items, with parameters, may be of one."""
    tests = (getattr(item, "obj", None) for item in items)
    return {getattr(one, "__func__", one) for one in tests if getattr(one, "is_hypothesis_test", False)}


def _database_bound(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or item.get_closest_marker("postgres"):
        return True
    return not _DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a database on a PostgreSQL server, one for the session."""
    given = os.environ.get("NAER_DATABASE", "")
    if given.startswith("postgres"):
        yield given
        return
    with server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database that is the test's own."""
    with scratch(postgres_server) as url:
        yield url


@contextmanager
def scratch(server: str, like: str = "") -> Iterator[str]:
    """The URL of a new database there, as `like` says (`template NAME`), dropped afterwards."""
    name = f"scratch_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as at_server:
        at_server.execute(f"create database {name} {like}")
        yield f"{server.rpartition('/')[0]}/{name}"
        at_server.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: str) -> str:
    """The name of a PostgreSQL database with every table and nothing in it, to be a template."""
    name = f"tables_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as at_server:
        at_server.execute(f"create database {name}")
    make(f"{postgres_server.rpartition('/')[0]}/{name}")
    return name


@pytest.fixture
def postgres_copy(postgres_server: str, postgres_tables: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with every table that is the test's own."""
    with scratch(postgres_server, f"template {postgres_tables}") as url:
        yield url


@pytest.fixture(scope="session")
def tables() -> Path:
    """An SQLite database with every table and nothing in it, to copy."""
    return template()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django's test database is a copy too: pytest-django asks for this before it makes one."""
    creation = connection.creation

    def copied(**_: object) -> str:
        if connection.vendor == "sqlite":
            return copy_into_memory(creation)
        return copy_on_server(creation, str(request.getfixturevalue("postgres_tables")))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(creation, "create_test_db", copied)
        yield


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; the test is skipped, with one line, where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    if os.environ.get("CI") and not os.environ.get("NAER_WITHOUT_BROWSER"):
        pytest.fail("no Chromium, though CI should have installed it")
    pytest.skip("no Chromium: browser tests skipped (Debian: sudo apt-get install chromium)")
