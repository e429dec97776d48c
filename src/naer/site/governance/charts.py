"""Drawings as numbers: where each mark and line of a chart stands. Templates make SVG of them.

Positions are text with one decimal, ready to stand in an attribute. The drawings are ours and not a chart
library's: they take colours from the site's tokens, so that they follow light and dark without a script,
and every mark has the word that the table beside it has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor

from naer.indicators.funnel import Funnel, Standing, Unit, limits
from naer.indicators.proportion import LEVELS
from naer.indicators.run_chart import RunChart

SHAPES: dict[Standing, str] = {
    "low": "diamond", "high": "square", "rather low": "solid", "rather high": "solid", "within": "ring"
}  # fmt: skip
_LETTER = 6.6
"""Width of a letter of a label in the drawing's units, generous."""


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point: `shape` is ring, solid, diamond or square; the label is empty where there is no room."""

    x: str
    y: str
    shape: str
    label: str = ""
    label_x: str = ""
    label_y: str = ""
    anchor: str = "middle"
    strong: bool = False


def place(value: float) -> str:
    return f"{value:.1f}"


def floor_of(values: Sequence[float], step: int = 10) -> int:
    """The lower end of an axis in per cent: a whole step below the lowest value, 90 at most."""
    return min(max(floor(min(values, default=0) / step) * step, 0), 90)


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line, 240 by 56: its unbroken parts, lone points, the level of all, the last point."""

    lines: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    level: str
    last: tuple[str, str] | None


def spark(values: Sequence[float | None], level: float | None, lowest: int) -> Spark:
    """`values` in per cent, None where nothing is shown; `level` is what all have together."""

    def y(value: float) -> float:
        return 52 - 48 * (max(value, lowest) - lowest) / (100 - lowest)

    step = 228 / max(len(values) - 1, 1)
    points = [None if value is None else (4 + number * step, y(value)) for number, value in enumerate(values)]
    parts: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            parts.append([])
        else:
            parts[-1].append(point)
    last = next((point for point in reversed(points) if point is not None), None)
    return Spark(
        tuple(" ".join(f"{place(a)},{place(b)}" for a, b in part) for part in parts if len(part) > 1),
        tuple((place(part[0][0]), place(part[0][1])) for part in parts if len(part) == 1),
        place(y(level)) if level is not None else "",
        (place(last[0]), place(last[1])) if last else None,
    )


@dataclass(frozen=True, slots=True)
class FunnelChart:
    """640 by 310: marks, the centre, and two pairs of limits with what they are called."""

    marks: tuple[Mark, ...]
    centre: str
    centre_text: str
    limits: tuple[tuple[str, str, str, str], ...]
    """(points of the upper line, of the lower, place of the label, its text)."""
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


_LEFT, _RIGHT, _TOP, _BOTTOM = 78.0, 550.0, 18.0, 262.0


