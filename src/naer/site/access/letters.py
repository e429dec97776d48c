"""Letters that came to an organisation: theirs to read, whoever they are about.

Somebody wrote to them, and was told that it has arrived: an early warning about a citizen without a case, or
what was sent to the wrong place. As with conversations (`rules.threads`): without a care relation for
`STAY_SIGHT_DAYS` days, and nothing else about the citizen is shown.
"""

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404

from naer.events.instant import DAY, Instant
from naer.site.access import rules
from naer.site.access.trace import entry_of
from naer.site.accounts.models import User
from naer.site.messaging.models import StoredLetter

ADDRESSED = "conversation"
"""The relation of somebody to whom it was written (`access.actions.RELATIONS`)."""


def addressed(user: rules.Person, now: Instant) -> QuerySet[StoredLetter]:
    """The letters that came to the organisation of `user` lately, where the role reads messages at all."""
    if not isinstance(user, User) or not rules.converses(user) or user.organisation_id is None:
        return StoredLetter.objects.none()
    since = now - settings.STAY_SIGHT_DAYS * DAY
    return StoredLetter.objects.filter(receiver=user.organisation_id, outgoing=None, stored__gte=since)


def relation(user: User, letter: StoredLetter, now: Instant, action: str = "look-message") -> str:
    """Why `user` may read a letter, or answer it: the care relation, else that it was addressed to them."""
    found = rules.relation(user, letter.citizen, now, action)
    if found:
        return found
    return ADDRESSED if addressed(user, now).filter(pk=letter.pk).exists() else ""


def look(user: User, letter: StoredLetter, subject: str, now: Instant, action: str = "look-message") -> str:
    """Write down that `user` looked at a letter; gives why they may.

    Raises:
        Http404: when they may not: the answer does not tell whether there is one.
    """
    why = relation(user, letter, now, action)
    if not why:
        raise Http404
    entry_of(user, letter.citizen_id, "look-message", subject, why, now).save()
    return why
