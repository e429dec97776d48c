"""Building, reading and appending to a log store, beside the bare cost of reading the same Parquet files.

    .venv/bin/python -m bench.store [--events 10000000]

Each line is a cold process of its own, so that imports and peak memory count. The feed is unsorted, as a
message hub would give it. Ratios are to what DuckDB takes to read all columns of that feed, in this run.
"""

import argparse
import contextlib
import io
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench import _national as national

NATIONAL = Path(__file__).parent / "agreements/national.yaml"
ASKED = ("--by", "municipality", "--json", "--keep")


def main() -> None:
    """Generate (once), run each step in a process, print."""
    asked = argparse.ArgumentParser(description="Benchmark of the log store")
    asked.add_argument("--events", type=int, default=10_000_000)
    asked.add_argument("--folder", type=Path, default=Path("var/bench"))
    asked.add_argument("--step", choices=STEPS, help="run one step in this process (used by itself)")
    given = asked.parse_args()
    folder: Path = given.folder / f"national-{given.events}"
    if given.step:
        STEPS[given.step](folder)
        return
    history = national.write(given.events, folder)
    size = sum(file.stat().st_size for file in history.feed.glob("*.parquet")) / 1e6
    print(f"{history.events:,} events of {history.citizens:,} citizens, {size:,.0f} MB of Parquet\n")
    took = {}
    for step, name in NAMES.items():
        took[step] = run(given.events, given.folder, step)
        wall, cpu, peak = took[step]
        print(f"{name:52} {wall:8.2f} s wall {cpu:8.2f} s CPU {peak:8,.0f} MB peak", flush=True)
    store = folder / "store"
    held = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    judged = sum(file.stat().st_size for name in JUDGED for file in store.rglob(f"{name}.npy"))
    print(
        f"\nOn disk {held / history.events:.1f} bytes an event, {judged / history.events:.1f} of them judged"
    )
    for step in ("build", "scan"):
        ratio = took[step].cpu / took["duckdb"].cpu
        print(f"{NAMES[step]} = {ratio:.1f} × the bare read by DuckDB, in processor time")


class Took(NamedTuple):
    """Seconds on the wall and of processor time, megabytes at most, of a process with its imports."""

    wall: float
    cpu: float
    peak: float


def run(events: int, folder: Path, step: str) -> Took:
    """One step in a process of its own."""
    began = time.perf_counter()
    given = [
        sys.executable,
        "-m",
        "bench.store",
        "--events",
        str(events),
        "--folder",
        str(folder),
        "--step",
        step,
    ]
    child = os.posix_spawn(sys.executable, given, os.environ)
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{step} failed")
    return Took(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3)


def duckdb(folder: Path) -> None:
    """Read every column of the feed."""
    import duckdb

    duckdb.execute(
        'SELECT max(pathway), max(citizen), max(kind), max("at"), max(municipality) '
        f"FROM read_parquet('{folder}/feed/*.parquet')"
    ).fetchall()


def polars(folder: Path) -> None:
    """Read every column of the feed, streaming."""
    import polars as pl

    pl.scan_parquet(folder / "feed" / "*.parquet").select(pl.all().max()).collect(engine="streaming")


def naer(*words: object) -> None:
    """A command of `naer` in this process; what it prints is of no interest."""
    from naer.cli import main

    with contextlib.redirect_stdout(io.StringIO()):
        main.main([str(word) for word in words])


def build(folder: Path) -> None:
    """The store of the whole feed, with its report of quality."""
    shutil.rmtree(folder / "store", ignore_errors=True)
    naer("log", "build", folder / "feed", "--out", folder / "store", "--json")


def keep(folder: Path) -> None:
    """National figures, kept beside the store."""
    naer("replay", NATIONAL, folder / "store", *ASKED)


def scan(folder: Path) -> None:
    """Every piece loaded with what a judgement by municipality reads."""
    from naer.logs.store import Store

    for section in Store.open(folder / "store").sections:
        chunk = section.load(frozenset({"municipality"}))
        assert chunk.municipality is not None
        assert chunk.at.max() > 0
        assert chunk.municipality.codes.max() > 0


def append(folder: Path) -> None:
    """A day of events added, and the national figures refreshed."""
    naer("replay", NATIONAL, folder / "store", *ASKED, "--append", folder / "day.parquet")


def verify(folder: Path) -> None:
    """Every byte compared with what was written."""
    from naer.logs.store import Store

    Store.open(folder / "store").verify()


STEPS: dict[str, Callable[[Path], None]] = {
    "duckdb": duckdb, "polars": polars, "build": build, "scan": scan, "keep": keep, "append": append,
    "verify": verify,
}  # fmt: skip
NAMES = {
    "duckdb": "DuckDB reads the feed's Parquet",
    "polars": "Polars reads the feed's Parquet, streaming",
    "build": "build the store from the unsorted feed",
    "scan": "load what judging reads from every piece",
    "keep": "national figures, kept beside the store",
    "append": "append a day and refresh the figures",
    "verify": "verify every file",
}
JUDGED = ("at", "kind", "municipality", "pathways", "components", "tie", "tie_at")
"""The files that a judgement by municipality reads."""


if __name__ == "__main__":
    main()
