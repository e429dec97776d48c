"""What those who oversee access read: whom colleagues let themselves see, and what they looked at."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.functional import Promise

from naer.events.instant import DAY, Instant
from naer.site.access import emergencies, rules
from naer.site.access.models import AccessEntry, Emergency
from naer.site.access.seen_by import Seen, in_words
from naer.site.accounts.models import User
from naer.site.entry.actions import CALLED
from naer.site.entry.models import HelpRequest, HelpStep

MOST = 50
LATELY = 90 * DAY
"""For so long a call that was written down stands in the list; microseconds."""


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


@dataclass(frozen=True, slots=True)
class Called:
    """A call for help that let the user's municipality see a citizen whom its writer could not see before."""

    request: HelpRequest
    who: str
    name: str
    """The citizen's name, or their key for one who may not see them."""
    open: bool
    """Whether `name` may be followed to the record."""


def called(user: User, now: Instant) -> list[Called]:
    """What colleagues wrote down lately, newest first."""
    if not rules.may(user, "access-review") or user.organisation_id is None:
        return []
    opened = AccessEntry.objects.filter(
        citizen=OuterRef("citizen_id"), relation=CALLED, subject=Concat(Value("request "), OuterRef("key"))
    ).exclude(user=user.username)
    calls = HelpRequest.objects.filter(
        Exists(opened), organisation=user.organisation_id, channel="phone", at__gte=now - LATELY
    )
    found = list(calls.order_by("-at", "pk")[:MOST])
    first = HelpStep.objects.filter(request__in=found, number=1).values_list("request_id", "by_name")
    seen, who = rules.among_visible(user, {one.citizen_id for one in found}, now), dict(first)
    return [
        Called(one, who[one.pk], seen.get(one.citizen_id, one.citizen_id), one.citizen_id in seen)
        for one in found
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
