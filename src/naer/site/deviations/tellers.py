"""Whom a deviation is told to: who follows it up at the other party, else those there who can close it."""

from django.db.models import Exists, OuterRef, Q

from naer.events.instant import DAY, Instant
from naer.site.access import deviations as access
from naer.site.accounts.models import User
from naer.site.deviations.models import Contribution, Deviation
from naer.site.notifications import actions
from naer.site.pathways.models import Obligation

_NEWS = 7 * DAY
"""What passed longer ago is no news."""
_KINDS = {
    "raise": "deviation-raised",
    "answer": "deviation-answered",
    "suggest": "deviation-suggested",
    "accept": "deviation-agreed",
    "close": "deviation-closed",
    "withdraw": "deviation-closed",
    "note": "deviation-said",
    "tell": "deviation-said",
}
"""Act → what it is told as; what is not here is told to nobody."""


def tell(found: Deviation, said: Contribution, user: User, now: Instant) -> None:
    """Tell the other party of what `user` said."""
    kind = _KINDS.get(said.act)
    if kind is None:
        return
    _mine, other = access.sides(user, found)
    organisation = found.raised_by_id if other == "raiser" else found.counterpart_id
    people = access.closers(organisation)
    owner = found.raiser_owner if other == "raiser" else found.counterpart_owner
    following = [one for one in people if one.username == owner]
    actions.tell(following or people, kind, f"deviation-{found.key}-{said.pk}", now=now, subject=found.key)


def serious(found: Deviation, now: Instant) -> None:
    """Remind both parties that the law has a clock of its own."""
    for organisation in (found.raised_by_id, found.counterpart_id):
        people = access.closers(organisation)
        actions.tell(people, "deviation-serious", f"serious-{found.key}", now=now, subject=found.key)


def late(now: Instant) -> None:
    """Tell, once, of what waits past the time the raiser asked for, or both agreed on for the measure.

    Where an agreement gives the time to answer, its own escalation tells.
    """
    waits = Deviation.objects.filter(state=Deviation.State.OPEN, asked_by__lt=now, asked_by__gte=now - _NEWS)
    answered = Obligation.objects.filter(trigger=OuterRef("event"), due__isnull=False, withdrawn=False)
    for found in waits.exclude(~Q(event="") & Exists(answered)):
        people = access.closers(found.counterpart_id)
        actions.tell(people, "deviation-late", f"asked-{found.key}", now=now, subject=found.key)
    agreed = Deviation.objects.filter(state=Deviation.State.AGREED)
    for found in agreed.filter(measure_by__lt=now, measure_by__gte=now - _NEWS):
        for organisation, closed in (
            (found.raised_by_id, found.raiser_closed),
            (found.counterpart_id, found.counterpart_closed),
        ):
            people = access.closers(organisation) if closed is None else []
            actions.tell(people, "deviation-late", f"measure-{found.key}", now=now, subject=found.key)


def propose(found: Deviation, now: Instant) -> None:
    """Tell the organisation it was owed to of a proposal."""
    people = access.closers(found.raised_by_id)
    actions.tell(people, "deviation-proposed", f"proposal-{found.key}", now=now, subject=found.key)
