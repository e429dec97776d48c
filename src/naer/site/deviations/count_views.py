"""Deviations counted, as a page and as CSV, and the learning list."""

import csv
import datetime as dt

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from naer.events.instant import Instant, from_local
from naer.site.access import deviations as access
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.deviations import classes, counting
from naer.site.governance import asked
from naer.site.governance import period as periods
from naer.site.governance.period import Period
from naer.site.ui.requests import now_of, person
from naer.site.ui.times import ZONE


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """How many there were, by clause and place, and by what they are classified as."""
    user, now = _reader(request), now_of(request)
    chosen = periods.period(request.GET.get("period", ""), now)
    since, until = _span(chosen, now)
    counted = counting.tally(user, since, until, now)
    tables = [
        (classes.STAGES, counting.by(counted, lambda one: one.stage), "stage"),
        (classes.CAUSES, counting.by(counted, lambda one: one.cause), "cause"),
        (classes.HARMS, counting.by(counted, lambda one: one.harm), "harm"),
    ]
    context = {
        "lines": counting.lines(counted),
        "tables": [
            (name, [(words, found[key]) for key, words in table.items() if found[key]])
            for table, found, name in tables
        ],
        "places": asked.names(),
        "period": chosen.name,
        "periods": periods.CHOICES.items(),
        "reads": access.may(user, "look-deviation"),
        "now": now,
    }
    return render(request, "deviations/counts.html", context)


@require_safe
def counts_csv(request: HttpRequest) -> HttpResponse:
    """The same as CSV (UTF-8, comma): one line for each combination that occurs, names as in the log."""
    user, now = _reader(request), now_of(request)
    chosen = periods.period(request.GET.get("period", ""), now)
    counted = counting.tally(user, *_span(chosen, now), now)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="naer-deviations.csv"'
    sheet = csv.writer(answer)
    sheet.writerow([*counting.Dims._fields, "count"])
    for dims, count in sorted(counted.items()):
        sheet.writerow([*dims[:-1], "yes" if dims.by_engine else "no", count])
    return answer


@require_safe
def learning(request: HttpRequest) -> HttpResponse:
    """What was learnt, without names."""
    user, now = _reader(request), now_of(request)
    context = {
        "learnt": counting.learnt(user, now),
        "reads": access.may(user, "look-deviation"),
        "now": now,
    }
    return render(request, "deviations/learning.html", context)


def _span(chosen: Period, now: Instant) -> tuple[Instant, Instant]:
    """From the first instant of a period until now: what was raised this month is counted too."""
    first = dt.datetime.combine(chosen.first, dt.time())
    return from_local(first, ZONE), now + 1


def _reader(request: HttpRequest) -> User:
    user = person(request)
    if not rules.may(user, "deviations"):
        raise PermissionDenied
    return user
