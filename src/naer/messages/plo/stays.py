"""Stays: which messages belong to one stay in hospital, whatever order they came in.

Norwegian messages have no id of an episode. What holds a stay together is its admission: the admission
itself (LOG_INNLAGT, or a person's record), or its time as the hospital repeats it in the ready messages. All
else is placed by the message it refers to, or by time. Where no admission is known, the first message of the
stay stands in for it until one comes.
"""

import datetime as dt
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from naer.events.event import Event
from naer.events.instant import DAY, HOUR, Instant, local_date
from naer.messages.plo.lines import Line, when
from naer.messages.plo.times import ZONE
from naer.messages.plo.types import TYPES

AFTER = 30 * DAY
"""How long after the end of a stay reports, receipts and questions still belong to it."""
AHEAD = 7 * DAY
"""How long before an admission a message about it may be sent, or another message may say it began."""

_LONGEST_DAY = 25 * HOUR
_ENDS = ("discharged", "died")
_OF_A_STAY = frozenset(
    {
        "LOG_INNLAGT",
        "LOG_UTSKRIVNINGSKLAR",
        "LOG_AVMELDING",
        "LOG_UTSKREVET",
        "HELSEOPPL_SOKNAD",
        "INNLEGGELSESRAPPORT",
        "UTSKRIVNINGSRAPPORT",
    }
)
"""Messages there are only because somebody is in hospital: without a known stay they begin one."""
_WHILE_IN = _OF_A_STAY - {"UTSKRIVNINGSRAPPORT"}
"""Of these, those that are about a stay which had not ended before."""
_BEFORE_IT = frozenset({"HELSEOPPL_SOKNAD", "INNLEGGELSESRAPPORT"})
"""Of these, those that may be sent before the admission."""


@dataclass(order=True)
class Stay:
    """One stay: when it began, as far as known, and what tells of it. `pathway` is set by another source."""

    start: Instant
    pathway: str = field(default="", compare=False)
    lines: list[Line] = field(default_factory=list, compare=False)


