"""The reference engine: every citizen's events as objects, one citizen at a time."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from naer.agreement import Obligation, Portfolio, evaluate
from naer.agreement.report import report
from naer.events.event import Event
from naer.events.log import Ledger
from naer.events.pack import components
from naer.history.log import Log
from naer.history.question import Answer, Question

if TYPE_CHECKING:
    import polars as pl


def run(question: Question, log: Log) -> Answer:
    """Judge every citizen of the log."""
    line, portfolio = question.line, question.portfolio
    alone = Portfolio((line,), portfolio.loosened, portfolio.warnings)
    excluded = Ledger()
    events = log.events()
    place = bisect_right(events, question.now, key=lambda event: event.at)
    for event in events[place:]:
        excluded.add("after now", event.id, event.pathway)
    obligations: list[Obligation] = []
    done = 0
    for number, events_of_one in enumerate(by_citizen(events[:place])):
        obligations += evaluate(alone, events_of_one, question.now, question.register, excluded)
        done += len(events_of_one)
        if number % 500 == 0:
            question.told(done, place)
    obligations.sort(key=lambda obligation: obligation.trigger.order)
    clauses = list(line.triggers)

    def frames() -> Iterator["pl.DataFrame"]:
        from naer.history.tables import obligations as table

        yield table(obligations)

    return Answer(
        tallies=report(obligations, clauses, line.zone),
        groups=report(obligations, clauses, line.zone, question.by) if question.by else [],
        excluded=excluded.rows(),
        seen=place,
        kinds=frozenset(event.kind for event in events),
        attributes=frozenset(_attributes(events)),
        frames=frames,
        obligations=obligations,
    )


def by_citizen(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events of each citizen, all pathways, in the order given.

    A pathway is never torn apart: its events without citizen stay with it (S28).
    """
    component = components(events)
    groups: dict[int, list[Event]] = {}
    for event in events:
        groups.setdefault(component[event.pathway], []).append(event)
    yield from groups.values()


def _attributes(events: Sequence[Event]) -> Iterator[str]:
    yield from set(chain.from_iterable({tuple(event.attributes) for event in events}))
    if any(event.organisation is not None for event in events):
        yield "organisation"
    if any(event.municipality is not None for event in events):
        yield "municipality"
