"""Who coordinates for a citizen and who is in the care team: offered, answered, handed over, ended."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from naer.events.instant import Instant, local_date
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen
from naer.site.plans import queries
from naer.site.plans.actions import coordinator as acts
from naer.site.plans.actions import hand_over, team
from naer.site.plans.coordinator_forms import (
    AnswerForm,
    DeputyForm,
    EndForm,
    HandOverForm,
    OfferForm,
    TeamForm,
    colleagues,
)
from naer.site.plans.models import Coordinator, HandOver, TeamMember
from naer.site.ui.requests import new_id, now_of, person
from naer.site.ui.times import ZONE


@dataclass(slots=True)
class Row:
    """A coordinator or an offer, with the forms for what the reader may do about it."""

    held: queries.Coordination
    answer: AnswerForm | None = None
    deputy: DeputyForm | None = None
    hand_over: HandOverForm | None = None
    end: EndForm | None = None
    confirms: bool = False
    """Whether the hand-over waits for the reader."""

    @property
    def forms(self) -> list[forms.Form]:
        return [one for one in (self.answer, self.deputy, self.hand_over, self.end) if one is not None]


@require_http_methods(["GET", "HEAD", "POST"])
def coordinator(request: HttpRequest, key: str) -> HttpResponse:
    """The coordinators of a citizen, the care team, and what may be done about them."""
    user, now = person(request), now_of(request)
    citizen = _opened(user, key, now)
    appoint = bool(rules.relation(user, citizen, now, "appoint-coordinator"))
    confirm = bool(rules.relation(user, citizen, now, "confirm-coordinator"))
    own = user.role == User.Role.CITIZEN and bool(rules.relation(user, citizen, now, "give-consent"))
    act = request.POST.get("act", "")
    people = colleagues(user, citizen)
    offer = OfferForm(
        request.POST if act == "offer" else None, people=people, initial={"user": user.pk}, label_suffix=""
    )
    member = TeamForm(
        request.POST if act == "team" else None, citizen=citizen, now=now, label_suffix="", auto_id="team_%s"
    )
    rows = [
        _row(request, user, held, appoint=appoint, answers=confirm or own)
        for held in queries.coordinators(citizen)
    ]
    if request.method == "POST":
        if not (appoint or confirm or own):
            raise PermissionDenied("no relation allows confirm-coordinator")
        try:
            said = _done(request, user, citizen, rows, offer, member, now)
        except ActionRefusedError as refused:
            messages.error(request, _refusal(refused))
            return redirect("coordinator", key)
        except (Coordinator.DoesNotExist, HandOver.DoesNotExist, TeamMember.DoesNotExist):
            raise Http404 from None
        if said:
            messages.success(request, said)
            return redirect("coordinator", key)
    wrong = any(form.errors for row in rows for form in row.forms) or offer.errors or member.errors
    context = {
        "citizen": citizen,
        "rows": rows,
        "former": queries.former(citizen),
        "team": queries.care_team(citizen, now),
        "members": list(citizen.team.select_related("organisation").order_by("-starts", "-pk")[:30]),
        "offer": offer if appoint and citizen.status != "deceased" else None,
        "member": member if confirm else None,
        "appoint": appoint,
        "confirm": confirm,
        "reads_plan": bool(rules.relation(user, citizen, now, "look-plan")),
        "today": local_date(now, ZONE),
        "now": now,
    }
    return render(request, "plans/coordinator.html", context, status=422 if wrong else 200)


def _opened(user: User, key: str, now: Instant) -> Citizen:
    """The citizen, for whoever reads the plan or the record.

    Raises:
        Http404: when the reader may not see it.
    """
    try:
        return rules.open_citizen(user, key, "coordinator", now, "look-plan")
    except Http404:
        return rules.open_citizen(user, key, "coordinator", now)


def _row(
    request: HttpRequest, user: User, held: queries.Coordination, *, appoint: bool, answers: bool
) -> Row:
    one = held.coordinator
    row = Row(held)

    def posted(act: str) -> dict[str, str] | None:
        here = request.POST.get("act") == act and request.POST.get("coordinator") == str(one.pk)
        return request.POST if here else None

    if answers and one.started is None:
        own = user.role == User.Role.CITIZEN
        row.answer = AnswerForm(posted("answer"), own=own, label_suffix="", auto_id=f"answer_{one.pk}_%s")
    if appoint and one.started is not None:
        people = colleagues(user, one.citizen)
        same = people.filter(organisation=one.organisation_id).exclude(pk=one.user_id)
        first = {"deputy": one.deputy_id or "", "phone": one.phone}
        row.deputy = DeputyForm(
            posted("deputy"), people=same, initial=first, label_suffix="", auto_id=f"deputy_{one.pk}_%s"
        )
        if held.hand_over is None:
            row.hand_over = HandOverForm(
                posted("hand-over"),
                people=people.exclude(pk=one.user_id),
                label_suffix="",
                auto_id=f"hand_{one.pk}_%s",
            )
    if appoint:
        row.end = EndForm(posted("end"), label_suffix="", auto_id=f"end_{one.pk}_%s")
    over = held.hand_over
    if over is not None:
        gives = user.pk in (one.user_id, one.deputy_id) and over.confirmed_from is None
        row.confirms = gives or (user.pk == over.to_id and over.confirmed_to is None)
    return row


def _done(
    request: HttpRequest,
    user: User,
    citizen: Citizen,
    rows: list[Row],
    offer: OfferForm,
    member: TeamForm,
    now: Instant,
) -> str:
    """Do what was asked; the sentence that says so, or nothing when a form is not right."""
    act = request.POST.get("act", "")
    if act == "offer":
        return _offer(user, citizen, offer, now)
    if act == "team":
        return _join(user, citizen, member, now)
    if act == "team-end":
        found = citizen.team.get(pk=_number(request, "member"))
        team.end(user, found.pk, local_date(now, ZONE), now=now)
        return _("The role ends today.")
    row = next((one for one in rows if one.held.coordinator.pk == _number(request, "coordinator")), None)
    todo = _TODO.get(act)
    if row is None or todo is None:
        raise ActionRefusedError("nothing was asked")
    return todo(user, row, now)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _offer(user: User, citizen: Citizen, form: OfferForm, now: Instant) -> str:
    chosen = form.person("user") if form.is_valid() else None
    if chosen is None:
        return ""
    given = form.cleaned_data
    acts.offer(
        user,
        citizen.key,
        chosen,
        kind=given["kind"],
        deputy=form.person("deputy"),
        phone=given["phone"],
        now=now,
        new_id=new_id,
    )
    return _("Offered. Write down what the citizen answers.")


def _join(user: User, citizen: Citizen, form: TeamForm, now: Instant) -> str:
    if not form.is_valid():
        return ""
    given = dict(form.cleaned_data)
    organisation = Organisation.objects.get(pk=given.pop("organisation"))
    role, name = given.pop("role"), given.pop("name")
    team.add(user, citizen.key, role, name, organisation, now=now, **given)
    return _("They are in the team now.")


def _answer(user: User, row: Row, now: Instant) -> str:
    form = row.answer
    if form is None or not form.is_valid():
        return ""
    given = form.cleaned_data
    accepts = given["accepts"] == "yes"
    acts.answer(user, row.held.coordinator.pk, accepts, given.get("how", ""), now=now, new_id=new_id)
    return _("The coordinator has begun.") if accepts else _("Written down: the citizen said no.")


def _deputy(user: User, row: Row, now: Instant) -> str:
    form = row.deputy
    if form is None or not form.is_valid():
        return ""
    acts.deputise(user, row.held.coordinator.pk, form.person("deputy"), form.cleaned_data["phone"], now=now)
    return _("Saved.")


def _hand_over(user: User, row: Row, now: Instant) -> str:
    to = row.hand_over.person("to") if row.hand_over is not None and row.hand_over.is_valid() else None
    if to is None:
        return ""
    hand_over.propose(user, row.held.coordinator.pk, to, now=now)
    return _("Proposed. Both confirm it, then the other has taken over.")


def _confirm(user: User, row: Row, now: Instant) -> str:
    over = row.held.hand_over
    if over is None or not row.confirms:
        raise ActionRefusedError("there is nothing to confirm")
    found = hand_over.confirm(user, over.pk, now=now, new_id=new_id)
    both = found.confirmed_from is not None and found.confirmed_to is not None
    return _("Handed over.") if both else _("Confirmed. The other one confirms it too.")


def _call_off(user: User, row: Row, now: Instant) -> str:
    if row.held.hand_over is None:
        raise ActionRefusedError("there is nothing to call off")
    hand_over.call_off(user, row.held.hand_over.pk, now=now)
    return _("The hand-over is called off.")


def _end(user: User, row: Row, now: Instant) -> str:
    if row.end is None or not row.end.is_valid():
        return ""
    reason = row.end.cleaned_data["reason"]
    acts.end(user, row.held.coordinator.pk, reason, now=now, new_id=new_id)
    return _("It has ended.")


_TODO: dict[str, Callable[[User, Row, Instant], str]] = {
    "answer": _answer,
    "deputy": _deputy,
    "hand-over": _hand_over,
    "confirm": _confirm,
    "call-off": _call_off,
    "end": _end,
}


def _refusal(refused: ActionRefusedError) -> str:
    """Why an action was refused, in the reader's language."""
    if isinstance(refused, acts.NoChildError):
        return _("A children’s coordinator is for somebody under 18 whose day of birth is known.")
    if isinstance(refused, acts.TakenError):
        return _("There is a coordinator already, or an offer that waits for an answer.")
    if isinstance(refused, acts.NoDeputyError):
        return _("A deputy is somebody else of the same organisation.")
    return _("Nothing was changed: things stand otherwise by now. Look at the page again.")
