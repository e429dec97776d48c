"""Points in time of KITH XML (kith:TS): the instant, and how exactly it was said.

The type is a union of dateTime, date, gYear, gYearMonth and time. Without an offset it is the clock of
Europe/Oslo (our decision: the examples have none).
"""

import datetime as dt
import re
from functools import lru_cache
from typing import Literal

import msgspec

from naer.events.instant import ZONES, Instant, parse

ZONE = ZONES["NO"]
Precision = Literal["instant", "day"]

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d{1,12})?)(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII
)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII)
_VAGUE = re.compile(
    r"(?:\d{4}(?:-(?:0[1-9]|1[0-2]))?|(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,12})?)"
    r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?",
    re.ASCII,
)
_EARLIEST = parse("1900-01-01T00:00:00Z", ZONE)
_LATEST = parse("2200-01-01T00:00:00Z", ZONE)


class Point(msgspec.Struct, frozen=True):
    """One point in time. A date is its first instant in Norway, with precision "day"."""

    at: Instant
    precision: Precision = "instant"
    offset: bool = False
    """Whether the text itself said where on earth its clock stands."""


@lru_cache(maxsize=4096)
def point(text: str) -> Point | None:
    """The point that a dateTime or date names, between 1900 and 2200; None for anything else."""
    found = _MOMENT.fullmatch(text)
    try:
        if found is not None:
            at = parse(text, ZONE)
            said = Point(at, "instant", found.group(3) is not None)
        else:
            day = _DATE.fullmatch(text)
            if day is None:
                return None
            said = Point(parse(day.group(1), ZONE), "day", False)
    except (ValueError, OverflowError):
        return None
    return said if _EARLIEST <= said.at < _LATEST else None


def is_vague(text: str) -> bool:
    """Whether it is a year, a month or a time of day: valid, but no point in time."""
    return _VAGUE.fullmatch(text) is not None


def is_valid(text: str) -> bool:
    """Whether it may stand in a kith:TS."""
    return point(text) is not None or is_vague(text)


@lru_cache(maxsize=4096)
def unclear(text: str) -> str:
    """ "twice" or "never" for a clock time without offset in the hour that is doubled or left out."""
    found = _MOMENT.fullmatch(text)
    if found is None or found.group(3) is not None:
        return ""
    try:
        naive = dt.datetime.fromisoformat(text[:19])
    except ValueError:
        return ""
    first = naive.replace(tzinfo=ZONE, fold=0)
    if first.utcoffset() == naive.replace(tzinfo=ZONE, fold=1).utcoffset():
        return ""
    back = first.astimezone(dt.UTC).astimezone(ZONE).replace(tzinfo=None)
    return "twice" if back == naive else "never"
