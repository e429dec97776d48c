"""Who has which role around a citizen: written down for a place and a time, ended, never erased."""

import datetime as dt

from django.db import transaction

from naer.events.instant import Instant
from naer.site.accounts.models import Organisation
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.actor import Actor
from naer.site.pathways.models import Citizen
from naer.site.plans.actions.common import trace
from naer.site.plans.models import TeamMember
from naer.site.plans.team import ROLES


def add(
    actor: Actor,
    citizen_key: str,
    role: str,
    name: str,
    organisation: Organisation,
    *,
    phone: str = "",
    hours: str = "",
    place: str = TeamMember.Place.ANYWHERE,
    starts: dt.date,
    ends: dt.date | None = None,
    now: Instant,
) -> TeamMember:
    """Somebody has a role around the citizen, from a day to another.

    Raises:
        ActionRefusedError: when the role, the place or the days make no sense.
        PermissionDenied: when no relation allows it.
    """
    if role not in ROLES or place not in TeamMember.Place or not name.strip():
        raise ActionRefusedError("say who, in which role, and where")
    if ends is not None and ends < starts:
        raise ActionRefusedError("it ends before it begins")
    with transaction.atomic():
        citizen = Citizen.objects.get(pk=citizen_key)
        trace(actor, citizen, "confirm-coordinator", f"team: {role}", now)
        return TeamMember.objects.create(
            citizen=citizen,
            role=role,
            name=name.strip()[:200],
            organisation=organisation,
            phone=phone.strip()[:40],
            hours=hours.strip()[:60],
            place=place,
            starts=starts,
            ends=ends,
        )


def end(actor: Actor, member: int, last: dt.date, *, now: Instant) -> TeamMember:
    """Somebody has the role no longer than `last`.

    Raises:
        ActionRefusedError: when that is after the end that stands.
        PermissionDenied: when no relation allows it.
        TeamMember.DoesNotExist: when there is no such member.
    """
    with transaction.atomic():
        found = TeamMember.objects.select_for_update(of=("self",)).select_related("citizen").get(pk=member)
        trace(actor, found.citizen, "confirm-coordinator", f"team: {found.role} ended", now)
        if found.ends is not None and found.ends < last:
            raise ActionRefusedError("it has ended already")
        found.ends = last
        found.save(update_fields=["ends"])
    return found
