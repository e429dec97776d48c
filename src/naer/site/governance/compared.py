"""The sections of the page of results: each clause, the municipalities, the days ready, readmissions."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from naer.events.instant import Instant, from_local
from naer.indicators.funnel import Funnel, Standing, Unit, funnel
from naer.indicators.run_chart import RunChart, Signal, run_chart
from naer.indicators.stays import DENMARK
from naer.site.agreements import clauses
from naer.site.agreements.clauses import ClauseText
from naer.site.agreements.in_force import agreements
from naer.site.governance import figures
from naer.site.governance.figures import Share
from naer.site.governance.period import Period, following
from naer.site.ui.times import ZONE

ALARMS: frozenset[Standing] = frozenset({"low"})


@dataclass(frozen=True, slots=True)
class ClauseFigure:
    """How one clause was kept: in the municipality asked for, by month, and beside all of them."""

    text: ClauseText
    number: int | None
    """Its number on the page of the agreement."""
    owed_by: str
    owed_to: str
    """Roles."""
    whole: Share
    months: tuple[Share, ...]
    everywhere: Share
    by_municipality: Mapping[str, Share]
    chart: RunChart | None
    funnel: Funnel | None

    @property
    def signal(self) -> Signal | None:
        """The run that the last month shown is part of, if any."""
        if self.chart is None or len(self.chart.values) < 2:
            return None
        last = len(self.chart.values) - 1
        ending = [one for one in self.chart.signals if one.last == last]
        return max(ending, key=lambda one: one.length, default=None)

    def standing(self, municipality: str) -> Standing | None:
        """Where a municipality stands in the funnel."""
        placed = self.funnel.placed if self.funnel else ()
        return next((standing for unit, standing in placed if unit.key == municipality), None)


def clause_figures(
    table: pl.DataFrame, agreement: str, period: Period, municipality: str
) -> list[ClauseFigure]:
    """The clauses of one agreement that were due in a period, in the agreement's order."""
    chosen = figures.within(table.filter(pl.col("agreement") == agreement), period)
    if chosen.is_empty():
        return []
    line = agreements().line(agreement)
    run = [one for one in line.versions[-1].clauses if not one.is_text] if line else []
    numbers = {one.id: place for place, one in enumerate(run, start=1)}
    parties = {
        clause: (by, to)
        for clause, by, to in chosen.group_by("clause")
        .agg(pl.col("owed_by_role").mode().first(), pl.col("owed_to_role").mode().first())
        .iter_rows()
    }
    everywhere = figures.shares(chosen, "clause")
    places = figures.shares(chosen, "clause", "municipality")
    own = figures.within(chosen, period, municipality)
    wholes, by_month = figures.shares(own, "clause"), figures.shares(own, "clause", "month")
    found = []
    for clause in sorted(parties, key=lambda name: (numbers.get(name, len(numbers) + 1), name)):
        around = figures.cover({code: one for (name, code), one in places.items() if name == clause and code})
        whole = around.get(municipality, Share()) if municipality else figures.alone(wholes[(clause,)])
        months = figures.months({m: one for (name, m), one in by_month.items() if name == clause}, period)
        if whole.hidden:
            months = tuple(replace(one, hidden=True) for one in months)
        found.append(
            ClauseFigure(
                text=clauses.text(agreement, clause, None),
                number=numbers.get(clause),
                owed_by=parties[clause][0] or "",
                owed_to=parties[clause][1] or "",
                whole=whole,
                months=months,
                everywhere=figures.alone(everywhere[(clause,)]),
                by_municipality=around,
                chart=over_time(months),
                funnel=compare(around),
            )
        )
    return found


def compare(groups: Mapping[str, Share]) -> Funnel | None:
    """The funnel of the groups that may be shown; None when fewer than two may."""
    units = [
        Unit(code, one.numerator, one.denominator)
        for code, one in sorted(groups.items(), key=lambda item: -item[1].denominator)
        if one.denominator and not one.hidden
    ]
    found = funnel(units) if len(units) > 1 else None
    return found and replace(
        found,
        placed=tuple(
            (replace(unit, numerator=groups[unit.key].drawn), standing) for unit, standing in found.placed
        ),
    )


def over_time(months: Iterable[Share]) -> RunChart | None:
    """The run chart of the months that may be shown: judged by what they are, drawn as they may be told."""
    shown = [one for one in months if one.exact is not None and one.percent is not None]
    judged = run_chart([one.exact for one in shown if one.exact is not None])
    drawn = run_chart([one.percent for one in shown if one.percent is not None])
    return judged and drawn and replace(judged, values=drawn.values, centre=drawn.centre)


def most_telling(found: list[ClauseFigure], municipality: str) -> ClauseFigure | None:
    """The clause to compare first: where the municipality, or else any, differs most from all."""
    weight = {"low": 4, "high": 3, "rather low": 2, "rather high": 1, "within": 0}

    def place(one: ClauseFigure) -> tuple[int, int, int]:
        own = weight.get(one.standing(municipality) or "within", 0)
        all_ = [weight[standing] for _, standing in one.funnel.placed] if one.funnel else []
        return own, sum(all_), one.everywhere.denominator

    compared = [one for one in found if one.funnel]
    return max(compared, key=place, default=None)


@dataclass(frozen=True, slots=True)
class Readmissions:
    """Discharges followed by another admission within the window, by month of discharge."""

    months: tuple[tuple[dt.date, Share, bool], ...]
    """Month, its share, and whether its follow-up is complete."""
    whole: Share
    chart: RunChart | None

    @property
    def shown(self) -> list[tuple[dt.date, Share]]:
        """The months with a point."""
        return [(month, one) for month, one, complete in self.months if complete and one.share is not None]


def readmissions(table: pl.DataFrame, period: Period, municipality: str, now: Instant) -> Readmissions:
    """Readmissions of a period, by month; a month without all its days of follow-up has no point."""
    chosen = figures.within(table, period, municipality)
    groups = {month: one for (month,), one in figures.shares(chosen, "month").items()}
    whole = beside(table, period, municipality)
    rows = []
    for month, one in zip(period.months, figures.months(groups, period), strict=True):
        end = from_local(dt.datetime.combine(following(month), dt.time()), ZONE)
        shown = replace(one, hidden=one.hidden or whole.hidden)
        rows.append((month, shown, end + DENMARK.window <= now))
    found = tuple(rows)
    return Readmissions(found, whole, over_time(one for _, one, complete in found if complete))


def beside(table: pl.DataFrame, period: Period, municipality: str) -> Share:
    """The share of a municipality as it may be told beside the others, or of all together."""
    chosen = figures.within(table, period)
    if not municipality:
        return figures.alone(figures.share(chosen))
    groups = figures.shares(chosen, "municipality")
    return figures.cover({key[0]: one for key, one in groups.items() if key[0]}).get(municipality, Share())
