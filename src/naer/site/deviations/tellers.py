"""Whom a deviation is told to: who follows it up at the other party, else those there who can close it."""

from naer.events.instant import Instant
from naer.site.access import deviations as access
from naer.site.accounts.models import User
from naer.site.deviations.models import Contribution, Deviation
from naer.site.notifications import actions

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


def propose(found: Deviation, now: Instant) -> None:
    """Tell the organisation it was owed to of a proposal."""
    people = access.closers(found.raised_by_id)
    actions.tell(people, "deviation-proposed", f"proposal-{found.key}", now=now, subject=found.key)
