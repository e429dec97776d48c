"""A share and how sure it is."""

from math import sqrt
from statistics import NormalDist

LEVELS = (0.05, 0.002)
"""Two-sided levels of a funnel's limits: about two and three standard deviations."""


def z(level: float) -> float:
    """The normal quantile of a two-sided `level`: 1.96 for 0.05."""
    return NormalDist().inv_cdf(1 - level / 2)


def wilson(numerator: int, denominator: int, level: float = 0.05) -> tuple[float, float]:
    """The Wilson score interval of a share, both ends between 0 and 1.

    `(2x + z² ∓ z·sqrt(z² + 4x(1 - x/n))) / (2(n + z²))`, Wilson 1927.

    Raises:
        ValueError: when `numerator` is not between 0 and `denominator`, or there is no denominator.
    """
    if not 0 <= numerator <= denominator or denominator == 0:
        raise ValueError(f"{numerator} of {denominator} is no share")
    quantile = z(level)
    middle = 2 * numerator + quantile**2
    reach = quantile * sqrt(quantile**2 + 4 * numerator * (1 - numerator / denominator))
    whole = 2 * (denominator + quantile**2)
    low = (middle - reach) / whole if numerator else 0.0
    high = (middle + reach) / whole if numerator < denominator else 1.0
    return low, high
