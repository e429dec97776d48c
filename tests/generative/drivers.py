"""One case through every driver, in a form that can be compared, and the smallest case where two differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from naer.agreement import NoRegister, evaluate
from naer.columnar import oracle, parties
from naer.columnar.compile import compile_line
from naer.columnar.evaluate import Evaluator
from naer.columnar.found import MISSING, OUTCOMES, REASONS, Found
from naer.columnar.plan import Plan
from naer.events.chunk import NONE, Chunk
from naer.events.event import Event
from naer.events.log import Ledger, effective
from naer.events.pack import pack
from tests.generative.variety import Case

Row = tuple[Any, ...]
"""Every field of an obligation but its escalations; events by their ids."""


@dataclass(frozen=True)
class Judged:
    """Obligations, in a fixed order, and the events that were left out, by reason."""

    obligations: list[Row]
    left_out: dict[str, set[Any]]


Driver = Callable[[Case], Judged]


def reference(case: Case) -> Judged:
    """What the specification says."""
    log = effective(case.events, case.now)
    ledger = Ledger()
    rows = [
        (
            one.agreement, one.version, one.clause, one.trigger.id, one.owed_by.key, one.owed_to.key,
            one.start, one.due, one.outcome, one.ended, one.closed_by.id if one.closed_by else None,
            one.elapsed, one.paused, one.working, one.partial, one.verified,
        )
        for one in evaluate(case.portfolio, log.events, case.now, case.register or NoRegister(), ledger)
    ]  # fmt: skip
    left_out = {reason: set(ledger.events(reason)) for reason in REASONS} | {
        "after now": {event.id for event in log.later}
    }
    return Judged(_ordered(rows), {reason: ids for reason, ids in left_out.items() if ids})


def columnar(case: Case) -> Judged:
    """What the kernel says."""
    return _by_kernel(case, working=True)


def briefly(case: Case) -> Judged:
    """What the kernel says when it is not asked for working time: plain clauses then take a shorter way."""
    return _by_kernel(case, working=False)


def whole(judged: Judged) -> Judged:
    """All that was said."""
    return judged


def without_working(judged: Judged) -> Judged:
    """The same without the working time of any obligation."""
    return Judged(_ordered([(*row[:13], None, *row[14:]) for row in judged.obligations]), judged.left_out)


def _by_kernel(case: Case, working: bool) -> Judged:
    return _by_plan(
        case,
        lambda plan, chunk: Evaluator(plan, working=working, register=case.register).evaluate(
            chunk, case.now
        ),
    )


def polars(case: Case) -> Judged:
    """What the Polars oracle says."""
    return _by_plan(case, lambda plan, chunk: oracle.evaluate(plan, chunk, case.now, register=case.register))


def _by_plan(case: Case, judge: Callable[[Plan, Chunk], Found]) -> Judged:
    log = effective(case.events, case.now)
    chunk = pack([*log.events, *log.later])
    rows: list[Row] = []
    left_out: dict[str, set[Any]] = {}
    for line in case.portfolio.lines:
        plan = compile_line(line)
        found = judge(plan, chunk)
        rows += _rows(plan, chunk, found, case)
        for bit, reason in enumerate(REASONS):
            ids = {_ids(chunk)[place] for place, bits in enumerate(found.left_out) if bits >> bit & 1}
            if ids:
                left_out.setdefault(reason, set()).update(ids)
    return Judged(_ordered(rows), left_out)


def _rows(plan: Plan, chunk: Chunk, found: Found, case: Case) -> list[Row]:
    columns = {one.name: getattr(found, one.name).tolist() for one in fields(Found)}
    ids = _ids(chunk)

    @cache
    def keys(version: int, name: str | None) -> parties.Keys:
        return parties.resolve(chunk, plan.versions[version].parties.get(name or ""), case.register)

    def party(version: int, name: str | None, trigger: int) -> str:
        known = keys(version, name)
        return known.names[int(known.codes[trigger])]

    return [
        (
            plan.line.id, plan.version_date(version), clause.id, ids[trigger],
            party(version, clause.owed_by, trigger), party(version, clause.owed_to, trigger),
            start, _time(due), OUTCOMES[outcome], outcome == MISSING and closer >= 0,
            ids[closer] if closer >= 0 else None, _time(elapsed), paused, _time(working), clause.partial,
            clause.verified,
        )
        for slot, version, trigger, closer, outcome, start, due, elapsed, paused, working in zip(
            *(columns[one.name] for one in fields(Found) if one.name != "left_out"), strict=True
        )
        for clause in [plan.slots[slot].clause]
    ]  # fmt: skip


def _ids(chunk: Chunk) -> Sequence[Any]:
    assert chunk.naming is not None
    return chunk.naming().ids


def _time(value: int) -> int | None:
    return None if value == NONE else value


def _ordered(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=repr)


def differ(one: Driver, other: Driver, shown: Callable[[Judged], Judged], case: Case) -> bool:
    """Whether two drivers say different things of a case, as far as it is `shown`."""
    return shown(one(case)) != shown(other(case))


def smallest(case: Case, differs: Callable[[Case], bool]) -> Case:
    """A case with as few events as still make a difference."""
    events, size = list(case.events), max(1, len(case.events) // 2)
    while size:
        place = 0
        while place < len(events):
            fewer = events[:place] + events[place + size :]
            if fewer and differs(case.of(fewer)):
                events = fewer
            else:
                place += size
        size //= 2
    return case.of(events)


def told(case: Case, one: Driver, other: Driver) -> str:
    """A difference, so that a person can see it."""
    first, second = one(case), other(case)
    lines = [f"now {case.now}, register {case.register}", *map(_shown, sorted(case.events, key=_at))]
    for name, versions in case.documents.items():
        for version in versions:
            head = {
                key: value for key, value in version.items() if key not in ("clauses", "events", "parties")
            }
            lines += [f"{name}: {head}", *(f"    {clause}" for clause in version["clauses"])]
    for name, ours, theirs in ((one.__name__, first, second), (other.__name__, second, first)):
        lines += [f"only {name}: {row}" for row in ours.obligations if row not in theirs.obligations]
        lines.append(f"left out by {name}: {ours.left_out}")
    return "\n".join(lines)


def _shown(event: Event) -> str:
    return " ".join(
        f"{name}={value!r}" for name in event.__struct_fields__ if (value := getattr(event, name))
    )


def _at(event: Event) -> int:
    return event.at
