"""What was found wrong while a message was read: refusals and flags, bounded."""

import datetime as dt
import re
from functools import lru_cache

from naer.events.instant import EPOCH, ZONES, Instant, parse
from naer.messages.envelope import Issue, flag

MAX_FINDINGS = 50
MAX_ID = 64
"""Ids are texts of up to 64 characters; nobody may require UUIDs."""

_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(T([01]\d|2[0-3]):\d\d(:\d\d(\.\d{1,12})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)?)?", re.ASCII
)
_LONGEST = 40
"""Characters of a dateTime: 38 with every digit it may have."""
_MICROSECOND = dt.timedelta(microseconds=1)
_EARLIEST = parse("1900-01-01T00:00:00Z", ZONES["DK"])
_LATEST = parse("2200-01-01T00:00:00Z", ZONES["DK"])


class Findings:
    """Refusals (`issues`) and tolerated departures (`flags`) of one message."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.flags: list[Issue] = []

    def refuse(self, code: str, text: str, path: str = "") -> None:
        if len(self.issues) < MAX_FINDINGS:
            self.issues.append(Issue(code, text, path))

    def flag(self, code: str, text: str, path: str = "") -> None:
        if len(self.flags) < MAX_FINDINGS:
            self.flags.append(flag(code, text, path))

    def id(self, value: object, path: str) -> str:
        """An id that can be kept, or "" with the reason refused."""
        if value is None or value == "":
            self.refuse("required", f"{path} is missing.", path)
        elif not isinstance(value, str):
            self.refuse("MSG_Datatype_Wrong", f"{path} must be text.", path)
        elif len(value) > MAX_ID:
            self.refuse("MSG_Element_To_Long", f"{path} is longer than {MAX_ID} characters.", path)
        elif not value.isprintable() or not value.strip():
            self.refuse("value", f"{path} has characters that cannot stand in an id.", path)
        else:
            return value
        return ""

    def moment(self, text: str | None, path: str) -> Instant | None:
        """The instant a FHIR dateTime names; None when it is absent, or unreadable and so refused."""
        if text is None:
            return None
        instant = instant_of(text)
        if instant is None:
            self.refuse("MSG_Datatype_Wrong", f"{path} must be a date and time with an offset.", path)
        elif not has_offset(text):
            self.flag("value", f"{path} has no offset; read as Danish time.", path)
        return instant


def instant_of(text: str) -> Instant | None:
    """The instant of a FHIR dateTime between 1900 and 2200, or None; without an offset it is Danish time."""
    return _instant(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=8192)
def _instant(text: str) -> Instant | None:
    if _DATE_TIME.fullmatch(text) is None:
        return None
    try:
        if has_offset(text):  # a fifth of the time of reading any text
            instant = (dt.datetime.fromisoformat(text) - EPOCH) // _MICROSECOND
        else:
            instant = parse(text, ZONES["DK"])
    except (ValueError, OverflowError):
        return None
    return instant if _EARLIEST <= instant < _LATEST else None


def has_offset(text: str) -> bool:
    """Whether a readable dateTime says where on earth its clock stands."""
    return text.endswith("Z") or (text[-6:-5] in ("+", "-") and "T" in text)


def plain(text: str, longest: int = 200) -> str:
    """Text fit for a page and a database: one line, nothing unprintable, not endless."""
    if text.isprintable() and len(text) <= longest:
        return text
    return "".join(char if char.isprintable() else " " for char in text)[:longest].strip()
