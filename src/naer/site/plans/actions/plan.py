"""A plan is begun, agreed, revised and ended; who takes part in it, and with what consent."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q

from naer.events.instant import Instant
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.actions import ActionRefusedError, NewId, Said
from naer.site.pathways.actor import Actor, organisation_of
from naer.site.pathways.models import Citizen
from naer.site.plans.actions.common import (
    asked,
    name_of,
    plan_of,
    require_open,
    say,
    trace,
    way,
)
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
        plan = Plan.objects.select_for_update().filter(pk=citizen_key).first()
        if plan is not None and plan.ended is None:
            raise ActionRefusedError("the citizen has a plan already: there is one for each person")
        told: list[Said] = [("individual_plan_started", {"consent": said})]
        told += [("plan_sharing_consented", {"with": one.role, "consent": said}) for one in organisations]
        say(actor, citizen, "start-plan", "plan", told, now=now, new_id=new_id)
        if plan is None:
            plan = Plan.objects.create(citizen=citizen, responsible_id=own, started=now)
        else:
            plan.ended, plan.end_reason, plan.responsible_id = None, "", own
            plan.save(update_fields=["ended", "end_reason", "responsible"])
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


def join(
    actor: Actor,
    citizen_key: str,
    *,
    organisation: str = "",
    user: User | None = None,
    name: str = "",
    role: str = "",
    phone: str = "",
    relative: bool = False,
    how: str = "",
    now: Instant,
    new_id: NewId,
) -> Participant:
    """Somebody takes part: an organisation, else a person or relative by name; `how` the citizen consented.

    Without consent they are named in the plan and see nothing of it.

    Raises:
        ActionRefusedError: when they take part already, or nobody is named.
        PermissionDenied: when no relation allows it.
        Plan.DoesNotExist: when there is no plan.
    """
    kind = Participant.Kind.RELATIVE if relative else Participant.Kind.PERSON
    if organisation:
        kind = Participant.Kind.ORGANISATION
    elif not name.strip():
        raise ActionRefusedError("say who takes part")
    with transaction.atomic():
        plan = plan_of(citizen_key)
        require_open(plan)
        if organisation and plan.participants.filter(organisation=organisation, left=None).exists():
            raise ActionRefusedError("they take part already")
        trace(actor, plan.citizen, asked(actor, "edit-plan", "give-consent"), "participant joined", now)
        took = Participant.objects.create(
            plan=plan,
            kind=kind,
            organisation_id=organisation or None,
            user=user,
            name=name.strip()[:200],
            role=role.strip()[:100],
            phone=phone.strip()[:40],
            joined=now,
        )
    if how:
        consent(actor, took.pk, how, now=now, new_id=new_id)
        took.refresh_from_db()
    return took


def consent(actor: Actor, participant: int, how: str, *, now: Instant, new_id: NewId) -> Consent:
    """The citizen consents to sharing the plan with a participant.

    Raises:
        ActionRefusedError: when they have, or the participant left.
        PermissionDenied: when no relation allows it.
        Participant.DoesNotExist: when there is no such participant.
    """
    said = way(actor, how)
    with transaction.atomic():
        took = _participant(participant)
        require_open(took.plan)
        if took.left is not None or took.consents.filter(withdrawn=None).exists():
            raise ActionRefusedError("it is shared with them already, or they have left")
        say(
            actor, took.plan.citizen, asked(actor, "edit-plan", "give-consent"), "sharing of the plan",
            [("plan_sharing_consented", {"with": _what(took), "consent": said})], now=now, new_id=new_id,
        )  # fmt: skip
        given = Consent.objects.create(
            plan=took.plan, participant=took, given=now, how=said, given_by=name_of(actor)[0]
        )
        settle(took.plan)
    return given


def unshare(
    actor: Actor, participant: int, *, leaves: bool = False, now: Instant, new_id: NewId
) -> Participant:
    """The citizen withdraws the consent to share with a participant; access ends with this call.

    With `leaves` the participant takes part no more, either.

    Raises:
        ActionRefusedError: when there is nothing to withdraw.
        PermissionDenied: when no relation allows it.
        Participant.DoesNotExist: when there is no such participant.
    """
    with transaction.atomic():
        took = _participant(participant)
        held = took.consents.filter(withdrawn=None)
        if took.left is not None or not (leaves or held.exists()):
            raise ActionRefusedError("it is not shared with them")
        action = asked(actor, "edit-plan", "give-consent")
        if held.exists():
            say(
                actor, took.plan.citizen, action, "sharing of the plan withdrawn",
                [("plan_sharing_withdrawn", {"with": _what(took)})], now=now, new_id=new_id,
            )  # fmt: skip
        else:
            trace(actor, took.plan.citizen, action, "participant left", now)
        held.update(withdrawn=now, withdrawn_by=name_of(actor)[0])
        if leaves:
            took.left = now
            took.save(update_fields=["left"])
        settle(took.plan)
        took.refresh_from_db()
    return took


def _participant(pk: int) -> Participant:
    """A participant, with the plan locked until the commit."""
    found = Participant.objects.select_related("organisation", "plan__citizen").get(pk=pk)
    found.plan = plan_of(found.plan_id)
    return found


def _what(took: Participant) -> str:
    """What a participant is, for the log: a role, never a name."""
    return took.organisation.role if took.organisation is not None else took.kind


def settle(plan: Plan) -> None:
    """Store who may see the plan now: what the one door to citizens asks."""
    holding = Q(pk__in=Consent.objects.filter(plan=plan, withdrawn=None).values("participant"))
    everybody: Iterable[Participant] = plan.participants.all()
    active = set() if plan.ended is not None else _pks(plan.participants.filter(holding, left=None))
    changed = [one for one in everybody if one.active != (one.pk in active)]
    for one in changed:
        one.active = not one.active
    Participant.objects.bulk_update(changed, ["active"])


def _pks(found: Iterable[Participant]) -> set[int]:
    return {one.pk for one in found}
