"""The form that records an event nobody owed: which kinds one may say, and what each carries."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.events.instant import DAY, Instant, from_local, text
from naer.events.kinds import KINDS
from naer.events.log import CANCELLED
from naer.site.pathways.actions import WAIVED
from naer.site.pathways.forms import MOMENTS, LocalMoment, SaidForm
from naer.site.ui import words
from naer.site.ui.times import ZONE

_OLDEST = 366 * DAY
"""How long ago an event can lie, in microseconds: catches slips of the pen."""
_GIVEN = frozenset({"by", "channel", "note", "answers"})
"""Attributes that are no field of their own: who and how, and ids, which follow from an obligation."""
_BY_MESSAGE = frozenset(
    """
    complete estimate time_missing admitted_at ready_at discharged_to fault theme thread category activity
    """.split()  # noqa: SIM905
)
"""Attributes that only a message says, never a person."""


def kinds_of(role: str) -> list[str]:
    """The kinds of event that an organisation of `role` records by hand, in the order of the vocabulary."""
    return [
        kind.name
        for kind in KINDS.values()
        if role in kind.senders and "form" in kind.carried_by and kind.name not in (CANCELLED, WAIVED)
    ]


def attributes_of(kind: str) -> list[str]:
    """The attributes of `kind` that the form asks for."""
    return [name for name in KINDS[kind].attributes if name not in _GIVEN | _BY_MESSAGE]


class Day(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def _truth() -> forms.Field:
    """Yes, no, or nothing said: a box that is not ticked would say no for somebody who does not know."""
    return forms.TypedChoiceField(
        choices=[("", _("Not said")), ("true", _("Yes")), ("false", _("No"))],
        coerce=lambda value: value == "true",
        empty_value=None,
        required=False,
    )


def _choice(*values: tuple[str, Any]) -> Callable[[], forms.Field]:
    def make() -> forms.Field:
        return forms.ChoiceField(choices=[("", _("Not said")), *values], required=False)

    return make


def _number(lowest: int, highest: int) -> Callable[[], forms.Field]:
    def make() -> forms.Field:
        return forms.IntegerField(min_value=lowest, max_value=highest, required=False)

    return make


def _day() -> forms.Field:
    return forms.DateField(
        widget=Day(),
        input_formats=["%Y-%m-%d"],
        required=False,
        error_messages={"invalid": _("Write a day, for example 18-11-2025.")},
    )


def _moment() -> forms.Field:
    return forms.DateTimeField(
        widget=LocalMoment(),
        input_formats=MOMENTS,
        required=False,
        error_messages={"invalid": _("Write a day and a time, for example 18-11-2025 10:42.")},
    )


_PARTIES = [(role, words.ROLES[role]) for role in ("hospital", "municipality", "gp", "citizen")]
FIELDS: dict[str, Callable[[], forms.Field]] = {
    "services_needed": _truth,
    "rehabilitation_needed": _truth,
    "act_within_24_h": _truth,
    "can_receive": _truth,
    "extended_responsibility": _truth,
    "about_readiness": _truth,
    "child": _truth,
    "expected_days": _number(0, 366),
    "visit": _number(1, 3),
    "expected_at": _moment,
    "from": _moment,
    "start_by": _day,
    "to": _choice(*_PARTIES),
    "asked_by": _choice(*_PARTIES),
    "referrer": _choice(*_PARTIES[:1], *_PARTIES[2:3]),
    "reason": _choice(*words.HOLDS.items()),
}
"""Attribute → the field that asks for it; a test fails for one that a person can say and that has none."""


class RecordForm(SaidForm):
    """An event of one kind, with the attributes of its own that agreements read."""

    def __init__(self, *args: Any, kind: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.own = attributes_of(kind)
        for name in self.own:
            self.fields[name] = FIELDS[name]()
            self.fields[name].label = words.attribute(name)
        self.order_fields(["at", *self.own, "channel", "note"])

    def clean_at(self) -> Instant:
        """When it happened, in microseconds since the epoch."""
        at = super().clean_at()
        if at < self.now - _OLDEST:
            raise forms.ValidationError(_("That is more than a year ago. Check the year."))
        return at

    @property
    def said(self) -> dict[str, Any]:
        """The attributes of the event; what was not said is not among them."""
        own = {name: _written(self.cleaned_data[name]) for name in self.own}
        return super().said | {name: value for name, value in own.items() if value not in (None, "")}


def _written(value: Any) -> Any:
    """A value as the log keeps it: times and days as ISO 8601 text."""
    if isinstance(value, dt.datetime):
        return text(from_local(value.replace(tzinfo=None), ZONE))
    return value.isoformat() if isinstance(value, dt.date) else value
