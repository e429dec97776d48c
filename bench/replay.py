"""A country's history replayed, beside Polars, DuckDB, pandas, Spark and pm4py in the same run.

    ./run bench replay [--events 10000000] [--only naer,polars-sorted] [--without pyspark] [--draft]

Eight clauses and readmission within 30 days, with exact median and 90th percentile for each of 98
municipalities. Every way is a cold process of its own, measured whole: wall, processor time, peak memory.
All must find the same figures, or the run fails. The figures go into docs/explanation/performance.md,
unless `--draft`.
"""

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import _measured as measured
from bench import _national as national
from bench import _pictured as pictured
from bench.peers.question import CLAUSES, COUNTS, READMISSION
from naer.agreement import load
from naer.cli.progress import Bar

AGREEMENTS = Path(__file__).parent / "agreements"
NATIONAL, FIFTY = AGREEMENTS / "national.yaml", AGREEMENTS / "national-fifty.yaml"
MICROSECONDS_IN_HOUR = 3_600_000_000

Figures = dict[tuple[str, str], tuple[Any, ...]]
"""(clause, municipality) → counts, median and p90 in hours."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One other way: its module, the log it reads, and what it needs, measured at ten million events."""

    module: str
    log: str
    bytes_an_event: int
    options: tuple[str, ...] = ()

    @property
    def needs(self) -> str:
        """The package that must be installed."""
        return {"scan": "duckdb"}.get(self.module, self.module)


PEERS = {
    "scan": Peer("scan", "sorted", 20),
    "polars-sorted": Peer("polars", "sorted", 60),
    "polars-feed": Peer("polars", "feed", 80, ("--sort",)),
    "duckdb-sorted": Peer("duckdb", "sorted", 80),
    "duckdb-feed": Peer("duckdb", "feed", 80),
    "pandas-sorted": Peer("pandas", "sorted", 140),
    "pandas-feed": Peer("pandas", "feed", 140, ("--sort",)),
    "pyspark": Peer("pyspark", "feed", 60),
    "pyspark-windows": Peer("pyspark", "feed", 60, ("--windows",)),
    "pm4py": Peer("pm4py", "sorted", 260),
}
NAER = ("naer-build", "naer", "naer-fifty", "naer-keep", "naer-day", "naer-spark")


def main() -> None:
    """Generate (once), run, compare, print, write."""
    asked = argparse.ArgumentParser(description="Benchmark of the replay of a country's history")
    asked.add_argument("--events", type=int, default=10_000_000)
    asked.add_argument("--only", default="", help=f"of {', '.join((*NAER, *PEERS))}; nothing is written then")
    asked.add_argument("--without", default="", help="ways left out; the page says so")
    asked.add_argument("--repeat", type=int, default=3, help="the quickest counts; once, over 30 s")
    asked.add_argument("--limit", type=float, default=600, help="seconds for each way")
    asked.add_argument("--folder", type=Path, default=Path("var/bench"))
    asked.add_argument("--draft", action="store_true", help="measure and compare, write nothing into docs/")
    given = asked.parse_args()
    only, without = (
        {name.strip() for name in names.split(",") if name.strip()} for names in (given.only, given.without)
    )
    if unknown := (only | without) - {*NAER, *PEERS}:
        asked.error(f"there is no {', '.join(sorted(unknown))}")
    same_question()
    described = measured.conditions()
    bench = Bench(given.folder, given.repeat, given.limit, only, without)
    bench.run(given.events)
    if not only and not given.draft:
        measured.keep(given.events, described, bench.took, bench.skipped)
        pictured.write(measured.load())
    print(f"\n{described['cores']} cores of {described['cpu']}, load before the run {described['load']}")


