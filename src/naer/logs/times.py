"""Whole columns of times as instants, with the meaning that :mod:`naer.events.instant` gives one of them.

The usual shapes are read by arithmetic on their digits; every other text is given to the one who knows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.instant import DAY, HOUR, MINUTE, SECOND, Instant, from_local, local, parse, utc
from naer.logs.row import EARLIEST, LATEST

_Ints = NDArray[np.int64]
_Bytes = NDArray[np.uint8]
_Truths = NDArray[np.bool_]
_DATE, _MINUTES, _SECONDS = len("2026-03-02"), len("2026-03-02T10:00"), len("2026-03-02T10:00:00")
_FROM, _UNTIL = -10 * 366 * DAY, 130 * 366 * DAY
"""Local times between these (1960 to 2100) are told from a table of the zone's changes."""


def instants(column: pl.Series, zone: ZoneInfo) -> tuple[_Ints, _Truths, _Truths]:
    """A String column as instants: (microseconds, where one is read, where there is text that is no time).

    Null and blank text are neither. Without an offset a time is local in `zone` (S1).
    """
    size = len(column)
    found = np.zeros(size, np.int64)
    done = column.is_null().to_numpy().copy()
    read = np.zeros(size, bool)
    starts, lengths, data = _letters(column)
    for length in np.unique(lengths[~done]).tolist():
        if length != _DATE and length < _MINUTES:
            continue
        places = np.flatnonzero((lengths == length) & ~done)
        letters = data[starts[places][:, None] + np.arange(length)]
        values, known = _of_length(letters, length, zone)
        found[places[known]] = values[known]
        read[places[known]] = True
        done[places[known]] = True
    bad = np.zeros(size, bool)
    rest = np.flatnonzero(~done)
    if len(rest):
        texts = column.gather(rest).to_list()
        known_texts = {one: _parsed(one, zone) for one in set(texts)}
        for place, one in zip(rest.tolist(), texts, strict=True):
            value = known_texts[one]
            if value is None:
                bad[place] = bool(one.strip())
            else:
                found[place], read[place] = value, True
    outside = read & ((found < EARLIEST) | (found > LATEST))
    return found, read & ~outside, bad | outside


def local_instants(clock: _Ints, zone: ZoneInfo) -> tuple[_Ints, _Truths]:
    """Local clock times (microseconds as if they were UTC) as instants, and where there is one (S1)."""
    thresholds, offsets = _changes(zone)
    there = np.ones(len(clock), bool)
    found: _Ints = clock - offsets[np.searchsorted(thresholds, clock, side="right")]
    far = np.flatnonzero((clock < _FROM) | (clock > _UNTIL))
    if len(far):
        times, which = np.unique(clock[far], return_inverse=True)
        told = [_told(int(time), zone) for time in times]
        found[far] = np.array([0 if one is None else one for one in told], np.int64)[which]
        there[far] = np.array([one is not None for one in told], bool)[which]
    return found, there


def _told(clock: int, zone: ZoneInfo) -> Instant | None:
    try:
        return from_local(utc(clock).replace(tzinfo=None), zone)
    except OverflowError:
        return None


def _parsed(text: str, zone: ZoneInfo) -> Instant | None:
    try:
        return parse(text, zone)
    except ValueError:
        return None


def _letters(column: pl.Series) -> tuple[_Ints, _Ints, _Bytes]:
    """Where each text begins, its length in bytes (0 for null), and all bytes."""
    array: Any = column.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int64, len(array) + 1, array.offset * 8)
    letters = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return ends[:-1], np.diff(ends), letters


def _of_length(letters: _Bytes, length: int, zone: ZoneInfo) -> tuple[_Ints, _Truths]:
    """Texts of one length as instants, and which of them have a shape that is read here."""
    good = _are(letters, 4, "-") & _are(letters, 7, "-")
    days, good = _days(letters, good)
    if length == _DATE:
        return _zoned(days * DAY, good, zone)
    good &= (_are(letters, 10, "T") | _are(letters, 10, " ")) & _are(letters, 13, ":")
    hour, minute = _number(letters, good, 11, 2), _number(letters, good, 14, 2)
    good &= (hour < 24) & (minute < 60)
    clock = days * DAY + hour * HOUR + minute * MINUTE
    found = np.zeros(len(letters), np.int64)
    known = np.zeros(len(letters), bool)
    for form, size in (("", 0), ("Z", 1), ("+00", 3), ("+0000", 5), ("+00:00", 6)):
        shape = good.copy()
        shift = _offset(letters, shape, form)
        time = clock + _seconds(letters, shape, length - size)
        shape &= ~known
        if not shape.any():
            continue
        if form:
            found[shape] = (time - shift)[shape]
            known |= shape
        else:
            values, there = _zoned(time, shape, zone)
            found[there] = values[there]
            known |= there
    return found, known


