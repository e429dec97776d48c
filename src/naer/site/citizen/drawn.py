"""A series of measurements as a small drawing: positions in an SVG of 600 by 190."""

from dataclasses import dataclass
from decimal import Decimal

from naer.events.instant import Instant
from naer.site.citizen.measurements import Series

LEFT, RIGHT, TOP, BOTTOM = 60, 560, 24, 150


@dataclass(frozen=True, slots=True)
class Spot:
    """One measurement in the drawing."""

    x: str
    y: str
    at: Instant
    value: str
    last: bool
    label: bool
    """Whether its day is written under it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The whole drawing: the spots, the line through them, and the grid lines with their numbers."""

    spots: tuple[Spot, ...]
    line: str
    grid: tuple[tuple[str, Decimal], ...]
    """(y, number) from the top."""


def drawn(series: Series) -> Drawn | None:
    """The drawing of two measurements or more; None for one alone, which says nothing of where it goes."""
    measured = series.measured
    if len(measured) < 2:
        return None
    values = [float(one.value) for one in measured]
    low, high = min(values), max(values)
    room = (high - low) * 0.15 or max(abs(high) * 0.02, 0.5)
    low, high = low - room, high + room
    first, span = measured[0].at, (measured[-1].at - measured[0].at) or 1
    every = -(-len(measured) // 3)

    def y(value: float) -> str:
        return f"{BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP):.1f}"

    spots = tuple(
        Spot(
            f"{LEFT + (one.at - first) / span * (RIGHT - LEFT):.1f}",
            y(float(one.value)),
            one.at,
            f"{one.value:f}",
            number == len(measured) - 1,
            (len(measured) - 1 - number) % every == 0,
        )
        for number, one in enumerate(measured)
    )
    marks = (high - room / 2, (low + high) / 2, low + room / 2)
    digits = 0 if high - low >= 6 else 1
    grid = tuple((y(mark), round(Decimal(mark), digits)) for mark in marks)
    return Drawn(spots, " ".join(f"{one.x},{one.y}" for one in spots), grid)
