"""The form fields for a day and for a local time: the browser's own, in years that people mean.

A time is given on as it was written, without a zone: what it means in a doubled or a missing hour of summer
time is said by `naer.events.instant.from_local`, or of what has been by `been`, and never refused.
"""

import datetime as dt
from typing import Any

from django import forms
from django.forms.fields import BaseTemporalField
from django.utils.translation import gettext_lazy as _

from naer.events.instant import Instant, from_datetime, from_local
from naer.site.ui.times import ZONE

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2200, 1, 1)
"""Days outside are slips of the finger; far outside no clock of ours can count them."""
MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d-%m-%Y %H:%M", "%d.%m.%Y %H:%M")
"""A local time as browsers send it, and as people type it where a browser has no field of its own."""
DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y")


class LocalMoment(forms.DateTimeInput):
    """The browser's own field for a local time, to the minute."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class LocalDay(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MomentField(BaseTemporalField):
    """A local time: a datetime without a zone."""

    widget = LocalMoment
    default_error_messages = {"invalid": _("Write a day and a time, for example 18-11-2025 10:42.")}

    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=MOMENTS, **more)

    def to_python(self, value: Any) -> dt.datetime | None:
        """The time; None for none.

        Raises:
            ValidationError: when it is none, or in a year that nobody means.
        """
        if value in self.empty_values:
            return None
        found = super().to_python(value)
        assert isinstance(found, dt.datetime)  # what `strptime` gives
        _require_near(found.date())
        return found

    def strptime(self, value: str, format: str) -> dt.datetime:
        return dt.datetime.strptime(value, format)  # noqa: DTZ007 - the zone is the caller's to say


class DayField(forms.DateField):
    """A day."""

    widget = LocalDay
    default_error_messages = {"invalid": _("Write a day, for example 18-11-2025.")}

    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=DAYS, **more)

    def to_python(self, value: Any) -> dt.date | None:
        """The day; None for none.

        Raises:
            ValidationError: when it is none, or in a year that nobody means.
        """
        found = super().to_python(value)
        if found is not None:
            _require_near(found)
        return found


def been(given: dt.datetime, now: Instant) -> Instant:
    """The latest instant up to `now` at which clocks showed a local time; the first where none has come.

    In the second of two equal hours what a form proposes is so the present, not an hour ago.
    """
    first, second = from_local(given, ZONE), from_datetime(given.replace(tzinfo=ZONE, fold=1))
    return second if first < second <= now else first


def _require_near(day: dt.date) -> None:
    if not EARLIEST <= day <= LATEST:
        raise forms.ValidationError(_("Check the year."))
