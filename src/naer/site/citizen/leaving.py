"""What ends by itself when a citizen has died or moved away: their plan, and what they let others see.

A death that is taken back gives back what it ended: whom somebody let in is near them still. The plan is
not begun anew by itself: those around it take it up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched

from django.db import transaction
from django.db.models import QuerySet

from naer.events.instant import Instant, utc
from naer.site.access.models import AccessEntry, Grant
from naer.site.notifications.actions import tell
from naer.site.one_by_one import keys, one_by_one
from naer.site.pathways import live, store
from naer.site.pathways.actions import NewId
from naer.site.pathways.actor import Process, leave_trace
from naer.site.plans.actions import leaving as plans

NAME = "naer grants"
"""What the trace calls who ended it."""
_TOGETHER = 500
"""Grants whose traces are looked up in one question."""


@dataclass(frozen=True, slots=True)
class Left:
    """How many were ended, how many grants given back, and how many of either failed."""

    plans: int = 0
    grants: int = 0
    given_back: int = 0
    failed: int = 0


def end_left(now: Instant, new_id: NewId) -> Left:
    """End what is to end at `now`, and give back what ended by mistake.

    May be run late, twice, or by several processes at once.
    """
    # First: somebody may be reading by one.
    dead = keys(_of_the_dead(now))
    grants = one_by_one(lambda grant: _end(int(grant), now), dead, "grants of the dead to end")
    back = one_by_one(lambda one: _give_back(*one, now), _of_the_living(now), "grants to give back")
    ended = plans.end_left(now, new_id)
    return Left(ended.done, grants.done, back.done, grants.failed + back.failed + ended.failed)


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
    leave_trace(Process(NAME), found.citizen_id, "grant", _ended(found.pk), now)
    if found.relative is not None:
        tell([found.relative], "grant-ended", f"grant {found.pk} ended {now}", now=now)
    return True


def _ended(grant: int) -> str:
    """What the trace says of a grant that a death ended."""
    return f"grant {grant} ended: died"


def _of_the_living(now: Instant) -> Iterator[tuple[int, Instant]]:
    """The grants that a death ended, and nobody else, of citizens who have not died by now, and when.

    One that nobody had taken is not among them: its code is forgotten.
    """
    alive = Grant.objects.filter(relative__isnull=False, ended__isnull=False, until__gt=now)
    ends = alive.exclude(citizen__status="deceased").order_by("pk").values_list("pk", "ended")
    for some in batched([(pk, ended) for pk, ended in ends if ended is not None], _TOGETHER, strict=False):
        traces = AccessEntry.objects.filter(user=NAME, action="grant", at__in={utc(at) for _, at in some})
        told = set(traces.values_list("subject", "at"))
        yield from ((pk, ended) for pk, ended in some if (_ended(pk), utc(ended)) in told)


@transaction.atomic
def _give_back(grant: int, ended: Instant, now: Instant) -> bool:
    """Where it is ended as of then: after another process gave it back, the citizen may have ended it."""
    found = Grant.objects.select_for_update(of=("self",)).select_related("relative").get(pk=grant)
    key = found.citizen_id
    died = any(event.kind == "died" for event in live.log(store.logs([key])[key], now).events)
    if found.ended != ended or found.relative is None or died:
        return False
    found.ended = None
    found.save(update_fields=["ended"])
    leave_trace(Process(NAME), key, "grant", f"grant {found.pk} holds again: the death was taken back", now)
    tell([found.relative], "grant-again", f"grant {found.pk} again {now}", now=now)
    return True
