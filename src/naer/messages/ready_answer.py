"""The municipality's answer on a patient who is ready, in words: a convention of ours, written and read.

Neither country's standard has a field for it (Norway: free text under theme 7 of list 7322, HIS 1077). What
is written begins with a line that can be read again; what is read out of any text is a proposal that a person
confirms, never trusted alone.
"""

import re
from datetime import datetime
from typing import Literal

import msgspec

from naer.events.instant import ZONES, Instant, from_local, local

Country = Literal["DK", "NO"]

_YES = {"DK": "Vi KAN MODTAGE borgeren{since}.", "NO": "Vi KAN TA IMOT pasienten{since}."}
_NO = {
    "DK": "Vi KAN ENDNU IKKE MODTAGE borgeren{since}.",
    "NO": "Vi KAN IKKE TA IMOT pasienten ennå{since}.",
}
_FROM = {"DK": " fra {at:%d.%m.%Y} kl. {at:%H:%M}", "NO": " fra {at:%d.%m.%Y} kl. {at:%H:%M}"}
_EARLIEST = {
    "DK": "; tidligst {at:%d.%m.%Y} kl. {at:%H:%M}",
    "NO": "; tidligst {at:%d.%m.%Y} kl. {at:%H:%M}",
}
_RECEIVE = r"(?:modtage|ta\s+imot|tage\s+imod|motta)"
_CANNOT = re.compile(
    rf"\bkan\s+(?:\w+\s+){{0,2}}(?:ikke|ikkje)\s+(?:\w+\s+){{0,2}}{_RECEIVE}\b", re.IGNORECASE
)
_CAN = re.compile(rf"\bkan\s+(?:\w+\s+){{0,2}}{_RECEIVE}\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:\s*,?\s*(?:kl\.?|klokken)\s*(\d{1,2})[.:](\d{2}))?"
)
_LONGEST = 20_000
"""Characters of a text that are looked at."""


class Proposed(msgspec.Struct, frozen=True):
    """What a text seems to say; `since` is None when it names no single time."""

    can_receive: bool
    since: Instant | None = None


def write(can_receive: bool, since: Instant | None, more: str = "", country: Country = "DK") -> str:
    """The words of the answer: one line that can be read again, then whatever else is to be said."""
    when = ""
    if since is not None:
        pattern = _FROM if can_receive else _EARLIEST
        when = pattern[country].format(at=local(since, ZONES[country]))
    line = (_YES if can_receive else _NO)[country].format(since=when)
    return f"{line}\n\n{more.strip()}" if more.strip() else line


def propose(text: str, country: Country = "DK") -> Proposed | None:
    """What `text` seems to answer; None when it says neither, or both."""
    text = text[:_LONGEST]
    cannot = _CANNOT.search(text) is not None
    can = _CAN.search(_CANNOT.sub(" ", text)) is not None
    if can == cannot:
        return None
    return Proposed(can, _only_time(text, country))


def _only_time(text: str, country: Country) -> Instant | None:
    """The one time that a text names; a day alone is its first instant."""
    found = {_instant(match, country) for match in _DATE.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _instant(match: re.Match[str], country: Country) -> Instant | None:
    day, month, year, hour, minute = (int(part) if part else 0 for part in match.groups())
    try:
        return from_local(datetime(year, month, day, hour, minute), ZONES[country])  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None