class Stays:
    """The stays of one citizen. `others` are the effective events of other sources."""

    def __init__(self, lines: Sequence[Line], standing: Iterable[Event], others: Iterable[Event]) -> None:
        standing, others = list(standing), list(others)
        self._lines = lines
        self._by_message = {message.id: line for line in lines for message in line.messages}
        self._ends = sorted(event.at for event in (*standing, *others) if event.kind in _ENDS)
        self._stays: list[Stay] = []
        self._of: dict[int, Stay] = {}
        self._recorded(others)
        self._admitted()
        self._repeated()
        self._timed()
        self._referring()

    def of(self, line: Line) -> Stay | None:
        """The stay a line is in; None when it is in none."""
        return self._of.get(id(line))

    def all(self) -> list[Stay]:
        """The stays in the order they began."""
        return list(self._stays)

    def _recorded(self, others: Iterable[Event]) -> None:
        """Admissions that other sources tell: one stay for each of their pathways."""
        known: dict[str, Stay] = {}
        for event in sorted(others, key=lambda event: event.order):
            if event.kind == "admitted" and event.pathway not in known:
                known[event.pathway] = stay = Stay(event.at, event.pathway)
                insort(self._stays, stay)

    def _admitted(self) -> None:
        """Admissions by message: one on the same day is the same stay, unless it ended in between."""
        told = [(slot.current.at, line) for line in self._lines for slot in line.slots[:1] if _admits(line)]
        for at, line in sorted(told, key=lambda one: (one[0], one[1].first.order)):
            same = self._on_day(at)
            fits = [stay for stay in same if not self._ended(min(stay.start, at), max(stay.start, at))]
            self._put(line, fits[-1] if fits else self._begin(at))

    def _repeated(self) -> None:
        """Messages that repeat when the stay began."""
        told = [
            (at, line) for line in self._lines if not _admits(line) and (at := _said_start(line)) is not None
        ]
        for at, line in sorted(told, key=lambda one: (one[0], one[1].first.order)):
            same = self._on_day(at)
            before = [stay for stay in self._between(at - AHEAD, at) if not self._ended(stay.start, at)]
            exact = [stay for stay in same if stay.start == at]
            sent = line.first.sent
            begun = [stay for stay in same if stay.start <= sent]
            fits = exact or begun or same or before
            self._put(line, fits[-1] if fits else self._begin(at))

    def _timed(self) -> None:
        """Other messages of a stay, by when they were sent or (discharge) by the time they tell."""
        rest = [
            (_when(line), line)
            for line in self._lines
            if id(line) not in self._of and line.first.type in _OF_A_STAY
        ]
        for at, line in sorted(rest, key=lambda one: (one[0], one[1].first.order)):
            known = line.first.type
            stay = self._at(at, during=known in _WHILE_IN, ahead=known in _BEFORE_IT)
            self._put(line, stay or self._begin(at))

    def _referring(self) -> None:
        """Dialogue, and what else there is outside stays too: by the message it refers to, or by time."""
        for line in sorted(self._lines, key=lambda line: line.first.order):
            if id(line) in self._of:
                continue
            stay = self._referred(line) or self._at(_when(line), during=False)
            if stay is not None:
                self._put(line, stay)

    def _referred(self, line: Line) -> Stay | None:
        """The stay of what a message refers to, directly or through others."""
        passed: set[str] = set()
        names = [line.first.parent, line.first.root]
        while names:
            name = names.pop(0)
            other = self._by_message.get(name)
            if other is None or name in passed:
                continue
            passed.add(name)
            if (stay := self._of.get(id(other))) is not None:
                return stay
            names += [other.first.parent, other.first.root]
        return None

    def _at(self, at: Instant, during: bool, ahead: bool = False) -> Stay | None:
        """The stay at a time: the last one begun that day or before, else (`ahead`) one that begins soon.

        With `during` it must not have ended on an earlier day; else its end may be some weeks ago.
        """
        number = bisect_right(self._stays, at, key=_start)
        begun = self._stays[max(number - 1, 0) : number]
        begun += [stay for stay in self._on_day(at) if stay.start > at]
        for stay in begun:
            end = self._end(stay)
            if end is None or _day(at) <= _day(end) or (not during and at <= end + AFTER):
                return stay
        soon = self._between(at + 1, at + AHEAD) if ahead else []
        return soon[0] if soon else None

    def _between(self, first: Instant, last: Instant) -> list[Stay]:
        """The stays that begin in a span, both ends included."""
        low, high = bisect_left(self._stays, first, key=_start), bisect_right(self._stays, last, key=_start)
        return self._stays[low:high]

    def _on_day(self, at: Instant) -> list[Stay]:
        """The stays that begin on the day of an instant."""
        near = self._between(at - _LONGEST_DAY, at + _LONGEST_DAY)
        return [stay for stay in near if _day(stay.start) == _day(at)]

    def _begin(self, at: Instant) -> Stay:
        stay = Stay(at)
        insort(self._stays, stay)
        return stay

    def _put(self, line: Line, stay: Stay) -> None:
        stay.lines.append(line)
        self._of[id(line)] = stay

    def _end(self, stay: Stay) -> Instant | None:
        """When a stay ended: at the first end after its start and before the next one's."""
        number = bisect_right(self._stays, stay.start, key=_start)
        following = self._stays[number].start if number < len(self._stays) else None
        for end in self._ends[bisect_left(self._ends, stay.start - _LONGEST_DAY) :]:
            if _day(end) >= _day(stay.start):
                return end if following is None or end < following else None
        return None

    def _ended(self, start: Instant, until: Instant) -> bool:
        return bisect_right(self._ends, start) < bisect_right(self._ends, until)


def _start(stay: Stay) -> Instant:
    return stay.start


def _admits(line: Line) -> bool:
    return line.first.type == "LOG_INNLAGT" and bool(line.slots)


def _said_start(line: Line) -> Instant | None:
    """When the stay began, by the newest version of a message that repeats it."""
    for message in sorted(line.messages, key=lambda message: message.order, reverse=True):
        for event in message.events:
            if (at := when(event.attributes.get("admitted_at"))) is not None:
                return at
    return None


def _when(line: Line) -> Instant:
    """The time that places a message: of the discharge it tells (a day: its end), else when it was sent."""
    known = TYPES.get(line.first.type)
    if known is None or known.kind not in _ENDS or not line.slots:
        return line.first.sent
    event = line.slots[0].current
    return event.at + DAY - 1 if event.attributes.get("precision") == "day" else event.at


def _day(at: Instant) -> dt.date:
    return local_date(at, ZONE)
