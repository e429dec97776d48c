"""A plan ends by itself when the citizen has died, or has moved away from a municipality that takes part.

It stands in the log and who coordinates is told. Somebody near the citizen may take it back
(`plan.take_up`); the same death or move then ends it no more.
"""

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from naer.events.instant import Instant
from naer.site.accounts.models import Organisation, User
from naer.site.notifications.actions import tell
from naer.site.one_by_one import Worked, keys, one_by_one
from naer.site.pathways.actions import NewId
from naer.site.pathways.actor import Process
from naer.site.pathways.models import Former
from naer.site.plans.actions import plan as acts
from naer.site.plans.models import Consent, Coordinator, Participant, Plan

NAME = "naer plans"
"""What the log calls who ended it."""


def end_left(now: Instant, new_id: NewId) -> Worked:
    """End the plans of those who have died or moved.

    May be run by several processes at once: a plan is locked and looked at again before it is ended.
    """
    return _end_all("died", died(), now, new_id) + _end_all("moved", moved(now), now, new_id)


def _end_all(reason: str, left: QuerySet[Plan], now: Instant, new_id: NewId) -> Worked:
    return one_by_one(
        lambda key: _end(left, str(key), reason, now, new_id), keys(left), f"plans to end: {reason}"
    )


@transaction.atomic
def _end(left: QuerySet[Plan], key: str, reason: str, now: Instant, new_id: NewId) -> bool:
    one = left.select_for_update(of=("self",)).filter(pk=key).first()
    if one is None:
        return False
    told = _told(one)
    acts.end(Process(NAME, one.responsible_id), key, reason, now=now, new_id=new_id)
    tell(told, "plan-ended", f"plan {key} ended {now}", now=now, citizen=one.citizen)
    return True


def died() -> QuerySet[Plan]:
    """The open plans whose citizen has died since somebody last opened them."""
    since = Q(taken_up=None) | Q(citizen__status_since__gt=F("taken_up"))
    return Plan.objects.filter(since, ended=None, citizen__status="deceased")


def moved(now: Instant) -> QuerySet[Plan]:
    """The open plans whose citizen has moved away since somebody last opened them."""
    there = Participant.objects.filter(
        plan=OuterRef(OuterRef("pk")),
        active=True,
        organisation__role=Organisation.Role.MUNICIPALITY,
        organisation__municipality=OuterRef("municipality"),
    )
    since = Coalesce(OuterRef("taken_up"), OuterRef("started"))
    left = Former.objects.filter(Exists(there), citizen=OuterRef("pk"), until__lte=now, until__gt=since)
    away = Exists(left.exclude(municipality=OuterRef("citizen__municipality")))
    return Plan.objects.filter(away, ended=None)


def _told(plan: Plan) -> list[User]:
    """Who coordinates, or stands in; with nobody, who wrote the consent to the plan down."""
    running = Coordinator.objects.filter(citizen=plan.pk, started__isnull=False, ended=None)
    near = User.objects.filter(
        Q(pk__in=running.values("user")) | Q(pk__in=running.exclude(deputy=None).values("deputy"))
    )
    if found := list(near.order_by("pk")):
        return found
    wrote = Consent.objects.filter(plan=plan, participant=None, withdrawn=None).values("given_by")
    return list(User.objects.filter(username__in=wrote).order_by("pk"))
