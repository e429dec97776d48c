"""Numbers in the templates of results."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from naer.events.instant import Instant, local_date
from naer.indicators.funnel import Standing
from naer.site.governance import period, words
from naer.site.governance.compared import ClauseFigure
from naer.site.governance.figures import Share
from naer.site.ui import times
from naer.site.ui import words as ui_words
from naer.site.ui.state import state
from naer.site.ui.templatetags import naer

register = template.Library()


@register.filter
def percent(one: Share) -> str:
    """94 %, or why there is none."""
    return words.share(one)


@register.filter
def percent_1(one: Share) -> str:
    """As `percent`, with one decimal."""
    return words.share(one, 1)


@register.filter
def counted(one: Share) -> str:
    """The numerator, or what of it may be told."""
    return words.counted(one)


@register.filter
def fraction(one: Share) -> str:
    return words.fraction(one)


@register.filter
def number(value: float) -> str:
    return words.number(value)


@register.filter
def number_1(value: float | None) -> str:
    return "–" if value is None else words.number(value, 1)


@register.filter
def few(value: int) -> str:
    return words.few(value)


@register.filter
def standing(name: Standing) -> str:
    return str(words.STANDINGS[name])


@register.filter
def trend(figure: ClauseFigure) -> str:
    return words.trend(figure)


@register.filter
def get(titles: Mapping[str, str], name: str) -> str:
    """The value of a key; the key itself where there is none."""
    return titles.get(name, name)


@register.simple_tag
def month_short(day: dt.date) -> str:
    return f"{period.short_month(day)} {day:%y}" if day.month == 1 else period.short_month(day)


@register.simple_tag
def spark_words(one: Mapping[str, Any]) -> str:
    """A small chart in one sentence."""
    shown = [month for month in one["months"] if month[1].percent is not None]
    if not shown:
        return _("Nothing to show")
    return _("%(n)d months, from %(first)s to %(last)s") % {
        "n": len(shown),
        "first": words.share(shown[0][1]),
        "last": words.share(shown[-1][1]),
    }


@register.simple_tag
def funnel_words(found: Mapping[str, Any], place: str) -> str:
    """The finding of a funnel."""
    if found["own"] == "low":
        return _("%(place)s is below what chance explains") % {"place": place}
    if found["own"] == "high":
        return _("%(place)s is above what chance explains") % {"place": place}
    if found["low"]:
        return _("Below what chance explains: %(names)s") % {"names": ", ".join(found["low"])}
    if found["high"]:
        return _("Above what chance explains: %(names)s") % {"names": ", ".join(found["high"])}
    return _("No municipality differs clearly by more than chance explains")


@register.simple_tag
def again_words(found: Mapping[str, Any]) -> str:
    """The finding of the run chart."""
    chart = found["found"].chart
    if chart is None or len(chart.values) < 2:
        return _("Too few months to say whether it changes")
    last = len(chart.values) - 1
    ending = [one for one in chart.signals if one.last == last]
    if any(one.pattern in ("below", "falling") for one in ending):
        return _("Readmissions have fallen by more than chance explains")
    if any(one.pattern in ("above", "rising") for one in ending):
        return _("Readmissions have risen by more than chance explains")
    return _("No change that chance does not explain")


@register.simple_tag(takes_context=True)
def owes_party(context: template.Context, role: str | None, key: str | None) -> SafeString:
    """A party by name, with its shape."""
    names = context.get("organisations") or {}
    return naer.party(role or "", names.get(key or "", ui_words.role(role or "unknown")))


@register.simple_tag
def case_time(instant: Instant | None, exact: bool, now: Instant) -> SafeString | str:
    """A point in time; the day only where the reader sees no names."""
    if instant is None:
        return "–"
    if exact:
        return naer.moment(instant, now)
    return format_html(
        '<time datetime="{}">{}</time>', local_date(instant, times.ZONE).isoformat(), times.date(instant, now)
    )


@register.simple_tag
def case_state(case: Mapping[str, Any], now: Instant) -> SafeString:
    """What became of an obligation: shape and word."""
    outcome = "" if case["outcome"] == "open" else case["outcome"]
    found = state(
        outcome, case["due"], case["closed_at"], now, start=case["triggered_at"], partial=case["partial"]
    )
    return naer.state(found, not case["verified"])
