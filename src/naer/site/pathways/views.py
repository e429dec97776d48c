"""Pages about citizens. Everything shown is filtered by access; every look is written down."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from naer.events.instant import MINUTE, Instant, local_date
from naer.messages.writing import UnwritableError
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.deviations.models import Breach
from naer.site.messaging import correcting, notifying, refusal_words, telling, withdrawing
from naer.site.messaging.telling import Offer
from naer.site.pathways import actions, met_on, search
from naer.site.pathways.bounded import Pages
from naer.site.pathways.forms import WaiveForm, sent
from naer.site.pathways.fulfil_form import FulfilForm
from naer.site.pathways.models import Citizen, LoggedEvent
from naer.site.pathways.obligations import Row, escalation, rows, visible
from naer.site.pathways.pathway import pathway, written
from naer.site.ui.requests import new_id, now_of, person
from naer.site.ui.times import ZONE

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def citizens(request: HttpRequest) -> HttpResponse:
    """The citizens one may see. A search is posted, so that no name or number stands in an address."""
    user, now = person(request), now_of(request)
    text = request.POST.get("text", "").strip()[:100]
    status = request.GET.get("status", "")
    if search.is_number(text):
        found = search.by_number(user, text, now)
        if found is not None:
            return redirect("citizen", found.key)
        listed = Citizen.objects.none()
    else:
        listed = search.citizens(user, now, status, text)
    page = Pages(listed, PAGE if not text else 200, request.GET.get("page", "1")).asked()
    context = {
        "page": page,
        "status": status if status in search.STATUSES else "",
        "text": "" if search.is_number(text) else text,
        "searched": bool(text),
        "may_admit": notifying.may_tell(user, now),
        "may_emergency": rules.may(user, "emergency") and rules.sees_citizens(user),
        "now": now,
    }
    return render(request, "pathways/citizens.html", context)


@require_safe
def citizen(request: HttpRequest, key: str) -> HttpResponse:
    """One citizen: the thread, what is owed, what was said, who has looked."""
    user, now = person(request), now_of(request)
    number = request.GET.get("pathway", "0")
    number = number if number.isdecimal() and len(number) < 4 else "0"
    polled = request.htmx and "seen" in request.GET  # type: ignore[attr-defined]
    found = (
        rules.reopen_citizen(user, key, "pathway", now)
        if polled
        else rules.open_citizen(user, key, "pathway", now)
    )
    seen = f"{written(found)}@{now // MINUTE}"
    if polled and request.GET["seen"] == seen:
        return HttpResponse(status=204)
    shown = pathway(user, found, int(number), now)
    context = {
        "pathway": shown,
        "citizen": found,
        "age": _age(found, now),
        "number": int(number),
        "now": now,
        "seen": seen,
    }
    template = "pathways/citizen_live.html" if polled else "pathways/citizen.html"
    return render(request, template, context)


def _age(found: Citizen, now: Instant) -> int | None:
    if found.born is None:
        return None
    today = local_date(now, ZONE)
    return today.year - found.born.year - ((today.month, today.day) < (found.born.month, found.born.day))


def _row(request: HttpRequest, key: str, pk: int) -> Row:
    """The obligation asked for, with the look written down.

    Raises:
        Http404: when there is none, or the reader may not see it.
    """
    user, now = person(request), now_of(request)
    rules.open_citizen(user, key, f"obligation {pk}", now)
    found = visible(user, now).filter(pk=pk, citizen=key)
    shown = rows(found, now)
    if not shown:
        raise Http404
    return shown[0]


@require_http_methods(["GET", "HEAD", "POST"])
def obligation(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """One obligation: what it says, and the forms to record that it was met, or waive it."""
    row, user, now = _row(request, key, pk), person(request), now_of(request)
    act = request.POST.get("act", "")
    can = _allowed(user, row, now)
    place = met_on.page_of(row.obligation, row.clause.deliver) if "meet" in can else ""
    if place and can == {"meet"} and request.method != "POST":
        return redirect(place)
    kinds = met_on.by_hand(row.clause.deliver)
    fulfil = FulfilForm(
        request.POST if act == "fulfil" else None,
        kinds=kinds,
        now=now,
        earliest=row.earliest,
        offer=telling.offer_for(user, row.obligation, kinds) if "fulfil" in can else None,
        label_suffix="",
    )
    waive = WaiveForm(request.POST if act == "waive" else None, label_suffix="")
    if act in can & {"fulfil", "waive"}:
        try:
            done = _fulfil(user, row, fulfil, now) if act == "fulfil" else _waive(user, row, waive, now)
        except actions.ActionRefusedError:
            return _gone(request, row)
        if done:
            messages.success(request, done)
            return redirect("citizen", key)
    elif request.method == "POST":
        return _gone(request, row)
    context = {
        "row": row,
        "can": can,
        "place": place,
        "fulfil": fulfil,
        "waive": waive,
        "now": now,
        "escalation": escalation(row),
        "may_deviate": _may_deviate(user, row, now),
    }
    status = 422 if fulfil.errors or waive.errors else 200
    return render(request, "pathways/obligation.html", context, status=status)


def _allowed(user: User, row: Row, now: Instant) -> frozenset[str]:
    """What `user` can do about it now: fulfil it by a form, meet it on a page of its own, waive it."""
    if not row.running:
        return frozenset()
    owed = row.obligation
    parties = {"owed_by": {owed.owed_by}, "owed_to": {owed.owed_to}, "both": {owed.owed_by, owed.owed_to}}
    forms = bool(met_on.by_hand(row.clause.deliver))
    mine = {
        "fulfil": user.organisation_id in parties["both"] and forms,
        "meet": user.organisation_id == owed.owed_by and bool(row.clause.deliver) and not forms,
        "waive": user.organisation_id in parties.get(row.clause.waiver, set()),
    }
    return frozenset(
        act
        for act, yes in mine.items()
        if yes and (act == "meet" or rules.relation(user, row.citizen, now, act))
    )


def _may_deviate(user: User, row: Row, now: Instant) -> bool:
    """Whether `user` can raise a deviation about it: what was not done in time, and none stands yet."""
    parties = {row.owed_by.key, row.owed_to.key}
    between = user.organisation_id in parties and not parties & {"citizen", "unknown"}
    stands = Breach.objects.filter(obligation=row.obligation).exists()
    return (
        row.state.breach
        and between
        and not stands
        and bool(rules.relation(user, row.citizen, now, "raise-deviation"))
    )


def _fulfil(user: User, row: Row, form: FulfilForm, now: Instant) -> str:
    """The sentence that says what was done; empty when the form is not right."""
    if not form.is_valid():
        return ""
    given = form.cleaned_data
    if form.sends is not None:
        return _send(user, row, form, form.sends, now)
    actions.fulfil(
        user,
        row.obligation.pk,
        kind=given["kind"],
        at=given["at"],
        attributes=form.said,
        now=now,
        new_id=new_id,
    )
    return _("Recorded: %(what)s") % {"what": row.clause.title}


def _send(user: User, row: Row, form: FulfilForm, offered: Offer, now: Instant) -> str:
    """Record it and send the message that says so; empty, with the reason in the form, when it cannot."""
    given = form.cleaned_data
    try:
        telling.fulfil(
            user,
            row.obligation,
            offered,
            kind=given["kind"],
            at=given["at"],
            attributes=form.said,
            now=now,
            new_id=new_id,
        )
    except UnwritableError as error:
        form.add_error("channel", _("It cannot be sent: %(why)s") % {"why": refusal_words.why(error)})
        return ""
    return sent(row.clause.title, offered.name)


def _waive(user: User, row: Row, form: WaiveForm, now: Instant) -> str:
    if not form.is_valid():
        return ""
    actions.waive(user, row.obligation.pk, form.cleaned_data["why"], now=now, new_id=new_id)
    return _("Waived: %(what)s") % {"what": row.clause.title}


def _gone(request: HttpRequest, row: Row) -> HttpResponse:
    """Somebody else was first, or it is not the reader's to close."""
    messages.error(request, _("Nothing was changed. It is closed already, or it is not yours to close."))
    return redirect("obligation", row.citizen.key, row.obligation.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, key: str, event: str) -> HttpResponse:
    """Take back what somebody in one's own organisation recorded; asks first."""
    user, now = person(request), now_of(request)
    found = rules.open_citizen(user, key, "undo", now)
    logged = LoggedEvent.objects.filter(citizen=key, id=event).order_by("seq").first()
    if logged is None or not rules.relation(user, found, now, "undo"):
        raise Http404
    if request.method == "POST":
        try:
            withdrawn = withdrawing.undo(user, event, now=now, new_id=new_id)
        except actions.ActionRefusedError:
            messages.error(request, _("It was taken back already, or no person recorded it."))
        except UnwritableError as error:
            messages.error(request, _("It cannot be sent: %(why)s") % {"why": refusal_words.why(error)})
        else:
            said = _("Taken back. What it had closed is judged again.")
            messages.success(request, f"{said} {_WITHDRAWN[withdrawn]}".rstrip())
        return redirect("citizen", key)
    told = withdrawing.told_by(event, user)
    correctable = told is not None and correcting.find(user, told, now) is not None
    context = {"citizen": found, "event": logged, "told": told, "correctable": correctable, "now": now}
    return render(request, "pathways/undo.html", context)


_WITHDRAWN: dict[str, str | Promise] = {
    "": "",
    "stopped": gettext_lazy("The message that told it was stopped before it left."),
    "cancelled": gettext_lazy("A message that cancels the first is on its way."),
    "told": gettext_lazy("The message that told it has left and cannot be cancelled: write or call."),
}
"""What became of the message that told what was taken back."""
