"""Deviations: the list, one of them with everything that can be done about it, and raising one."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from naer.events.instant import Instant
from naer.site.access import deviations as access
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.deviations import queries
from naer.site.deviations.actions import answering, raising
from naer.site.deviations.forms import (
    AnswerForm,
    AuthorityForm,
    MeasureForm,
    ReportForm,
    TextForm,
    value_of,
)
from naer.site.deviations.models import RUNNING, Deviation
from naer.site.deviations.queries import Shown
from naer.site.notifications import actions as told
from naer.site.pathways import obligations
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.pathways.models import Citizen
from naer.site.pathways.obligations import Row
from naer.site.ui.requests import new_id, now_of, person

PAGE = 50
State = Deviation.State


@require_safe
def deviations(request: HttpRequest) -> HttpResponse:
    """The list: what waits for us, what runs, what missed obligations propose, what has ended."""
    user, now = _reader(request), now_of(request)
    counted = queries.counts(user, now)
    asked = request.GET.get("show", "")
    show = (
        asked if asked in queries.SHOWS else next((one for one in queries.SHOWS if counted.get(one)), "ours")
    )
    page = Pages(queries.listed(user, show, now), PAGE, request.GET.get("page", "1"), DEEP).asked()
    context = {
        "page": page,
        "rows": queries.rows(user, page, now),
        "show": show,
        "counted": counted,
        "may_raise": access.may(user, "raise-deviation"),
        "reads": True,
        "now": now,
    }
    return render(request, "deviations/deviations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def raise_one(request: HttpRequest) -> HttpResponse:
    """Raise one that is about no citizen in particular."""
    user = person(request)
    if not access.may(user, "raise-deviation"):
        raise PermissionDenied
    return _raise(request, None, None)


@require_http_methods(["GET", "HEAD", "POST"])
def raise_about(request: HttpRequest, key: str) -> HttpResponse:
    """Raise one about a citizen; from an obligation, its clause and party are filled in."""
    user, now = person(request), now_of(request)
    citizen = rules.open_citizen(user, key, "raise-deviation", now)
    rules.require(user, citizen, "raise-deviation", now)
    return _raise(request, citizen, _obligation(request, user, citizen, now))


def _obligation(request: HttpRequest, user: User, citizen: Citizen, now: Instant) -> Row | None:
    """The obligation in the address, if the reader may see it."""
    asked = request.GET.get("obligation", "")
    if not (asked.isdecimal() and len(asked) < 19):
        return None
    found = obligations.visible(user, now).filter(pk=int(asked), citizen=citizen, breach=None)
    return next(iter(obligations.rows(found, now)), None)


def _raise(request: HttpRequest, citizen: Citizen | None, about: Row | None) -> HttpResponse:
    user, now = person(request), now_of(request)
    form = ReportForm(
        request.POST if request.method == "POST" else None,
        parties=queries.parties(user, citizen),
        now=now,
        initial=_initial(user, about),
    )
    if request.method == "POST" and form.is_valid():
        owed = about.obligation if about is not None else None
        try:
            found = raising.raise_deviation(
                user, citizen, form.report, now=now, new_id=new_id, obligation=owed
            )
        except ActionRefusedError:
            messages.error(request, _("Nothing was changed. A deviation about this stands already."))
            return redirect("deviations")
        messages.success(request, _("The deviation was raised. The other party is asked to answer."))
        return redirect("deviation", found.key)
    context = {"form": form, "citizen": citizen, "about": about, "now": now}
    status = 422 if form.errors else 200
    return render(request, "deviations/raise.html", context, status=status)


def _initial(user: User, about: Row | None) -> dict[str, object]:
    if about is None:
        return {}
    owed = about.obligation
    other = owed.owed_by if owed.owed_by != user.organisation_id else owed.owed_to
    return {
        "counterpart": other,
        "clause": value_of(about.clause, owed.version),
        "at": min(owed.due or owed.start, owed.closed_at or owed.due or owed.start),
        "cause": "late",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def deviation(request: HttpRequest, key: str) -> HttpResponse:
    """One deviation: what each said, and what the reader can do about it."""
    user, now = _reader(request), now_of(request)
    shown = queries.shown(user, key, now)
    told.seen(user, "deviation", key, now)
    can = _can(user, shown)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    forms = {name: _form(name, shown, request if name == act else None, now) for name in can & _WITH_FORM}
    if request.method == "POST":
        if act not in can:
            messages.error(request, _("Nothing was changed: it has moved on meanwhile. Read it again."))
            return redirect("deviation", key)
        if act not in forms or forms[act].is_valid():
            return _act(request, key, act, forms.get(act))
    context = {
        "shown": shown,
        "listed": shown.listed,
        "deviation": shown.listed.deviation,
        "can": can,
        "forms": forms,
        "now": now,
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, "deviations/deviation.html", context, status=status)


_WITH_FORM = frozenset({"take-up", "dismiss", "withdraw", "answer", "note", "suggest", "close", "tell"})


def _can(user: User, shown: Shown) -> frozenset[str]:
    """What the reader can do about it as it stands."""
    found, raiser = shown.listed.deviation, shown.raiser
    mine = found.raiser_closed if raiser else found.counterpart_closed
    suggestion = shown.suggestion
    theirs = suggestion is not None and suggestion.row.organisation_id != user.organisation_id
    running = found.state in RUNNING
    follows = (found.raiser_owner if raiser else found.counterpart_owner) == user.username
    possible = {
        "take-up": (found.state == State.PROPOSED and raiser, "raise-deviation"),
        "dismiss": (found.state == State.PROPOSED and raiser, "raise-deviation"),
        "withdraw": (found.state in (State.OPEN, State.ANSWERED) and raiser, "close-deviation"),
        "own": (running and not follows, "answer-deviation"),
        "answer": (found.state in (State.OPEN, State.ANSWERED) and not raiser, "answer-deviation"),
        "note": (running, "answer-deviation"),
        "suggest": (found.state == State.ANSWERED, "answer-deviation"),
        "accept": (theirs, "answer-deviation"),
        "close": (found.state == State.AGREED and mine is None, "close-deviation"),
        "tell": (
            found.severity == "serious" and (running or found.state == State.CLOSED),
            "answer-deviation",
        ),
    }
    return frozenset(act for act, (now, action) in possible.items() if now and access.may(user, action))


def _form(name: str, shown: Shown, request: HttpRequest | None, now: Instant) -> Form:
    """The form of an act, filled from the request when it was sent."""
    data = request.POST if request is not None else None
    found = shown.listed.deviation
    match name:
        case "take-up":
            start = shown.missed[0].obligation if shown.missed else None
            first = {"at": (start.due or start.start) if start else found.happened, "cause": "late"}
            return ReportForm(
                data, parties=[found.counterpart], now=now, fixed=True, initial=first, prefix=name
            )
        case "answer":
            return AnswerForm(data, prefix=name, label_suffix="", initial={"cause": "unknown"})
        case "suggest":
            latest = shown.suggestion.content if shown.suggestion else {"cause": found.cause}
            first = {one: latest.get(one, "") for one in ("learning", "measure", "cause")}
            return MeasureForm(data, prefix=name, now=now, initial=first)
        case "tell":
            return AuthorityForm(data, prefix=name, now=now)
    label, hint = {
        "dismiss": (_("Why it is not taken up"), ""),
        "withdraw": (_("Why it is withdrawn"), _("Both parties read it.")),
        "note": (_("Write to the other party"), _("Never write a person number.")),
        "close": (_("What came of it"), _("Does the measure work? How do you know?")),
    }[name]
    return TextForm(data, prefix=name, label=label, hint=hint)


def _act(request: HttpRequest, key: str, act: str, form: Form | None) -> HttpResponse:
    """Do what was asked, say so, and come back to it."""
    user, now = person(request), now_of(request)
    given = form.cleaned_data if form is not None else {}
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "take-up": (
            lambda: raising.take_up(user, key, form.report, now=now, new_id=new_id),  # type: ignore[union-attr]
            _("The deviation was raised. The other party is asked to answer."),
        ),
        "dismiss": (
            lambda: raising.dismiss(user, key, given["text"], now=now),
            _("The proposal was put aside."),
        ),
        "withdraw": (
            lambda: raising.withdraw(user, key, given["text"], now=now, new_id=new_id),
            _("The deviation was withdrawn."),
        ),
        "own": (lambda: answering.own(user, key, now=now), _("You follow it up now.")),
        "answer": (
            lambda: answering.answer(user, key, given["text"], given["cause"], now=now, new_id=new_id),
            _("Your answer stands. Now both suggest what is learnt and done."),
        ),
        "note": (lambda: answering.note(user, key, given["text"], now=now), _("It was written.")),
        "suggest": (
            lambda: answering.suggest(user, key, form.suggested, now=now),  # type: ignore[union-attr]
            _("The suggestion stands. It counts when the other party agrees to it."),
        ),
        "accept": (
            lambda: answering.accept(user, key, _number(request, "suggestion"), now=now, new_id=new_id),
            _("It is agreed."),
        ),
        "close": (
            lambda: answering.close(user, key, given["text"], now=now, new_id=new_id),
            _("It is closed on your side."),
        ),
        "tell": (
            lambda: answering.told_authority(user, key, given["at"], given["text"], now=now),
            _("It was written down."),
        ),
    }
    do, done = acts[act]
    try:
        do()
    except ActionRefusedError:
        messages.error(request, _("Nothing was changed: it has moved on meanwhile. Read it again."))
    else:
        messages.success(request, done)
    return redirect("deviation", key)


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise Http404
    return int(given)


def _reader(request: HttpRequest) -> User:
    """Who reads; a role that reads no deviation sees none of this."""
    user = person(request)
    if not (rules.may(user, "deviations") and access.may(user, "look-deviation")):
        raise PermissionDenied
    return user
