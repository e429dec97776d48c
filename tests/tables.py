"""An SQLite database with every table and nothing in it, made once for a set of migrations and then copied.

Running all migrations takes seconds of every run, and of every test whose database is its own.
"""

import fcntl
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import django
from django.conf import settings
from django.db.backends.base.creation import BaseDatabaseCreation

SITE = Path(__file__).resolve().parents[1] / "src" / "naer" / "site"
_KEPT_S = 24 * 3600
"""How long those of other migrations are kept."""


def template() -> Path:
    """Where it lies; it is made when there is none."""
    folder = Path(tempfile.gettempdir()) / f"naer-tables-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} is somebody else's")
    made = folder / f"{_digest()}.sqlite3"
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _forget(folder)
            making = folder / f"making-{os.getpid()}.sqlite3"
            make(f"sqlite:///{making}")
            making.rename(made)
            Path(f"{making}.lock").unlink(missing_ok=True)
    return made


def make(url: str) -> None:
    """Make the tables of an empty database as whoever runs Naer does."""
    command = [sys.executable, "-m", "naer.cli.main", "migrate", "--database", url]
    others = {name: value for name, value in os.environ.items() if not name.startswith(("NAER_", "DJANGO_"))}
    own = {"NAER_MODE": "test", "NAER_SECRET_KEY": "signs nothing", "NAER_NUMBER_KEY": "seals nothing"}
    subprocess.run(command, env=others | own, check=True)


def _digest() -> str:
    """Of all that says which tables there are."""
    told = sha256(repr(django.VERSION).encode())
    for path in sorted([*SITE.glob("*/migrations/*.py"), SITE / "settings.py"]):
        told.update(str(path.relative_to(SITE)).encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:16]


def _forget(folder: Path) -> None:
    for path in folder.glob("*.sqlite3*"):
        if path.stat().st_mtime < time.time() - _KEPT_S:
            path.unlink()


def copy_into_memory(creation: BaseDatabaseCreation) -> str:
    """Make Django's test database in memory; gives its name."""
    name = str(creation._get_test_db_name())  # type: ignore[attr-defined]
    _point(creation, name)
    connection = creation.connection
    connection.ensure_connection()
    with closing(sqlite3.connect(template())) as made:
        made.backup(connection.connection)
    return name


def copy_on_server(creation: BaseDatabaseCreation, tables: str) -> str:
    """Make Django's test database on PostgreSQL, from the database `tables` there; gives its name."""
    name = str(creation._get_test_db_name())  # type: ignore[attr-defined]
    with creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"drop database if exists {name}")
        cursor.execute(f"create database {name} template {tables}")
    _point(creation, name)
    creation.connection.ensure_connection()
    return name


def _point(creation: BaseDatabaseCreation, name: str) -> None:
    creation.connection.close()
    settings.DATABASES[creation.connection.alias]["NAME"] = name
    creation.connection.settings_dict["NAME"] = name
