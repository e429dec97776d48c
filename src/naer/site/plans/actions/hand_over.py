"""A coordinator hands over to somebody else: proposed, confirmed by both, or called off."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from naer.events.instant import Instant
from naer.site.accounts.models import User
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.actor import Actor
from naer.site.plans.actions.common import name_of, say, trace
from naer.site.plans.actions.coordinator import (
    child,
    locked,
    require_able,
    require_running,
    tell_others,
    works_at,
)
from naer.site.plans.models import Coordinator, HandOver


def propose(actor: Actor, coordinator: int, to: User, *, now: Instant) -> HandOver:
    """Propose that a coordinator hands over to somebody else; both then confirm it.

    Raises:
        ActionRefusedError: when one is under way, or this person can be none.
        PermissionDenied: when no relation allows it.
        Coordinator.DoesNotExist: when there is no such coordinator.
    """
    with transaction.atomic():
        one = locked(coordinator)
        trace(actor, one.citizen, "appoint-coordinator", f"hand-over of coordinator {one.kind}", now)
        require_running(one)
        require_able(to)
        if to.pk == one.user_id:
            raise ActionRefusedError("a coordinator hands over to somebody else")
        if one.hand_overs.filter(cancelled=None).exists():
            raise ActionRefusedError("a hand-over is under way already")
        made = HandOver.objects.create(coordinator=one, to=to, proposed=now, proposed_by=name_of(actor)[0])
        tell_others(actor, "hand-over", one, [one.user, to], f"{made.pk}", now)
        return made


def confirm(actor: User, hand_over: int, *, now: Instant, new_id: NewId) -> HandOver:
    """Confirm a hand-over, as the one who hands over (or the deputy), or as the one who takes over.

    When both have, the task has passed: one ends and the other begins, in one event.

    Raises:
        ActionRefusedError: when it is over, or this side has confirmed.
        PermissionDenied: when it is neither's own to confirm.
        HandOver.DoesNotExist: when there is no such hand-over.
    """
    with transaction.atomic():
        found, one = _hand_over(hand_over)
        gives, takes = actor.pk in (one.user_id, one.deputy_id), actor.pk == found.to_id
        if not (gives or takes):
            raise PermissionDenied("a hand-over is confirmed by the two it is between")
        if (takes and found.confirmed_to is not None) or (not takes and found.confirmed_from is not None):
            raise ActionRefusedError("you have confirmed it already")
        if takes:
            found.confirmed_to = now
        else:
            found.confirmed_from = now
        found.save(update_fields=["confirmed_from", "confirmed_to"])
        subject = f"hand-over of coordinator {one.kind}"
        if found.confirmed_from is None or found.confirmed_to is None:
            trace(actor, one.citizen, "confirm-coordinator", subject, now)
            return found
        require_able(found.to)
        told = [("coordinator_handed_over", child(one))]
        say(actor, one.citizen, "confirm-coordinator", subject, told, now=now, new_id=new_id)
        one.ended, one.end_reason = now, "handed-over"
        one.save(update_fields=["ended", "end_reason"])
        begun = Coordinator.objects.create(
            citizen=one.citizen,
            kind=one.kind,
            user=found.to,
            organisation=works_at(found.to),
            offered=found.proposed,
            offered_by=found.proposed_by,
            accepted=one.accepted,
            started=now,
            until=one.until,
        )
        tell_others(actor, "coordinator", begun, [found.to], f"{begun.pk}", now)
    return found


def call_off(actor: Actor, hand_over: int, *, now: Instant) -> HandOver:
    """Call a hand-over off before both have confirmed it.

    Raises:
        ActionRefusedError: when it is over.
        PermissionDenied: when no relation allows it.
        HandOver.DoesNotExist: when there is no such hand-over.
    """
    with transaction.atomic():
        found, one = _hand_over(hand_over)
        trace(
            actor, one.citizen, "appoint-coordinator", f"hand-over of coordinator {one.kind} called off", now
        )
        found.cancelled = now
        found.save(update_fields=["cancelled"])
    return found


def _hand_over(pk: int) -> tuple[HandOver, Coordinator]:
    """A hand-over under way and its coordinator, locked until the commit."""
    found = HandOver.objects.select_related("to").get(pk=pk)
    one = locked(found.coordinator_id)
    found.refresh_from_db(fields=["confirmed_from", "confirmed_to", "cancelled"])
    if found.cancelled is not None or one.ended is not None:
        raise ActionRefusedError("the hand-over is over")
    return found, one
