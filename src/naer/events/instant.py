"""Instants: whole microseconds since 1970-01-01T00:00Z, as plain integers (S1).

Integers, because fractional epochs flip verdicts between engines. Text becomes an instant here
and nowhere else; people read instants through :func:`local`.
"""

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

Instant = int
"""Microseconds since the Unix epoch, UTC."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
ZONES = {"DK": ZoneInfo("Europe/Copenhagen"), "NO": ZoneInfo("Europe/Oslo")}

_TEXT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|z|[+-]\d\d:?\d\d|[+-]\d\d)?)?\s*\Z"
)
_MICROSECOND = dt.timedelta(microseconds=1)


def parse(text: str, zone: ZoneInfo) -> Instant:
    """The instant that ISO 8601 `text` names; without an offset it is local time in `zone`.

    Finer than a microsecond is cut off; a date alone is 00:00. In a doubled hour the first
    reading holds, in a missing hour the clock is read as if it had not yet changed (S1).

    Raises:
        ValueError: when the text is no time.
    """
    found = _TEXT.match(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a time; write 2026-03-02T10:00 or 2026-03-02T10:00:00+01:00")
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        naive = dt.datetime(  # noqa: DTZ001 - the zone or offset follows
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro
        )
    except ValueError as error:
        raise ValueError(f"{text!r} is not a time: {error}") from None
    if offset is None:
        try:
            return from_local(naive, zone)
        except OverflowError:
            raise ValueError(f"{text!r} is not a time: it is before the calendar begins") from None
    if offset in "Zz":
        return (naive.replace(tzinfo=dt.UTC) - EPOCH) // _MICROSECOND
    digits = offset[1:].replace(":", "").ljust(4, "0")
    shift = (int(digits[:2]) * 60 + int(digits[2:])) * MINUTE
    instant = (naive.replace(tzinfo=dt.UTC) - EPOCH) // _MICROSECOND
    return instant - shift if offset[0] == "+" else instant + shift


def from_local(naive: dt.datetime, zone: ZoneInfo) -> Instant:
    """The instant of a local clock time: the first of two readings, or as if not yet changed (S1)."""
    return from_datetime(naive.replace(tzinfo=zone, fold=0))


def from_datetime(moment: dt.datetime) -> Instant:
    """The instant of an aware datetime."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone; give an aware datetime")
    return (moment.astimezone(dt.UTC) - EPOCH) // _MICROSECOND


def utc(instant: Instant) -> dt.datetime:
    """The aware UTC datetime of an instant."""
    return EPOCH + dt.timedelta(microseconds=instant)


def local(instant: Instant, zone: ZoneInfo) -> dt.datetime:
    """The aware local datetime of an instant."""
    return utc(instant).astimezone(zone)


def local_date(instant: Instant, zone: ZoneInfo) -> dt.date:
    """The calendar day an instant falls on in `zone`."""
    return _day(instant // HOUR, zone) if zone in _WHOLE_HOUR else local(instant, zone).date()


_WHOLE_HOUR = frozenset(ZONES.values())


@lru_cache(maxsize=65536)
def _day(hour: int, zone: ZoneInfo) -> dt.date:
    return local(hour * HOUR, zone).date()


def text(instant: Instant) -> str:
    """ISO 8601 in UTC, with as many decimals as the instant needs."""
    moment = utc(instant).replace(tzinfo=None)
    return moment.isoformat() + "Z"
