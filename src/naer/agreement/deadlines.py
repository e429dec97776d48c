"""Durations and deadlines: from a start to the instant something is due (S11 to S17)."""

import calendar as months
import datetime as dt
import re

import msgspec

from naer.events.calendar import WorkCalendar, clock_readings, end_of_day, readings
from naer.events.instant import HOUR, MINUTE, Instant, local, local_date

ELAPSED = {"min": MINUTE, "h": HOUR}
WORKING = ("working hours", "working days")
_SINGULAR = {
    "min": "min",
    "h": "h",
    "day": "days",
    "week": "weeks",
    "month": "months",
    "working hour": "working hours",
    "working day": "working days",
}
_MOST = {
    "min": 52_560_000,
    "h": 876_000,
    "days": 36_500,
    "weeks": 5_200,
    "months": 1_200,
    "working hours": 200_000,
    "working days": 25_000,
}
FAR: Instant = 253_402_128_000_000_000
"""30 December 9999, 00:00 UTC: nothing is due later, so that every due has a local date."""

_DURATION = re.compile(r"([0-9]{1,8}) +([a-z]+(?: [a-z]+)?)\Z")
_ALMOST = re.compile(r"(\d{1,8}) *([a-zA-Z]+(?: [a-z]+)?)\Z")
_ALIASES = {
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "H", "t", "time", "timer"), "h"),
    **dict.fromkeys(("minute", "minutes", "mins", "m", "minutter"), "min"),
    **dict.fromkeys(("d", "dage", "dager"), "days"),
    **dict.fromkeys(("workday", "workdays", "business days", "business day"), "working days"),
}
_CLOCK = re.compile(r"by ([0-9]{2}):([0-9]{2}) (.+)\Z")
_LATER = re.compile(r"([0-9]{1,4}) (working days?|days?) later\Z")


class Duration(msgspec.Struct, frozen=True):
    """An amount of `min`, `h`, `days`, `weeks`, `months`, `working hours` or `working days`."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"

    @property
    def working(self) -> bool:
        """Whether it is counted in a working calendar."""
        return self.unit in WORKING


class ByClock(msgspec.Struct, frozen=True):
    """A local clock time, `minute` after midnight, on a day `days` (or working days) from the start's."""

    minute: int
    days: int
    working: bool = False

    def __str__(self) -> str:
        clock = f"by {self.minute // 60:02}:{self.minute % 60:02}"
        kind = "working day" if self.working else "day"
        if self.days == 0:
            return f"{clock} same day"
        if self.days == -1:
            return f"{clock} {'working ' if self.working else ''}day before"
        return f"{clock} next {kind}" if self.days == 1 else f"{clock} {self.days} {kind}s later"


class AtOnce(msgspec.Struct, frozen=True):
    """The words "at once": no number, so nothing is overdue until a local agreement gives one."""

    def __str__(self) -> str:
        return "at once"


Within = Duration | ByClock | AtOnce
Ahead = Duration | ByClock


def duration(text: str) -> Duration:
    """Read `24 h`, `5 working days` and the like.

    Raises:
        ValueError: saying what a duration looks like.
    """
    found = _DURATION.match(text.strip())
    unit = found and found.group(2)
    if found is None or (unit not in _SINGULAR and unit not in _SINGULAR.values()):
        raise ValueError(f"{text!r} is no duration; {_meant(text)}")
    length = Duration(int(found.group(1)), _SINGULAR.get(str(unit), str(unit)))
    if length.amount > _MOST[length.unit]:
        raise ValueError(f"{text!r} is longer than a century")
    return length


def _meant(text: str) -> str:
    """What would be right instead: `24 h` for `24h` or `24 hours`, else how durations are written."""
    found = _ALMOST.match(text)
    unit = found and _ALIASES.get(found.group(2), found.group(2))
    if found and (unit in _SINGULAR or unit in _SINGULAR.values()):
        return f"did you mean `{int(found.group(1))} {unit}`?"
    return "write a whole number and one of min, h, days, weeks, months, working hours, working days"


def within(text: str) -> Within:
    """Read a `within`: a duration, `at once`, or a clock time on a named day."""
    if text == "at once":
        return AtOnce()
    if not text.startswith("by "):
        return duration(text)
    minute, day = _clock(text)
    named = {"same day": (0, False), "next day": (1, False), "next working day": (1, True)}
    if day in named:
        return ByClock(minute, *named[day])
    later = _LATER.match(day)
    if later is None or int(later.group(1)) == 0:
        raise ValueError(
            f"{text!r}: after the time write same day, next day, next working day, "
            "N days later or N working days later"
        )
    return ByClock(minute, int(later.group(1)), later.group(2).startswith("working"))


