"""Which kinds of event follow which: counted pathway by pathway, from the last event to the first.

An event of kind *a* is followed by one of kind *c* when a *c* comes at its instant or later, and no later
than the next *a*. The loops are compiled where numba is; without it they are the same, only slower.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[Any]
NEVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Course:
    """Whole pathways of a log as columns, each in the order of time."""

    at: Ints
    """int64[n], microseconds since the epoch, UTC."""
    kind: Ints
    """int64[n], codes from 0, the same through all courses of a log."""
    starts: Ints
    """int64[p + 1]: where each pathway begins; the last is n."""
    municipality: Ints
    """int64[n]: codes from 1, the same through all courses of a log; 0 is missing."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, for k kinds; `[a, c]` is about *c* after *a*."""

    support: Ints
    """int64[k]: events."""
    followed: Ints
    """int64[k, k]: events of kind a that are followed by one of kind c."""
    direct: Ints
    """int64[k, k]: of these, with no event of another instant between."""
    answering: Ints
    """int64[k, k]: events of kind c that follow one of kind a: how much of c it explains."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """For m pairs (a, c) and k other kinds: what else could explain that a *c* follows an *a*."""

    between: Ints
    """int64[m, k], for b: times in which a *b* lies strictly between the *a* and its *c*."""
    lonely: Ints
    """int64[m, k], for p: events of kind p without an *a* before the next *c*, or the next *p*."""
    followed: Ints
    """int64[m, k], for p: of these, followed by a *c* all the same."""


def doubts(pairs: int, kinds: int) -> Doubts:
    """Nothing counted yet."""
    return Doubts(*(np.zeros((pairs, kinds), np.int64) for _ in range(3)))


def empty(kinds: int) -> Counts:
    """Nothing counted yet."""
    square = (kinds, kinds)
    return Counts(
        np.zeros(kinds, np.int64),
        np.zeros(square, np.int64),
        np.zeros(square, np.int64),
        np.zeros(square, np.int64),
    )


def count(course: Course, counts: Counts) -> None:
    """Add what follows what in a course to `counts`."""
    _count(
        course.at,
        course.kind,
        course.starts,
        counts.support,
        counts.followed,
        counts.direct,
        counts.answering,
    )


def doubt(course: Course, pairs: Ints, between: Ints, before: Ints, found: Doubts) -> None:
    """For each pair (a, c) of `pairs`, int64[m, 2], add to `found` for the kinds b with `between[m, b]` and
    the kinds p with `before[m, p]`."""
    _between(course.at, course.kind, course.starts, pairs, between, found.between)
    _before(course.at, course.kind, course.starts, pairs, before, found.lonely, found.followed)


def elapsed(course: Course, pairs: Ints, place: Ints, out: Ints, municipality: Ints) -> None:
    """For each pair write the times from *a* to the *c* that follows it, in microseconds, and the
    municipality of the *a*, from `place[m]` on; `place` moves along."""
    _elapsed(course.at, course.kind, course.starts, course.municipality, pairs, place, out, municipality)


def _compiled[Loop: Callable[..., Any]](loop: Loop) -> Loop:
    try:
        from naer.jit import njit
    except ImportError:
        return loop
    return cast(Loop, njit(counting=True, nogil=True, cache=True)(loop))


@_compiled
def _count(at: Any, kind: Any, starts: Any, support: Any, followed: Any, direct: Any, answering: Any) -> None:
    kinds = len(support)
    coming = np.empty(kinds, np.int64)  # the place of the next event of each kind, -1 for none
    again = np.empty(kinds, np.int64)  # when the kind comes next at a later instant
    credited = np.empty((kinds, kinds), np.int64)  # [a, c]: the place of the c counted last for a
    for pathway in range(len(starts) - 1):
        coming[:] = -1
        again[:] = NEVER
        credited[:] = -1
        later = NEVER  # the next instant of the pathway
        end = starts[pathway + 1]
        while end > starts[pathway]:
            begin = end - 1
            while begin > starts[pathway] and at[begin - 1] == at[end - 1]:
                begin -= 1
            for row in range(begin, end):
                coming[kind[row]] = row
            for row in range(begin, end):
                a = kind[row]
                support[a] += 1
                for c in range(kinds):
                    place = coming[c]
                    if c == a or place < 0 or at[place] > again[a]:
                        continue
                    followed[a, c] += 1
                    if at[place] <= later:
                        direct[a, c] += 1
                    if credited[a, c] != place:
                        credited[a, c] = place
                        answering[a, c] += 1
            for row in range(begin, end):
                again[kind[row]] = at[row]
            later = at[begin]
            end = begin


@_compiled
def _between(at: Any, kind: Any, starts: Any, pairs: Any, wanted: Any, found: Any) -> None:
    kinds = wanted.shape[1]
    coming = np.empty(kinds, np.int64)
    beyond = np.empty(kinds, np.int64)  # when the kind comes next at a later instant
    for pathway in range(len(starts) - 1):
        coming[:] = NEVER
        beyond[:] = NEVER
        end = starts[pathway + 1]
        while end > starts[pathway]:
            begin = end - 1
            while begin > starts[pathway] and at[begin - 1] == at[end - 1]:
                begin -= 1
            for row in range(begin, end):
                coming[kind[row]] = at[row]
            for row in range(begin, end):
                for pair in range(len(pairs)):
                    a, c = pairs[pair, 0], pairs[pair, 1]
                    if kind[row] != a or coming[c] == NEVER or coming[c] > beyond[a]:
                        continue
                    for b in range(kinds):
                        if wanted[pair, b] and beyond[b] < coming[c]:
                            found[pair, b] += 1
            for row in range(begin, end):
                beyond[kind[row]] = at[row]
            end = begin


@_compiled
def _before(at: Any, kind: Any, starts: Any, pairs: Any, wanted: Any, lonely: Any, followed: Any) -> None:
    kinds = wanted.shape[1]
    coming = np.empty(kinds, np.int64)
    again = np.empty(kinds, np.int64)
    for pathway in range(len(starts) - 1):
        coming[:] = NEVER
        again[:] = NEVER
        end = starts[pathway + 1]
        while end > starts[pathway]:
            begin = end - 1
            while begin > starts[pathway] and at[begin - 1] == at[end - 1]:
                begin -= 1
            for row in range(begin, end):
                coming[kind[row]] = at[row]
            for row in range(begin, end):
                p = kind[row]
                for pair in range(len(pairs)):
                    if not wanted[pair, p]:
                        continue
                    a, c = pairs[pair, 0], pairs[pair, 1]
                    if coming[a] < coming[c] and coming[a] <= again[p]:
                        continue
                    lonely[pair, p] += 1
                    if coming[c] != NEVER and coming[c] <= again[p]:
                        followed[pair, p] += 1
            for row in range(begin, end):
                again[kind[row]] = at[row]
            end = begin


@_compiled
def _elapsed(
    at: Any, kind: Any, starts: Any, place_of: Any, pairs: Any, place: Any, out: Any, municipality: Any
) -> None:
    kinds = 0
    for row in range(len(kind)):
        kinds = max(kinds, kind[row] + 1)
    for pair in range(len(pairs)):
        kinds = max(kinds, pairs[pair, 0] + 1, pairs[pair, 1] + 1)
    coming = np.empty(kinds, np.int64)
    again = np.empty(kinds, np.int64)
    for pathway in range(len(starts) - 1):
        coming[:] = NEVER
        again[:] = NEVER
        end = starts[pathway + 1]
        while end > starts[pathway]:
            begin = end - 1
            while begin > starts[pathway] and at[begin - 1] == at[end - 1]:
                begin -= 1
            for row in range(begin, end):
                coming[kind[row]] = at[row]
            for row in range(begin, end):
                for pair in range(len(pairs)):
                    a, c = pairs[pair, 0], pairs[pair, 1]
                    if kind[row] == a and coming[c] != NEVER and coming[c] <= again[a]:
                        out[place[pair]] = coming[c] - at[row]
                        municipality[place[pair]] = place_of[row]
                        place[pair] += 1
            for row in range(begin, end):
                again[kind[row]] = at[row]
            end = begin
