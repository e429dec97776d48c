"""The plan of one citizen: read, begun, agreed, ended, printed; and the list of plans one takes part in."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from naer.events.instant import Instant, local_date
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.bounded import DEEP, Pages
from naer.site.pathways.models import Citizen
from naer.site.plans import queries
from naer.site.plans.actions import plan as acts
from naer.site.plans.forms import AgreeForm, EndForm, StartForm, seen_text
from naer.site.plans.models import Part, PartVersion, Plan, PlanVersion
from naer.site.plans.wording import unseal
from naer.site.ui.requests import new_id, now_of, person
from naer.site.ui.times import ZONE

PAGE = 50
_REVISE_AFTER = dt.timedelta(days=182)
"""What the form proposes; the agreement or those around the citizen decide."""
_ACTIONS = (
    "look",
    "own-goal",
    "edit-plan",
    "agree-plan",
    "start-plan",
    "appoint-coordinator",
    "confirm-coordinator",
)


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """The plans one takes part in, soonest to be gone through first."""
    user, now = person(request), now_of(request)
    if not rules.sees_citizens(user, "look-plan"):
        raise PermissionDenied("the role sees no plans")
    page = Pages(queries.listed(user, now), PAGE, request.GET.get("page", "1"), DEEP).asked()
    context = {
        "page": page,
        "rows": queries.with_coordinators(page.object_list),
        "today": local_date(now, ZONE),
        "now": now,
    }
    return render(request, "plans/plans.html", context)


def opened(request: HttpRequest, key: str, subject: str) -> tuple[User, Citizen, Plan, Instant]:
    """The open plan of a citizen, with the look written down.

    Raises:
        Http404: when there is none, or the reader may not see it.
    """
    user, now = person(request), now_of(request)
    citizen = rules.open_citizen(user, key, subject, now, "look-plan")
    held = Plan.objects.filter(pk=key, ended=None).select_related("responsible", "citizen").first()
    if held is None:
        raise Http404
    return user, citizen, held, now


def allowed(user: User, citizen: Citizen, now: Instant) -> dict[str, bool]:
    """What `user` may do about the plan and the coordinator; names of templates: edit, agree, start …"""
    return {name.partition("-")[0]: bool(rules.relation(user, citizen, now, name)) for name in _ACTIONS}


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, key: str) -> HttpResponse:
    """The plan, for those who take part; else how one is begun, and what one's own organisation wrote."""
    user, now = person(request), now_of(request)
    held = Plan.objects.filter(pk=key).select_related("responsible", "citizen").first()
    try:
        citizen = rules.open_citizen(user, key, "plan", now, "look-plan")
    except Http404:
        return _outside(request, rules.open_citizen(user, key, "plan, from outside", now), held, reads=False)
    if held is None or held.ended is not None:
        return _outside(request, citizen, held, reads=True)
    if user.role == User.Role.CITIZEN:
        acts.seen(held, now)
    context = _page(user, citizen, held, now)
    return render(request, "plans/plan.html", context)


def _page(user: User, citizen: Citizen, held: Plan, now: Instant) -> dict[str, object]:
    shown = queries.shown(held, user.organisation_id, now)
    return {
        "citizen": citizen,
        "shown": shown,
        "coordinators": shown.coordinators,
        "team": queries.care_team(citizen, now),
        "can": allowed(user, citizen, now),
        "today": local_date(now, ZONE),
        "now": now,
    }


def _outside(request: HttpRequest, citizen: Citizen, held: Plan | None, *, reads: bool) -> HttpResponse:
    """No open plan that the reader takes part in: begin one, or read what one's own organisation wrote."""
    user, now = person(request), now_of(request)
    can = allowed(user, citizen, now)
    act = request.POST.get("act", "")
    form = StartForm(request.POST if act == "start" else None, near=_near(user, citizen), label_suffix="")
    if request.method == "POST":
        if not can["start"]:
            raise PermissionDenied("no relation allows start-plan")
        try:
            if act == "start" and form.is_valid():
                given = form.cleaned_data
                share = given.get("share", [])
                acts.start(user, citizen.key, given["how"], share, now=now, new_id=new_id)
                messages.success(request, _("The plan is begun. Write the citizen’s goals first."))
                return redirect("plan", citizen.key)
            if act == "take-up":
                acts.take_up(user, citizen.key, now=now, new_id=new_id)
                messages.success(request, _("The plan goes on, with everybody it was shared with."))
                return redirect("plan", citizen.key)
            if act == "decline":
                acts.decline(user, citizen.key, now=now, new_id=new_id)
                messages.success(
                    request,
                    _("Written down: the citizen wants no plan. A coordinator is offered all the same."),
                )
                return redirect("plan", citizen.key)
        except ActionRefusedError:
            said = _(
                "There is a plan already, one for each person. Ask its coordinator to let you take part."
            )
            messages.error(request, said)
            return redirect("plan", citizen.key)
    wrote = queries.written_by(citizen, user.organisation_id or "") if user.organisation_id else []
    ended = held if held is not None and held.ended is not None else None
    context = {
        "citizen": citizen,
        "form": form,
        "can": can,
        "ended": ended if ended is not None and (reads or wrote or _took_part(user, ended)) else None,
        "died": citizen.status == "deceased",
        "goes_on": ended is not None and ended.end_reason in acts.ENDINGS,
        "wrote": [(version, unseal(bytes(version.content))) for version in wrote],
        "coordinators": queries.coordinators(citizen),
        "now": now,
    }
    return render(request, "plans/outside.html", context, status=422 if form.errors else 200)


