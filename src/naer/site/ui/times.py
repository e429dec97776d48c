"""Instants and spans of time in words: 24-hour clock, the reader's language, local time."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, local, local_date, utc

ZONE: ZoneInfo = ZONES["DK"]
"""The zone pages speak in; Denmark and Norway keep the same clock."""

_DAYS_BACK, _DAYS_AHEAD = 2, 4
"""For how many days a weekday alone is clear: fewer than seven together, so that none can be meant twice."""
_DAY_AND_MONTH = {"da": "j. b", "nb": "j. b", "en": "j M"}
_LONG = {"da": "l j. F Y", "nb": "l j. F Y", "en": "l j F Y"}


def _language() -> str:
    found = (get_language() or "en")[:2]
    return found if found in _LONG else "en"


@lru_cache(maxsize=1024)
def _day(date: dt.date, pattern: str, language: str) -> str:  # noqa: ARG001 - what it is written in
    """A day as Django writes it; a list names few days many times."""
    return dateformat.format(date, pattern)


def _day_and_month(date: dt.date) -> str:
    language = _language()
    return _day(date, _DAY_AND_MONTH[language], language)


def _weekday(date: dt.date) -> str:
    return _day(date, "D", _language())


def clock(instant: Instant) -> str:
    """09:30."""
    return f"{local(instant, ZONE):%H:%M}"


def day(instant: Instant) -> str:
    """13 Nov."""
    return _day_and_month(local(instant, ZONE).date())


def date(instant: Instant, now: Instant) -> str:
    """13 Nov, or 13 Nov 2024 when that is another year than that of `now`."""
    moment = local(instant, ZONE)
    same = moment.year == local(now, ZONE).year
    return day(instant) if same else f"{day(instant)} {moment.year}"


def weekday(instant: Instant) -> str:
    """Thu 13 Nov."""
    date = local(instant, ZONE).date()
    return f"{_weekday(date)} {_day_and_month(date)}"


def long_day(instant: Instant) -> str:
    """Tuesday 18 November 2025."""
    return dateformat.format(local(instant, ZONE), _LONG[_language()])


def full_day(given: dt.date) -> str:
    """2 April 2024."""
    return dateformat.format(given, _LONG[_language()].removeprefix("l "))


def period(first: dt.date | None, last: dt.date | None) -> str:
    """since 2 April 2024; 2 April 2024 to 1 May 2025; always. Both days are included."""
    if first is not None and last is not None:
        return _("%(first)s to %(last)s") % {"first": full_day(first), "last": full_day(last)}
    if first is not None:
        return _("since %(first)s") % {"first": full_day(first)}
    return _("until %(last)s") % {"last": full_day(last)} if last is not None else _("always")


def when(instant: Instant, now: Instant) -> str:
    """The shortest text that is clear at `now`: 09:30, Mon 09:30, 13 Nov 09:30 or 13 Nov 2024 09:30."""
    return f"{_other_day(instant, now)} {clock(instant)}".lstrip()


def brief(instant: Instant, now: Instant) -> str:
    """The same without the time of another day, where room is scarce: 09:30, Mon, 13 Nov or 13 Nov 2024."""
    return _other_day(instant, now) or clock(instant)


def _other_day(instant: Instant, now: Instant) -> str:
    """Mon, 13 Nov or 13 Nov 2024; empty for the day of `now`."""
    there, present = local_date(instant, ZONE), local_date(now, ZONE)
    days = (there - present).days
    if days == 0:
        return ""
    return _weekday(there) if -_DAYS_BACK <= days <= _DAYS_AHEAD else date(instant, now)


def iso(instant: Instant) -> str:
    """For `<time datetime>`: UTC, to the second."""
    return utc(instant).strftime("%Y-%m-%dT%H:%M:%SZ")


def span(microseconds: int) -> str:
    """48 min, 1 h 12 min, 1 d 22 h: two units at most, rounded down."""
    days, rest = divmod(abs(microseconds), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d min") % {"minutes": minutes}
