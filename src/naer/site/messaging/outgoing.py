"""Messages out, as lists: which ones somebody may see, and what waits for them."""

from django.db.models import Q, QuerySet

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import dead_letters
from naer.site.messaging.log import OFFICES
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.outbox import ESCALATION
from naer.site.pathways.models import Citizen

State = OutgoingMessage.State
STATES = tuple(State.values)
"""The states that the outbox can be narrowed to."""


def visible(user: User, now: Instant) -> QuerySet[OutgoingMessage]:
    """The messages out that `user` may see, newest first.

    An office sees every envelope; somebody in care what their organisation wrote about citizens they may see,
    and what is about nobody.
    """
    found = OutgoingMessage.objects.defer("content", "letter").exclude(kind=ESCALATION)
    found = found.order_by("-created", "-pk")
    if not rules.may(user, "message-log"):
        return found.none()
    if user.role in OFFICES:
        return found
    about = Q(citizen=None) | rules.about_visible(user, now)
    return found.filter(about, sender=user.organisation_id or "-")


def of_pathway(user: User, citizen: Citizen, pathway: str, now: Instant) -> QuerySet[OutgoingMessage]:
    """What the user's organisation sent in a pathway, newest first; conversations have pages of their own."""
    sent = visible(user, now).filter(citizen=citizen, pathway=pathway, sender=user.organisation_id or "-")
    return sent.exclude(letters__thread__isnull=False)


def needing_somebody(user: User, now: Instant) -> QuerySet[OutgoingMessage]:
    """The dead-letter list: what did not get through, or was refused, or is without receipt; oldest first."""
    return visible(user, now).filter(state__in=dead_letters.NEEDS_SOMEBODY).order_by("created", "pk")


def notices(user: User, now: Instant) -> QuerySet[OutgoingMessage]:
    """Escalations told to the user's organisation about citizens they may see, newest first."""
    found = OutgoingMessage.objects.filter(kind=ESCALATION, receiver=user.organisation_id or "-")
    return found.filter(rules.about_visible(user, now)).order_by("-created", "-pk")


def new_notices(user: User, now: Instant) -> QuerySet[OutgoingMessage]:
    """Those that nobody there has noted yet."""
    return notices(user, now).filter(state=State.WAITING)


def filtered(messages: QuerySet[OutgoingMessage], state: str) -> QuerySet[OutgoingMessage]:
    """Narrowed to one state; a state that is none leaves everything."""
    return messages.filter(state=state) if state in STATES else messages
