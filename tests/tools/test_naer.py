"""`naer` itself: quick help, and errors without tracebacks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from naer.cli.main import COMMANDS


def naer(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAER_")}
    return subprocess.run(
        [sys.executable, "-m", "naer.cli.main", *arguments],
        cwd=cwd,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command_without_loading_any(tmp_path: Path) -> None:
    code = (
        "import sys; from naer.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as stop: assert not stop.code\n"
        "needless = {'django', 'polars.dataframe', 'lxml'} & set(sys.modules)\n"
        "assert not needless, 'help loads what it does not need'"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for command in COMMANDS:
        assert f"  {command} " in done.stdout


def test_version(tmp_path: Path) -> None:
    assert naer("--version", cwd=tmp_path).stdout.startswith("naer, version 0.")


def test_wrong_use_is_2_and_says_what_there_is(tmp_path: Path) -> None:
    done = naer("recieve", cwd=tmp_path)
    assert done.returncode == 2
    assert "No such command" in done.stderr


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"NAER_MODE": "produktion"}, "write demo, production or test"),
        ({"NAER_MODE": "production"}, "NAER_SECRET_KEY"),
        ({"NAER_STAY_SIGHT_DAYS": "a month"}, "NAER_STAY_SIGHT_DAYS is 'a month'; write a whole number"),
        ({"NAER_STAY_SIGHT_DAYS": "-1"}, "NAER_STAY_SIGHT_DAYS is '-1'; write a whole number"),
        ({"NAER_DATABASE": "postgresql://nobody@127.0.0.1:1/none"}, "--database or NAER_DATABASE"),
    ],
)
def test_an_error_is_a_sentence_and_a_next_step(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    done = naer("migrate", cwd=tmp_path, **environment)
    assert done.returncode == 1
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = naer("migrate", cwd=tmp_path, NAER_MODE="produktion", NAER_DEBUG="1")
    assert "Traceback" in done.stderr


def test_migrate_may_be_run_again(tmp_path: Path, tables: Path) -> None:
    shutil.copy(tables, tmp_path / "naer.sqlite3")  # as `naer migrate` made it
    done = naer("migrate", "--database", "sqlite:///naer.sqlite3", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "naer.sqlite3").read_bytes() == tables.read_bytes()
