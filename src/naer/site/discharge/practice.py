"""The page of a general practice: its patients in hospital and on the way home, what it owes and is owed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.discharge import pages, queries
from naer.site.messaging import conversation_list
from naer.site.pathways import actions, met_on, obligations, today
from naer.site.pathways.models import Citizen
from naer.site.pathways.obligations import Row
from naer.site.ui.requests import new_id, now_of, person

_MOST = 20
"""Rows of each list; the heading says how many there are."""
SECTIONS = ("leaving", "waiting", "admitted", "home")
"""What is shown of the patients: those on the way home first."""


@require_safe
def practice(request: HttpRequest) -> HttpResponse:
    """The patients of the reader's practice, and what is owed about them."""
    user, now = _doctor(request), now_of(request)
    sections = [_section(user, name, now) for name in SECTIONS]
    by, to = _owed(user, now)
    kept = today.kept_today(user, now)[:_MOST]
    named = {one.citizen.key for section in sections for one in section["rows"]}
    named |= {row.citizen.key for row in (*by, *to)}
    rules.looked_at(user, named, "practice", now, "look-list")
    context = {
        "sections": sections,
        "owed_by": by,
        "owed_to": to,
        "kept": obligations.rows(kept, now),
        "unread": conversation_list.unread(user, now),
        "now": now,
    }
    return render(request, "discharge/practice.html", context)


@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """With one click: what the practice owes was done now; it can be taken back."""
    user, now = _doctor(request), now_of(request)
    owed = obligations.owed(user, now, "owed_by").filter(pk=pk).first()
    if owed is None:
        raise Http404
    (row,) = obligations.rows([owed], now)
    if place := met_on.page_of(owed, row.clause.deliver):
        return redirect(place)
    try:
        actions.fulfil(user, owed.pk, attributes={"channel": "manual"}, now=now, new_id=new_id)
    except actions.ActionRefusedError:
        messages.error(request, _("Nothing was changed. It is closed already, or it is not yours to close."))
    else:
        messages.success(request, _("Recorded as done now. It can be taken back below."))
    return redirect("practice")


def _doctor(request: HttpRequest) -> User:
    """Who is signed in, of a practice.

    Raises:
        PermissionDenied: when they work elsewhere.
    """
    user = person(request)
    own = user.organisation
    if own is None or own.role != Organisation.Role.GP or not rules.sees_citizens(user, queries.LOOK):
        raise PermissionDenied("the page of a general practice")
    return user


def _section(user: User, name: str, now: Instant) -> dict[str, Any]:
    """Some of the practice's patients, and how many there are."""
    found = _patients(user, name, now)
    rows = queries.rows(list(found[:_MOST]), now)
    return {"name": name, "count": found.count(), "rows": pages.rows(user, rows, now)}


def _patients(user: User, name: str, now: Instant) -> QuerySet[Citizen]:
    if name == "leaving":
        return queries.listed(user, now, "today")
    if name == "waiting":
        return queries.listed(user, now, "waiting").exclude(
            pk__in=queries.listed(user, now, "today").order_by().values("pk")
        )
    if name == "admitted":
        return queries.listed(user, now, "admitted") | queries.listed(user, now, "expected")
    return queries.listed(user, now, "home") | queries.listed(user, now, "visited")


def _owed(user: User, now: Instant) -> tuple[list[Row], list[Row]]:
    """What the practice owes, and what is owed to it, soonest due first."""
    by = obligations.owed(user, now, "owed_by")[:_MOST]
    to = obligations.owed(user, now, "owed_to").exclude(owed_by=user.organisation_id)[:_MOST]
    return obligations.rows(by, now), obligations.rows(to, now)