def ahead(text: str) -> Ahead:
    """Read an `ahead`: a duration back (not hours of work), or a clock time on a named day."""
    if not text.startswith("by "):
        back = duration(text)
        if back.unit == "working hours":
            raise ValueError(f"{text!r}: `ahead` counts back in time or in days, not in hours of work")
        return back
    minute, day = _clock(text)
    named = {"same day": (0, False), "day before": (-1, False), "working day before": (-1, True)}
    if day not in named:
        raise ValueError(f"{text!r}: after the time write same day, day before or working day before")
    return ByClock(minute, *named[day])


def _clock(text: str) -> tuple[int, str]:
    found = _CLOCK.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no clock time on a day; write for example `by 09:00 next working day`")
    return clock_minute(f"{found.group(1)}:{found.group(2)}"), found.group(3)


def clock_minute(text: str) -> int:
    """Minutes after midnight of `HH:MM`, 00:00 to 24:00."""
    found = re.match(r"([0-9]{2}):([0-9]{2})\Z", text)
    minute = int(found.group(1)) * 60 + int(found.group(2)) if found else -1
    if found is None or int(found.group(2)) > 59 or minute > 1440:
        raise ValueError(f"{text!r} is no clock time from 00:00 to 24:00, written HH:MM")
    return minute


def add(start: Instant, length: Duration, calendar: WorkCalendar) -> Instant:
    """The instant `length` after `start`."""
    if length.unit in ELAPSED:
        return start + length.amount * ELAPSED[length.unit]
    if length.unit == "working hours":
        return calendar.add_working(start, length.amount * HOUR)
    if length.unit == "working days":
        day = calendar.working_day(local_date(start, calendar.zone), length.amount)
        return end_of_day(day, calendar.zone)
    return _calendar_shift(start, length, 1, calendar)


def back(end: Instant, length: Duration, calendar: WorkCalendar) -> Instant:
    """The instant `length` before `end`; working days back give the end of that day (S14)."""
    if length.unit in ELAPSED:
        return end - length.amount * ELAPSED[length.unit]
    if length.unit == "working days":
        day = calendar.working_day(local_date(end, calendar.zone), -length.amount)
        return end_of_day(day, calendar.zone)
    return _calendar_shift(end, length, -1, calendar)


def window_start(end: Instant, length: Duration, calendar: WorkCalendar) -> Instant:
    """The earliest instant that is `length` or less before `end`; working days count from their start."""
    if length.unit == "working days":
        day = calendar.working_day(local_date(end, calendar.zone), -length.amount)
        return readings(day, 0, calendar.zone)[0]
    return back(end, length, calendar)


def clock(start: Instant, at: ByClock, calendar: WorkCalendar) -> Instant:
    """A clock time on a day counted from the start's; 24:00 is the day's last microsecond (S13, S16)."""
    day = local_date(start, calendar.zone)
    day = calendar.working_day(day, at.days) if at.working else day + dt.timedelta(days=at.days)
    if at.minute == 1440:
        return end_of_day(day, calendar.zone)
    return readings(day, at.minute, calendar.zone)[1]


def due(start: Instant, limit: Within, calendar: WorkCalendar) -> Instant | None:
    """When something owed from `start` is due; None for `at once`.

    A start at the end of all calendars, as the 9999-12-31 that systems write for "never", is due at `FAR`.
    """
    try:
        match limit:
            case Duration():
                return min(add(start, limit, calendar), FAR)
            case ByClock():
                return min(clock(start, limit, calendar), FAR)
            case AtOnce():
                return None
    except (OverflowError, ValueError):  # what dates raise beyond their last year
        return FAR


def due_before(event: Instant, limit: Ahead | None, calendar: WorkCalendar) -> Instant:
    """When something is due that must stand before an event, never later than the event (S17)."""
    match limit:
        case None:
            return event
        case Duration():
            return min(back(event, limit, calendar), event)
        case ByClock():
            return min(clock(event, limit, calendar), event)


def _calendar_shift(start: Instant, length: Duration, sign: int, calendar: WorkCalendar) -> Instant:
    """The same local clock time some days, weeks or months away (S16: the later reading)."""
    moment = local(start, calendar.zone).replace(tzinfo=None, fold=0)
    if length.unit == "months":
        index = moment.year * 12 + moment.month - 1 + sign * length.amount
        year, month = divmod(index, 12)
        last = months.monthrange(year, month + 1)[1]
        shifted = moment.replace(year=year, month=month + 1, day=min(moment.day, last))
    else:
        days = length.amount * (7 if length.unit == "weeks" else 1)
        shifted = moment + dt.timedelta(days=sign * days)
    return clock_readings(shifted, calendar.zone)[1]


__all__ = [
    "Ahead",
    "AtOnce",
    "ByClock",
    "Duration",
    "Within",
    "add",
    "ahead",
    "back",
    "clock",
    "clock_minute",
    "due",
    "due_before",
    "duration",
    "window_start",
    "within",
]
