"""`./run test`: everything on SQLite, then the database-bound tests on PostgreSQL.

Arguments go to pytest. With any of them one run is made, on SQLite, or with `--postgres` on
PostgreSQL; without, both. The exit code is the first that is not 0.
"""

import os
import subprocess
import sys

from tools.postgres import PostgresUnavailableError, server


def main(arguments: list[str]) -> int:
    """Run what is asked for; gives the exit code."""
    on_postgres = "--postgres" in arguments
    rest = [argument for argument in arguments if argument != "--postgres"]
    if on_postgres:
        return _postgres(rest)
    on_sqlite = _pytest(rest, None)
    if rest:
        return on_sqlite
    on_both = _postgres([])
    return on_sqlite or on_both


def _postgres(rest: list[str]) -> int:
    try:
        with server() as url:
            return _pytest(["--database-bound", *rest], url)
    except PostgresUnavailableError as error:
        print(f"tests on PostgreSQL could not start: {error}", file=sys.stderr)
        return 1


def _pytest(arguments: list[str], database: str | None) -> int:
    environment = dict(os.environ)
    environment.pop("NAER_DATABASE", None)
    if database:
        environment["NAER_DATABASE"] = database
    name = "PostgreSQL" if database else "SQLite"
    print(f"== tests on {name}", flush=True)
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], env=environment, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
