"""The page of a general practice: its patients in hospital and on the way home, what it owes and is owed."""

from itertools import islice

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.discharge import lines, pages, queries
from naer.site.messaging import conversation_list
from naer.site.pathways import actions, met_on, obligations, today
from naer.site.pathways.obligations import Row
from naer.site.pathways.running import running
from naer.site.sql import sql
from naer.site.ui.requests import new_id, now_of, person

_MOST = 20
"""Rows of each list; the heading says how many there are."""
SECTIONS = {"leaving": "today", "waiting": "later", "admitted": "staying", "home": "back"}
"""What is shown of the patients, those on the way home first, and what `discharge.queries` calls them."""


@require_safe
def practice(request: HttpRequest) -> HttpResponse:
    """The patients of the reader's practice, and what is owed about them."""
    user, now = _doctor(request), now_of(request)
    sections = _sections(user, now)
    by, to, kept = _owed(user, now)
    named = {one.citizen.key for _, _, rows in sections for one in rows}
    named |= {row.citizen.key for row in (*by, *to, *kept)}
    rules.looked_at(user, named, "practice", now, "look-list")
    context = {
        "sections": [
            {"name": name, "count": count, "rows": lines.patients(rows, now)}
            for name, count, rows in sections
        ],
        "owed_by": lines.owed_by(by, get_token(request)),
        "owed_to": lines.owed_to(to),
        "kept": lines.kept(kept, now),
        "unread": conversation_list.unread(user),
        "now": now,
    }
    return render(request, "discharge/practice.html", context)


@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """With one click: what the practice owes was done now; it can be taken back."""
    user, now = _doctor(request), now_of(request)
    own = sql("id = %s AND owed_by = %s", pk, user.organisation_id)
    found = obligations.found(running(user, now, own).first(now, 1), now)
    if not found:
        raise Http404
    (row,) = found
    if place := met_on.page_of(row.obligation, row.clause.deliver):
        return redirect(place)
    try:
        actions.fulfil(user, pk, attributes={"channel": "manual"}, now=now, new_id=new_id)
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


def _sections(user: User, now: Instant) -> list[tuple[str, int, list[pages.Shown]]]:
    """Of each section its name, how many of the practice's patients are in it, and some of them."""
    table = queries.Table(user, now, groups=SECTIONS.values())
    lists = [table.of(group) for group in SECTIONS.values()]
    firsts = [some[0:_MOST] for some in lists]
    citizens = queries.citizens([key for some in firsts for key in some])
    rows = iter(pages.rows(user, queries.rows(citizens, now), now))
    return [
        (name, one.count(), list(islice(rows, len(some))))
        for name, one, some in zip(SECTIONS, lists, firsts, strict=True)
    ]


def _owed(user: User, now: Instant) -> tuple[list[Row], list[Row], list[Row]]:
    """What the practice owes, and what is owed to it, soonest due first; and what it did today."""
    own = user.organisation_id
    firsts = (
        running(user, now, sql("owed_by = %s", own)).first(now, _MOST),
        running(user, now, sql("owed_to = %s AND owed_by <> %s", own, own)).first(now, _MOST),
        [key for key, *_ in today.kept_today(user, now)[:_MOST]],
    )
    rows = iter(obligations.found([key for some in firsts for key in some], now))
    by, to, kept = (list(islice(rows, len(some))) for some in firsts)
    return by, to, kept
