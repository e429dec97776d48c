"""The thread's geometry: whatever happened, the drawing is inside its frame and in order."""

from hypothesis import given
from hypothesis import strategies as st

from naer.events.instant import DAY, HOUR
from naer.site.ui.thread import LANES, LEFT, LETTER, RIGHT, WIDTH, Bar, Drawing, Mark, Stretch, draw

START = 1_800_000_000_000_000
END = START + 5 * DAY
NOW = START + 3 * DAY
MIDNIGHTS = [START + n * DAY for n in range(6)]

_at = st.integers(START, END)
_lane = st.sampled_from(LANES)
_label = st.text(st.characters(categories=["L"]), min_size=1, max_size=70)
_marks = st.lists(st.builds(Mark, _at, _lane, _label), max_size=12)
_bars = st.lists(
    st.builds(
        lambda lane, a, b, c, label: Bar(lane, min(a, b), max(a, b), max(min(a, b), c), "open", label),
        _lane,
        _at,
        _at,
        _at,
        _label,
    ),
    max_size=8,
)


def drawn(marks: list[Mark], bars: list[Bar], stretches: list[Stretch] | None = None) -> Drawing:
    return draw(
        marks, bars, stretches or [Stretch(START, "citizen")],
        start=START, end=END, now=NOW, midnights=MIDNIGHTS,
    )  # fmt: skip


@given(_marks, _bars)
def test_everything_is_inside(marks: list[Mark], bars: list[Bar]) -> None:
    drawing = drawn(marks, bars)
    for mark in drawing.marks:
        assert LEFT <= mark.x <= RIGHT
        assert 0 < mark.y < drawing.height
    for bar in drawing.bars:
        assert LEFT <= bar.x <= bar.due <= RIGHT
        assert 0 <= bar.done <= bar.frame
        assert 0 < bar.y < drawing.height
    for label in [m.label for m in drawing.marks if m.label] + [b.label for b in drawing.bars]:
        assert label.x >= LEFT
        assert label.y > 0


@given(_marks)
def test_labels_of_events_never_cover_each_other(marks: list[Mark]) -> None:
    placed = [m.label for m in drawn(marks, []).marks if m.label]
    for number, one in enumerate(placed):
        for other in placed[number + 1 :]:
            if one.y == other.y:
                apart = one.x + LETTER * len(one.text) < other.x or other.x + LETTER * len(other.text) < one.x
                assert apart


@given(_marks, _bars)
def test_lanes_keep_their_order(marks: list[Mark], bars: list[Bar]) -> None:
    drawing = drawn(marks, bars)
    assert [lane.role for lane in drawing.lanes] == list(LANES)
    heights = [lane.y for lane in drawing.lanes]
    assert heights == sorted(heights)


def test_the_line_moves_to_the_one_who_has_the_citizen() -> None:
    drawing = drawn([], [], [Stretch(START, "citizen"), Stretch(START + DAY, "hospital")])
    levels = {lane.role: lane.y for lane in drawing.lanes}
    assert drawing.path.startswith(f"M{LEFT} {levels['citizen']}")
    assert drawing.here == levels["hospital"]
    assert drawing.now is not None


def test_past_due_goes_on_as_a_tail() -> None:
    (late,) = drawn([], [Bar("gp", START, START + DAY, START + 2 * DAY, "over", "x")]).bars
    (kept,) = drawn([], [Bar("gp", START, START + DAY, START + HOUR, "kept", "x")]).bars
    assert late.tail > late.due
    assert kept.tail == 0
    assert kept.done < kept.frame


def test_a_short_span_has_hours() -> None:
    drawing = draw([], [], [], start=START, end=START + 10 * HOUR, now=START, midnights=[START - HOUR])
    assert drawing.fine
    assert 1 < len(drawing.ticks) <= 15


def test_no_tick_is_named_where_its_name_would_leave_the_drawing() -> None:
    days = draw([], [], [], start=START, end=END, now=NOW, midnights=MIDNIGHTS)
    hours = draw([], [], [], start=START, end=START + 10 * HOUR, now=START, midnights=[START - HOUR])
    for drawing, name in ((days, "man 23. sept"), (hours, "23:00")):
        assert len(drawing.ticks) > len(drawing.named) > 1
        assert all(x + 4 + LETTER * len(name) <= WIDTH for x, _ in drawing.named)
