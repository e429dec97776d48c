"""`./run test`: everything on SQLite, then the database-bound tests on PostgreSQL.

Arguments go to pytest. With any of them one run is made, on SQLite, or with `--postgres` on
PostgreSQL; without, all on SQLite in a process for each core and one more, as many tests wait for others,
the slow ones first; then the browser's tests and beside them the database-bound ones on PostgreSQL, and
those that need it themselves, less the site's pages (those too with `--postgres`). The exit code is the
first that is not 0.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from naer.machine import cores
from tools.postgres import PostgresUnavailableError, server


def main(arguments: list[str]) -> int:
    """Run what is asked for; gives the exit code."""
    on_postgres = "--postgres" in arguments
    rest = [argument for argument in arguments if argument != "--postgres"]
    if on_postgres:
        return _postgres(rest)
    if rest:
        return _pytest(rest, None)
    # The browser's event loop stays in its process, and Django refuses its database there.
    side_by_side = ["-n", str(min(3, cores() + 1)), "--dist", "loadfile", "--no-loadscope-reorder"]
    on_sqlite = _pytest([*side_by_side, "--ignore", "tests/e2e", "-m", "not postgres"], None)
    with tempfile.TemporaryFile() as said, ThreadPoolExecutor(1) as pool:
        on_postgres_too = pool.submit(_postgres, ["--ignore", "tests/integration/site"], said)
        in_browser = _pytest(["tests/e2e"], None)
        on_both = on_postgres_too.result()
        said.seek(0)
        print(said.read().decode(errors="replace"), flush=True)
    return on_sqlite or in_browser or on_both


def _postgres(rest: list[str], said: IO[bytes] | None = None) -> int:
    try:
        with server() as url:
            return _pytest(["--database-bound", *rest], url, said)
    except PostgresUnavailableError as error:
        print(f"tests on PostgreSQL could not start: {error}", file=sys.stderr)
        return 1


def _pytest(arguments: list[str], database: str | None, said: IO[bytes] | None = None) -> int:
    """Run pytest; what it prints goes to `said`, or where our own output goes."""
    environment = dict(os.environ)
    environment.pop("NAER_DATABASE", None)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # thousands of starts would compile everything anew
    environment["PYTHONHASHSEED"] = "0"  # every process must collect the same tests in the same order
    if database:
        environment["NAER_DATABASE"] = database
    name = "PostgreSQL" if database else "SQLite"
    print(f"== tests on {name}", flush=True)
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], env=environment, stdout=said, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
