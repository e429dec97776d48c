"""Pages of requests for help. Thin: access, query, template."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.entry import actions, queries
from naer.site.entry.actions import Asked
from naer.site.entry.forms import AnswerForm, AskForm, NewcomerForm, PhoneForm, SortForm
from naer.site.entry.models import HelpRequest
from naer.site.messaging.models import StoredLetter
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.pathways.enrol import EnrolmentError
from naer.site.pathways.models import Citizen
from naer.site.ui.requests import new_id, now_of, person

PAGE = 50


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """What the municipality is asked; for a practice or hospital, what it asked."""
    user, now = person(request), now_of(request)
    if not rules.may(user, "requests"):
        raise PermissionDenied("the role sees no requests")
    asked, show = queries.is_asked(user), request.GET.get("show", "")
    show = show if show in queries.STATES else queries.OPEN
    listed = queries.asked_of(user, now, show) if asked else queries.asked_by(user, now)
    page = Pages(listed, PAGE, request.GET.get("page", "1"), DEEP).asked()
    rows = queries.rows(page)
    rules.looked_at(user, {row.request.citizen_id for row in rows}, "requests", now, action="look-list")
    context = {"page": page, "rows": rows, "asked": asked, "show": show, "now": now}
    return render(request, "entry/requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def newcomer(request: HttpRequest) -> HttpResponse:
    """A call about somebody who may not be known here."""
    user, now = person(request), now_of(request)
    if not queries.is_asked(user):
        raise PermissionDenied("the role takes in no requests")
    form = NewcomerForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        given = form.cleaned_data
        try:
            found = actions.note(
                user, given["number"], given["citizen_name"], _asked(form), now=now, new_id=new_id
            )
        except (ActionRefusedError, EnrolmentError) as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _("Noted. Now sort it."))
            return redirect("request", found.key)
    context = {"form": form, "now": now}
    return render(request, "entry/newcomer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for help for a citizen; in the municipality, note down who called, or what a message asks."""
    user, now = person(request), now_of(request)
    citizen = rules.open_citizen(user, key, "ask for help", now)
    if not rules.relation(user, citizen, now, "ask-help"):
        raise Http404
    letter = _letter(user, citizen, request.GET.get("letter", ""), now)
    kind = PhoneForm if queries.is_asked(user) else AskForm
    form = kind(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        try:
            found = actions.ask(user, citizen, _asked(form, letter), now=now, new_id=new_id)
        except ActionRefusedError as error:
            form.add_error(None, _refused(error))
        else:
            messages.success(request, _("Asked. Here you see where it stands."))
            return redirect("request", found.key)
    context = {
        "citizen": citizen,
        "form": form,
        "asked": kind is PhoneForm,
        "letter": letter,
        "now": now,
    }
    return render(request, "entry/ask.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def one_request(request: HttpRequest, key: str) -> HttpResponse:
    """One request: what was asked, what was done about it, and the forms of what can be done now."""
    user, now = person(request), now_of(request)
    found = queries.open_request(user, key, now)
    may = _may_sort(user, found, now)
    act = request.POST.get("act", "")
    people = list(actions.sorters(user.organisation_id or "")) if may else []
    sort = SortForm(
        request.POST if act == "sort" else None,
        colleagues=people,
        label_suffix="",
        initial={"sorting": found.sorting, "owner": str(found.owner_id or "")},
    )
    answer = AnswerForm(
        request.POST if act == "answer" else None,
        elsewhere=found.sorting == HelpRequest.Sorting.OTHER,
        label_suffix="",
    )
    if may and request.method == "POST" and (done := _done(user, found, act, sort, answer, now)):
        messages.success(request, done)
        return redirect("request", key)
    context = {
        "whole": queries.whole(found),
        "request_for": found,
        "may": may,
        "sees": rules.may_see(user, found.citizen, now),
        "office": rules.may(user, "requests"),
        "sort": sort,
        "answer": answer,
        "now": now,
    }
    status = 422 if (sort.errors or answer.errors) else 200
    return render(request, "entry/request.html", context, status=status)


def _done(user: User, found: HelpRequest, act: str, sort: SortForm, answer: AnswerForm, now: Instant) -> str:
    """Do what was asked for; the sentence that says so, or empty with the reason in its form."""
    try:
        if act == "sort" and sort.is_valid():
            actions.sort(
                user,
                found.key,
                sort.cleaned_data["sorting"],
                owner=sort.chosen,
                now=now,
                new_id=new_id,
            )
            return _("Sorted.")
        if act == "take":
            actions.take(user, found.key, user, now=now)
            return _("You have it now.")
        if act == "answer" and answer.is_valid():
            given = answer.cleaned_data
            actions.answer(
                user, found.key, given["text"], authority=given.get("authority", ""), now=now, new_id=new_id
            )
            return _("Answered. Who asked can read it.")
    except ActionRefusedError as error:
        (answer if act == "answer" else sort).add_error(None, _refused(error))
    return ""


def _may_sort(user: User, found: HelpRequest, now: Instant) -> bool:
    return (
        found.answered is None
        and found.organisation_id == user.organisation_id
        and rules.relation(user, found.citizen, now, "sort-request") != ""
    )


def _letter(user: User, citizen: Citizen, number: str, now: Instant) -> StoredLetter | None:
    """The message that asks, when the user may read it."""
    if not number.isdecimal() or len(number) > 18:
        return None
    threads = rules.threads(user, now).filter(citizen=citizen)
    return StoredLetter.objects.filter(pk=int(number), thread__in=threads.values("pk")).first()


def _asked(form: AskForm, letter: StoredLetter | None = None) -> Asked:
    given = form.cleaned_data
    return Asked(
        given["text"], given.get("name", ""), given.get("phone", ""), given.get("asked_by", ""), letter
    )


def _refused(error: Exception) -> str:
    return _("Nothing was changed: %(why)s") % {"why": error}
