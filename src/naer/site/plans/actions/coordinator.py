"""A coordinator is offered, accepted by the citizen, stood in for, handed over by two who confirm, and ended.

At most one main coordinator and one children's coordinator at a time: the database holds it too.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from naer.events.instant import ZONES, Instant, from_local
from naer.site.access.table import WORKS_AT
from naer.site.accounts.models import Organisation, User
from naer.site.notifications.actions import tell
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.actor import Actor
from naer.site.pathways.models import Citizen
from naer.site.plans.actions.common import asked, name_of, require_alive, say, trace, way
from naer.site.plans.models import Coordinator

OF_AGE = 18
"""Years: until then a child can have a children's coordinator (Norway, hol § 7-2 a)."""
ENDINGS = ("citizen", "left", "no-need", "of-age", "other")
"""Why a coordinator's task ends, beside a hand-over."""


class TakenError(ActionRefusedError):
    """There is a coordinator of the kind already, or an offer that waits for an answer."""


class NoChildError(ActionRefusedError):
    """A children's coordinator is for somebody under 18 whose day of birth is known."""


class NoDeputyError(ActionRefusedError):
    """A deputy is somebody else of the same organisation."""


def offer(
    actor: Actor,
    citizen_key: str,
    user: User,
    *,
    kind: str = Coordinator.Kind.MAIN,
    deputy: User | None = None,
    phone: str = "",
    now: Instant,
    new_id: NewId,
) -> Coordinator:
    """Offer the citizen a coordinator: also one who wants no plan is offered it.

    Raises:
        ActionRefusedError: when there is one or an offer already, or this person can be none.
        PermissionDenied: when no relation allows it.
        Citizen.DoesNotExist: when there is no such citizen.
    """
    of = Coordinator.Kind(kind)
    with transaction.atomic():
        citizen = Citizen.objects.select_for_update(of=("self",)).get(pk=citizen_key)
        say(
            actor, citizen, "appoint-coordinator", "coordinator offered",
            [("coordinator_offered", {"child": True} if of == Coordinator.Kind.CHILD else {})],
            now=now, new_id=new_id,
        )  # fmt: skip
        require_alive(citizen)
        require_able(user)
        _require_deputy(user, deputy)
        until = _of_age(citizen) if of == Coordinator.Kind.CHILD else None
        if of == Coordinator.Kind.CHILD and (until is None or until <= now):
            raise NoChildError("a children’s coordinator is for somebody under 18")
        if open_ones(citizen, of).exists():
            raise TakenError("there is a coordinator, or an offer that waits for an answer")
        return Coordinator.objects.create(
            citizen=citizen,
            kind=of,
            user=user,
            organisation=works_at(user),
            deputy=deputy,
            phone=phone.strip()[:40],
            offered=now,
            offered_by=name_of(actor)[0],
            until=until,
        )


def answer(
    actor: Actor, coordinator: int, accepts: bool, how: str, *, now: Instant, new_id: NewId
) -> Coordinator:
    """The citizen's answer to an offer; with a yes the coordinator begins.

    Raises:
        ActionRefusedError: when it was answered already.
        PermissionDenied: when no relation allows it.
        Coordinator.DoesNotExist: when there is no such offer.
    """
    said = way(actor, how)
    with transaction.atomic():
        one = locked(coordinator)
        if one.accepted is not None or one.declined is not None or one.ended is not None:
            raise ActionRefusedError("it was answered already")
        attributes = child(one)
        told = [
            ("coordinator_accepted" if accepts else "coordinator_declined", attributes | {"consent": said})
        ]
        if accepts:
            told.append(("coordinator_appointed", attributes))
        action = asked(actor, "confirm-coordinator", "give-consent")
        say(actor, one.citizen, action, f"coordinator {one.kind}", told, now=now, new_id=new_id)
        if accepts:
            one.accepted = one.started = now
        else:
            one.declined = now
        one.save(update_fields=["accepted", "started", "declined"])
        if accepts:
            tell_others(actor, "coordinator", one, [one.user], f"{one.pk}", now)
    return one


