"""What ends by itself when a citizen has died or moved away: their plan, and what they let others see."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from naer.events.instant import Instant
from naer.site.access.models import Grant
from naer.site.notifications.actions import tell
from naer.site.pathways.actions import NewId
from naer.site.pathways.actor import Process, leave_trace
from naer.site.plans.actions import leaving as plans

NAME = "naer grants"
"""What the trace calls who ended it."""
_MOST = 500
"""Grants in one round."""


@dataclass(frozen=True, slots=True)
class Left:
    """How many were ended."""

    plans: int
    grants: int


def end_left(now: Instant, new_id: NewId) -> Left:
    """End what is to end at `now`. May be run late, twice, or by several processes at once."""
    dead = list(_of_the_dead(now).order_by("pk").values_list("pk", flat=True)[:_MOST])
    grants = sum(_end(grant, now) for grant in dead)  # first: somebody may be reading by one
    return Left(plans.end_left(now, new_id), grants)


def _of_the_dead(now: Instant) -> QuerySet[Grant]:
    """What holds of all that those granted who have died: nobody can take it back any more."""
    return Grant.objects.filter(ended=None, until__gt=now, citizen__status="deceased")


@transaction.atomic
def _end(grant: int, now: Instant) -> bool:
    found = _of_the_dead(now).select_for_update(of=("self",)).filter(pk=grant).first()
    if found is None:
        return False
    found.ended, found.code = now, ""
    found.save(update_fields=["ended", "code"])
    leave_trace(Process(NAME), found.citizen_id, "grant", f"grant {found.pk} ended: died", now)
    if found.relative is not None:
        tell([found.relative], "grant-ended", f"grant {found.pk}", now=now)
    return True
