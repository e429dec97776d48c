"""Results: is what was agreed kept, for whom, and is it changing."""

import csv
import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from naer.events.instant import MINUTE, Instant
from naer.indicators.disclosure import LEAST
from naer.indicators.proportion import wilson
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.agreements import clauses
from naer.site.governance import asked as questions
from naer.site.governance import compared, figures, overview, words
from naer.site.governance.asked import Asked
from naer.site.governance.behind import behind
from naer.site.governance.counted import Count, read
from naer.site.governance.figures import Share
from naer.site.governance.period import CHOICES, long_month
from naer.site.governance.words import Definition
from naer.site.ui.requests import now_of, person

STALE = 10 * MINUTE
"""A count that is older is shown, and said to be."""


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The page of results."""
    user, now = _reader(request), now_of(request)
    count = read(settings.LOG_STORE)
    if count is None:
        return render(request, "governance/none.html", {})
    question = _asked(request, user, now, count)
    table = figures.kept(count, now)
    chosen = figures.within(table, question.period)
    agreements = overview.agreements(chosen if not chosen.is_empty() else table)
    agreement = question.agreement if question.agreement in agreements else next(iter(agreements), "")
    names = questions.names()
    found = compared.clause_figures(table, agreement, question.period, question.municipality)
    context = {
        **_frame(count, question, names),
        "agreements": agreements,
        "agreement": agreement,
        "choices": CHOICES.items(),
        "clauses": overview.by_clause(found, question),
        "unverified": any(not one.text.verified for one in found),
        "partial": any(one.text.partial for one in found),
        "lowest": overview.lowest(found),
        "obligations": sum(one.whole.denominator for one in found if not one.whole.hidden),
        "attention": words.attention(found, question.municipality, names.get(question.municipality, "")),
        "compared": overview.comparison(found, question, names),
        "waiting": overview.days_ready(figures.days_ready(count), question, names),
        "again": overview.readmitted(figures.readmitted(count, now), question, now),
        "definitions": [words.kept_definition(), words.waiting_definition(), words.again_definition()],
    }
    return render(request, "governance/results.html", context)


@require_safe
def kept(request: HttpRequest, agreement_id: str, clause_id: str) -> HttpResponse:
    """One number: how a clause was kept, and the obligations behind it."""
    text = clauses.text(agreement_id, clause_id, None)
    chosen = (pl.col("agreement") == agreement_id) & (pl.col("clause") == clause_id)

    def table(count: Count, now: Instant) -> pl.DataFrame:
        found = figures.kept(count, now).filter(chosen)
        if found.is_empty():
            raise Http404
        return found

    title = text.title
    more = {"text": text, "agreement": agreement_id, "clause": clause_id, "what": "kept", "order": "due"}
    return _number(request, table, words.kept_definition(), words.KEPT_PARTS, {"title": title, **more})


@require_safe
def days_ready(request: HttpRequest) -> HttpResponse:
    """One number: days ready for discharge, and the stays behind it."""
    more = {"what": "days-ready", "order": "end"}
    definition = words.waiting_definition()
    return _number(
        request,
        lambda count, _: figures.days_ready(count),
        definition,
        words.WAITING_PARTS,
        {"title": definition.name, **more},
    )


@require_safe
def readmitted(request: HttpRequest) -> HttpResponse:
    """One number: readmissions, and the stays behind it."""
    more = {"what": "readmitted", "order": "end"}
    definition = words.again_definition()
    return _number(
        request, figures.readmitted, definition, words.AGAIN_PARTS, {"title": definition.name, **more}
    )


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """The shares of each clause by municipality and month, as CSV; small groups are empty."""
    user, now = _reader(request), now_of(request)
    count = read(settings.LOG_STORE)
    if count is None:
        raise Http404
    question = _asked(request, user, now, count)
    chosen = figures.within(figures.kept(count, now), question.period)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="naer-results.csv"'
    sheet = csv.writer(answer)
    sheet.writerow(
        ["agreement", "clause", "verified", "municipality", "month", "kept", "due", "excluded", "hidden"]
    )
    groups = figures.shares(chosen, "agreement", "clause", "municipality", "month")
    whole: dict[tuple[Any, ...], dict[Any, Share]] = {}
    for (agreement, clause, code, month), one in groups.items():
        whole.setdefault((agreement, clause, code), {})[month] = one
    places: dict[tuple[Any, ...], dict[Any, Share]] = {}
    for (agreement, clause, code), months in whole.items():
        places.setdefault((agreement, clause), {})[code] = figures.total(months.values())
    for (agreement, clause, code), months in sorted(whole.items(), key=str):
        if question.municipality and code != question.municipality:
            continue
        few = figures.cover(places[agreement, clause])[code].hidden
        verified = clauses.text(agreement, clause, None).verified
        for month, one in sorted(figures.cover(months).items()):
            hide = few or one.hidden
            left_out = "" if 0 < one.left_out < LEAST else one.left_out
            number = "" if one.rough else one.numerator
            counts = ["", "", ""] if hide else [number, one.denominator, left_out]
            said = "share" if one.rough and not hide else hide
            sheet.writerow([agreement, clause, verified, code, f"{month:%Y-%m}", *counts, said])
    return answer


def _reader(request: HttpRequest) -> User:
    """Who reads.

    Raises:
        PermissionDenied: when the role sees no results.
    """
    user = person(request)
    if not rules.may(user, "results"):
        raise PermissionDenied("the role sees no results")
    return user


def _asked(request: HttpRequest, user: User, now: Instant, count: Count) -> Asked:
    """What was asked for.

    Raises:
        Http404: when it is a municipality that is neither registered nor in the numbers.
    """
    question = questions.asked(request, user, now)
    known = {"", questions.own(user), *questions.names()}
    if question.municipality not in known.union(figures.codes(count.obligations), figures.codes(count.stays)):
        raise Http404
    return question


def _frame(count: Count, question: Asked, names: Mapping[str, str]) -> dict[str, Any]:
    """What every page of results says about what it shows."""
    return {
        "count": count.state,
        "stale": time.time_ns() // 1000 - count.state.counted > STALE,
        "asked": question,
        "query": question.query(),
        "names": names,
        "place": names.get(question.municipality, question.municipality),
        "least": LEAST,
    }


def _number(
    request: HttpRequest,
    table_of: Callable[[Count, Instant], pl.DataFrame],
    definition: Definition,
    parts: Mapping[str, str | Promise],
    more: dict[str, Any],
) -> HttpResponse:
    """A number's page: its definition, what it is made of, the cases that the reader may see."""
    user, now = _reader(request), now_of(request)
    count = read(settings.LOG_STORE)
    if count is None:
        return render(request, "governance/none.html", {})
    question = _asked(request, user, now, count)
    table = table_of(count, now)
    whole = figures.within(table, question.narrow)
    chosen = figures.within(whole, question.narrow, question.municipality)
    share = compared.beside(whole, question.narrow, question.municipality)
    if question.month:
        share = replace(share, hidden=share.hidden or _month_hidden(table, question))
    if more["what"] == "days-ready":  # days tell how many had them
        share = replace(share, hidden=share.hidden or share.rough)
    few = share.hidden
    counts = {"numerator": share.numerator, "rest": share.denominator - share.numerator, **share.excluded}
    part = question.part if question.part in counts else ""
    cases = chosen.filter(pl.col("part") == part) if part else chosen
    listed = None
    told = not share.rough or (part and part not in figures.COUNTED)
    if (told and not few) or rules.sight_of_results(user) == "citizen":
        listed = behind(user, cases, now, request.GET.get("page", "1"), more["order"])
        if not told or (not part and 0 < share.left_out < LEAST):  # all less the others would tell
            listed = replace(listed, others=0)
        rules.trace_results(user, _subject(more, question, part), now)
    names = questions.names()
    context = {
        **_frame(count, question, names),
        **more,
        "definition": definition,
        "share": share,
        "interval": [100 * end for end in wilson(share.numerator, share.denominator)]
        if share.denominator and not few and not share.rough
        else None,
        "waiting": figures.waiting(chosen)[""] if more["what"] == "days-ready" and not few else None,
        "parts": [
            (name, str(parts[name]), _said(share, name, counts[name]), name in figures.COUNTED)
            for name in parts
            if name in counts
        ],
        "part": part,
        "part_words": str(parts[part]) if part else "",
        "listed": listed,
        "organisations": dict(Organisation.objects.values_list("key", "name")),
        "month": long_month(question.month) if question.month else "",
        "now": now,
    }
    return render(request, "governance/number.html", context)


def _said(share: Share, part: str, size: int) -> str:
    """How many a part of a number has, as far as it may be told."""
    told = {figures.NUMERATOR: words.counted, figures.REST: words.others}
    return told[part](share) if part in told else words.few(size)


def _month_hidden(table: pl.DataFrame, question: Asked) -> bool:
    """Whether the month asked for is one that its period, less the other months, must not tell."""
    chosen = figures.within(table, question.period, question.municipality)
    groups = {month: one for (month,), one in figures.shares(chosen, "month").items()}
    shown = dict(zip(question.period.months, figures.months(groups, question.period), strict=True))
    return question.month is not None and shown[question.month].hidden


def _subject(more: Mapping[str, Any], question: Asked, part: str) -> str:
    """What was looked at, for the trace: the number, not the people."""
    what = " ".join(str(more[name]) for name in ("what", "agreement", "clause") if name in more)
    months: tuple[dt.date, ...] = question.narrow.months
    return f"{what} {months[0]:%Y-%m}/{months[-1]:%Y-%m} {question.municipality or 'all'} {part}".strip()
