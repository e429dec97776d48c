"""Counting from the command line and beside a server: once, one process at a time, and with its parent."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from naer.site.governance.follow import alone


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAER_")}
    return kept | {"NAER_MODE": "demo", "NAER_DATABASE": f"sqlite:///{folder / 'naer.sqlite3'}"}


def naer(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "naer.cli.main", *arguments],
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_one_process_counts_at_a_time_beside_the_database(tmp_path: Path, tables: Path) -> None:
    shutil.copy(tables, tmp_path / "naer.sqlite3")
    done = naer(tmp_path, "results", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["seq"] == 0
    assert (tmp_path / "naer.store" / "state.json").exists()
    with alone(tmp_path / "naer.store") as mine:
        assert mine
        with alone(tmp_path / "naer.store") as another:
            assert not another
        done = naer(tmp_path, "results")
    assert done.returncode == 1
    assert "another process is counting" in done.stderr
    assert "up to row 0" in naer(tmp_path, "results").stdout


def test_the_follower_counts_and_ends_with_its_parent(tmp_path: Path, tables: Path) -> None:
    """A parent that is gone is noticed within seconds: nothing runs on alone."""
    shutil.copy(tables, tmp_path / "naer.sqlite3")
    starter = (
        "import os, subprocess, sys; "
        "print(subprocess.Popen([sys.executable, '-m', 'naer.site.governance.follow', str(os.getpid())],"
        " stdout=subprocess.DEVNULL).pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starter],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    follower = Path(f"/proc/{int(parent.stdout.readline())}")
    state = tmp_path / "naer.store" / "state.json"
    _until(state.exists)
    assert follower.exists()
    parent.communicate("")
    _until(lambda: not follower.exists() or "Z" in (follower / "stat").read_text().split()[2])


def _until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)
