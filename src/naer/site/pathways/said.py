"""What an event says besides that it happened, as people read it."""

from typing import Any

from django.utils.translation import gettext as _

from naer.events.event import Event
from naer.events.instant import Instant, parse
from naer.site.ui import words
from naer.site.ui.times import ZONE, date, when


def said(event: Event, now: Instant) -> list[str]:
    """One line for each attribute that has words: "Rehabilitation is needed: Yes"."""
    return [
        _("%(what)s: %(value)s") % {"what": words.attribute(name), "value": _value(name, value, now)}
        for name in (*words.ATTRIBUTES, *words.TOLD)
        if (value := event.attributes.get(name)) is not None
    ]


def _value(name: str, value: Any, now: Instant) -> str:
    """A value in words; one from elsewhere that cannot be read is shown as it is."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name in ("to", "referrer"):
        return words.role(str(value))
    if name == "reason":
        return words.hold(str(value))
    if name == "leaves_to":
        return words.place(str(value))
    if name in ("expected_at", "from", "leaves_at", "start_by", "supply_until"):
        try:
            at = parse(str(value), ZONE)
        except ValueError:
            return str(value)
        is_day = name in ("start_by", "supply_until") or len(str(value)) == len("2026-03-02")
        return date(at, now) if is_day else when(at, now)
    return str(value)
