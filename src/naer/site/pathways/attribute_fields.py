"""The fields that ask for the attributes of an event, one for each that a person can say."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.events.instant import from_local, text
from naer.site.pathways.forms import refuse_numbers
from naer.site.ui import words
from naer.site.ui.moments import DayField, MomentField
from naer.site.ui.times import ZONE


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
    return DayField(required=False)


def _moment() -> forms.Field:
    return MomentField(required=False)


def _words() -> forms.Field:
    return forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[_no_numbers],
    )


def _no_numbers(value: str) -> None:
    refuse_numbers(value)


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
    "patient_status": _words,
    "expected_course": _words,
    "service": _words,
    "expected_at": _moment,
    "leaves_at": _moment,
    "leaves_to": _choice(*words.PLACES.items()),
    "supply_until": _day,
    "from": _moment,
    "start_by": _day,
    "to": _choice(*_PARTIES),
    "asked_by": _choice(*_PARTIES),
    "referrer": _choice(*_PARTIES[:1], *_PARTIES[2:3]),
    "reason": _choice(*words.HOLDS.items()),
}
"""Attribute → the field that asks for it; a test fails for one that a person can say and that has none."""


def given(cleaned: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The attributes that a form's fields say; what was not said is not among them."""
    found = {name: _written(cleaned[name]) for name in names}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _written(value: Any) -> Any:
    """A value as the log keeps it: times and days as ISO 8601 text."""
    if isinstance(value, dt.datetime):
        return text(from_local(value, ZONE))
    return value.isoformat() if isinstance(value, dt.date) else value
