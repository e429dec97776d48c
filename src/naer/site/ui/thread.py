"""The thread as geometry: events, obligations and a span of time in, SVG numbers out.

Lanes are parties in a fixed order. The line runs in the lane of the one who has the citizen; a bar
stands under the lane of the one who owes. Lengths are SVG units of a drawing 1300 wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from naer.events.instant import DAY, HOUR, Instant

LANES = ("hospital", "municipality", "gp", "citizen")
WIDTH, LEFT, RIGHT = 1300.0, 130.0, 1290.0
LETTER = 8.0
"""Width of one letter of a label at 13 px."""
BAR_ROW, NAME_ROW = 40.0, 18.0
_STEPS = (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY)


@dataclass(frozen=True, slots=True)
class Mark:
    """An event in the lane of the one who said it; `planned` ones are not here yet."""

    at: Instant
    lane: str
    label: str
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """An obligation: from `start` to `due`, done until `until`, in the lane of the one who owes."""

    lane: str
    start: Instant
    due: Instant | None
    until: Instant
    state: str
    label: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `at` on, `lane` has the citizen."""

    at: Instant
    lane: str


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class DrawnBar:
    state: str
    y: float
    x: float
    frame: float
    """Width of the allowed time; 0 without a limit."""
    done: float
    """Width of what has passed of it."""
    tail: float
    """Where the broken tail past due ends; 0 without one."""
    mark: float
    label: Label

    @property
    def due(self) -> float:
        return round(self.x + self.frame, 1)

    @property
    def top(self) -> float:
        return self.y - 3

    @property
    def mark_x(self) -> float:
        return round(self.mark - 8, 1)

    @property
    def mark_y(self) -> float:
        return self.y - 8


@dataclass(frozen=True, slots=True)
class DrawnMark:
    x: float
    y: float
    text: str
    planned: bool
    label: Label | None


@dataclass(frozen=True, slots=True)
class DrawnLane:
    role: str
    y: float

    @property
    def icon_y(self) -> float:
        return self.y - 8

    @property
    def text_y(self) -> float:
        return self.y + 5


@dataclass(slots=True)
class Drawing:
    """Everything the template needs; `ticks` are (x, instant), `rests` are (x, width)."""

    height: float = 0
    lanes: list[DrawnLane] = field(default_factory=list)
    ticks: list[tuple[float, Instant]] = field(default_factory=list)
    rests: list[tuple[float, float]] = field(default_factory=list)
    bars: list[DrawnBar] = field(default_factory=list)
    marks: list[DrawnMark] = field(default_factory=list)
    path: str = ""
    ahead: str = ""
    now: float | None = None
    here: float = 0
    fine: bool = False
    """Whether ticks are hours, not days."""

    @property
    def bottom(self) -> float:
        return self.height - 8

    @property
    def named(self) -> list[tuple[float, Instant]]:
        """The ticks with room for their label before the drawing ends: 23:00, or Wed 25 Nov."""
        room = WIDTH - LETTER * (6 if self.fine else 13)
        return [(x, at) for x, at in self.ticks if x <= room]


@dataclass(frozen=True, slots=True)
class Scale:
    """Time to x."""

    start: Instant
    end: Instant

    def x(self, at: Instant) -> float:
        share = (min(max(at, self.start), self.end) - self.start) / max(self.end - self.start, 1)
        return round(LEFT + share * (RIGHT - LEFT), 1)


def draw(
    marks: Sequence[Mark],
    bars: Sequence[Bar],
    stretches: Sequence[Stretch],
    *,
    start: Instant,
    end: Instant,
    now: Instant,
    midnights: Sequence[Instant],
    rests: Sequence[tuple[Instant, Instant]] = (),
) -> Drawing:
    """The drawing of one pathway between `start` and `end`.

    `midnights` are the local beginnings of the days in the span, `rests` the days that are no
    working days. Lanes without anything stay, thin, so that the order is the same on every page.
    """
    scale, drawing = Scale(start, end), Drawing()
    names = {lane: _names([m for m in marks if m.lane == lane], scale) for lane in LANES}
    rows = {lane: _rows([b for b in bars if b.lane == lane], scale) for lane in LANES}
    y = 34.0
    levels: dict[str, float] = {}
    for lane in LANES:
        height = 1 + max((row for _, row in names[lane]), default=-1)
        y += 24 + NAME_ROW * height
        levels[lane] = y
        drawing.lanes.append(DrawnLane(lane, y))
        drawing.marks += [_mark(m, row, y, scale) for m, row in names[lane]]
        drawing.bars += [_bar(b, y + 36 + BAR_ROW * row, scale) for b, row in rows[lane]]
        y += 20 + BAR_ROW * (1 + max((row for _, row in rows[lane]), default=-1))
    drawing.height = y + 10
    drawing.ticks, drawing.fine = _ticks(scale, midnights)
    drawing.rests = [
        (scale.x(a), round(scale.x(b) - scale.x(a), 1)) for a, b in rests if scale.x(b) > scale.x(a)
    ]
    past = [s for s in stretches if s.at <= min(now, end)]
    drawing.path, drawing.here = _line(past, scale, levels, min(now, end))
    if start <= now <= end:
        drawing.now = scale.x(now)
        if now < end:
            drawing.ahead = f"M{drawing.now + 14:.1f} {drawing.here}H{RIGHT:.0f}"
    return drawing


