"""The reference evaluator on a million events, beside plain Python and Polars in the same run.

    .venv/bin/python -m bench.reference [--events 1000000]

Three questions: how fast is a whole replay of eight clauses; what does the evaluator cost beside a
loop written by hand for one clause; and beside Polars doing the same clause on columns. All three
must count the same outcomes, or the run fails. Ratios are of processor time, because Polars uses every
core and the machine may be busy.
"""

import argparse
import gc
import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from bench import _history as history
from naer.agreement import Portfolio, load
from naer.agreement.portfolio import Line
from naer.events.event import Event
from naer.events.instant import DAY, ZONES
from naer.history import replay
from naer.logs.read import read

AGREEMENT = Path(__file__).parent / "agreements" / "reference.yaml"
ONE = "report"
CLOCK = 4_102_444_800_000_000  # 2100-01-01: now is the log's last event


def main() -> None:
    """Generate (once), run, compare, print."""
    asked = argparse.ArgumentParser(description="Benchmark of the reference evaluator")
    asked.add_argument("--events", type=int, default=1_000_000)
    asked.add_argument("--folder", type=Path, default=Path("var/bench"))
    given = asked.parse_args()
    path = history.write(given.events, given.folder / f"history-{given.events}.parquet")

    portfolio = load(AGREEMENT)
    log, reading = timed(lambda: read(path, zone=ZONES["DK"]))
    events = log.events
    count = len(events)
    whole, eight = timed(lambda: replay(portfolio, events, clock=CLOCK, engine="reference"))
    alone = only(load(AGREEMENT), ONE)
    single, one = timed(lambda: replay(alone, events, clock=CLOCK, engine="reference"))
    by_hand, hand = timed(lambda: plain_python(events))
    scanned, scan = timed(lambda: pl.read_parquet(path).sort("citizen", "pathway", "at", "id").height)
    on_columns, columns = timed(lambda: polars(path))

    counted = Counter(obligation.outcome for obligation in single.obligations)
    assert counted == by_hand == on_columns, (counted, by_hand, on_columns)
    assert scanned == count

    size = path.stat().st_size / 1e6
    print(f"{count:,} events, {size:.0f} MB of Parquet, {len(whole.obligations):,} obligations\n")
    show("read Parquet into events (naer.logs)", count, reading)
    show("reference, 8 clauses: log to report", count, eight)
    show("reference, 1 clause: log to report", count, one)
    show("plain Python by hand, the same 1 clause", count, hand)
    show("Polars, the same 1 clause from Parquet", count, columns)
    show("Polars, only reading and sorting the Parquet", count, scan)
    print("\nRatios of processor time:")
    for what, took, peer, other in (
        ("reference, 1 clause", one, "plain Python by hand", hand),
        ("reference, 1 clause", one, "Polars, 1 clause", columns),
        ("reference, 8 clauses", eight, "reference, 1 clause", one),
        ("reference, 8 clauses", eight, "a Polars read and sort", scan),
    ):
        print(f"  {what} = {took.cpu / other.cpu:.1f} × {peer}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    for tally in whole.tallies:
        print(f"  {tally.clause:16} triggered {tally.triggered:7,}  kept {tally.kept:7,}")


class Took(NamedTuple):
    """Seconds on the wall, and of processor time over all threads."""

    wall: float
    cpu: float


def timed[T](work: Callable[[], T]) -> tuple[T, Took]:
    """The result, and what it took."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, Took(time.perf_counter() - wall, time.process_time() - cpu)


def show(what: str, count: int, took: Took) -> None:
    """One line: seconds, and events in a second of processor time."""
    rate = count / took.cpu
    print(f"{what:46} {took.wall:8.2f} s wall {took.cpu:8.2f} s CPU {rate:10,.0f} events per CPU second")


def only(portfolio: Portfolio, clause: str) -> Portfolio:
    """The portfolio's first agreement with one clause left."""
    from msgspec.structs import replace

    line = portfolio.lines[0]
    kept = [replace(one, clauses=tuple(c for c in one.clauses if c.id == clause)) for one in line.versions]
    return Portfolio((Line(line.id, tuple(kept)),))


def plain_python(events: list[Event]) -> Counter[str]:
    """Clause `report` as one would write it for one report: sort, group, loop."""
    pathways: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: (event.at, str(event.id))):
        pathways.setdefault(event.pathway, []).append(event)
    now = max(event.at for event in events)
    outcomes: Counter[str] = Counter()
    for log in pathways.values():
        for place, event in enumerate(log):
            if event.kind == "admitted" and event.attributes.get("asked") is True:
                outcomes[_by_hand(log, place, event.at, now)] += 1
    return outcomes


def _by_hand(log: list[Event], place: int, start: int, now: int) -> str:
    due = start + DAY
    for number, event in enumerate(log):
        if event.kind == "admission_report" and (number > place or event.at == start):
            return "kept" if event.at <= due else "late"
        if number > place and event.kind in ("discharged", "died"):
            return "released" if event.at <= due else "missing"
    return "missing" if due < now else "open"


def polars(path: Path) -> Counter[str]:
    """Clause `report` on columns."""
    log = pl.scan_parquet(path).sort("at", "id").with_row_index("place")
    trigger = log.filter((pl.col("kind") == "admitted") & pl.col("asked")).select("pathway", "at", "place")
    closer = log.filter(pl.col("kind").is_in(["admission_report", "discharged", "died"]))
    delivered = pl.col("kind") == "admission_report"
    in_time = pl.col("at_right") <= pl.col("at") + pl.duration(days=1)
    same_instant = pl.col("at_right") == pl.col("at")
    closing = (
        trigger.join(closer.select("pathway", "kind", "at", "place"), on="pathway")
        .filter((pl.col("place_right") > pl.col("place")) | (delivered & same_instant))
        .sort("place_right")
        .unique("place", keep="first")
        .select(
            "place",
            pl.when(delivered & in_time).then(pl.lit("kept"))
            .when(delivered).then(pl.lit("late"))
            .when(in_time).then(pl.lit("released"))
            .otherwise(pl.lit("missing"))
            .alias("outcome"),
        )
    )  # fmt: skip
    now = log.select(pl.col("at").max()).collect().item()
    overdue = pl.col("at") + pl.duration(days=1) < pl.lit(now)
    waiting = pl.when(overdue).then(pl.lit("missing")).otherwise(pl.lit("open"))
    outcome = pl.coalesce(pl.col("outcome"), waiting)
    found: Any = trigger.join(closing, on="place", how="left").select(outcome).collect().to_series()
    return Counter(found.to_list())


if __name__ == "__main__":
    main()
