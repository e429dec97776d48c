"""`./run test`: everything on SQLite, and the database-bound tests on PostgreSQL.

Arguments go to pytest. With any of them one run is made, on SQLite, or with `--postgres` on
PostgreSQL; without, each of `PARTS` is a process of its own that collects nothing else, one more at once
than there are cores, as many tests wait for others. One part is, on PostgreSQL, `ON_BOTH`: what speaks SQL of
its own or locks (every database-bound test with `--postgres`). What a part prints comes when it ends.
In CI property tests take a smaller share of their examples. The exit code is 0 when every part's is.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from naer.machine import cores
from tools.postgres import PostgresUnavailableError, server

ON_BOTH = (
    "tests/generative/test_live.py",
    "tests/integration/access/test_table.py",
    "tests/integration/intake",
    "tests/integration/outbox",
    "tests/integration/site/test_rowwise.py",
    "tests/integration/site/test_work_lists.py",
    "tests/integration/test_demo_large.py",
    "tests/integration/test_keys.py",
    "tests/integration/test_log_database.py",
    "tests/integration/test_replay_database.py",
    "tests/integration/test_serve.py",
    "tests/tools/test_postgres.py",
)
"""Tests that the whole run makes on PostgreSQL too: elsewhere the database is asked through Django alone."""
PARTS = (
    ("tests/integration/site",),
    ("tests/e2e",),
    ON_BOTH,
    ("tests/spark",),
    ("tests/integration/intake", "tests/integration/outbox", "tests/integration/told"),
    ("tests/spec",),
    (),
    ("tests/integration/fhir", "tests/integration/api", "tests/integration/identity"),
    ("tests/generative",),
)
"""What takes long first; () is whatever lies in none of the others."""
IN_CI = {"NAER_EXAMPLES": "0.1", "NAER_CASES": "400"}
"""Shares of property tests where a run has fifteen minutes."""

_LOG = """case_id,kind,at,municipality,report_requested
a,admitted,2026-03-02T10:00:00Z,851,true
a,admission_report,2026-03-02T12:00:00Z,851,
a,discharged,2026-03-05T10:00:00Z,851,
"""


def main(arguments: list[str]) -> int:
    """Run what is asked for; gives the exit code."""
    on_postgres = "--postgres" in arguments
    rest = [argument for argument in arguments if argument != "--postgres"]
    if on_postgres:
        return _postgres(rest)
    if rest:
        return _pytest(rest, None)
    _compile()
    with ThreadPoolExecutor(min(3, cores() + 1)) as pool:
        codes = list(pool.map(_part, PARTS))
    failed = [part for part, code in zip(PARTS, codes, strict=True) if code]
    for part in failed:
        print(f"failed: {_name(part)}", flush=True)
    return 1 if failed else 0


def _part(part: tuple[str, ...]) -> int:
    """Run one of `PARTS`, or with () the tests that are in none, and print what it said; its exit code."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as said:
        if part is ON_BOTH:
            code = _postgres(list(part), said)
        else:
            others = [f"--ignore={path}" for one in PARTS if one is not ON_BOTH for path in one]
            code = _pytest(["-m", "not postgres", *(part or ["tests", *others])], None, said)
        said.seek(0)
        text = said.read().decode(errors="replace")
    print(f"== {_name(part)}: {time.monotonic() - begun:.0f} s\n{text}", flush=True)
    return code


def _name(part: tuple[str, ...]) -> str:
    if part is ON_BOTH:
        return "on PostgreSQL"
    return ", ".join(part) or "all others"


def _compile() -> None:
    """Judge a small log once, which compiles the kernels: on a fresh machine every process would, at once."""
    with tempfile.TemporaryDirectory() as folder:
        log, store = Path(folder, "log.csv"), Path(folder, "store")
        log.write_text(_LOG, encoding="utf-8")
        _naer("log", "build", log, "--out", store)
        _naer("replay", "nordjylland-example", store, "--by", "month")


def _naer(*arguments: object) -> None:
    """A command whose words nobody needs; where it fails, the tests say why."""
    command = [sys.executable, "-m", "naer.cli.main", *map(str, arguments)]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def _postgres(rest: list[str], said: IO[bytes] | None = None) -> int:
    try:
        with server() as url:
            return _pytest(["--database-bound", *rest], url, said)
    except PostgresUnavailableError as error:
        print(f"tests on PostgreSQL could not start: {error}", file=sys.stderr)
        return 1


def _pytest(arguments: list[str], database: str | None, said: IO[bytes] | None = None) -> int:
    """Run pytest; what it prints goes to `said`, or where our own output goes."""
    environment = (IN_CI if os.environ.get("CI") else {}) | os.environ
    environment.pop("NAER_DATABASE", None)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # thousands of starts would compile everything anew
    environment["PYTHONHASHSEED"] = "0"  # every process must collect the same tests in the same order
    if database:
        environment["NAER_DATABASE"] = database
    command = [sys.executable, "-m", "pytest", *arguments]
    errors = None if said is None else subprocess.STDOUT
    return subprocess.run(command, env=environment, stdout=said, stderr=errors, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
