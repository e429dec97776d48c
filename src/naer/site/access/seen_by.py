"""Who has seen a citizen's record, for the citizen: in words, the newest first, repeated looks as one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from naer.events.instant import ZONES, Instant, from_datetime, local_date
from naer.site.access.actions import PURPOSES, reason, sentence
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.models import Citizen

MOST = 200
"""Entries read for one page."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody did one thing on one day, once or more often."""

    at: Instant
    """The last time that day."""
    times: int
    who: str
    """The name of the person; of a process its own name ("naer receive")."""
    automatic: bool
    """Whether nobody looked: a process did it."""
    organisation: str
    role: str | Promise
    what: str
    why: str
    """The relation that allowed it; empty when none is told."""
    purpose: str | Promise
    own: bool
    """Whether the citizen did it themselves."""
    emergency: bool
    refused: bool
    """Whether somebody searched, and was shown nothing."""
    entry: int
    """The row of the last of them: to ask about it by."""


def seen_by(
    citizen: Citizen, before: int | None = None, most: int = MOST, *, others: bool = False
) -> list[Seen]:
    """What was done with a citizen's record: three queries. `before` is the row to go on from (`entry`).

    With `others` only what other people did: neither the citizen nor a process.
    """
    found = AccessEntry.objects.filter(citizen=citizen.key)
    if others:
        found = found.exclude(role="").exclude(relation="self")
    if before is not None:
        found = found.filter(pk__lt=before)
    return in_words(list(found.order_by("-at", "-pk")[:most]))


def in_words(entries: Sequence[AccessEntry], *, bundled: bool = True) -> list[Seen]:
    """Entries, newest first, as people read them; `bundled`, those that say the same of one day are one."""
    users = {one.username: one for one in User.objects.filter(username__in={e.user for e in entries})}
    keys = {entry.organisation for entry in entries}
    names = dict(Organisation.objects.filter(pk__in=keys).values_list("key", "name"))
    alike: dict[tuple[str, ...], list[AccessEntry]] = {}
    for e in entries:
        same = (_day(e), e.user, e.organisation, e.action, e.relation) if bundled else (str(e.pk),)
        alike.setdefault(same, []).append(e)
    return [_seen(same, users, names) for same in alike.values()]


def _day(entry: AccessEntry) -> str:
    return local_date(from_datetime(entry.at), ZONES["DK"]).isoformat()


def _seen(same: list[AccessEntry], users: dict[str, User], names: dict[str, str]) -> Seen:
    first = same[0]
    user = users.get(first.user) if first.role else None
    return Seen(
        at=from_datetime(first.at),
        times=len(same),
        who=user.name if user else first.user,
        automatic=not first.role,
        organisation=names.get(first.organisation, ""),
        role=dict(User.Role.choices).get(first.role, ""),
        what=sentence(first.action),
        why=reason(first.relation) if first.relation else "",
        purpose=PURPOSES.get(first.purpose, ""),
        own=first.relation == "self",
        emergency=first.relation == "emergency",
        refused=first.action == "search-failed",
        entry=min(entry.pk for entry in same),
    )
