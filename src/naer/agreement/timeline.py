"""Timelines: a small story written by hand, to try an agreement or to test a clause.

A timeline maps a time to a kind, to {kind: {attribute: value}}, or to a list of these. A bare kind
meets every `where`, `applies` and `match`. Without `now` it is a finished story, judged after every due.
"""

from zoneinfo import ZoneInfo

from naer.agreement.conditions import ANYTHING
from naer.agreement.document import Node
from naer.agreement.obligation import Obligation
from naer.agreement.portfolio import Portfolio
from naer.agreement.reading_values import Notes
from naer.agreement.reference import evaluate
from naer.agreement.register import Register
from naer.events.event import Event
from naer.events.instant import Instant, parse
from naer.events.log import Ledger, effective

PATHWAY, CITIZEN = "timeline", "citizen"
_TEXT_FIELDS = ("pathway", "citizen", "organisation", "municipality")
_TIME_FIELDS = ("sent", "received")


def events(timeline: Node, zone: ZoneInfo, notes: Notes) -> list[Event]:
    """The events of a timeline, numbered in the order written, times local in `zone`.

    `sent` and `received` are the event's own time unless given among the attributes, as are `id`,
    `changes`, `pathway`, `citizen`, `organisation` and `municipality`.
    """
    if not timeline.is_mapping:
        notes.add(timeline, 'a timeline maps times to kinds, for example {"2026-03-02 10:00": admitted}')
        return []
    found: list[Event] = []
    for time, node in timeline.items().items():
        try:
            at = parse(time, zone)
        except ValueError as error:
            notes.add(node, str(error))
            continue
        for one in node.each():
            found.extend(_events(one, at, zone, len(found) + 1, notes))
    return found


def _events(node: Node, at: Instant, zone: ZoneInfo, number: int, notes: Notes) -> list[Event]:
    if not node.is_mapping:
        if not isinstance(node.value, str):
            notes.add(node, "a timeline needs a kind here")
            return []
        return [_event(node.value, ANYTHING, {}, at, number)]
    made: list[Event] = []
    for kind, attributes in node.items().items():
        fields: dict[str, object] = {}
        values: dict[str, object] = {}
        if attributes.value is not None and not attributes.is_mapping:
            notes.add(attributes, f"`{kind}` needs its attributes as {{name: value}}")
            continue
        for name, value in attributes.items().items():
            if name in _TIME_FIELDS:
                try:
                    fields[name] = parse(str(value.value), zone)
                except ValueError as error:
                    notes.add(value, str(error))
            elif name in _TEXT_FIELDS:
                fields[name] = str(value.value)
            elif name in ("id", "changes"):
                fields[name] = value.value
            else:
                values[name] = value.plain()
        made.append(_event(kind, values, fields, at, number + len(made)))
    return made


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
        return parse(str(node.value), zone)
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
    by_citizen: dict[str, list[Event]] = {}
    for event in log.events:
        by_citizen.setdefault(event.citizen or f"pathway {event.pathway}", []).append(event)
    found = [
        obligation
        for events_of_one in by_citizen.values()
        for obligation in evaluate(portfolio, events_of_one, now, register, excluded)
    ]
    return sorted(found, key=lambda obligation: obligation.trigger.order)


def split(document: Node, notes: Notes) -> tuple[Node, Node | None]:
    """The timeline and the `now` of a TIMELINE.yaml, written beside each other or as {timeline, now}."""
    entries = dict(document.items())
    now = entries.pop("now", None)
    if "timeline" in entries:
        for key in entries.keys() - {"timeline", "expect"}:
            notes.add(entries[key], f"unknown key `{key}` beside `timeline`")
        return entries["timeline"], now
    return Node(entries, document.file, document.line), now
