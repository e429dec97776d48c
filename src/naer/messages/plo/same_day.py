"""Where in its day an event stands of which only the date was said.

As a fact it is its day's first instant. Among others it happened no earlier than what had been told of that
day when its message was written: a patient discharged "on 2 March" was not discharged before being admitted
at eight that morning. The calendar day, which fees count, stays what was said.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from naer.events.event import Event
from naer.events.instant import local_date
from naer.events.log import CANCELLED
from naer.messages.plo.events import SOURCE
from naer.messages.plo.times import ZONE


def placed(events: Sequence[Event]) -> list[Event]:
    """The linked events of one citizen, those with only a date moved within it; a function of their set."""
    days: dict[tuple[str, object], list[Event]] = defaultdict(list)
    for event in events:
        days[event.pathway, local_date(event.at, ZONE)].append(event)
    moved: dict[int, Event] = {}
    for together in days.values():
        if len(together) > 1 and any(map(_is_dated, together)):
            moved |= _moved(together)
    return [moved.get(id(event), event) for event in events]


def _moved(together: list[Event]) -> dict[int, Event]:
    """The dated events of one pathway and day, by the `id()` of what they were."""
    moved: dict[int, Event] = {}
    latest = None
    for event in sorted(together, key=lambda one: (one.sent_or_at, one.at, str(one.id))):
        at = event.at
        if latest is not None and _is_dated(event) and event.at < latest <= event.sent_or_at:
            at = latest
            moved[id(event)] = msgspec.structs.replace(event, at=at)
        if event.kind != CANCELLED and at <= event.sent_or_at:
            latest = at if latest is None else max(latest, at)
    return moved


def _is_dated(event: Event) -> bool:
    return event.source == SOURCE and event.attributes.get("precision") == "day"
