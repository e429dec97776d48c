"""Pages of the way home: the table, one stay, and what is said with one click."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from naer.events.instant import HOUR, Instant, local
from naer.messages.writing import UnwritableError
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.discharge import actions, lines, pages, queries, suppose, words
from naer.site.discharge.forms import AgreeForm, LeavesForm
from naer.site.messaging import refusal_words
from naer.site.messaging.drafts import Written
from naer.site.pathways import stage
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.bounded import Pages
from naer.site.pathways.models import Citizen
from naer.site.ui.requests import new_id, now_of, person
from naer.site.ui.times import ZONE

_PHONE = "phone"
"""Where the session keeps the telephone number that was given last, as conversations do."""


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The discharge table: a tab at a time, whoever has waited longest first."""
    user, now = person(request), now_of(request)
    if not rules.sees_citizens(user):
        raise PermissionDenied
    group = request.GET.get("show", "")
    group = group if group in queries.GROUPS else "waiting"
    hospital = request.GET.get("hospital", "")[:64]
    whole, town = queries.Table(user, now, hospital), pages.is_town(user)
    page = Pages(whole.of(group), queries.PAGE, request.GET.get("page", "1")).asked()
    shown = pages.rows(user, queries.rows(queries.citizens(list(page)), now), now)
    rules.looked_at(user, set(page), "discharge", now, "look-list")
    context = {
        "page": page,
        "rows": lines.table(shown, now, town=town, tab=group, token=get_token(request)),
        "group": group,
        "tabs": pages.tabs(whole.counts(), group, hospital),
        "hospital": hospital,
        "hospitals": queries.hospitals(user, now) if town else [],
        "town": town,
        "back": f"{reverse('discharge')}?{urlencode({'show': group, 'hospital': hospital})}",
        "now": now,
    }
    return render(request, "discharge/table.html", context)


def _opened(request: HttpRequest, key: str, subject: str) -> tuple[User, Citizen, Instant]:
    user, now = person(request), now_of(request)
    return user, rules.open_citizen(user, key, subject, now, queries.LOOK), now


@require_safe
def stay(request: HttpRequest, key: str) -> HttpResponse:
    """One stay on its way home: its moments, the day fee, what the agreements ask, what can be done."""
    user, found, now = _opened(request, key, "discharge")
    (row,) = queries.rows([found], now)
    given = {"at": request.GET["at"]} if "at" in request.GET else None
    form = LeavesForm(given, now=now, initial={"at": _proposed(found, now)}, label_suffix="")
    leaves = form.cleaned_data["at"] if form.is_valid() else None
    running = found.stage in stage.IN_HOSPITAL
    asked = suppose.asked(key, leaves or max(found.stage_plan or now, now), now) if running else []
    context = {
        "citizen": found,
        "row": pages.rows(user, [row], now)[0],
        "moments": pages.moments(row, now),
        "clock": pages.clock(row, now),
        "form": form,
        "leaves": leaves,
        "asked": pages.asked(asked),
        "running": running,
        "can": pages.can(user, found, now),
        "now": now,
    }
    return render(request, "discharge/stay.html", context, status=422 if form.errors else 200)


@require_POST
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """With one click: the municipality can receive; or what was answered a moment ago is taken back."""
    user, found, now = _opened(request, key, "answer")
    back = _back(request, key)
    if request.POST.get("act") == "take-back":
        if actions.take_back(user, found, request.POST.get("event", "")[:128], now=now, new_id=new_id):
            messages.success(request, _("Taken back. It was never sent."))
        else:
            messages.error(request, _("It has left already. Write to them what was wrong."))
        return redirect(back)
    phone = str(request.session.get(_PHONE, ""))
    try:
        actions.receive_now(user, found, phone, now=now, new_id=new_id)
    except UnwritableError as error:
        if phone:
            messages.error(request, _refused(error))
            return redirect(back)
        messages.success(request, _("Say once where you can be called; the next answers need one click."))
        return redirect("can-receive", key)
    except ActionRefusedError:
        messages.error(request, _("Nothing was changed. Nobody waits for this answer any more."))
    else:
        messages.success(request, _("Your answer is recorded, and leaves in a minute."))
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, key: str) -> HttpResponse:
    """Hospital and municipality agree when the citizen leaves, having seen what the agreements ask then."""
    user, found, now = _opened(request, key, "agree")
    if not pages.may_agree(user, found, now):
        raise Http404
    care = actions.writes_care(user, found)
    form = AgreeForm(
        request.POST if request.method == "POST" else None,
        now=now,
        care=care,
        initial={_PHONE: request.session.get(_PHONE, ""), "at": _proposed(found, now), "place": "home"},
        label_suffix="",
    )
    asked: list[suppose.Asked] = []
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        asked = suppose.asked(key, given["at"], now)
        sure = request.POST.get("sure") == str(given["at"])  # of this very time
        if (sure or all(one.done for one in asked)) and _agreed(request, user, found, form, now):
            return redirect("discharge-stay", key)
    context = {
        "citizen": found,
        "form": form,
        "asked": pages.asked(asked),
        "care": care,
        "ask": str(form.cleaned_data["at"]) if asked and not form.errors else "",
        "now": now,
    }
    return render(request, "discharge/agree.html", context, status=422 if form.errors else 200)


def _agreed(request: HttpRequest, user: User, found: Citizen, form: AgreeForm, now: Instant) -> bool:
    """Record it and tell it; False, with the reason in the form, when it cannot be."""
    given = form.cleaned_data
    phone = str(given.get("phone") or "")
    if phone:
        request.session[_PHONE] = phone
    try:
        actions.agree(
            user,
            found,
            actions.Agreed(given["at"], given["place"]),
            Written(text=given.get("text", ""), phone=phone),
            pathway=pages.pathway(found, now),
            now=now,
            new_id=new_id,
        )
    except (UnwritableError, ActionRefusedError) as error:
        form.add_error(None, _refused(error))
        return False
    messages.success(request, _("Recorded: %(what)s") % {"what": words.stage(stage.AGREED)})
    return True


def _proposed(citizen: Citizen, now: Instant) -> dt.datetime:
    """The time that the form begins with: the one planned, else an hour from now."""
    plan = citizen.stage_plan
    at = plan if plan is not None and plan > now else now + HOUR
    return local(at, ZONE).replace(tzinfo=None, second=0, microsecond=0)


def _back(request: HttpRequest, key: str) -> str:
    """Where the click came from: a tab of the table, the practice's page, or the stay."""
    show = request.POST.get("show", "")
    if show == "practice":
        return reverse("practice")
    if show in queries.GROUPS:
        return f"{reverse('discharge')}?{urlencode({'show': show})}"
    return reverse("discharge-stay", args=[key])


def _refused(error: Exception) -> str:
    return _("It could not be sent, and nothing was changed. %(why)s") % {"why": refusal_words.why(error)}
