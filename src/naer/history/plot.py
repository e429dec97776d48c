"""A replay as a picture: of what was due in each clause, how much was kept, late and missing.

What is missing where not everything done is recorded is no breach and looks like none (S31).
"""

from typing import TYPE_CHECKING

from naer.events.instant import local
from naer.history.question import Replay

if TYPE_CHECKING:
    import altair as alt

JUDGED = ("kept", "late", "missing")
NOT_RECORDED = "not recorded"
COLOURS = {"kept": "#2f7d6b", "late": "#d99a2b", "missing": "#b5473c", NOT_RECORDED: "#9aa1a8"}
"""Told apart by people who see colours differently, and by lightness."""
_FONT = "system-ui, sans-serif"
_GROUPS = 40
"""More groups than this are not told apart in one picture; those with the most obligations are shown."""


def plot(result: Replay) -> "alt.Chart":
    """Bars for clauses; with groups one panel for each clause, with bars, or lines over months and years.

    Raises:
        ImportError: when altair is not installed.
    """
    import altair as alt

    rows = _rows(result)
    clauses = list(dict.fromkeys(_label(result, tally.clause) for tally in result.tallies))
    whole, percent = alt.Scale(domain=[0, 1]), alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75])
    share = alt.X("share:Q", title="of what was due", axis=percent, scale=whole)
    shown = [*JUDGED, NOT_RECORDED] if result.partial else [*JUDGED]
    colours = alt.Scale(domain=shown, range=[COLOURS[one] for one in shown])
    colour = alt.Color("outcome:N", title=None, scale=colours, sort=shown)
    tips = [
        "clause:N", "group:N", "outcome:N", alt.Tooltip("share:Q", format=".1%"), "obligations:Q", "due:Q",
        alt.Tooltip("median_hours:Q", format=".1f", title="median, hours"),
    ]  # fmt: skip
    base = alt.Chart(alt.InlineData(values=rows))
    moment = local(result.now, result.zone).isoformat(" ", "minutes")
    subtitle = f"as at {moment}, {result.events:,} events"
    if result.undelivered:
        subtitle += "; ‡ nothing that would fulfil it occurs in the log"
    title = alt.Title(result.agreement, subtitle=subtitle, anchor="start")
    order = alt.Order("place:Q")
    if not result.by:
        tips.remove("group:N")
        chart = base.mark_bar().encode(
            x=share, y=alt.Y("clause:N", sort=clauses, title=None), color=colour, order=order, tooltip=tips
        )
    elif result.by[-1] in ("month", "year") and len(result.by) == 1:
        chart = (
            base.mark_area()
            .encode(
                x=alt.X("group:O", title=result.by[0], axis=alt.Axis(labelOverlap=True)),
                y=alt.Y("share:Q", title=None, axis=percent, scale=whole),
                color=colour,
                order=order,
                tooltip=tips,
                facet=alt.Facet("clause:N", sort=clauses, title=None, columns=3),
            )
            .properties(width=220, height=120)
        )
    else:
        chart = (
            base.mark_bar()
            .encode(
                x=share,
                y=alt.Y("group:N", sort="ascending", title=", ".join(result.by)),
                color=colour,
                order=order,
                tooltip=tips,
                facet=alt.Facet("clause:N", sort=clauses, title=None, columns=3),
            )
            .properties(width=180)
        )
    styled: alt.Chart = chart.properties(title=title).configure(font=_FONT).configure_view(stroke=None)
    return styled


def _label(result: Replay, clause: str) -> str:
    """A clause's name, marked where nothing that would fulfil it occurs in the log."""
    return f"{clause} ‡" if clause in result.undelivered else clause


def svg(chart: "alt.Chart") -> str:
    """A chart as SVG, drawn here, without a browser or a network."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(chart.to_json())
    return drawn


def _rows(result: Replay) -> list[dict[str, object]]:
    """One row for each clause, group and outcome; a clause without anything due has none."""
    tallies = result.groups if result.by else result.tallies
    sizes: dict[tuple[str | None, ...], int] = {}
    for tally in tallies:
        sizes[tally.group] = sizes.get(tally.group, 0) + tally.triggered
    shown = set(sorted(sizes, key=lambda group: -sizes[group])[:_GROUPS])
    rows: list[dict[str, object]] = []
    for tally in tallies:
        due = tally.kept + tally.late + tally.missing
        if not due or (tally.group not in shown and result.by[-1:] not in (("month",), ("year",))):
            continue
        for place, outcome in enumerate(JUDGED):
            count = getattr(tally, outcome)
            unseen = outcome == "missing" and tally.clause in result.partial
            rows.append(
                {
                    "clause": _label(result, tally.clause),
                    "group": ", ".join(value or "–" for value in tally.group),
                    "outcome": NOT_RECORDED if unseen else outcome,
                    "place": place,
                    "obligations": count,
                    "due": due,
                    "share": count / due,
                    "median_hours": tally.median_hours,
                }
            )
    return rows
