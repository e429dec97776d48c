"""Who takes part in a plan: they join, the citizen consents to sharing it with them, and takes that back."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from naer.events.instant import Instant
from naer.site.accounts.models import User
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.actor import Actor
from naer.site.plans.actions.common import asked, name_of, plan_of, require_open, say, trace, way
from naer.site.plans.models import Consent, Participant, Plan


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
