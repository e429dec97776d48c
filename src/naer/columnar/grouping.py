"""What obligations are grouped by, as columns: what `naer.agreement.report.GROUPINGS` says, for a chunk."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from threading import Lock
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from naer.agreement.language import Agreement, Clause, Party
from naer.agreement.obligation import UNKNOWN
from naer.agreement.register import Register
from naer.agreement.report import DAYS, shown
from naer.columnar import parties
from naer.columnar.found import Found
from naer.columnar.plan import Plan
from naer.events.chunk import Chunk, Coded, Ints
from naer.events.instant import DAY, HOUR, SECOND, Instant, local

_DATES = {"month": ("M", "%Y-%m"), "year": ("Y", "%Y"), "weekday": ("D", "")}
_OF_CLAUSE: dict[str, Callable[[Clause, Agreement], object]] = {
    "version": lambda _, agreement: agreement.version,
    "verified": lambda clause, _: clause.verified,
    "evidence": lambda clause, _: "partial" if clause.partial else "complete",
}
_WEEK = 7 * DAY
_EARLIEST, _LATEST = -62_135_510_400_000_000, 253_402_297_199_999_999
"""The years 1 to 9999, in which local time can be told; a log holds no others."""


class ByTrigger(msgspec.Struct, frozen=True):
    """Groups that the trigger decides: `base[pair] + columns[which[pair]][event]`, the pair being slot ×
    versions + version; `which` is -1 where no column counts."""

    columns: Sequence[Ints]
    """int32[n] each."""
    which: Ints
    """int32[slots * versions]"""
    base: Ints
    """int32[slots * versions]"""


class Grouping:
    """One name that obligations are grouped by. Codes are the same for all chunks; 0 is no value."""

    def __init__(self, plan: Plan, name: str, register: Register | None = None) -> None:
        self.name = name
        self.texts: list[str | None] = [None]
        """By code."""
        self._plan, self._register = plan, register
        self._codes: dict[str | None, int] = {None: 0}
        self._lock = Lock()
        self._known: dict[int, tuple[Sequence[object], Ints]] = {}
        self._parties: tuple[Party, ...] = ()
        """Whose keys are the groups, when the name is a role or a side."""
        self._which = self._sides(name)

    @property
    def needs(self) -> frozenset[str]:
        """The columns it reads, as in `Plan.needs`."""
        if self._which is not None:
            return frozenset().union(*(parties.needs(one, self._register) for one in self._parties))
        if self.name == "kind" or self.name in _DATES or self.name in _OF_CLAUSE:
            return frozenset()
        return frozenset({self.name})

    def codes(self, chunk: Chunk, found: Found) -> Ints:
        """int32[m]: the group of each obligation."""
        if self._which is not None:
            return self._of_parties(chunk, found, self._which)
        if self.name in _OF_CLAUSE:
            return np.asarray(self._of_clause(_OF_CLAUSE[self.name])[self._pair(found)])
        return self._of_events(chunk, found.trigger)

    def by_trigger(self, chunk: Chunk) -> ByTrigger | None:
        """The groups as what the trigger alone decides; None where it takes an obligation to tell."""
        pairs = len(self._plan.slots) * len(self._plan.versions)
        nothing = np.zeros(pairs, np.int32)
        if self.name in _OF_CLAUSE:
            return ByTrigger([], nothing - 1, self._of_clause(_OF_CLAUSE[self.name]))
        if self._which is None:
            return ByTrigger([self._of_events(chunk, None)], nothing, nothing)
        if self._register is not None or any(one.role == "citizen" for one in self._parties):
            return None
        columns = []
        for party in self._parties:
            keys = parties.resolve(chunk, party)
            table = self.codes_of(None if name == UNKNOWN else name for name in keys.names)
            columns.append(np.asarray(np.asarray(table, np.int32)[keys.codes]))
        return ByTrigger(columns, self._which, nothing)

    def _of_events(self, chunk: Chunk, places: Ints | None) -> Ints:
        """int32: the group of each event at `places`, or of all."""
        count = len(chunk) if places is None else len(places)

        def some(column: Ints) -> Ints:
            return column if places is None else np.asarray(column[places])

        if self.name in _DATES:
            return self._of_time(some(chunk.at))
        if self.name == "kind":
            return np.asarray(self._table(chunk.kinds)[some(chunk.kind)])
        column = self._column(chunk)
        if column is None:
            return np.zeros(count, np.int32)
        table = np.concatenate((np.zeros(1, np.int32), self._table(column.values)))
        return np.asarray(table[some(column.codes)])

    def _column(self, chunk: Chunk) -> Coded | None:
        if self.name in ("municipality", "organisation"):
            return chunk.coded(self.name)
        return chunk.attributes.get(self.name)

    def _table(self, values: Sequence[object]) -> Ints:
        """int32[len(values)]: the code of each value."""
        known = self._known.get(id(values))
        if known is None or known[0] is not values:
            codes = np.asarray(self.codes_of(shown(value) for value in values), np.int32)
            known = self._known[id(values)] = (values, codes)
        return known[1]

    def codes_of(self, texts: Iterable[str | None]) -> list[int]:
        """The codes of some groups, new ones too."""
        codes = []
        with self._lock:
            for text in texts:
                code = self._codes.get(text)
                if code is None:
                    code = self._codes[text] = len(self.texts)
                    self.texts.append(text)
                codes.append(code)
        return codes

    def _of_time(self, at: Ints) -> Ints:
        if not len(at):
            return np.zeros(0, np.int32)
        zone = self._plan.line.zone
        hour = at // HOUR
        first, last = int(hour.min()), int(hour.max())
        if last - first > len(at) or not changes_at_full_hours(zone, first * HOUR, last * HOUR):
            return self._of_days(local_days(at, zone))
        table = self._of_days(local_days(np.arange(first, last + 1) * HOUR, zone))
        return np.asarray(table[hour - first])

    def _of_days(self, day: Ints) -> Ints:
        """int32: the group of each local day."""
        if self.name == "weekday":
            return np.asarray(np.asarray(self.codes_of(DAYS), np.int32)[(day + 3) % 7])
        unit, form = _DATES[self.name]
        number = day.astype("datetime64[D]").astype(f"datetime64[{unit}]").astype(np.int64)
        first, last = int(number.min()), int(number.max())
        dates = np.arange(first, last + 1).astype(f"datetime64[{unit}]").astype("datetime64[D]").tolist()
        table = np.asarray(self.codes_of(date.strftime(form) for date in dates), np.int32)
        return np.asarray(table[number - first])

    def _of_clause(self, told: Callable[[Clause, Agreement], object]) -> Ints:
        """int32[slots * versions]"""
        table = self.codes_of(
            shown(told(slot.clause, agreement))
            for slot in self._plan.slots
            for agreement in self._plan.versions
        )
        return np.asarray(table, np.int32)

    def _pair(self, found: Found) -> Ints:
        return np.asarray(found.slot * len(self._plan.versions) + found.version)

    def _sides(self, name: str) -> Ints | None:
        """By slot and version: which of the parties is the group, -1 none; None for what is no party."""
        if name not in ("hospital", "gp", "owed_by", "owed_to"):
            return None
        known: dict[Party, int] = {}
        which = []
        for slot in self._plan.slots:
            for agreement in self._plan.versions:
                sides = [agreement.parties.get(side or "") for side in _owing(slot.clause)]
                if name in ("owed_by", "owed_to"):
                    party = sides[name == "owed_to"]
                else:
                    party = next((one for one in sides if one and one.role == name), None)
                which.append(-1 if party is None else known.setdefault(party, len(known)))
        self._parties = tuple(known)
        return np.asarray(which, np.int32)

    def _of_parties(self, chunk: Chunk, found: Found, which: Ints) -> Ints:
        of_pair = which[self._pair(found)]
        codes = np.zeros(len(found), np.int32)
        for number, party in enumerate(self._parties):
            mine = np.flatnonzero(of_pair == number)
            if not len(mine):
                continue
            places = found.trigger[mine]
            keys = parties.resolve(chunk, party, self._register, places)
            there = np.flatnonzero(np.bincount(keys.codes[places], minlength=len(keys.names)))
            table = np.zeros(len(keys.names), np.int32)
            names = (keys.names[code] for code in there.tolist())
            table[there] = self.codes_of(None if name == UNKNOWN else name for name in names)
            codes[mine] = table[keys.codes[places]]
        return codes


def _owing(clause: Clause) -> tuple[str | None, str | None]:
    return clause.owed_by, clause.owed_to


def local_days(at: Ints, zone: ZoneInfo) -> Ints:
    """int64: the local calendar day of each instant, counted from 1970-01-01."""
    begins, shifts = _clock_changes(zone, int(at.min()) // _WEEK, int(at.max()) // _WEEK + 1)
    if len(begins) == 1:
        return np.asarray((at + shifts[0]) // DAY)
    return np.asarray((at + shifts[np.searchsorted(begins, at, side="right") - 1]) // DAY)


def changes_at_full_hours(zone: ZoneInfo, first: Instant, last: Instant) -> bool:
    """Whether every local day between two instants begins at a full hour UTC."""
    _, shifts = _clock_changes(zone, first // _WEEK, last // _WEEK + 1)
    return not (shifts % HOUR).any()


@lru_cache(maxsize=64)
def _clock_changes(zone: ZoneInfo, first: int, last: int) -> tuple[Ints, Ints]:
    """From when each offset (microseconds) from UTC holds, from the start of one week to that of another.

    No zone of ours ever changed its clocks twice within a week.
    """
    begins, shifts = [first * _WEEK], [_shift(first * _WEEK, zone)]
    for week in range(first, last):
        after = _shift((week + 1) * _WEEK, zone)
        if after != shifts[-1]:
            low, high = week * _WEEK // SECOND, (week + 1) * _WEEK // SECOND
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if _shift(middle * SECOND, zone) == after else (middle, high)
            begins.append(high * SECOND)
            shifts.append(after)
    return np.asarray(begins, np.int64), np.asarray(shifts, np.int64)


def _shift(instant: Instant, zone: ZoneInfo) -> int:
    offset = local(min(max(instant, _EARLIEST), _LATEST), zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) * SECOND