def deputise(actor: Actor, coordinator: int, deputy: User | None, phone: str, *, now: Instant) -> Coordinator:
    """Name who stands in for a coordinator, and the number to call.

    Raises:
        ActionRefusedError: when the task has ended, or this person can be none.
        PermissionDenied: when no relation allows it.
        Coordinator.DoesNotExist: when there is no such coordinator.
    """
    with transaction.atomic():
        one = locked(coordinator)
        trace(actor, one.citizen, "appoint-coordinator", f"deputy of coordinator {one.kind}", now)
        require_running(one)
        _require_deputy(one.user, deputy)
        one.deputy, one.phone = deputy, phone.strip()[:40]
        one.save(update_fields=["deputy", "phone"])
    return one


def end(actor: Actor, coordinator: int, reason: str, *, now: Instant, new_id: NewId) -> Coordinator:
    """End a coordinator's task, or take an offer back.

    Raises:
        ActionRefusedError: when it has ended, or `reason` is none of `ENDINGS`.
        PermissionDenied: when no relation allows it.
        Coordinator.DoesNotExist: when there is no such coordinator.
    """
    if reason not in ENDINGS:
        raise ActionRefusedError(f"{reason!r} is no reason to end it")
    with transaction.atomic():
        one = locked(coordinator)
        if one.ended is not None or one.declined is not None:
            raise ActionRefusedError("it has ended already")
        told = [("coordinator_ended", child(one) | {"ending": reason})]
        say(actor, one.citizen, "appoint-coordinator", "coordinator ended", told, now=now, new_id=new_id)
        one.ended, one.end_reason = now, reason
        one.save(update_fields=["ended", "end_reason"])
        one.hand_overs.filter(cancelled=None, confirmed_to=None).update(cancelled=now)
        one.hand_overs.filter(cancelled=None, confirmed_from=None).update(cancelled=now)
    return one


def open_ones(citizen: Citizen, kind: str) -> QuerySet[Coordinator]:
    """Offers that wait for an answer, and coordinators who have not ended."""
    return Coordinator.objects.filter(citizen=citizen, kind=kind, ended=None, declined=None)


def tell_others(
    actor: Actor, kind: str, one: Coordinator, people: Sequence[User], thing: str, now: Instant
) -> None:
    """Let those know who did not do it themselves."""
    others = [user for user in people if user != actor]
    tell(others, kind, f"{kind} {thing}", now=now, citizen=one.citizen)


def able() -> Q:
    """Users who can be a coordinator: in care, at work."""
    roles = Q(pk__in=[])
    for role, place in WORKS_AT.items():
        roles |= Q(role=role, organisation__role=place)
    return roles & Q(is_active=True)


def require_able(user: User) -> None:
    if not User.objects.filter(able(), pk=user.pk).exists():
        raise ActionRefusedError(
            "a coordinator works in care, in the municipality, the hospital or a practice"
        )


def works_at(user: User) -> Organisation:
    assert user.organisation is not None  # who is `able` works somewhere
    return user.organisation


def _require_deputy(user: User, deputy: User | None) -> None:
    if deputy is None:
        return
    require_able(deputy)
    if deputy.pk == user.pk or deputy.organisation_id != user.organisation_id:
        raise NoDeputyError("a deputy is somebody else of the same organisation")


def require_running(one: Coordinator) -> None:
    if one.started is None or one.ended is not None:
        raise ActionRefusedError("the coordinator has not begun, or has ended")


def locked(pk: int) -> Coordinator:
    return Coordinator.objects.select_for_update(of=("self",)).select_related("citizen", "user").get(pk=pk)


def child(one: Coordinator) -> dict[str, Any]:
    return {"child": True} if one.kind == Coordinator.Kind.CHILD else {}


def _of_age(citizen: Citizen) -> Instant | None:
    """The first instant of the 18th birthday; None when the day of birth is unknown."""
    born = citizen.born
    if born is None:
        return None
    leap = born.month == 2 and born.day == 29
    day = dt.date(born.year + OF_AGE, 3, 1) if leap else born.replace(year=born.year + OF_AGE)
    return from_local(dt.datetime.combine(day, dt.time()), ZONES["DK"])
