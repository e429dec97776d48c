"""Who sees a deviation and does something about it: the two organisations it is between.

A deviation outlives the stay it is about. Those of a party may read what the parties wrote to one another;
who the citizen is, they see while they have a care relation. Every look is written down, with why.
"""

from typing import Literal

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.access.rules import Person
from naer.site.access.table import WORKS_AT, relations_for
from naer.site.access.trace import entry_of
from naer.site.accounts.models import User
from naer.site.deviations.models import Deviation
from naer.site.pathways.models import Citizen

PARTY = "deviation"
"""The relation of who is a party to a deviation (`access.actions.RELATIONS`)."""
Side = Literal["raiser", "counterpart"]


def may(user: Person, action: str) -> bool:
    """Whether the role lets `user` do `action` about any deviation of their organisation's."""
    if not isinstance(user, User) or not user.is_active or user.organisation is None:
        return False
    return WORKS_AT.get(user.role) == user.organisation.role and bool(relations_for(user.role, action))


def counted(user: Person, now: Instant) -> QuerySet[Deviation]:  # noqa: ARG001
    """What is counted for `user`: all that was raised by or with their organisation; not whom it is about."""
    if not isinstance(user, User) or user.organisation_id is None or not rules.may(user, "deviations"):
        return Deviation.objects.none()
    own = user.organisation_id
    proposals = (Deviation.State.PROPOSED, Deviation.State.DISMISSED)
    return Deviation.objects.filter(Q(raised_by=own) | (Q(counterpart=own) & ~Q(state__in=proposals)))


def visible(user: Person, now: Instant) -> QuerySet[Deviation]:
    """The deviations `user` may read: a proposal is read by the party it was owed to only."""
    return counted(user, now) if may(user, "look-deviation") else Deviation.objects.none()


def open_deviation(user: Person, key: str, now: Instant) -> Deviation:
    """One deviation, with the look written down.

    Raises:
        Http404: when there is none, or `user` may not read it: the answer does not tell which.
    """
    found = visible(user, now).select_related("citizen", "raised_by", "counterpart").filter(pk=key).first()
    if found is None or not isinstance(user, User):
        raise Http404
    trace(user, found, "look-deviation", _why(user, found.citizen, now), now)
    return found


def require(user: User, found: Deviation, action: str, now: Instant) -> str:
    """What allows `action` about a deviation: the care relation, else that one is a party to it.

    Raises:
        PermissionDenied: when the role does not, or the organisation is no party.
    """
    if not may(user, action) or not visible(user, now).filter(pk=found.pk).exists():
        raise PermissionDenied(f"nothing allows {action}")
    return _why(user, found.citizen, now)


def require_raise(user: User, citizen: Citizen | None, now: Instant) -> str:
    """What allows raising one: the care relation to the citizen; without one, the role.

    Raises:
        PermissionDenied: when nothing does.
    """
    if citizen is not None:
        return rules.require(user, citizen, "raise-deviation", now)
    if not may(user, "raise-deviation"):
        raise PermissionDenied("the role raises no deviation")
    return PARTY


def closers(organisation: str) -> list[User]:
    """Those at an organisation whose role can take a deviation to its end."""
    here = User.objects.filter(organisation=organisation, is_active=True).select_related("organisation")
    return [user for user in here.order_by("pk") if may(user, "close-deviation")]


def trace(user: User, found: Deviation, action: str, relation: str, now: Instant) -> None:
    """Write down that `user` read a deviation or did something about it."""
    entry_of(user, found.citizen_id or "", action, f"deviation {found.key}", relation, now).save()


def is_raiser(user: User, found: Deviation) -> bool:
    """Whether the user's organisation raised it."""
    return user.organisation_id == found.raised_by_id


def sides(user: User, found: Deviation) -> tuple[Side, Side]:
    """The user's own side, and the other."""
    return ("raiser", "counterpart") if is_raiser(user, found) else ("counterpart", "raiser")


def _why(user: User, citizen: Citizen | None, now: Instant) -> str:
    return (rules.relation(user, citizen, now, "look") if citizen is not None else "") or PARTY