def _took_part(user: User, ended: Plan) -> bool:
    """Whether the user's organisation had the citizen's consent when the plan ended."""
    held = ended.consents.filter(participant__organisation=user.organisation_id or "", withdrawn=ended.ended)
    return held.exists()


def _near(user: User, citizen: Citizen) -> list[Organisation]:
    """Who is around the citizen now, but one's own: the municipality, the practice, the hospital."""
    around = Organisation.objects.filter(
        role=Organisation.Role.MUNICIPALITY, municipality=citizen.municipality
    ) | Organisation.objects.filter(pk__in=[citizen.gp_id or "", citizen.stage_hospital or ""])
    return list(around.exclude(pk=user.organisation_id or "").order_by("role", "name"))


@require_safe
def printed(request: HttpRequest, key: str) -> HttpResponse:
    """The plan on paper: plain words first, in large type."""
    user, citizen, held, now = opened(request, key, "plan, printed")
    return render(request, "plans/print.html", _page(user, citizen, held, now))


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, key: str) -> HttpResponse:
    """Agree the plan as it stands, or end it."""
    user, citizen, held, now = opened(request, key, "plan, to agree")
    if not rules.relation(user, citizen, now, "agree-plan"):
        raise PermissionDenied("no relation allows agree-plan")
    shown = queries.shown(held, user.organisation_id, now)
    act = request.POST.get("act", "")
    first = {"seen": seen_text(shown.seen), "revise_by": local_date(now, ZONE) + _REVISE_AFTER}
    form = AgreeForm(request.POST if act == "agree" else None, initial=first, label_suffix="")
    end = EndForm(request.POST if act == "end" else None, label_suffix="", auto_id="end_%s")
    try:
        if act == "agree" and form.is_valid():
            given = form.cleaned_data
            acts.agree(user, key, given["seen"], given["revise_by"], now=now, new_id=new_id)
            messages.success(request, _("The plan is agreed."))
            return redirect("plan", key)
        if act == "end" and end.is_valid():
            reason = end.cleaned_data["reason"]
            if reason == "withdrawn":
                acts.withdraw(user, key, now=now, new_id=new_id)
            else:
                acts.end(user, key, reason, now=now, new_id=new_id)
            messages.success(request, _("The plan has ended. Nobody reads on; what was written is kept."))
            return redirect("plan", key)
    except acts.ChangedError:
        messages.error(
            request, _("Somebody changed the plan while you read it. Nothing was agreed: look at it again.")
        )
        return redirect("plan-agree", key)
    except ActionRefusedError:
        messages.error(request, _("Nothing is written in the plan yet."))
        return redirect("plan", key)
    context = {"citizen": citizen, "shown": shown, "form": form, "end": end, "now": now}
    status = 422 if form.errors or end.errors else 200
    return render(request, "plans/agree.html", context, status=status)


@require_safe
def version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The plan as it was agreed once."""
    user, citizen, held, now = opened(request, key, f"plan, version {number}")
    found = PlanVersion.objects.filter(plan=held, number=number).first()
    if found is None:
        raise Http404
    wanted = {int(pk): then for pk, then in found.parts.items()}
    readable = queries.parts_for(held, user.organisation_id).filter(pk__in=list(wanted))
    rows = PartVersion.objects.filter(part__in=readable).select_related("part")
    parts = [(row.part, unseal(bytes(row.content)), row) for row in rows if wanted[row.part_id] == row.number]
    order = list(Part.Kind.values)
    parts.sort(key=lambda one: (one[0].section, order.index(one[0].kind), one[0].pk))
    context = {"citizen": citizen, "version": found, "parts": parts, "now": now}
    return render(request, "plans/version.html", context)
