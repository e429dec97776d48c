"""Components that the tables of days cannot judge (a year 1850, a year 9999): the reference judges them."""

from collections.abc import Iterable

import numpy as np

from naer.agreement import NoRegister, Portfolio, Register
from naer.columnar.found import OUTCOMES, REASONS, Found
from naer.columnar.plan import Plan
from naer.events.chunk import NONE, Chunk, Ints
from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import Ledger
from naer.events.pack import unpack


def by_reference(
    plan: Plan, chunk: Chunk, components: Iterable[int], now: Instant | None, register: Register | None
) -> Found:
    """What some components of a chunk owe, judged by the reference evaluator."""
    from naer.agreement import evaluate

    portfolio = Portfolio((plan.line,))
    rows: list[tuple[int | None, ...]] = []
    left_out = np.zeros(len(chunk), np.uint8)
    for component in components:
        begin = int(chunk.pathways[chunk.components[component]])
        end = int(chunk.pathways[chunk.components[component + 1]])
        place_of: dict[object, tuple[int, Event]] = {}
        for place, event in enumerate(unpack(chunk, begin, end), begin):
            place_of[event.id] = (place, event)
        tie = chunk.tie
        log = sorted(
            place_of.values(), key=lambda one: (one[1].at, 0 if tie is None else tie[one[0]], one[0])
        )
        seen = [event for _, event in log if now is None or event.at <= now]
        ledger = Ledger()
        for one in evaluate(portfolio, seen, now, register or NoRegister(), ledger):
            rows.append(
                (
                    *_slot(plan, one.clause, one.trigger.at),
                    place_of[one.trigger.id][0],
                    place_of[one.closed_by.id][0] if one.closed_by else -1,
                    OUTCOMES.index(one.outcome),
                    one.start,
                    one.due,
                    one.elapsed,
                    one.paused,
                    one.working,
                )
            )
        for bit, reason in enumerate(REASONS):
            for event_id in ledger.events(reason):
                left_out[place_of[event_id][0]] |= 1 << bit
    columns = list(zip(*rows, strict=True)) or [()] * 10
    slot, version, trigger, closer = (np.array(column, np.int32) for column in columns[:4])
    start, due, elapsed, paused, working = (_instants(column) for column in columns[5:])
    outcome = np.array(columns[4], np.uint8)
    return Found(slot, version, trigger, closer, outcome, start, due, elapsed, paused, working, left_out)


def _instants(column: Iterable[int | None]) -> Ints:
    return np.array([NONE if one is None else one for one in column], np.int64)


def _slot(plan: Plan, clause: str, at: Instant) -> tuple[int, int]:
    """The slot and version that judged an obligation of a clause, triggered at a time."""
    begins = [era.begins for era in plan.eras]
    version = plan.eras[int(np.searchsorted(begins, at, side="right")) - 1].version
    if version is None:
        raise AssertionError("an obligation without a version in force")
    for number, family in enumerate(plan.families):
        if family.clause == clause and plan.slot_of[number][version] >= 0:
            return plan.slot_of[number][version], version
    raise AssertionError(f"no slot judges clause {clause}")