def funnel_chart(
    given: Funnel, names: Callable[[str], str], own: str, number: Callable[..., str]
) -> FunnelChart:
    """The funnel drawn; `names` gives a unit's name, `number` writes a number, with digits."""
    units = [unit for unit, _ in given.placed]
    largest = max(unit.denominator for unit in units) * 1.06
    least = 100 * min(given.centre, *(unit.share for unit in units)) - 2
    lowest = floor_of([least], 10 if least < 80 else 5)

    def x(size: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * size / largest

    def y(share: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (max(100 * share, lowest) - lowest) / (100 - lowest)

    sizes = [largest * (number / 60) ** 2 for number in range(3, 61)]
    drawn = []
    for level, text in ((LEVELS[0], f"{number(95)} %"), (LEVELS[1], f"{number(99.8, 1)} %")):
        both = limits(given.centre, sizes, level)
        upper = [(x(size), y(high)) for size, (_, high) in zip(sizes, both, strict=True) if high < 1]
        lower = [(x(size), y(low)) for size, (low, _) in zip(sizes, both, strict=True) if 100 * low >= lowest]
        drawn.append((_line(upper), _line(lower), y(both[-1][0]), text))
    marks = _labelled(
        [(x(unit.denominator), y(unit.share), unit, standing) for unit, standing in given.placed], names, own
    )
    step = _step(largest)
    at = _apart([y(given.centre), *(one[2] for one in drawn)])
    return FunnelChart(
        marks,
        place(y(given.centre)),
        place(at[0] + 4),
        tuple((*one[:2], place(down + 4), one[3]) for one, down in zip(drawn, at[1:], strict=True)),
        tuple(Tick(place(x(size)), number(size)) for size in range(0, int(largest) + 1, step)),
        tuple(
            Tick(place(y(per_cent / 100)), number(per_cent)) for per_cent in range(lowest, 101, _up(lowest))
        ),
    )


def _apart(places: Sequence[float], room: float = 20.0) -> list[float]:
    """Places of labels from the top down, at least a line of text apart."""
    found: list[float] = []
    for at in places:
        found.append(max(at, found[-1] + room) if found else at)
    return found


def _up(lowest: int) -> int:
    return 2 if lowest >= 90 else 5 if lowest >= 80 else 10 if lowest >= 40 else 20


def _step(largest: float) -> int:
    """A round step that makes about four parts."""
    for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 50_000):
        if largest / step <= 5:
            return step
    return 100_000


def _labelled(
    given: Sequence[tuple[float, float, Unit, Standing]], names: Callable[[str], str], own: str
) -> tuple[Mark, ...]:
    """Marks with labels where they hide nothing: the reader's own first, then those outside chance."""
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y, _, _ in given]
    order = sorted(given, key=lambda one: (one[2].key != own, one[3] == "within", -abs(one[1] - 140)))
    labels: dict[str, tuple[str, float, float, str]] = {}
    for x, y, unit, _ in order:
        name = names(unit.key)
        width = _LETTER * len(name)
        for dx, dy, anchor in ((0, -12, "middle"), (0, 22, "middle"), (11, 4, "start"), (-11, 4, "end")):
            left = x + dx - {"middle": width / 2, "start": 0, "end": width}[anchor]
            box = (left, y + dy - 11, left + width, y + dy + 3)
            inside = box[0] > _LEFT and box[2] < 640 and box[1] > 0
            if inside and not any(_meet(box, other) for other in taken if other[:2] != (x - 7, y - 7)):
                taken.append(box)
                labels[unit.key] = (name, x + dx, y + dy, anchor)
                break
    marks = []
    for x, y, unit, standing in given:
        name, label_x, label_y, anchor = labels.get(unit.key, ("", 0.0, 0.0, "middle"))
        strong = unit.key == own or standing != "within"
        marks.append(
            Mark(place(x), place(y), SHAPES[standing], name, place(label_x), place(label_y), anchor, strong)
        )
    return tuple(marks)


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the dot chart."""

    name: str
    y: str
    text_y: str
    x: str
    before_x: str
    """Empty where there is nothing before to compare with."""
    strong: bool


@dataclass(frozen=True, slots=True)
class Dots:
    """Rows from the highest down; 640 wide, `height` high."""

    rows: tuple[Bar, ...]
    across: tuple[Tick, ...]
    height: int
    foot: int


def dots(rows: Sequence[tuple[str, float, float | None, bool]], number: Callable[[float], str]) -> Dots:
    """`rows` are (name, value, value before, whether it is the reader's own), in the order to be drawn."""
    largest = max([1.0, *(value for _, value, _, _ in rows), *(one for _, _, one, _ in rows if one)]) * 1.05
    step = _step(largest)

    def x(value: float) -> float:
        return 200 + 416 * value / largest

    foot = 10 + 25 * len(rows)
    return Dots(
        tuple(
            Bar(
                name,
                place(22 + 25 * place_),
                place(26 + 25 * place_),
                place(x(value)),
                place(x(before)) if before is not None else "",
                own,
            )
            for place_, (name, value, before, own) in enumerate(rows)
        ),
        tuple(Tick(place(x(value)), number(value)) for value in range(0, int(largest) + 1, step)),
        foot + 26,
        foot,
    )


@dataclass(frozen=True, slots=True)
class RunDrawing:
    """1240 by 250: the line, its marks, the median, and where a run is shaded."""

    line: str
    marks: tuple[Mark, ...]
    centre: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    shaded: tuple[tuple[str, str, str], ...]
    """(x, width, what the run is)."""


def run_drawing(
    chart: RunChart,
    labels: Sequence[str],
    places: Sequence[int],
    good: frozenset[str],
    words: Callable[[str, int], str],
    number: Callable[[float], str],
) -> RunDrawing:
    """`labels` name the points, `places` say how many months after the first they lie.

    `good` are the patterns that are for the better; `words` names a run.
    """
    spread = max(max(chart.values) - min(chart.values), 4.0)
    low = max(min(chart.values) - spread * 0.35, 0.0)
    high = max(chart.values) + spread * 0.35
    step = next(one for one in (1, 2, 5, 10, 20, 50, 100) if (high - low) / one <= 5)
    low, high = floor(low / step) * step, (floor(high / step) + 1) * step
    gap = 1060 / max(places[-1], 1)

    def x(number: float) -> float:
        return 60 + number * gap

    def y(value: float) -> float:
        return 206 - 186 * (value - low) / (high - low)

    points = [(x(month), y(value)) for month, value in zip(places, chart.values, strict=True)]
    marks = []
    for number_, (a, b) in enumerate(points):
        patterns = chart.at(number_)
        shape = "ring" if not patterns else "square" if patterns & good else "diamond"
        marks.append(Mark(place(a), place(b), shape))
    every = max(1, -(-len(labels) // 12))
    return RunDrawing(
        _line(points),
        tuple(marks),
        place(y(chart.centre)),
        tuple(Tick(place(points[n][0]), text) for n, text in enumerate(labels) if n % every == 0),
        tuple(Tick(place(y(value)), number(value)) for value in range(int(low), int(high) + 1, step)),
        tuple(
            (
                place(points[one.first][0] - 14),
                place(points[one.last][0] - points[one.first][0] + 28),
                words(one.pattern, one.length),
            )
            for one in chart.signals
        ),
    )


def _line(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{place(a)},{place(b)}" for a, b in points)
