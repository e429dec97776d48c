"""Whether a measure works: how the clause was kept between the two, before and since."""

from dataclasses import dataclass

from django.db.models import Count, Q

from naer.events.instant import DAY, Instant
from naer.site.deviations.models import Deviation
from naer.site.pathways.models import Obligation

SPAN = 90 * DAY
"""Looked at before it was raised, and at most since it was agreed."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those that fell due were kept in time."""

    kept: int
    due: int


@dataclass(frozen=True, slots=True)
class Effect:
    """Before it was raised, and since both agreed; None while they have not."""

    before: Share
    since: Share | None


def effect(found: Deviation, now: Instant) -> Effect | None:
    """How the clause is kept between the two parties; None without a clause."""
    if not found.clause:
        return None
    before = _share(found, found.raised - SPAN, found.raised, now)
    since = None
    if found.agreed is not None:
        since = _share(found, found.agreed, min(found.agreed + SPAN, now), now)
    return Effect(before, since)


def _share(found: Deviation, first: Instant, end: Instant, now: Instant) -> Share:
    """Kept of all that was kept, late or missed, and due in [first, end)."""
    between = {"owed_by": found.counterpart_id, "owed_to": found.raised_by_id}
    clause = {"agreement": found.agreement, "clause": found.clause, "withdrawn": False}
    judged = Q(outcome__in=("kept", "late", "missing")) | Q(outcome="", due__lt=now)
    counted = Obligation.objects.filter(judged, due__gte=first, due__lt=end, **between, **clause)
    given = counted.aggregate(kept=Count("pk", filter=Q(outcome="kept")), due=Count("pk"))
    return Share(given["kept"], given["due"])
