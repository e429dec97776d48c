"""Clauses that a log suggests: what follows what so often that it looks like an agreement.

A pair *after a, c* is suggested when enough *a* were seen, a large share of them was followed by a *c*,
and *a* explains a good part of the *c*. Two kinds of pair are left out: one that only says in one step what
two suggested steps say (admitted → ready → discharged), and one whose *c* comes just as surely without the
*a*, after something earlier (the discharge after a telephone call in the stay).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from naer.agreement.deadlines import Duration
from naer.events.instant import DAY, HOUR, MINUTE
from naer.events.log import CANCELLED
from naer.history import follows
from naer.history.courses import Courses
from naer.history.follows import Ints

PERCENTS = (50, 80, 90, 95)
"""The percentiles that are told; the limit is made from LIMIT."""
LIMIT = 90
_NOT_OWED = frozenset({CANCELLED, "waived", "died"})
"""Kinds that nobody promises, and that open nothing."""
_BETWEEN = Fraction(95, 100)
"""The share of a pair's times in which another kind lies between, from which on that kind explains it."""
_AS_GOOD = Fraction(5, 100)
"""How much smaller the share of the second step may be."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """From when on a pair is worth suggesting."""

    support: int = 30
    """Events that could be followed."""
    share: Fraction = Fraction(80, 100)
    """How many of them are."""
    answering: Fraction = Fraction(25, 100)
    """How many of the events that follow do follow this."""


@dataclass(frozen=True, slots=True)
class Times:
    """How often and how soon: of all, or of one municipality."""

    support: int
    followed: int
    quantiles: dict[int, Fraction]
    """Percent → microseconds, over those that were followed, exact (as S33)."""

    @property
    def share(self) -> Fraction:
        """The share that was followed."""
        return Fraction(self.followed, self.support)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """After an event of kind `after`, one of kind `deliver` comes within `within`."""

    after: str
    deliver: str
    times: Times
    direct: Fraction
    """The share of those followed with nothing between."""
    within: Duration
    """The time of LIMIT percent, rounded up to what one would write."""
    municipalities: dict[str, Times] = field(default_factory=dict)
    """By the municipality of the event that was followed; empty unless asked for."""


def suggest(
    courses: Courses,
    wanted: Wanted | None = None,
    *,
    by_municipality: bool = False,
    progress: Progress | None = None,
) -> list[Suggestion]:
    """What a log suggests, the most frequent first. The log is read three times."""
    asked = wanted or Wanted()
    steps = _Steps(progress, 3 * courses.events)
    counts = follows.empty(len(courses.kinds))
    for course in courses:
        follows.count(course, counts)
        steps.after(course)
    candidates = _candidates(courses.kinds, counts, asked)
    pairs = np.array(candidates or np.empty((0, 2)), np.int64).reshape(-1, 2)
    kept = pairs[_not_explained(courses, pairs, counts, asked, steps)]
    found = _timed(courses, kept, counts, steps, by_municipality=by_municipality)
    return sorted(found, key=lambda one: (-one.times.support, -one.times.share, one.after, one.deliver))


def readable(elapsed: Fraction) -> Duration:
    """The shortest duration that people write and that is not shorter than `elapsed` microseconds."""
    for length, amount, unit in _LADDER:
        if elapsed <= length:
            return Duration(amount, unit)
    weeks = -(-elapsed // (7 * DAY))
    return Duration(int(weeks), "weeks")


_LADDER = [
    *((amount * MINUTE, amount, "min") for amount in (5, 10, 15, 20, 30, 45)),
    *((amount * HOUR, amount, "h") for amount in (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72)),
    *((amount * DAY, amount, "days") for amount in (4, 5, 6, 7, 8, 9, 10, 12, 14)),
    *((amount * 7 * DAY, amount, "weeks") for amount in range(3, 53)),
]


def _candidates(kinds: Sequence[str], counts: follows.Counts, wanted: Wanted) -> list[tuple[int, int]]:
    found = []
    for a, after in enumerate(kinds):
        support = int(counts.support[a])
        if after in _NOT_OWED or support < max(1, wanted.support):
            continue
        for c, deliver in enumerate(kinds):
            followed, answering = int(counts.followed[a, c]), int(counts.answering[a, c])
            if deliver in _NOT_OWED or not followed or followed < wanted.share * support:
                continue
            if answering >= wanted.answering * int(counts.support[c]):
                found.append((a, c))
    return found


def _not_explained(
    courses: Courses, pairs: Ints, counts: follows.Counts, asked: Wanted, steps: "_Steps"
) -> Ints:
    """Which pairs (a, c) are more than two steps a → b → c, and more than a beside an earlier p → c."""
    known = {(int(a), int(c)): number for number, (a, c) in enumerate(pairs)}
    steps_known = set(_candidates(courses.kinds, counts, replace(asked, share=asked.share - _AS_GOOD)))
    kinds = range(len(courses.kinds))
    between = np.zeros((len(pairs), len(kinds)), np.bool_)
    before = np.zeros_like(between)
    for (a, c), number in known.items():
        for other in kinds:
            between[number, other] = (a, other) in steps_known and (other, c) in steps_known
            mostly = 2 * int(counts.answering[other, a]) >= int(counts.support[a])
            before[number, other] = other != a and (other, c) in steps_known and mostly
    found = follows.doubts(*between.shape)
    for course in courses:
        follows.doubt(course, pairs, between, before, found)
        steps.after(course)
    keep = np.ones(len(pairs), np.bool_)
    for (a, c), number in known.items():
        as_good = _share(counts, a, c) - _AS_GOOD
        for b in np.flatnonzero(between[number]).tolist():
            often = int(found.between[number, b]) >= _BETWEEN * int(counts.followed[a, c])
            if often and _share(counts, b, c) >= as_good:
                keep[number] = False
        for p in np.flatnonzero(before[number]).tolist():
            lonely, followed = int(found.lonely[number, p]), int(found.followed[number, p])
            if lonely >= asked.support and followed >= as_good * lonely:
                keep[number] = False
    return keep


def _share(counts: follows.Counts, a: int, c: int) -> Fraction:
    return Fraction(int(counts.followed[a, c]), int(counts.support[a]))


def _timed(
    courses: Courses, pairs: Ints, counts: follows.Counts, steps: "_Steps", *, by_municipality: bool
) -> Iterable[Suggestion]:
    """The pairs with their times; one that always takes no time is two names of one moment."""
    sizes = [int(counts.followed[a, c]) for a, c in pairs]
    ends = np.cumsum([0, *sizes]).astype(np.int64)
    place, out = ends[:-1].copy(), np.empty(int(ends[-1]), np.int64)
    where = np.empty(len(out), np.int64)
    support = np.zeros((len(courses.kinds), len(courses.municipalities) + 1), np.int64)
    for course in courses:
        follows.elapsed(course, pairs, place, out, where)
        if by_municipality:
            np.add.at(support, (course.kind, course.municipality), 1)
        steps.after(course)
    for number, (a, c) in enumerate(pairs.tolist()):
        times = out[ends[number] : ends[number + 1]]
        whole = _times(times, int(counts.support[a]))
        if whole.quantiles[LIMIT] == 0:
            continue
        held = where[ends[number] : ends[number + 1]]
        places = np.flatnonzero(support[a]).tolist() if by_municipality else ()
        yield Suggestion(
            courses.kinds[a],
            courses.kinds[c],
            whole,
            Fraction(int(counts.direct[a, c]), sizes[number]),
            readable(whole.quantiles[LIMIT]),
            {
                courses.municipalities[code - 1] if code else "": _times(
                    times[held == code], int(support[a, code])
                )
                for code in places
            },
        )


def _times(times: Ints, support: int) -> Times:
    ordered = np.sort(times)
    quantiles = {percent: _quantile(ordered, percent) for percent in PERCENTS} if len(ordered) else {}
    return Times(support, len(ordered), quantiles)


def _quantile(ordered: Ints, percent: int) -> Fraction:
    """Linear between the two nearest ranks, in whole numbers until the last step (S33)."""
    place = Fraction((len(ordered) - 1) * percent, 100)
    below = place.numerator // place.denominator
    low, high = int(ordered[below]), int(ordered[min(below + 1, len(ordered) - 1)])
    return low + (high - low) * (place - below)


class _Steps:
    """Tells how many events of all passes are done."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def after(self, course: follows.Course) -> None:
        self._done += len(course.at)
        if self._progress is not None:
            self._progress(self._done, self._total)
