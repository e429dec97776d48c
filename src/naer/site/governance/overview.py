"""The parts of the page of results: clauses, the comparison of places, days ready, readmissions."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from naer.agreement import in_language
from naer.events.instant import Instant
from naer.indicators.proportion import wilson
from naer.site.agreements import clauses
from naer.site.governance import charts, compared, figures, words
from naer.site.governance.asked import Asked
from naer.site.governance.compared import ClauseFigure
from naer.site.governance.figures import Share, Waiting
from naer.site.governance.period import short_month


def agreements(table: pl.DataFrame) -> dict[str, str]:
    """Agreement → title, the one with most obligations first."""
    found = table.group_by("agreement").len().sort("len", "agreement", descending=[True, False])
    titles = {}
    for name in found["agreement"].to_list():
        whole = clauses.find(name)
        titles[name] = (in_language(whole.title, clauses.language()) if whole else None) or name
    return titles


def lowest(found: list[ClauseFigure]) -> int:
    """Where the drawings of shares begin, in percent: the same for all."""
    values = [
        one.percent for each in found for one in (*each.months, each.everywhere) if one.percent is not None
    ]
    return charts.floor_of(values)


def by_clause(found: list[ClauseFigure], question: Asked) -> list[dict[str, Any]]:
    """Each clause with how it was kept month by month, and whether that is worse."""
    floor = lowest(found)
    return [
        {
            "figure": one,
            "spark": charts.spark(
                [month.percent for month in one.months],
                one.everywhere.percent if question.municipality else None,
                floor,
            ),
            "worse": words.worse(one.signal),
            "ends": [month for month in one.months if month.percent is not None],
            "months": list(zip(question.period.months, one.months, strict=True)),
        }
        for one in found
    ]


def comparison(found: list[ClauseFigure], question: Asked, names: Mapping[str, str]) -> dict[str, Any] | None:
    """The funnel of the clause asked for, else of the most telling one."""
    asked = next((one for one in found if one.text.id == question.clause and one.funnel), None)
    shown = asked or compared.most_telling(found, question.municipality)
    if shown is None or shown.funnel is None:
        return None
    placed = {unit.key: (unit, standing) for unit, standing in shown.funnel.placed}
    groups = shown.by_municipality
    rows = [
        {
            "code": code,
            "name": names.get(code, code),
            "share": groups[code],
            "standing": placed[code][1] if code in placed else None,
            "interval": [100 * end for end in wilson(groups[code].numerator, groups[code].denominator)]
            if code in placed and not groups[code].rough
            else None,
        }
        for code in sorted(groups, key=lambda code: (-groups[code].denominator, code))
    ]
    return {
        "figure": shown,
        "chosen": asked is not None,
        "chart": charts.funnel_chart(
            shown.funnel, lambda code: names.get(code, code), question.municipality, words.number
        ),
        "centre": words.percent(100 * shown.funnel.centre),
        "rows": rows,
        "hidden": [row["name"] for row in rows if groups[str(row["code"])].hidden],
        "low": [row["name"] for row in rows if row["standing"] == "low"],
        "high": [row["name"] for row in rows if row["standing"] == "high"],
        "choices": [one.text for one in found if one.funnel],
        "own": shown.standing(question.municipality),
    }


def days_ready(table: pl.DataFrame, question: Asked, names: Mapping[str, str]) -> dict[str, Any] | None:
    """Days ready by municipality, this period and, where there are data, the one before."""
    this = figures.waiting(figures.within(table, question.period))
    earlier = figures.within(table, question.period.before())
    full = earlier.filter(pl.col("month") == question.period.before().first).height > 0
    before = figures.waiting(earlier) if full else {}
    whole = this.get(question.municipality, Waiting(Share()))
    if not this[""].stays.denominator:
        return None
    rows = [
        (code, names.get(code, code), one, before.get(code))
        for code, one in sorted(this.items(), key=lambda item: -(item[1].rate or 0))
        if code
    ]
    drawn = [
        (name, one.rate, then.rate if then else None, code == question.municipality)
        for code, name, one, then in rows
        if one.rate is not None
    ]
    return {
        "whole": whole,
        "everywhere": this[""],
        "rows": rows,
        "chart": charts.dots(drawn, words.number),
        "before": full,
        "hidden": [name for _code, name, one, _then in rows if one.stays.hidden],
    }


def readmitted(table: pl.DataFrame, question: Asked, now: Instant) -> dict[str, Any]:
    """Readmissions of the period month by month, with their run chart."""
    found = compared.readmissions(table, question.period, question.municipality, now)
    shown = found.shown
    drawing = None
    if found.chart is not None and len(shown) > 1:
        drawing = charts.run_drawing(
            found.chart,
            [f"{short_month(month)} {month:%y}" for month, _ in shown],
            [
                question.period.months.index(month) - question.period.months.index(shown[0][0])
                for month, _ in shown
            ],
            frozenset({"below", "falling"}),
            words.run,
            words.number,
        )
    return {
        "found": found,
        "shown": shown,
        "chart": drawing,
        "centre": words.percent(found.chart.centre, 1) if found.chart else "",
        "waiting": [
            month for month, one, complete in found.months if not complete and one.denominator + one.left_out
        ],
    }
