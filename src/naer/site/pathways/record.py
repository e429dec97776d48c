"""The page that records what happened, when no obligation asked for it: first what, then the rest."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.events.instant import Instant
from naer.messages.writing import UnwritableError
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import notifying, refusal_words, telling
from naer.site.pathways import actions, repeats, store
from naer.site.pathways.courses import courses
from naer.site.pathways.forms import sent
from naer.site.pathways.models import Citizen
from naer.site.pathways.record_form import RecordForm, kinds_of
from naer.site.ui import words
from naer.site.ui.requests import new_id, now_of, person

_OWN_ROLE = ("referrer", "asked_by")
"""Attributes that name the role of who asks: most often that of who records it."""


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, key: str) -> HttpResponse:
    """The kinds the reader's organisation can say; for the one chosen, its form.

    The pathway is the one shown where the reader came from. The form carries its id, so that it stays
    the same when another begins meanwhile.
    """
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "record", now)
    kinds = kinds_of(user.organisation.role, settings.COUNTRY) if user.organisation is not None else []
    kind = request.GET.get("kind", "")
    if not rules.relation(user, found, now, "record") or (kind and kind not in kinds):
        raise Http404
    known = courses(key, now)
    chosen = request.POST.get("course", "") or _numbered(known, request.GET.get("pathway", "0"))
    course = chosen if chosen in known else ""
    context = {
        "citizen": found,
        "now": now,
        "number": list(known).index(course) if course else 0,
        "course": course,
        "course_name": known.get(course, ""),
    }
    if not kind:
        told = notifying.newest(found, user.organisation_id or "", now)[1].possible
        codes = told if rules.relation(user, found, now, "notify") and notifying.may_tell(user, now) else ()
        return render(request, "pathways/record.html", context | {"kinds": kinds, "codes": codes})
    form = RecordForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        now=now,
        offer=telling.offer_about(user, found, course, kind),
        initial=dict.fromkeys(_OWN_ROLE, user.organisation.role if user.organisation is not None else ""),
        label_suffix="",
    )
    if form.is_valid() and (done := _record(user, found, course, kind, form, now)):
        messages.success(request, done)
        return redirect(_page(key, list(courses(key, now)), course))
    status = 422 if form.errors else 200
    return render(request, "pathways/record.html", context | {"kind": kind, "form": form}, status=status)


def _record(user: User, citizen: Citizen, course: str, kind: str, form: RecordForm, now: Instant) -> str:
    """The sentence that says what was done; empty, with the reason in the form, when it cannot be sent."""
    at, said, what = form.cleaned_data["at"], form.said, words.kind(kind)
    sends = form.sends
    with transaction.atomic():
        store.lock([citizen.key])
        teller = sends.teller(kind) if sends is not None else None
        done_now = teller is not None and teller.sent_is_done
        own = {**(telling.whole(kind, teller, said) if teller is not None else said), "by": user.name}
        if repeats.just_said(user, citizen.key, course, kind, None if done_now else at, own, now):
            return _("Recorded: %(what)s") % {"what": what}
        return _recorded(user, citizen, course, kind, form, now)


def _recorded(user: User, citizen: Citizen, course: str, kind: str, form: RecordForm, now: Instant) -> str:
    at, said, what = form.cleaned_data["at"], form.said, words.kind(kind)
    if form.sends is None:
        actions.record_event(user, citizen.key, course, kind, at, said, now=now, new_id=new_id)
        return _("Recorded: %(what)s") % {"what": what}
    try:
        telling.record(
            user,
            citizen,
            form.sends,
            pathway=course,
            kind=kind,
            at=at,
            attributes=said,
            now=now,
            new_id=new_id,
        )
    except UnwritableError as error:
        form.add_error("channel", _("It cannot be sent: %(why)s") % {"why": refusal_words.why(error)})
        return ""
    return sent(what, form.sends.name)


def _numbered(known: dict[str, str], number: str) -> str:
    """The id of a pathway by its number on the citizen's page; the newest for a number that is none."""
    ids = list(known)
    place = int(number) if number.isdecimal() and len(number) < 4 else 0
    return ids[place] if place < len(ids) else next(iter(ids), "")


def _page(key: str, ids: list[str], course: str) -> str:
    """The citizen's page where what was recorded shows."""
    place = ids.index(course) if course in ids else 0
    return reverse("citizen", args=[key]) + (f"?pathway={place}" if place else "")
