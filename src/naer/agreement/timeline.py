"""Timelines: a small story written by hand, to try an agreement or to test a clause.

A timeline maps a time to a kind, to {kind: {attribute: value}}, or to a list of these. A bare kind
meets every `where`, `applies` and `match`. Without `now` it is a finished story, judged after every due.
"""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from naer.agreement.conditions import ANYTHING
from naer.agreement.document import Node
from naer.agreement.obligation import Obligation
from naer.agreement.portfolio import Line, Portfolio
from naer.agreement.reading_values import Notes, unknown_kind
from naer.agreement.reference import evaluate
from naer.agreement.register import Register
from naer.events.event import Event
from naer.events.instant import Instant, from_datetime, parse
from naer.events.kinds import KINDS
from naer.events.log import Ledger, effective

PATHWAY, CITIZEN = "timeline", "citizen"
EARLIEST, LATEST = (from_datetime(dt.datetime(year, 1, 1, tzinfo=dt.UTC)) for year in (1800, 2300))
"""Between these a story may lie: no deadline that starts there leaves the calendar."""
SHAPE = 'a timeline maps times to kinds, for example {"2026-03-02 10:00": admitted}'

_TEXT_FIELDS = ("pathway", "citizen", "organisation", "municipality")
_TIME_FIELDS = ("sent", "received")


def names(line: Line) -> dict[str, str]:
    """Every kind a timeline for an agreement may name, to what a log calls it.

    A name of the agreement's own stands for the first of its activities.
    """
    own = {
        name: activities
        for agreement in line.versions
        for name, activities in agreement.events.items()
        if activities
    }
    logged = {activity: activity for activities in own.values() for activity in activities}
    vocabulary = {kind: kind for kind in KINDS}
    return vocabulary | logged | {name: activities[0] for name, activities in own.items()}


def events(
    timeline: Node, zone: ZoneInfo, notes: Notes, known: Mapping[str, str] | None = None
) -> list[Event]:
    """The events of a timeline, numbered in the order written, times local in `zone`.

    `known` are the `names` it may use; without it any will do. `sent` and `received` are the event's
    own time unless given among the attributes, as are `id`, `changes`, `pathway`, `citizen`,
    `organisation` and `municipality`.
    """
    if not timeline.is_mapping:
        notes.add(timeline, SHAPE)
        return []
    found: list[Event] = []
    for time, node in timeline.items().items():
        try:
            at = moment(time, zone)
        except ValueError as error:
            notes.add(node, str(error))
            continue
        for one in node.each():
            found.extend(_events(one, at, zone, len(found) + 1, notes, known))
    return found


def moment(text: str, zone: ZoneInfo) -> Instant:
    """A time in a story.

    Raises:
        ValueError: when it is none, or further away than any story.
    """
    at = parse(text, zone)
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"{text!r} is not between the years 1800 and 2300")
    return at


def _events(
    node: Node, at: Instant, zone: ZoneInfo, number: int, notes: Notes, known: Mapping[str, str] | None
) -> list[Event]:
    if not node.is_mapping:
        if not isinstance(node.value, str):
            notes.add(node, "a timeline needs a kind here, as admitted or {admitted: {ward: A}}")
            return []
        return [_event(_kind(node.value, node, notes, known), ANYTHING, {}, at, number)]
    made: list[Event] = []
    for name, attributes in node.items().items():
        kind = _kind(name, attributes, notes, known)
        fields: dict[str, object] = {}
        values: dict[str, object] = {}
        if attributes.value is not None and not attributes.is_mapping:
            notes.add(attributes, f"`{name}` needs its attributes as {{name: value}}")
            continue
        for key, value in attributes.items().items():
            if key in _TIME_FIELDS:
                try:
                    fields[key] = moment(str(value.value), zone)
                except ValueError as error:
                    notes.add(value, str(error))
            elif key in _TEXT_FIELDS:
                fields[key] = str(value.value)
            elif key in ("id", "changes"):
                if isinstance(value.value, bool) or not isinstance(value.value, str | int):
                    notes.add(value, f"`{key}` is a text or a whole number")
                    continue
                fields[key] = value.value
            else:
                values[key] = value.plain()
        made.append(_event(kind, values, fields, at, number + len(made)))
    return made


def _kind(name: str, node: Node, notes: Notes, known: Mapping[str, str] | None) -> str:
    """What a log calls a kind that a timeline names."""
    if known is None:
        return name
    if name not in known:
        notes.add(node, unknown_kind(name, "a timeline", known))
    return known.get(name, name)


def _event(
    kind: str, attributes: dict[str, object], fields: dict[str, object], at: Instant, number: int
) -> Event:
    given = {"id": number, "pathway": PATHWAY, "citizen": CITIZEN, "sent": at, "received": at} | fields
    return Event(kind=kind, at=at, attributes=attributes, source="timeline", **given)  # type: ignore[arg-type]


def time(node: Node | None, zone: ZoneInfo, notes: Notes) -> Instant | None:
    """The `now` beside a timeline."""
    if node is None or node.value is None:
        return None
    try:
        return moment(str(node.value), zone)
    except ValueError as error:
        notes.add(node, f"now: {error}")
        return None


def judge(
    portfolio: Portfolio,
    story: list[Event],
    now: Instant | None,
    register: Register | None = None,
    excluded: Ledger | None = None,
) -> list[Obligation]:
    """The obligations a story opens, in the order of their triggers."""
    log = effective(story, now)
    if excluded is not None:
        excluded.merge(log.excluded)
    found = evaluate(portfolio, log.events, now, register, excluded)
    return sorted(found, key=lambda obligation: obligation.trigger.order)


def split(document: Node, notes: Notes) -> tuple[Node, Node | None]:
    """The timeline and the `now` of a TIMELINE.yaml, written beside each other or as {timeline, now}."""
    if not document.is_mapping:
        return document, None
    entries = dict(document.items())
    now = entries.pop("now", None)
    if "timeline" in entries:
        for key in entries.keys() - {"timeline", "expect"}:
            notes.add(entries[key], f"unknown key `{key}` beside `timeline`")
        return entries["timeline"], now
    return Node(entries, document.file, document.line), now
