"""A plan is begun, declined, agreed, revised and ended."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.site.accounts.models import Organisation
from naer.site.pathways import actions, live
from naer.site.pathways.actions import ActionRefusedError, NewId, Said
from naer.site.pathways.actor import Actor, organisation_of, permit
from naer.site.pathways.models import Citizen
from naer.site.pathways.state import State
from naer.site.plans.actions.common import (
    asked,
    name_of,
    plan_of,
    require_alive,
    require_open,
    say,
    way,
)
from naer.site.plans.actions.participant import settle
from naer.site.plans.models import Consent, Part, Participant, Plan, PlanVersion

ENDINGS = ("met", "moved", "died", "other")
"""Why a plan ends, beside that the consent is withdrawn."""


class ChangedError(ActionRefusedError):
    """Somebody changed the plan since the page was loaded."""


def start(
    actor: Actor,
    citizen_key: str,
    how: str,
    share_with: Collection[str] = (),
    *,
    now: Instant,
    new_id: NewId,
) -> Plan:
    """Begin the citizen's plan with their consent, shared with one's own organisation and those named.

    One that ended is opened again: it is the same plan.

    Raises:
        ActionRefusedError: when there is one already, or the organisation of the one who begins is unknown.
        PermissionDenied: when no relation allows it.
        Citizen.DoesNotExist: when there is no such citizen.
    """
    own = organisation_of(actor)
    organisations = list(Organisation.objects.filter(pk__in={*share_with, own or ""}).order_by("key"))
    if own is None or own not in {one.key for one in organisations}:
        raise ActionRefusedError("a plan is begun by somebody who works in an organisation")
    said = way(actor, how)
    with transaction.atomic():
        citizen = Citizen.objects.get(pk=citizen_key)
        require_alive(citizen)
        plan = Plan.objects.select_for_update().filter(pk=citizen_key).first()
        if plan is not None and plan.ended is None:
            raise ActionRefusedError("the citizen has a plan already: there is one for each person")
        told: list[Said] = [("individual_plan_started", {"consent": said})]
        told += [("plan_sharing_consented", {"with": one.role, "consent": said}) for one in organisations]
        say(actor, citizen, "start-plan", "plan", told, now=now, new_id=new_id)
        if plan is None:
            plan = Plan.objects.create(citizen=citizen, responsible_id=own, started=now)
        else:
            plan.ended, plan.end_reason, plan.responsible_id, plan.taken_up = None, "", own, now
            plan.save(update_fields=["ended", "end_reason", "responsible", "taken_up"])
        by = name_of(actor)[0]
        Consent.objects.create(plan=plan, given=now, how=said, given_by=by)
        for one in organisations:
            took, _ = Participant.objects.get_or_create(
                plan=plan,
                organisation=one,
                left=None,
                defaults={"kind": Participant.Kind.ORGANISATION, "joined": now},
            )
            Consent.objects.create(plan=plan, participant=took, given=now, how=said, given_by=by)
        settle(plan)
    return plan


def decline(actor: Actor, citizen_key: str, *, now: Instant, new_id: NewId) -> None:
    """Write down that the citizen wants no plan.

    Raises:
        ActionRefusedError: when there is one.
        PermissionDenied: when no relation allows it.
    """
    with transaction.atomic():
        citizen = Citizen.objects.get(pk=citizen_key)
        if Plan.objects.filter(pk=citizen_key, ended=None).exists():
            raise ActionRefusedError("the citizen has a plan: end it, or withdraw the consent")
        say(
            actor, citizen, "start-plan", "plan declined", [("individual_plan_declined", {})],
            now=now, new_id=new_id,
        )  # fmt: skip


def agree(
    actor: Actor,
    citizen_key: str,
    seen: dict[int, int],
    revise_by: dt.date | None,
    *,
    now: Instant,
    new_id: NewId,
) -> PlanVersion:
    """Agree the plan as it was `seen` (part → version), the shared parts of it: its next version.

    Raises:
        ChangedError: when a part is another by now.
        ActionRefusedError: when there is nothing to agree.
        PermissionDenied: when no relation allows it.
        Plan.DoesNotExist: when there is no plan.
    """
    with transaction.atomic():
        plan = plan_of(citizen_key)
        require_open(plan)
        parts = {part.pk: part for part in shared(plan)}
        if not parts:
            raise ActionRefusedError("nothing is written in the plan yet")
        if {pk: part.version for pk, part in parts.items()} != seen:
            raise ChangedError("the plan was changed since it was shown")
        number = plan.version + 1
        kind = "individual_plan_agreed" if number == 1 else "individual_plan_revised"
        given = {"plan_version": number} | ({"revise_by": revise_by.isoformat()} if revise_by else {})
        say(
            actor, plan.citizen, "agree-plan", f"plan version {number}", [(kind, given)],
            now=now, new_id=new_id,
        )  # fmt: skip
        for part in parts.values():
            part.agreed_version = part.version
        Part.objects.bulk_update(parts.values(), ["agreed_version"])
        plan.version, plan.agreed, plan.revise_by = number, now, revise_by
        plan.save(update_fields=["version", "agreed", "revise_by"])
        by, name, organisation = name_of(actor)
        return PlanVersion.objects.create(
            plan=plan,
            number=number,
            at=now,
            by=by,
            by_name=name,
            organisation=organisation,
            parts={str(pk): version for pk, version in seen.items()},
            revise_by=revise_by,
        )


def seen(plan: Plan, now: Instant) -> None:
    """The citizen has the plan before their eyes; the look itself is in the access log already."""
    plan.seen_by_citizen = now
    plan.save(update_fields=["seen_by_citizen"])


def shared(plan: Plan) -> list[Part]:
    """The parts of a plan that everybody who takes part can read: what is agreed."""
    return list(plan.parts.filter(only_for=None, removed=False).order_by("section", "kind", "pk"))


def end(actor: Actor, citizen_key: str, reason: str, *, now: Instant, new_id: NewId) -> None:
    """End the plan: nobody who took part reads on. What was written is kept.

    Raises:
        ActionRefusedError: when it has ended, or `reason` is none of `ENDINGS`.
        PermissionDenied: when no relation allows it.
        Plan.DoesNotExist: when there is no plan.
    """
    if reason not in ENDINGS:
        raise ActionRefusedError(f"{reason!r} is no reason to end a plan")
    _end(actor, citizen_key, reason, "agree-plan", now, new_id)


def withdraw(actor: Actor, citizen_key: str, *, now: Instant, new_id: NewId) -> None:
    """The citizen withdraws the consent to the plan, and with it to all sharing: at once.

    Raises:
        ActionRefusedError: when it has ended.
        PermissionDenied: when no relation allows it.
        Plan.DoesNotExist: when there is no plan.
    """
    _end(actor, citizen_key, "withdrawn", asked(actor, "edit-plan", "give-consent"), now, new_id)


def _end(actor: Actor, key: str, reason: str, action: str, now: Instant, new_id: NewId) -> None:
    with transaction.atomic():
        plan = plan_of(key)
        require_open(plan)
        say(
            actor, plan.citizen, action, f"plan ended: {reason}",
            [("individual_plan_ended", {"ending": reason})], now=now, new_id=new_id,
        )  # fmt: skip
        plan.consents.filter(withdrawn=None).update(withdrawn=now, withdrawn_by=name_of(actor)[0])
        plan.ended, plan.end_reason = now, reason
        plan.save(update_fields=["ended", "end_reason"])
        settle(plan)


def take_up(actor: Actor, citizen_key: str, *, now: Instant, new_id: NewId) -> Plan:
    """Take the end of a plan back: it and the consents that ended with it hold again.

    Raises:
        ActionRefusedError: when it runs, or the citizen withdrew the consent: that takes a new one.
        PermissionDenied: when no relation allows it.
        Plan.DoesNotExist: when there is no plan.
    """
    with transaction.atomic():
        plan = plan_of(citizen_key)
        if plan.ended is None or plan.end_reason not in ENDINGS:
            raise ActionRefusedError("only the end of a plan whose consent holds is taken back")
        relation = permit(actor, plan.citizen, "start-plan", now)

        def make(state: State) -> list[Event]:
            told = [one for one in live.log(state.events, now).events if one.kind == "individual_plan_ended"]
            return [
                actions.event_by(
                    actor, state, one.pathway, CANCELLED, now, {}, now, new_id, changes=str(one.id)
                )
                for one in told[-1:]
            ]

        actions.append(
            actor, citizen_key, make, now=now,
            action="start-plan", subject="plan taken up again", relation=relation,
        )  # fmt: skip
        plan.consents.filter(withdrawn=plan.ended).update(withdrawn=None, withdrawn_by="")
        plan.ended, plan.end_reason, plan.taken_up = None, "", now
        plan.save(update_fields=["ended", "end_reason", "taken_up"])
        settle(plan)
    return plan
