"""Values of search parameters (FHIR R4, Search): how each type is written, and when something meets it."""

import datetime as dt
import re
from dataclasses import dataclass

from naer.events.instant import MINUTE, SECOND, Instant, from_local, local_date, parse
from naer.site.fhir.answers import Refused
from naer.site.ui.times import ZONE

Span = tuple[Instant | None, Instant | None]
"""From (included) and to (excluded) in µs; None is open."""

EARLIEST, LATEST = parse("0001-01-02", ZONE), parse("9999-12-31", ZONE)
"""What a calendar can say."""
FIRST, LAST = parse("1900-01-01", ZONE), parse("2200-01-01", ZONE)
"""Between them (the last not included) lies whatever is stored: every zone can say it."""
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
_ESCAPED = re.compile(r"\\(.)")
_PART = re.compile(r"(?s)((?:[^\\,]|\\.|\\$)*)(,?)")
"""One value up to the comma that ends it; a sign after \\ ends nothing."""


@dataclass(frozen=True, slots=True)
class Date:
    """A date to compare with: the prefix, and what the text spans: a year, a month, a day, a second …"""

    prefix: str
    start: Instant
    end: Instant

    def meets(self, span: Span) -> bool:
        """Whether a time or a period compares so (FHIR R4, Search, Prefixes)."""
        low, high = span
        below, above = low is None or low < self.start, high is None or high > self.end
        match self.prefix:
            case "eq":
                return not below and not above
            case "ne":
                return below or above
            case "gt":
                return above
            case "lt":
                return below
            case "ge":
                return above or (not below and not above)
            case "le":
                return below or (not below and not above)
            case "sa":
                return low is not None and low >= self.end
            case "eb":
                return high is not None and high <= self.start
        return (low is None or low < self.end) and (high is None or high > self.start)  # ap: they overlap


def date(text: str, now: Instant) -> Date:
    """The date that a value names; without an offset it is local time. `ap` widens by a tenth of the way.

    Raises:
        Refused: 400 when it is none.
    """
    prefix = text[:2] if text[:2] in PREFIXES else "eq"
    rest = (text[2:] if text[:2] in PREFIXES else text).replace(" ", "+")
    found = _DATE.fullmatch(rest)
    try:
        if found is None:
            raise ValueError
        start, end = _span(rest, found)
    except (ValueError, OverflowError):
        raise Refused(400, "value", "a date is written 2026-03, 2026-03-02 or 2026-03-02T10:00:00Z") from None
    if prefix == "ap":
        slack = abs(now - start) // 10
        start, end = max(start - slack, EARLIEST), min(end + slack, LATEST)
    return Date(prefix, start, end)


def kept(written: str, now: Instant) -> Instant:
    """The time that something is stored with: its first instant.

    Raises:
        Refused: 400 when it is none, or lies before 1900 or after 2199.
    """
    at = date(written, now).start
    if not FIRST <= at < LAST:
        raise Refused(400, "value", "a time that is kept lies between 1900 and 2199")
    return at


def _span(text: str, found: re.Match[str]) -> tuple[Instant, Instant]:
    year, month, day, hour, _, second, fraction, _ = found.groups()
    if hour is None:
        first = dt.datetime(int(year), int(month or 1), int(day or 1))  # noqa: DTZ001 - local, the zone follows
        if day:
            last = first + dt.timedelta(days=1)
        elif month:
            last = (first + dt.timedelta(days=32)).replace(day=1)
        else:
            last = first.replace(year=first.year + 1)
        return from_local(first, ZONE), from_local(last, ZONE)
    start = parse(text, ZONE)
    if second is None:
        return start, start + MINUTE
    if fraction is None:
        return start, start + SECOND
    return start, start + SECOND // 10 ** min(len(fraction) - 1, 6)


def split(text: str, most: int) -> list[str]:
    """The values of a parameter, of which any will do; a comma in one is written \\, (§ Escaping).

    Raises:
        Refused: 400 when there are more than `most`.
    """
    parts: list[str] = []
    for found in _PART.finditer(text):
        if len(parts) == most:
            raise Refused(400, "too-costly", f"a parameter has at most {most} values here")
        parts.append(found[1])
        if not found[2]:
            break
    return parts


def plain(text: str) -> str:
    """A value without its escapes."""
    return _ESCAPED.sub(r"\1", text)


@dataclass(frozen=True, slots=True)
class Token:
    """A token: `system` is None when any will do, "" for none at all; `code` None for any of the system."""

    system: str | None
    code: str | None

    def meets(self, system: str, code: str) -> bool:
        """Whether a coding or identifier is meant."""
        return (self.system is None or self.system == system) and (self.code is None or self.code == code)


def token(text: str) -> Token:
    """The token that a value names: `code`, `system|code`, `|code` or `system|`.

    Raises:
        Refused: 400 when it is empty.
    """
    left, mark, right = text.partition("|")
    if not mark:
        if not left:
            raise Refused(400, "value", "a token is written code, system|code or system|")
        return Token(None, plain(left))
    if not left and not right:
        raise Refused(400, "value", "a token is written code, system|code or system|")
    return Token(plain(left), plain(right) if right else None)


def target(text: str, base: str, kinds: tuple[str, ...]) -> tuple[str, str] | None:
    """(type, id) that a reference names: `id`, `Type/id` or an absolute address here; None for elsewhere.

    The type is empty when the value is a bare id.
    """
    wanted = plain(text)
    if wanted.startswith(base + "/"):
        wanted = wanted[len(base) + 1 :]
    left, mark, right = wanted.partition("/")
    if not mark:
        return ("", left)
    if left not in kinds or "/" in right:
        return None
    return (left, right)


def local_day(at: Instant) -> dt.date:
    """The day that begins with, or holds, an instant."""
    return local_date(at, ZONE)


def instant_span(at: Instant) -> Span:
    """One instant as a span."""
    return at, at + 1
