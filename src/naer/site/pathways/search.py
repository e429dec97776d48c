"""Finding citizens: by name, or by a whole person number. What was typed never stands in an address."""

from django.db.models import QuerySet

from naer.events.instant import Instant
from naer.messages import person_number
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.pathways import numbers
from naer.site.pathways.models import Citizen

STATUSES: dict[str, tuple[str, ...]] = {
    "in-hospital": rules.IN_HOSPITAL,
    "discharged": ("discharged",),
    "deceased": ("deceased",),
}
"""What the list can be narrowed to."""


def citizens(user: User, now: Instant, status: str = "", name: str = "") -> QuerySet[Citizen]:
    """The citizens `user` may see, by name."""
    found = rules.visible_citizens(user, now)
    if status in STATUSES:
        found = found.filter(status__in=STATUSES[status])
    for word in name.split()[:6]:
        found = found.filter(name__icontains=word)
    return found.order_by("name", "key")


def is_number(text: str) -> bool:
    """Whether somebody typed a whole person number."""
    return person_number.resembles(text)


def by_number(user: User, text: str, now: Instant) -> Citizen | None:
    """The citizen with a person number, if `user` may see them."""
    found = numbers.likeliest(rules.visible_citizens(user, now), text)
    if found is None:
        rules.trace_failed_search(user, numbers.find_typed(text), now)
    return found
