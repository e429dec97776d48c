"""Who stands in a relation to a citizen by the plan, as conditions on `Citizen`."""

from django.db.models import Exists, OuterRef, Q

from naer.events.instant import Instant
from naer.site.accounts.models import User
from naer.site.plans.models import Coordinator, Participant


def takes_part(organisation: str) -> Exists:
    """Citizens in whose plan an organisation takes part, while the plan and the consent hold."""
    return Exists(Participant.objects.filter(plan=OuterRef("pk"), organisation=organisation, active=True))


def takes_part_in_person(user: User) -> Exists:
    """Citizens in whose plan somebody takes part with a user of their own: a relative."""
    return Exists(Participant.objects.filter(plan=OuterRef("pk"), user=user, active=True))


def is_coordinator(user: User, now: Instant) -> Exists:
    """Citizens whom `user` coordinates, or as deputy, for the organisation they work in."""
    held = Coordinator.objects.filter(
        Q(user=user) | Q(deputy=user),
        Q(until=None) | Q(until__gt=now),
        citizen=OuterRef("pk"),
        organisation=user.organisation_id,
        started__lte=now,
        ended=None,
    )
    return Exists(held)
