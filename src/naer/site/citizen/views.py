"""The citizen's own page and what one does from it. Thin: access, query, template."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from naer.events.instant import Instant
from naer.site.access import grants, rules, seen_by
from naer.site.access.grants import GrantRefusedError
from naer.site.access.models import AccessEntry
from naer.site.access.seen_by import Seen
from naer.site.accounts.models import User
from naer.site.citizen import measurements
from naer.site.citizen.forms import AskForm, CodeForm, MeasureForm
from naer.site.citizen.own import letting_in, own
from naer.site.entry import actions as entry
from naer.site.entry.actions import Asked
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen
from naer.site.ui.requests import new_id, now_of, person

EMERGENCY = {"DK": "112", "NO": "113"}
"""The number to call when life is in danger, by country."""
_LOG = 100


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Where a citizen or somebody near them begins: the own page, or the people who let them in."""
    user, now = person(request), now_of(request)
    if user.role == User.Role.CITIZEN and user.citizen_id:
        return redirect("own-page", user.citizen_id)
    if user.role != User.Role.RELATIVE:
        raise PermissionDenied("only citizens and those near them have a page of their own")
    held = list(letting_in(user, now))
    form = CodeForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        try:
            taken = grants.take(user, form.cleaned_data["code"], now=now)
        except GrantRefusedError:
            form.add_error("code", _("This code is not valid any more. Ask for a new one."))
        else:
            return redirect("own-page", taken.citizen_id)
    context = {"grants": held, "form": form, "now": now}
    return render(request, "citizen/people.html", context, status=422 if form.errors else 200)


@require_safe
def page(request: HttpRequest, key: str) -> HttpResponse:
    """What happens next, whom to call, goals, measurements, medicines, messages, who has looked."""
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "own page", now, action="own-page")
    context = {
        "own": own(user, found, now),
        "mine": user.citizen_id == found.key,
        "emergency": EMERGENCY[settings.COUNTRY],
        "now": now,
    }
    return render(request, "citizen/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, key: str) -> HttpResponse:
    """Write to the municipality: ask for help, or say what is wrong."""
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "ask for help", now, action="own-page")
    if not rules.relation(user, found, now, "ask-help"):
        raise Http404
    about = request.GET.get("about", "")
    given = {"text": _about(user, found, about, now)} if request.method == "GET" else None
    form = AskForm(request.POST if request.method == "POST" else None, initial=given, label_suffix="")
    if form.is_valid():
        try:
            made = entry.ask(user, found, Asked(form.cleaned_data["text"]), now=now, new_id=new_id)
        except ActionRefusedError:
            form.add_error(None, _("It could not be sent. Call your municipality instead."))
        else:
            messages.success(request, _("Sent. Here you see what becomes of it."))
            return redirect("request", made.key)
    context = {
        "citizen": found,
        "form": form,
        "emergency": EMERGENCY[settings.COUNTRY],
        "mine": user.citizen_id == key,
        "now": now,
    }
    return render(request, "citizen/ask.html", context, status=422 if form.errors else 200)


def _about(user: User, citizen: Citizen, about: str, now: Instant) -> str:
    """The first words of a question about one line of the log; empty without, and for who may not read it."""
    if not about.isdecimal() or len(about) > 18 or not rules.relation(user, citizen, now, "own-log"):
        return ""
    entry_ = AccessEntry.objects.filter(pk=int(about), citizen=citizen.key).first()
    if entry_ is None:
        return ""
    (seen,) = seen_by.in_words([entry_])
    return _("Why did %(who)s see my data? %(what)s.") % {"who": seen.who, "what": seen.what} + "\n"


@require_http_methods(["GET", "HEAD", "POST"])
def measure(request: HttpRequest, key: str) -> HttpResponse:
    """Write down what was measured."""
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "measure", now, action="own-page")
    if not rules.relation(user, found, now, "own-measurement"):
        raise Http404
    form = MeasureForm(request.POST if request.method == "POST" else None, now=now, label_suffix="")
    if form.is_valid():
        given = form.cleaned_data
        try:
            measurements.add(user, found, given["kind"], given["value"], given["at"], now=now, new_id=new_id)
        except ActionRefusedError:
            form.add_error("value", _("That number cannot be right. Look again."))
        else:
            messages.success(request, _("Written down."))
            return redirect("own-page", key)
    context = {"citizen": found, "form": form, "now": now}
    return render(request, "citizen/measure.html", context, status=422 if form.errors else 200)


@require_safe
def log(request: HttpRequest, key: str) -> HttpResponse:
    """Who has seen the data, page by page."""
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "own log", now, action="own-log")
    before = request.GET.get("before", "")
    if before and not (before.isdecimal() and len(before) < 19):
        raise Http404
    entries = seen_by.seen_by(found, int(before) if before else None, _LOG)
    context = {
        "citizen": found,
        "entries": entries,
        "more": entries[-1].entry if _older(key, entries) else None,
        "may_ask": bool(rules.relation(user, found, now, "ask-help")),
        "now": now,
    }
    return render(request, "citizen/log.html", context)


def _older(key: str, entries: Sequence[Seen]) -> bool:
    """Whether there is more in the log than these."""
    return bool(entries) and AccessEntry.objects.filter(citizen=key, pk__lt=entries[-1].entry).exists()
