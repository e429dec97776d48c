"""A plan in words: for each kind of event what it does in which clause, and when each clause is due."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from naer.agreement.conditions import Condition, Conditions
from naer.agreement.deadlines import AtOnce, Duration
from naer.agreement.language import Anchor, Clause, Pattern
from naer.columnar.plan import Plan


class Role(NamedTuple):
    """What an event of one kind does in one clause, and which conditions it has to meet."""

    kind: str
    does: str
    clause: str
    given: str


class Due(NamedTuple):
    """One version of one clause: what opens it, when its clock starts, when it is due."""

    clause: str
    versions: str
    opens: str
    start: str
    due: str
    closes: str


ORDER = ("pauses", "resumes", "closes", "releases", "judges", "opens", "begins", "ends", "marks")
"""What one event does comes in this order (S23); the last three are what others look back to."""


def roles(plan: Plan) -> list[Role]:
    """The role table, by kind in the order of the agreement, then by what is done first."""
    found: dict[Role, None] = {}
    for number, slot in enumerate(plan.slots):
        for does, pattern, more in _done(slot.clause):
            for kind in sorted(pattern.activities):
                given = ", ".join(map(condition, (*pattern.where, *more)))
                found[Role(kind, does, name(plan, number), given)] = None
    kinds = list(dict.fromkeys(role.kind for role in found))
    return sorted(found, key=lambda role: (kinds.index(role.kind), ORDER.index(role.does)))


def dues(plan: Plan) -> list[Due]:
    """One line for each slot, in the agreement's order."""
    return [
        Due(
            name(plan, number),
            ", ".join(_versions(plan, number)),
            "each" if slot.clause.repeat == "each" else slot.clause.repeat,
            _start(slot.clause),
            _due(slot.clause),
            _closes(slot.clause),
        )
        for number, slot in enumerate(plan.slots)
    ]


def name(plan: Plan, number: int) -> str:
    """The clause of a slot; with a number where versions differ."""
    clause = plan.slots[number].clause.id
    same = [place for place, slot in enumerate(plan.slots) if slot.clause.id == clause]
    return clause if len(same) == 1 else f"{clause} ({same.index(number) + 1})"


def condition(one: Condition) -> str:
    """As `age >= 65`."""
    if one.operator == "exists":
        return f"{one.attribute} {'exists' if one.value else 'is missing'}"
    value = list(one.value) if isinstance(one.value, tuple) else one.value
    shown = str(value).lower() if isinstance(value, bool) else value
    return f"{one.attribute} {one.operator} {shown}"


def _done(clause: Clause) -> Iterator[tuple[str, Pattern, Conditions]]:
    when = (Condition("time", "is", clause.when),) if clause.when else ()
    yield from (("opens", pattern, (*clause.where, *when)) for pattern in clause.triggers)
    yield from (("closes", pattern, ()) for pattern in clause.deliver)
    yield from (("releases", pattern, ()) for pattern in clause.unless)
    if clause.before:
        yield "judges", clause.before, ()
    if clause.pause:
        yield "pauses", clause.pause.start, ()
        yield "resumes", clause.pause.end, ()
    if since := clause.since:
        if since.first:
            yield "begins", since.first, ()
        if since.reset:
            yield "ends", since.reset, ()
        if since.last:
            yield "marks", since.last, ()
    yield from (("marks", anchor.last, ()) for anchor in clause.anchors if anchor.last)


def _versions(plan: Plan, number: int) -> Iterator[str]:
    family = plan.slots[number].family
    for version, slot in enumerate(plan.slot_of[family]):
        if slot == number:
            yield str(plan.version_date(version) or "undated")


def _start(clause: Clause) -> str:
    if clause.before and not clause.after:
        return "the event itself"
    times = [_anchor(anchor) for anchor in clause.anchors]
    start = times[0] if len(times) == 1 else f"latest of {', '.join(times)}"
    return f"next opening from {start}" if clause.next_opening else start


def _anchor(anchor: Anchor) -> str:
    if anchor.last and anchor.attribute:
        return f"{anchor.attribute} of the latest {'/'.join(anchor.last.kinds)}"
    if anchor.last:
        return f"the latest {'/'.join(anchor.last.kinds)}"
    return anchor.attribute or anchor.time


def _due(clause: Clause) -> str:
    if clause.before:
        ahead = f" - {clause.ahead}" if isinstance(clause.ahead, Duration) else ""
        ahead = ahead or (f", {clause.ahead}" if clause.ahead else "")
        due = f"{'/'.join(clause.before.kinds)}{ahead}"
    elif clause.within is None or isinstance(clause.within, AtOnce):
        return "never"
    elif isinstance(clause.within, Duration):
        due = f"start + {clause.within}"
    else:
        due = f"start, {clause.within}"
    if clause.since:
        event = f"{clause.since.operator} {clause.since.length} since"
        due += f"; only {event} {_since(clause)}"
    return f"{due}; moved by pauses" if clause.pause else due


def _since(clause: Clause) -> str:
    since = clause.since
    assert since is not None
    if since.last:
        return f"the latest {'/'.join(since.last.kinds)}"
    first = f"the first {'/'.join(since.first.kinds)}" if since.first else ""
    return first + (f" after {'/'.join(since.reset.kinds)}" if since.reset else "")


def _closes(clause: Clause) -> str:
    said: list[str] = []
    if clause.scope == "citizen":
        said.append("in all the citizen's pathways")
    if clause.match:
        said.append(f"with the same {clause.match}")
    if clause.accept_earlier:
        said.append(f"or up to {clause.accept_earlier} before")
    return "first delivery" + (f" {', '.join(said)}" if said else "")


def eras(plan: Plan) -> Sequence[tuple[int, str]]:
    """From when (microseconds) which version judges."""
    return [
        (
            era.begins,
            "no version" if era.version is None else str(plan.version_date(era.version) or "undated"),
        )
        for era in plan.eras
    ]