def _zoned(clock: _Ints, good: _Truths, zone: ZoneInfo) -> tuple[_Ints, _Truths]:
    found, there = local_instants(np.where(good, clock, 0), zone)
    return found, there & good


def _seconds(letters: _Bytes, good: _Truths, end: int) -> _Ints:
    """Microseconds of `:SS.ffffff` up to `end`; finer is cut off. `good` keeps those that are so."""
    none = np.zeros(len(letters), np.int64)
    if end == _MINUTES:
        return none
    if end < _SECONDS or end == _SECONDS + 1:
        good[:] = False
        return none
    good &= _are(letters, 16, ":")
    second = _number(letters, good, 17, 2)
    good &= second < 60
    if end == _SECONDS:
        time: _Ints = second * SECOND
        return time
    good &= _are(letters, 19, ".") | _are(letters, 19, ",")
    digits = end - _SECONDS - 1
    fraction = _number(letters, good, 20, min(digits, 6)) * 10 ** (6 - min(digits, 6))
    if digits > 6:
        _number(letters, good, 26, digits - 6)
    time = second * SECOND + fraction
    return time


def _offset(letters: _Bytes, good: _Truths, form: str) -> _Ints:
    """Microseconds east of UTC that the end of each text says; `good` keeps those of this form."""
    none = np.zeros(len(letters), np.int64)
    if not form:
        return none
    first = letters.shape[1] - len(form)
    if form == "Z":
        good &= _are(letters, first, "Z")
        return none
    west = _are(letters, first, "-")
    good &= west | _are(letters, first, "+")
    if ":" in form:
        good &= _are(letters, first + 3, ":")
    minutes = _number(letters, good, first + 1, 2) * 60
    if len(form) > 3:
        minutes += _number(letters, good, letters.shape[1] - 2, 2)
    shift: _Ints = np.where(west, -minutes, minutes) * MINUTE
    return shift


def _are(letters: _Bytes, place: int, letter: str) -> _Truths:
    same: _Truths = letters[:, place] == ord(letter)
    return same


def _number(letters: _Bytes, good: _Truths, first: int, digits: int) -> _Ints:
    """The number that some digits say; `good` loses the texts that have something else there."""
    value = np.zeros(len(letters), np.int64)
    for place in range(first, first + digits):
        digit = letters[:, place] - np.uint8(48)
        good &= digit < 10
        value = value * 10 + digit
    return value


def _days(letters: _Bytes, good: _Truths) -> tuple[_Ints, _Truths]:
    """Days since the epoch of `YYYY-MM-DD`, and which of them are in the calendar."""
    good = good.copy()
    year, month, day = (_number(letters, good, first, size) for first, size in ((0, 4), (5, 2), (8, 2)))
    good &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    good &= day <= after - first
    return first + day - 1, good


@lru_cache(maxsize=8)
def _changes(zone: ZoneInfo) -> tuple[_Ints, _Ints]:
    """Local times from which another offset holds, and the offsets: one before the first, one after each.

    No zone of ours changes twice within a week, nor within a second.
    """
    thresholds: list[int] = []
    offsets = [_offset_at(_FROM - DAY, zone)]
    for week in range(_FROM - DAY, _UNTIL + DAY, 7 * DAY):
        before, after = _offset_at(week, zone), _offset_at(week + 7 * DAY, zone)
        if before == after:
            continue
        low, high = week, week + 7 * DAY
        while high - low > SECOND:
            middle = (low + high) // (2 * SECOND) * SECOND
            low, high = (middle, high) if _offset_at(middle, zone) == before else (low, middle)
        thresholds.append(high + max(before, after))
        offsets.append(after)
    return np.array(thresholds, np.int64), np.array(offsets, np.int64)


def _offset_at(instant: Instant, zone: ZoneInfo) -> int:
    offset = local(instant, zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds()) * SECOND
