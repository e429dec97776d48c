"""Who takes part in a plan, and the citizen's consent to share it with each of them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen
from naer.site.plans import queries
from naer.site.plans.actions import participant as acts
from naer.site.plans.forms import OrganisationForm, PersonForm, how_field
from naer.site.plans.models import Participant, Plan
from naer.site.plans.views import opened
from naer.site.ui.requests import new_id


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, key: str) -> HttpResponse:
    """The participants with their consent; who may change the plan adds them, shares and stops sharing."""
    user, citizen, held, now = opened(request, key, "plan, who takes part")
    may = _may_change(user, citizen, now)
    shown = queries.shown(held, user.organisation_id, now)
    taken = {one.participant.organisation_id or "" for one in shown.participants}
    act = request.POST.get("act", "")
    organisation = OrganisationForm(
        request.POST if act == "organisation" else None, citizen=citizen, taken=taken, label_suffix=""
    )
    someone = PersonForm(request.POST if act == "person" else None, label_suffix="", auto_id="person_%s")
    if request.method == "POST":
        if not may:
            raise PermissionDenied("no relation allows edit-plan")
        try:
            said = _done(request, user, held, act, organisation, someone, now)
        except ActionRefusedError:
            messages.error(request, _("Nothing was changed: look at the list again."))
            return redirect("plan-people", key)
        if said:
            messages.success(request, said)
            # who withdrew the consent of their own organisation reads no further
            return redirect("plan" if _left(user, citizen, now) else "plan-people", key)
    context = {
        "citizen": citizen,
        "shown": shown,
        "organisation": organisation,
        "someone": someone,
        "how": how_field().choices,
        "may": may,
        "adds": may and user.role != User.Role.CITIZEN,
        "now": now,
    }
    status = 422 if organisation.errors or someone.errors else 200
    return render(request, "plans/people.html", context, status=status)


def _may_change(user: User, citizen: Citizen, now: Instant) -> bool:
    action = "give-consent" if user.role == User.Role.CITIZEN else "edit-plan"
    return bool(rules.relation(user, citizen, now, action))


def _left(user: User, citizen: Citizen, now: Instant) -> bool:
    return not rules.relation(user, citizen, now, "look-plan")


def _done(
    request: HttpRequest,
    user: User,
    held: Plan,
    act: str,
    organisation: OrganisationForm,
    someone: PersonForm,
    now: Instant,
) -> str:
    """Do what was asked; the sentence that says so, or nothing when a form is not right.

    Raises:
        ActionRefusedError: when things stand otherwise by now.
    """
    if act == "organisation":
        if not organisation.is_valid():
            return ""
        given = organisation.cleaned_data
        acts.join(user, held.pk, organisation=given["organisation"], how=given["how"], now=now, new_id=new_id)
        return _("They take part now.")
    if act == "person":
        if not someone.is_valid():
            return ""
        given = someone.cleaned_data
        acts.join(
            user,
            held.pk,
            name=given["name"],
            role=given["role"],
            phone=given["phone"],
            relative=given["kind"] == Participant.Kind.RELATIVE,
            now=now,
            new_id=new_id,
        )
        return _("They take part now.")
    return _changed(request, user, held, act, now)


def _changed(request: HttpRequest, user: User, held: Plan, act: str, now: Instant) -> str:
    """Consent is given or withdrawn for one participant, or the participant leaves."""
    text = request.POST.get("participant", "")
    found = held.participants.filter(pk=int(text) if text.isdecimal() and len(text) < 18 else 0).first()
    if found is None:
        raise ActionRefusedError("there is no such participant")
    if act == "consent":
        acts.consent(user, found.pk, request.POST.get("how", ""), now=now, new_id=new_id)
        return _("Written down: the citizen shares the plan with them.")
    if act in ("withdraw", "leave"):
        acts.unshare(user, found.pk, leaves=act == "leave", now=now, new_id=new_id)
        return _("Their access ended now.")
    raise ActionRefusedError("nothing was asked")
