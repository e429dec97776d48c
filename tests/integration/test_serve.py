"""`naer serve` as an operator meets it: it listens, and says why it will not.

That a command makes the database it needs is seen where `tests.tables` makes one, and in
`tests/integration/intake/test_commands.py`, several at once.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
from click.testing import CliRunner
from django.db import connection

from naer.cli import serve

READY_WITHIN_S = 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAER_")}
    return subprocess.Popen(
        [sys.executable, "-m", "naer.cli.main", "serve", *arguments],
        cwd=folder,
        env=kept | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def served(folder: Path, port: int, **environment: str) -> Iterator[str]:
    """A server from when it says that it listens: what opens a browser at that word finds it there."""
    process = start(folder, "--port", str(port), **environment)
    assert process.stdout is not None
    hopeless = threading.Timer(READY_WITHIN_S, process.kill)
    hopeless.start()
    said = ""
    try:
        while f"Naer listens on http://127.0.0.1:{port} " not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        hopeless.cancel()
        yield f"http://127.0.0.1:{port}"
    finally:
        hopeless.cancel()
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        rest, _ = process.communicate(timeout=20)
        took = time.monotonic() - asked
    warned = [line for line in (said + rest).splitlines() if "[WARNING]" in line]
    # On a busy machine granian may say it of a process that has ended: another thread of it knows that first.
    assert not [line for line in warned if took >= serve.STOPS_WITHIN_S or "refused to" not in line], warned


def refusal(folder: Path, *arguments: str, **environment: str) -> str:
    process = start(folder, *arguments, **environment)
    try:
        output, _ = process.communicate(timeout=READY_WITHIN_S)
    finally:
        process.kill()
    assert process.returncode == 1, output
    assert "Traceback" not in output
    return output


@pytest.fixture
def installed(tmp_path: Path, tables: Path) -> Path:
    """The folder of an installation whose database is made."""
    (tmp_path / "var").mkdir()
    shutil.copy(tables, tmp_path / "var" / "naer.sqlite3")
    return tmp_path


def test_a_fresh_installation_serves_its_first_page(installed: Path) -> None:
    port = free_port()
    with served(installed, port) as address, urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "Naer" in answer.read().decode()
        told = refusal(installed, "--port", str(port))
        assert "cannot listen on" in told
        assert "A real installation needs NAER_MODE=production" in told


def test_a_process_ends_when_it_is_asked_to_while_it_loads_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[object] = []

    class Loaded:
        @property
        def application(self) -> None:
            found.extend(map(signal.getsignal, (signal.SIGTERM, signal.SIGINT)))

    monkeypatch.setitem(sys.modules, "naer.site.wsgi", cast("ModuleType", Loaded()))
    before = {one: signal.signal(one, lambda *_: None) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        serve._application()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert found == [signal.SIG_DFL, signal.SIG_IGN]


def test_hostile_messages_are_refused_and_the_server_goes_on(installed: Path) -> None:
    """Deep ones would exhaust the stack of a thread; senders of large ones must get to see the answer."""
    hostile = {b"[" * 200_000: 400, b'{"a":' * 100_000: 400, b"<a>" * 200_000: 400, b" " * 20_000_000: 413}
    with served(installed, port := free_port(), NAER_MODE="demo") as address:
        for data, status in hostile.items():
            kind = {"Content-Type": "application/fhir+json"}
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(f"{address}/messages/", data, kind), timeout=20)
            assert refused.value.code == status
            assert b"OperationOutcome" in refused.value.read()
        socket.create_connection(("127.0.0.1", port), timeout=1).close()


def test_production_needs_its_keys(tmp_path: Path) -> None:
    output = refusal(tmp_path, NAER_MODE="production", NAER_NUMBER_KEY="x" * 60)
    assert "NAER_SECRET_KEY is not set" in output


def test_production_refuses_settings_that_are_not_fit(installed: Path) -> None:
    output = refusal(
        installed,
        NAER_MODE="production",
        NAER_SECRET_KEY="short",
        NAER_NUMBER_KEY="x" * 60,
        NAER_HOSTS="naer.example",
    )
    assert "security.W009" in output


@pytest.mark.postgres
def test_tables_of_an_older_version_are_not_served(tmp_path: Path, postgres_copy: str) -> None:
    import psycopg

    with psycopg.connect(postgres_copy) as connection:
        connection.execute("delete from django_migrations where app = 'messaging'")
    assert "naer migrate" in refusal(tmp_path, "--port", str(free_port()), NAER_DATABASE=postgres_copy)


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "wanted"), [((), 3), (("--workers", "5"), 5)])
def test_as_many_processes_as_the_database_lets_work_at_once(
    given: tuple[str, ...], wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(serve, "cores", lambda: 3)
    monkeypatch.setattr(serve, "listen", lambda host, port, workers, tls: started.append(workers))
    done = CliRunner().invoke(serve.serve, given)
    assert done.exit_code == 0, done.output
    assert started == [1 if connection.vendor == "sqlite" and not given else wanted]


def test_a_wrong_file_of_connections_is_said_before_serving(installed: Path) -> None:
    (installed / "connections.toml").write_text('[[connection]]\nreceiver = "*"\ntransport = "mail"\n')
    output = refusal(installed, NAER_MODE="demo", NAER_CONNECTIONS="connections.toml")
    assert "no message could leave: connections.toml: connection 1: transport is file, http, local" in output
