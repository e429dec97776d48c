"""The PostgreSQL server of the tests starts, as root too, and leaves nothing behind."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from tools.postgres import server

pytestmark = pytest.mark.postgres


def test_two_servers_run_beside_each_other_and_are_gone_afterwards() -> None:
    with server() as first, server(durable=True) as second:
        folders = [Path(unquote(urlsplit(url).netloc.partition("@")[2])) for url in (first, second)]
        with psycopg.connect(first) as one, psycopg.connect(second) as two:
            assert one.execute("show fsync").fetchone() == ("off",)
            assert two.execute("show fsync").fetchone() == ("on",)
            assert two.execute("show synchronous_commit").fetchone() == ("on",)
            assert one.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (
                0,
            )
    assert not any(folder.exists() for folder in folders)


def test_a_scratch_database_is_empty_and_its_own(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("create table made_here (id int)")
        name = connection.execute("select current_database()").fetchone()
    assert name is not None
    assert name[0].startswith("scratch_")
