"""The start page and its live part."""

from dataclasses import dataclass
from typing import Any, Self

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from naer.events.instant import MINUTE, Instant
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import outgoing
from naer.site.pathways import lines, search
from naer.site.pathways.forms import refuse_numbers
from naer.site.pathways.history import histories
from naer.site.pathways.models import Citizen
from naer.site.pathways.today import Part, Today, as_filters, counts, fingerprint, pulse, today
from naer.site.ui import words
from naer.site.ui.mini import mini
from naer.site.ui.requests import now_of, person

_SESSION = "today"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an open page has shown: it asks every few seconds whether that is still so."""

    pulse: str
    """Of the whole database: while it stands, nothing at all was written."""
    fingerprint: str
    """Of the reader's own page."""
    minute: str
    """States are told by the minute, so the page is renewed when it turns."""

    @classmethod
    def of(cls, text: str) -> Self:
        """As it came back from the page; whatever is not understood differs from everything."""
        pulse, _, rest = text.partition("-")
        found, _, minute = rest.partition("@")
        return cls(pulse, found, minute)

    def __str__(self) -> str:
        return f"{self.pulse}-{self.fingerprint}@{self.minute}"


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Today. Filters are posted and kept in the session: a citizen's name stands in no address."""
    if request.method == "POST":
        return _filter(request)
    if "all" in request.GET:
        request.session.pop(_SESSION, None)
        return redirect("today")
    user, now = person(request), now_of(request)
    if user.role in (User.Role.CITIZEN, User.Role.RELATIVE):
        return redirect("own")
    filters = as_filters(request.session.get(_SESSION, {}))
    part = Part(request.GET.get("page", "1")[:6], request.GET.get("owed", "1")[:6], "old" in request.GET)
    polled = bool(request.htmx) and "seen" in request.GET  # type: ignore[attr-defined]
    before = _Seen.of(request.GET["seen"]) if polled else None
    beat, minute = pulse(), str(now // MINUTE)
    if before is not None and (before.pulse, before.minute) == (beat, minute):
        return HttpResponse(status=204)
    counted = counts(user, now)
    seen = _Seen(beat, fingerprint(counted), minute)
    if before is not None and (before.fingerprint, before.minute) == (seen.fingerprint, minute):
        return HttpResponse(status=204)
    found = today(user, now, filters, part, counted)
    context: dict[str, Any] = {
        "today": found,
        "before": lines.work(found.before, now, primary=True),
        "after": lines.work(found.after, now, primary=not found.before),
        "owed": lines.owed(found.owed_rows, now),
        "kept": lines.kept(found.kept),
        "now": now,
        "filters": filters,
        "filtered": filters != as_filters({}),
        "recipients": lines.recipients(found.recipients, filters.to),
        "spots": lines.spots(found.spots),
        "seen": str(seen),
        "query": urlencode({"page": part.page, "owed": part.owed} | ({"old": "1"} if part.old else {})),
        "old": part.old,
        "oob": polled,
        "changed": before is not None and before.fingerprint != seen.fingerprint,
        "stays": _stays(found, now),
        "place": user.organisation.name if user.organisation else "",
        "other_mark": "p-municipality" if _is_hospital(user) else "p-hospital",
        "may_upload": rules.may(user, "upload"),
        "may_log": rules.may(user, "message-log"),
        "waiting_for_us": outgoing.needing_somebody(user, now)[:100].count(),
        "may_results": rules.may(user, "results"),
        "sees_nobody": not rules.sees_citizens(user),
    }
    return render(request, "pathways/today_live.html" if polled else "pathways/today.html", context)


def _filter(request: HttpRequest) -> HttpResponse:
    """Keep the filters in the session. A person number is not kept there: it leads to its citizen."""
    given = {name: request.POST.get(name, "") for name in ("to", "until", "name")}
    try:
        refuse_numbers(given["name"])
    except ValidationError as error:
        found = search.by_number(person(request), given["name"], now_of(request))
        if found is not None:
            return redirect("citizen", found.key)
        messages.error(request, error.message)
        given["name"] = ""
    request.session[_SESSION] = given
    return redirect(f"{reverse('today')}?old=1" if request.POST.get("old") else "today")


def _is_hospital(user: User) -> bool:
    return user.organisation is not None and user.organisation.role == Organisation.Role.HOSPITAL


def _stays(found: Today, now: Instant) -> list[dict[str, Any]]:
    """Citizens in hospital with their small threads, grouped by status, in the order of the list."""
    told = histories([citizen.key for citizen in found.citizens], now)
    groups: dict[str, list[dict[str, Any]]] = {}
    for citizen in found.citizens:
        stay = next((s for s in reversed(told[citizen.key].stays) if s.end is None), None)
        begun = stay.start if stay is not None else None
        ready = told[citizen.key].ready(stay) if stay is not None else None
        drawn = mini(begun if begun is not None else citizen.status_since or now, ready, now)
        groups.setdefault(_group(citizen, ready), []).append({"citizen": citizen, "mini": drawn})
    return [{"words": name, "stays": members} for name, members in groups.items()]


def _group(citizen: Citizen, ready: Instant | None) -> str:
    return words.kind("ready_for_discharge") if ready is not None else words.status(citizen.status)
