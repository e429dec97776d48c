"""Units compared by a share, without a ranking: who differs by more than chance explains.

Method: the funnel of UK public health guidance ("Technical guide: confidence intervals" and "funnel
plots"), with limits at two-sided 0.05 and 0.002. A unit is classified by its own Wilson interval, and
the drawn limits are `p ± z·sqrt(p(1 - p)/n)`: the Wilson interval is the inversion of that test, so a
mark lies outside a line exactly when the interval says so. Overall spread is not corrected for
(over-dispersion off), and nothing is claimed about many comparisons at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from naer.indicators.proportion import LEVELS, wilson, z

Standing = Literal["high", "rather high", "within", "rather low", "low"]
"""Against the centre: beyond the 99.8 % limit, beyond the 95 % limit, or within what chance explains."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is compared: `numerator` of `denominator`, the latter at least 1."""

    key: str
    numerator: int
    denominator: int

    @property
    def share(self) -> float:
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Funnel:
    """Units around what all of them have together."""

    centre: float
    placed: tuple[tuple[Unit, Standing], ...]
    """In the order given."""


def funnel(units: Iterable[Unit]) -> Funnel | None:
    """The units placed against the share of all of them; None when there are none."""
    given = tuple(units)
    whole = sum(unit.denominator for unit in given)
    if not whole:
        return None
    centre = sum(unit.numerator for unit in given) / whole
    return Funnel(centre, tuple((unit, standing(unit, centre)) for unit in given))


def standing(unit: Unit, centre: float) -> Standing:
    """Where the whole interval of a unit lies against the centre, at the strongest level reached."""
    for level, above, below in ((LEVELS[1], "high", "low"), (LEVELS[0], "rather high", "rather low")):
        low, high = wilson(unit.numerator, unit.denominator, level)
        if low > centre:
            return above  # type: ignore[return-value]
        if high < centre:
            return below  # type: ignore[return-value]
    return "within"


def limits(centre: float, sizes: Sequence[float], level: float) -> list[tuple[float, float]]:
    """(lower, upper) control limit at each size, between 0 and 1."""
    reach = z(level) * sqrt(centre * (1 - centre))
    return [(max(centre - reach / sqrt(size), 0.0), min(centre + reach / sqrt(size), 1.0)) for size in sizes]
