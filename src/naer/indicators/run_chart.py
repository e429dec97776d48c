"""Change over time: a run chart with its median, and the run rules.

Rules (NHS England, "Making data count", with the lengths of the handbook): 7 points in a row on the
same side of the median, a point on the median breaks the run; 7 points in a row that rise or fall. The
whole run is marked. Lengths are parameters. Fewer than 12 points are provisional.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

RUN = 7
"""Points in a row that chance seldom makes."""
FIRM = 12
"""Points from which the median is firm."""

Pattern = Literal["above", "below", "rising", "falling"]


@dataclass(frozen=True, slots=True)
class Signal:
    """A run that chance seldom makes: points `first` to `last`, both included."""

    pattern: Pattern
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class RunChart:
    """Points in order of time; `centre` is their median."""

    values: tuple[float, ...]
    centre: float
    signals: tuple[Signal, ...]

    @property
    def provisional(self) -> bool:
        """Whether there are too few points for a firm median."""
        return len(self.values) < FIRM

    def at(self, place: int) -> frozenset[Pattern]:
        """The signals that a point is part of."""
        return frozenset(one.pattern for one in self.signals if one.first <= place <= one.last)


def run_chart(values: Sequence[float], run: int = RUN) -> RunChart | None:
    """The chart of some values; None of no values."""
    if not values:
        return None
    centre = median(values)
    sides = ["above" if value > centre else "below" if value < centre else "" for value in values]
    steps = ["rising" if next_ > one else "falling" if next_ < one else "" for one, next_ in pairwise(values)]
    signals = [Signal(name, first, last) for name, first, last in _runs(sides) if last - first + 1 >= run]
    # n steps join n + 1 points
    signals += [
        Signal(name, first, last + 1) for name, first, last in _runs(steps) if last - first + 2 >= run
    ]
    return RunChart(tuple(values), centre, tuple(signals))


def _runs(names: Sequence[str]) -> Iterator[tuple[Pattern, int, int]]:
    """(name, first, last) of each longest run of one name; the empty name makes none."""
    first = 0
    for place in range(1, len(names) + 1):
        if place == len(names) or names[place] != names[first]:
            if names[first]:
                yield names[first], first, place - 1  # type: ignore[misc]
            first = place
