"""Two installations of Naer exchange a message over mutual TLS: real servers, real certificates."""

import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.outbox.partner import Authority
from tests.place import MUNICIPALITY

ROOT = Path(__file__).resolve().parents[3]
WRITE = """
from naer.site import boot
boot.setup()
from tests.integration.outbox.office import Office
Office().write()
"""


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAER_")}
    return kept | {
        "NAER_MODE": "demo",
        "NAER_DATABASE": f"sqlite:///{folder / 'naer.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "naer.site.settings",
        "PYTHONPATH": str(ROOT),
        **more,
    }


def run(folder: Path, *command: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env=environment(folder, **more),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[int]:
    """An installation that serves; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "naer.cli.main", "serve", "--port", str(port), *options]
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(command, env=environment(folder), cwd=folder, stdout=log, stderr=log)
        try:
            for _ in range(400):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, (folder / "serve.log").read_text()
                    time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def stored(folder: Path, question: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "naer.sqlite3") as raw:
        return raw.execute(question).fetchall()


def change(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "naer.sqlite3") as raw:
        raw.execute(statement)


def test_a_message_crosses_and_its_receipt_comes_back(tmp_path: Path, tables: Path) -> None:
    """The hospital's Naer writes to the municipality's; a stranger without our certificate is not let in."""
    hospital, municipality, papers = (tmp_path / name for name in ("hospital", "municipality", "papers"))
    for folder in (hospital, papers):
        folder.mkdir()
    authority = Authority(papers, "region")
    server, client = authority.issue("municipality"), authority.issue("hospital")
    shutil.copy(tables, hospital / "naer.sqlite3")
    run(hospital, "-c", WRITE)
    shutil.copytree(hospital, municipality)  # the same register, and nothing written there
    change(municipality, "DELETE FROM messaging_outgoingmessage")
    options = ["--tls-certificate", server.certificate, "--tls-key", server.key]
    options += ["--tls-clients", authority.certificate]
    with serving(municipality, *map(str, options)) as port:
        stranger = ssl.create_default_context(cafile=str(authority.certificate))
        with pytest.raises((ssl.SSLError, urllib.error.URLError, ConnectionError)):
            urllib.request.urlopen(f"https://127.0.0.1:{port}/health/", context=stranger, timeout=10)
        (hospital / "connections.toml").write_text(f"""
            [[connection]]
            receiver = "{MUNICIPALITY.sor}"
            transport = "http"
            address = "https://127.0.0.1:{port}/messages/"
            certificate = "{client.certificate}"
            key = "{client.key}"
            authority = "{authority.certificate}"
        """)
        told = run(hospital, "-m", "naer.cli.main", "send", "--json", NAER_CONNECTIONS="connections.toml")
    assert json.loads(told)["sent"] == 1
    sent = stored(hospital, "SELECT state, transport, answered_with FROM messaging_outgoingmessage")
    assert sent == [("acknowledged", "http", "ok")]
    came = stored(municipality, "SELECT channel, acknowledgement, stored FROM messaging_message")
    assert came == [("http", "ok", 1)]


def test_half_a_pair_of_tls_files_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "region")
    command = [sys.executable, "-m", "naer.cli.main", "serve", "--tls-clients", str(authority.certificate)]
    done = subprocess.run(
        command,
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "give both --tls-certificate and --tls-key" in done.stderr