def _names(marks: Sequence[Mark], scale: Scale) -> list[tuple[Mark, int]]:
    """Each mark with the row its label stands in, counted upwards; labels of a row do not touch."""
    ends: list[float] = []
    placed = []
    for mark in sorted(marks, key=lambda m: m.at):
        left, right = _reach(scale.x(mark.at), mark.label)
        row = next((i for i, end in enumerate(ends) if end + 8 < left), len(ends))
        ends[row : row + 1] = [right]
        placed.append((mark, row))
    return placed


def _rows(bars: Sequence[Bar], scale: Scale) -> list[tuple[Bar, int]]:
    """Each bar with its row, counted downwards; neither bars nor labels of a row touch."""
    ends: list[float] = []
    placed = []
    for bar in sorted(bars, key=lambda b: (b.start, b.due or b.until)):
        left, right = _reach(scale.x(bar.start), bar.label)
        right = max(right, scale.x(max(bar.due or bar.until, bar.until)) + 10)
        row = next((i for i, end in enumerate(ends) if end + 8 < left), len(ends))
        ends[row : row + 1] = [right]
        placed.append((bar, row))
    return placed


def _begin(x: float, label: str) -> float:
    """Where a label at `x` begins: there, or so far to the left that it ends inside the drawing."""
    return round(max(min(x, RIGHT - LETTER * len(label)), LEFT), 1)


def _reach(x: float, label: str) -> tuple[float, float]:
    """From where to where a mark at `x` and its label stand."""
    begin = _begin(x, label)
    return min(x, begin) - 8, max(x + 8, begin + LETTER * len(label))


def _label(x: float, y: float, text: str) -> Label:
    return Label(_begin(x, text), y, text)


def _mark(mark: Mark, row: int, y: float, scale: Scale) -> DrawnMark:
    x = scale.x(mark.at)
    return DrawnMark(x, y, mark.label, mark.planned, _label(x, y - 16 - NAME_ROW * row, mark.label))


def _bar(bar: Bar, y: float, scale: Scale) -> DrawnBar:
    x, until = scale.x(bar.start), scale.x(bar.until)
    due = scale.x(bar.due) if bar.due is not None else until
    late = bar.due is not None and bar.until > bar.due
    return DrawnBar(
        state=bar.state,
        y=y,
        x=x,
        frame=round(max(due - x, 0), 1) if bar.due is not None else 0,
        done=round(max(min(until, due) - x, 0), 1),
        tail=until if late and until > due else 0,
        mark=until if bar.state in {"kept", "late", "over", "released"} else due,
        label=_label(x, y - 11, bar.label),
    )


def _ticks(scale: Scale, midnights: Sequence[Instant]) -> tuple[list[tuple[float, Instant]], bool]:
    """Where the time lines stand: hours in a short span, days or weeks in a long one; at most 14."""
    length = scale.end - scale.start
    step = next((s for s in _STEPS if length / s <= 14), _STEPS[-1])
    if step >= DAY:
        found = list(midnights)[:: step // DAY]
        return [(scale.x(m), m) for m in found if scale.start <= m <= scale.end], False
    hours = [m + i * step for m in midnights for i in range(DAY // step)]
    return [(scale.x(h), h) for h in hours if scale.start <= h <= scale.end], True


def _line(
    stretches: Sequence[Stretch], scale: Scale, levels: dict[str, float], until: Instant
) -> tuple[str, float]:
    """The path of the thread to `until`, with soft turns between lanes, and the level it ends at."""
    if not stretches:
        return "", levels["citizen"]
    level = levels[stretches[0].lane]
    path = [f"M{scale.x(max(stretches[0].at, scale.start))} {level}"]
    reached = scale.x(stretches[0].at)
    for stretch in stretches[1:]:
        x, to = scale.x(stretch.at), levels[stretch.lane]
        if to == level:
            continue
        turn = min(26.0, max(x - reached, 4.0))
        path.append(f"H{x - turn:.1f}C{x:.1f} {level} {x - turn:.1f} {to} {x:.1f} {to}")
        level, reached = to, x
    path.append(f"H{max(scale.x(until), reached)}")
    return "".join(path), level
