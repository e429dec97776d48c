"""An agreement run over a log, with the reference evaluator."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from naer.agreement import Obligation, Portfolio, Register, evaluate
from naer.agreement.report import Tally, report
from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import EffectiveLog, Ledger, effective
from naer.history.unseen import unseen
from naer.logs import Exclusion

ENGINES = ("reference", "columnar", "spark")

Progress = Callable[[int, int], None]
"""Told now and then: events evaluated, events in all."""


@dataclass(frozen=True)
class Replay:
    """What a replay found. Every obligation, how each clause was met, and what was left out."""

    agreement: str
    engine: str
    now: Instant
    """Microseconds since the epoch; what came later was not seen."""
    zone: ZoneInfo
    obligations: list[Obligation]
    tallies: list[Tally]
    """One for each clause that is run, in the agreement's order."""
    by: tuple[str, ...] = ()
    groups: list[Tally] = field(default_factory=list)
    """One for each clause and group; empty unless `by` asks."""
    excluded: Ledger = field(default_factory=Ledger)
    events: int = 0
    """Effective events that were seen."""
    warnings: tuple[str, ...] = ()


def replay(
    portfolio: Portfolio,
    events: Iterable[Event],
    *,
    clock: Instant,
    now: Instant | None = None,
    by: Sequence[str] = (),
    exclusions: Iterable[Exclusion] = (),
    register: Register | None = None,
    progress: Progress | None = None,
) -> Replay:
    """Run the first agreement of `portfolio` over `events`, in any order.

    `now` is, unless given, the time of the latest effective event that is not after `clock` (S5);
    without such an event it is `clock`. `exclusions` are what the log's reader left out.
    """
    line = portfolio.lines[0]
    alone = Portfolio((line,), portfolio.loosened, portfolio.warnings)
    excluded = Ledger()
    for reason, row, pathway in exclusions:
        excluded.add(reason, ("row", row), pathway)
    log = effective(events)
    if now is None:
        now = _latest(log.events, clock)
    seen = _up_to(log, now)
    excluded.merge(log.excluded)
    obligations: list[Obligation] = []
    done = 0
    for number, events_of_one in enumerate(by_citizen(seen)):
        obligations += evaluate(alone, events_of_one, now, register, excluded)
        done += len(events_of_one)
        if progress is not None and number % 500 == 0:
            progress(done, len(seen))
    obligations.sort(key=lambda obligation: obligation.trigger.order)
    clauses = list(line.triggers)
    return Replay(
        agreement=line.id,
        engine="reference",
        now=now,
        zone=line.zone,
        obligations=obligations,
        tallies=report(obligations, clauses, line.zone),
        by=tuple(by),
        groups=report(obligations, clauses, line.zone, by) if by else [],
        excluded=excluded,
        events=len(seen),
        warnings=tuple(unseen(line, seen, by)),
    )


def by_citizen(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events of each citizen, all pathways, in the order given.

    A pathway is never torn apart: its events without citizen stay with it (S28).
    """
    linked = _Linked()
    for pathway, citizen in {(event.pathway, event.citizen) for event in events}:
        linked.join(("pathway", pathway), ("citizen", citizen) if citizen else None)
    of_pathway: dict[str, list[Event]] = {}
    groups: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        if event.pathway not in of_pathway:
            of_pathway[event.pathway] = groups.setdefault(linked.root(("pathway", event.pathway)), [])
        of_pathway[event.pathway].append(event)
    yield from groups.values()


class _Linked:
    """Pathways and citizens that belong together (union-find)."""

    def __init__(self) -> None:
        self._above: dict[tuple[str, str], tuple[str, str]] = {}

    def root(self, one: tuple[str, str]) -> tuple[str, str]:
        above = self._above
        while (parent := above.setdefault(one, one)) != one:
            above[one] = one = above.setdefault(parent, parent)
        return one

    def join(self, one: tuple[str, str], other: tuple[str, str] | None) -> None:
        root = self.root(one)
        if other is not None:
            self._above[root] = self.root(other)


def _latest(events: Sequence[Event], clock: Instant) -> Instant:
    place = bisect_right(events, clock, key=lambda event: event.at)
    return events[place - 1].at if place else clock


def _up_to(log: EffectiveLog, now: Instant) -> list[Event]:
    """The events that are seen at `now`; later ones are counted in the log's ledger (S5)."""
    place = bisect_right(log.events, now, key=lambda event: event.at)
    for event in log.events[place:]:
        log.excluded.add("after now", event.id, event.pathway)
    return log.events[:place]