class Bench:
    """Measures the ways one after the other and compares what they find."""

    def __init__(
        self, folder: Path, repeat: int, limit: float, only: set[str], without: Iterable[str] = ()
    ) -> None:
        self.folder, self.repeat, self.limit, self.only = folder, repeat, limit, only
        self.took: dict[str, measured.Took] = {}
        self.without = frozenset(without)
        self.skipped = dict.fromkeys(sorted(self.without), "left out of this run")
        self._temporary = Path(tempfile.mkdtemp(prefix="naer-bench-"))

    def run(self, events: int) -> None:
        """All ways at this size; pm4py at the largest that it can do."""
        log = self._history(events)
        print(f"{log.events:,} events, {log.stays:,} stays, {log.citizens:,} citizens\n")
        try:
            figures = self._naer(log, "")
            for name, peer in PEERS.items():
                if self._wanted(name):
                    self._peer(name, peer, log, figures)
            if "pm4py" in self.skipped and self._wanted("pm4py") and events > 100_000:
                self._smaller("pm4py", events // 10)
        finally:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _wanted(self, name: str) -> bool:
        return (not self.only or name in self.only) and name not in self.without

    def _history(self, events: int) -> national.National:
        with Bar(f"making {events:,} events") as bar:
            return national.write(events, self.folder / f"national-{events}", progress=bar)

    def _naer(self, log: national.National, suffix: str) -> Figures:
        """Build, replay, fifty clauses, a day more; what the replay found."""
        store = self._temporary / f"store{suffix}"
        naer = [sys.executable, "-m", "naer.cli.main"]
        self._measure(f"naer-build{suffix}", [*naer, "log", "build", str(log.feed), "--out", str(store)], 1)
        size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
        print(f"{'':16} the store: {size / 1e6:,.0f} MB, {size / log.events:.1f} bytes an event")
        ask = ["--by", "municipality", "--json"]
        found = _of_naer(self._measure(f"naer{suffix}", [*naer, "replay", str(NATIONAL), str(store), *ask]))
        if not suffix and self._wanted("naer-fifty"):
            fifty = _of_naer(self._measure("naer-fifty", [*naer, "replay", str(FIFTY), str(store), *ask]))
            compare("naer-fifty", {key: fifty[key] for key in found}, found)
        if not suffix and self._wanted("naer-day"):
            self._day(log, naer, store, ask)
        shutil.rmtree(store)
        if not suffix and self._wanted("naer-spark") and has_java() and find_spec("pyspark"):
            spark = ["--engine", "spark", "--master", "local[2]"]
            printed = self._measure(
                "naer-spark", [*naer, "replay", str(NATIONAL), str(log.feed), *ask, *spark]
            )
            compare("naer-spark", _of_naer(printed), found)
        return found

    def _day(self, log: national.National, naer: list[str], store: Path, ask: list[str]) -> None:
        """A day is appended and the figures refreshed in one process; they must be what all anew gives."""
        replay = [*naer, "replay", str(NATIONAL), str(store), *ask]
        self._measure("naer-keep", [*replay, "--keep"], 1)
        again = self._measure("naer-day", [*replay, "--keep", "--append", str(log.day)], 1)
        _, anew = measured.measured(replay, repeat=1, limit=self.limit)
        compare("naer-day", _of_naer(again), _of_naer(anew))

    def _peer(self, name: str, peer: Peer, log: national.National, figures: Figures) -> None:
        if find_spec(peer.needs) is None or (peer.needs == "pyspark" and not has_java()):
            self._skip(name, f"{peer.needs} or what it runs on is not installed (./run bench replay does it)")
            return
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        needed = log.events * peer.bytes_an_event
        if needed > 0.9 * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"):
            self._skip(name, f"about {needed / 1e9:.0f} GB of memory needed, {free / 1e9:.0f} GB free")
            return
        answer = self._temporary / "answer.json"
        where = {"sorted": log.sorted, "feed": log.feed}[peer.log]
        module = f"bench.peers.{peer.module}"
        try:
            self._measure(name, [sys.executable, "-m", module, str(where), str(answer), *peer.options])
        except measured.TooLongError as error:
            beside = self.took["naer" + "".join(name.partition("@")[1:])]  # at the same size
            self._skip(name, f"{error}, so more than {int(self.limit / beside.wall)} times Naer")
            return
        found = json.loads(answer.read_text(encoding="utf-8"))
        if peer.module == "scan":
            equal(name, "rows", found, log.events)
        elif peer.module == "pm4py":
            for clause, kept in found:
                whole = sum(row[1] for (known, _), row in figures.items() if known == clause)
                equal(name, f"kept of {clause}", kept, whole)
        else:
            compare(name, _of_peer(found), figures)

    def _smaller(self, name: str, events: int) -> None:
        """A way that cannot do the log does the largest tenth, hundredth … that it can, beside Naer."""
        while events >= 100_000:
            log = self._history(events)
            figures = self._naer(log, f"@{events}")
            self._peer(f"{name}@{events}", PEERS[name], log, figures)
            if f"{name}@{events}" in self.took:
                return
            events //= 10

    def _skip(self, name: str, why: str) -> None:
        self.skipped[name] = why
        print(f"{name:24} skipped: {why}", flush=True)

    def _measure(self, name: str, command: list[str], repeat: int | None = None) -> bytes:
        took, printed = measured.measured(command, repeat=repeat or self.repeat, limit=self.limit)
        self.took[name] = took
        beside = self.took.get("naer")
        ratio = f"{took.wall / beside.wall:8.1f} × naer" if beside and "@" not in name else ""
        print(
            f"{name:24} {took.wall:8.2f} s wall {took.cpu:8.2f} s CPU {took.megabytes:8,.0f} MB {ratio}",
            flush=True,
        )
        return printed


def has_java() -> bool:
    """Whether Spark has what it runs on."""
    return bool(os.environ.get("JAVA_HOME")) or shutil.which("java") is not None


def same_question() -> None:
    """The peers' clauses are those of the agreement, or the run ends."""
    line = load(NATIONAL).lines[0]
    (agreement,) = line.versions
    said = {
        clause.id: (
            [kind for one in clause.after for kind in one.kinds],
            [kind for one in clause.deliver for kind in one.kinds],
            clause.scope,
        )
        for clause in agreement.clauses
    }
    asked = {
        clause.id: ([clause.trigger], [clause.delivery], clause.scope) for clause in (*CLAUSES, READMISSION)
    }
    equal("agreement", "clauses", asked, said)


def compare(name: str, found: Figures, figures: Figures) -> None:
    """Counts must be the same, quantiles too (to a billionth part), or the run ends."""
    equal(name, "groups", sorted(found), sorted(figures))
    for key, row in found.items():
        wanted = figures[key]
        equal(name, f"{key} {', '.join(COUNTS)}", row[: len(COUNTS)], wanted[: len(COUNTS)])
        for ours, theirs in zip(wanted[len(COUNTS) :], row[len(COUNTS) :], strict=True):
            if (ours is None) != (theirs is None) or (
                ours is not None and not math.isclose(ours, theirs, rel_tol=1e-9)
            ):
                raise SystemExit(f"{name}: {key}: {theirs} hours, naer says {ours}")


def equal(name: str, what: str, found: object, wanted: object) -> None:
    """End the run unless both are the same."""
    if found != wanted:
        raise SystemExit(f"{name}: {what}: {found}, naer says {wanted}")


def _of_naer(printed: bytes) -> Figures:
    said = json.loads(printed)
    figures: Figures = {}
    for clause in said["clauses"]:
        for group in clause["groups"]:
            counts = tuple(group[name] for name in COUNTS)
            figures[clause["id"], group["by"]["municipality"]] = (
                *counts,
                group["median_hours"],
                group["p90_hours"],
            )
    return figures


def _of_peer(rows: Iterable[list[Any]]) -> Figures:
    figures: Figures = {}
    for clause, municipality, *values in rows:
        counts, quantiles = values[: len(COUNTS)], values[len(COUNTS) :]
        hours = [None if one is None else one / MICROSECONDS_IN_HOUR for one in quantiles]
        figures[clause, municipality] = (*counts, *hours)
    return figures


if __name__ == "__main__":
    main()
