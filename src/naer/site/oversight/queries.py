"""What those who oversee access read: emergencies of their organisation, and what its people looked at."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise

from naer.events.instant import Instant
from naer.site.access import emergencies, rules
from naer.site.access.models import AccessEntry, Emergency
from naer.site.access.seen_by import Seen, in_words
from naer.site.accounts.models import User

MOST = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """One emergency access as its reviewer reads it."""

    row: Emergency
    who: str
    role: str | Promise
    name: str
    """The citizen's name, or their key for one who may not see them."""
    open: bool
    """Whether `name` may be followed to the record."""
    reason: str
    note: str
    reviewer: str


def to_review(user: User, now: Instant) -> list[Opened]:
    """What waits for a review at the user's organisation, oldest first."""
    return _opened(user, list(emergencies.to_review(user)[:MOST]), now)


def reviewed(user: User, now: Instant) -> list[Opened]:
    """What was looked into lately, newest first."""
    return _opened(user, list(emergencies.reviewed(user)[:MOST]), now)


def _opened(user: User, rows: list[Emergency], now: Instant) -> list[Opened]:
    seen = rules.among_visible(user, {row.citizen_id for row in rows}, now)
    return [
        Opened(
            row=row,
            who=row.user.name,
            role=dict(User.Role.choices).get(row.user.role, ""),
            name=seen.get(row.citizen_id, row.citizen_id),
            open=row.citizen_id in seen,
            reason=emergencies.reason_of(row),
            note=emergencies.note_of(row),
            reviewer=row.reviewer.name if row.reviewer is not None else "",
        )
        for row in rows
    ]


def log(user: User, whose: str = "") -> QuerySet[AccessEntry]:
    """What people of the user's organisation did, newest first; only those of one of them with `whose`."""
    if not rules.may(user, "access-review") or user.organisation_id is None:
        return AccessEntry.objects.none()
    found = AccessEntry.objects.filter(organisation=user.organisation_id).exclude(role="")
    return (found.filter(user=whose) if whose else found).order_by("-at", "-pk")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the organisation's log."""

    seen: Seen
    name: str
    """The citizen's name when the reader may see them; else nothing."""
    key: str


def lines(user: User, entries: list[AccessEntry], now: Instant) -> list[Line]:
    """Entries in words: four queries, however many there are."""
    names = rules.among_visible(user, {entry.citizen for entry in entries if entry.citizen}, now)
    words = {seen.entry: seen for seen in in_words(entries, bundled=False)}
    return [Line(words[entry.pk], names.get(entry.citizen, ""), entry.citizen) for entry in entries]


def colleagues(user: User) -> list[tuple[str, str]]:
    """(user name, name) of the people of the organisation, by name."""
    found = User.objects.filter(organisation=user.organisation_id).order_by("first_name", "last_name", "pk")
    return [(one.username, one.name) for one in found[:500]]
