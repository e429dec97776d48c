"""The one door to citizens: who may see and do what, because of which care relation.

Lists are filtered in the database by `visible_citizens`; a single citizen is fetched only through
`open_citizen` or `require`. Every look and every write leaves an `AccessEntry`.
"""

from collections.abc import Collection, Iterable
from typing import Literal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from naer.events.instant import DAY, HOUR, ZONES, Instant, local_date, utc
from naer.events.log import CANCELLED
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation, User
from naer.site.agreements import clauses
from naer.site.messaging import legal_basis
from naer.site.messaging.models import StoredLetter, Thread
from naer.site.pathways.models import Case, Citizen, LoggedEvent, Obligation

Person = User | AnonymousUser

RELATION: dict[str, str] = {
    Organisation.Role.MUNICIPALITY: "case",
    Organisation.Role.HOSPITAL: "stay",
    Organisation.Role.GP: "gp",
}
"""The care relation that an organisation of each role can have to a citizen."""

IN_HOSPITAL = ("acute-ambulant", "admitted", "on-leave")
"""The statuses of a citizen whose stay runs."""
AFTERWARDS = ("discharged", "deceased")
"""The statuses of one whose last stay has ended."""
STAY_KINDS = ("acute_ambulant", "admitted", "leave_started", "leave_ended", "discharged", "died")
"""What a hospital says of a stay: only such an event of its own gives it the relation."""

_CARE = frozenset({"look", "look-message", "record", "fulfil", "waive", "undo", "send", "look-thread"})

TABLE: dict[tuple[str, str], frozenset[str]] = {
    (User.Role.COORDINATOR, "case"): _CARE,
    (User.Role.NURSE, "case"): _CARE - {"waive"},
    (User.Role.DISCHARGE, "stay"): _CARE | {"notify"},
    (User.Role.GP, "gp"): _CARE,
}
"""(role, relation) → the actions it allows about a citizen. What is not here is refused."""

OFFICE: dict[str, frozenset[str]] = {
    User.Role.COORDINATOR: frozenset({"upload", "message-log", "results"}),
    User.Role.NURSE: frozenset({"message-log"}),
    User.Role.DISCHARGE: frozenset({"message-log", "notify"}),
    User.Role.GP: frozenset({"message-log"}),
    User.Role.DIRECTOR: frozenset({"results"}),
    User.Role.ANALYST: frozenset({"results"}),
    User.Role.ADMINISTRATOR: frozenset({"upload", "message-log", "deliver"}),
    User.Role.INTEGRATION: frozenset({"upload", "message-log", "deliver"}),
}
"""Role → the actions it allows that are not about one citizen."""


_ASKED_TOGETHER = 500
"""Citizens asked for in one query."""

DEMO_ONLY = frozenset({(User.Role.COORDINATOR.value, "upload")})
"""Allowed to try Naer out; in production nobody in care speaks with a hospital's voice."""


def may(user: Person, action: str) -> bool:
    """Whether `user` may do something that is not about one citizen."""
    if settings.MODE == "production" and isinstance(user, User) and (user.role, action) in DEMO_ONLY:
        return False
    return isinstance(user, User) and user.is_active and action in OFFICE.get(user.role, frozenset())


def sight_of_results(user: Person) -> Literal["citizen", "pseudonym"]:
    """How `user` sees the cases behind a result: with the citizens they may see, or without any name.

    Raises:
        PermissionDenied: when they may see no results.
    """
    if not may(user, "results"):
        raise PermissionDenied("the role sees no results")
    return "citizen" if sees_citizens(user) else "pseudonym"


def among_visible(user: Person, keys: Iterable[str], now: Instant) -> dict[str, str]:
    """Those of the citizens `keys` whom `user` may see at `now`: key → name."""
    wanted = sorted(keys)
    found: dict[str, str] = {}
    for first in range(0, len(wanted), _ASKED_TOGETHER):
        some = visible_citizens(user, now).filter(pk__in=wanted[first : first + _ASKED_TOGETHER])
        found |= {citizen.key: str(citizen) for citizen in some.only("key", "name")}
    return found


def trace_results(user: User, subject: str, now: Instant) -> AccessEntry:
    """Write down that `user` looked at the cases behind a result: they are about many, and name none."""
    return AccessEntry.objects.create(
        at=utc(now),
        user=user.get_username(),
        organisation=user.organisation_id or "",
        role=user.role,
        action="look-results",
        subject=subject[:200],
    )


def _basis(user: Person, action: str) -> tuple[Organisation, str] | None:
    """The user's organisation and the relation it needs, when the role allows `action` at all."""
    if not isinstance(user, User) or not user.is_active or user.organisation is None:
        return None
    relation = RELATION.get(user.organisation.role, "")
    if action not in TABLE.get((user.role, relation), frozenset()):
        return None
    return user.organisation, relation


def sees_citizens(user: Person) -> bool:
    """Whether the role lets `user` see any citizen at all."""
    return _basis(user, "look") is not None


def _related(organisation: Organisation, relation: str, now: Instant) -> Q | Exists:
    """The citizens an organisation has `relation` to at `now`, as a condition on Citizen."""
    if relation == "case":
        today = local_date(now, ZONES["DK"])
        open_case = Q(closed=None) | Q(closed__gte=today)
        return Exists(
            Case.objects.filter(
                open_case,
                citizen=OuterRef("pk"),
                municipality=organisation.municipality,
                opened__lte=today,
                kind__in=legal_basis.lawful_kinds(today),
            )
        )
    if relation == "stay":
        return _stay(organisation, now) | _owes_or_is_owed(organisation, now)
    return Q(gp=organisation)


def _stay(organisation: Organisation, now: Instant) -> Q:
    """Citizens with a stay at a hospital that runs, or ended less than `STAY_SIGHT_DAYS` ago.

    The status tells cheaply who can be meant: the log is asked about those only. A stay that runs began
    at the hospital itself when the event that set the status is the hospital's own.
    """
    since = now - settings.STAY_SIGHT_DAYS * DAY
    told = _told(organisation)
    running = Q(status__in=IN_HOSPITAL) & Exists(told.filter(at__gte=OuterRef("status_since")))
    recent = Q(status__in=(*IN_HOSPITAL, *AFTERWARDS), status_since__gte=since)
    return running | (recent & Exists(told.filter(at__gte=since)))


def _told(organisation: Organisation) -> QuerySet[LoggedEvent]:
    """What a hospital said of the stays of a citizen, less what it took back itself.

    A cancellation names the message before it in the chain: the event, or a correction of the event.
    """
    taken_back = Exists(
        LoggedEvent.objects.filter(
            citizen=OuterRef("citizen"),
            organisation=organisation.key,
            kind=CANCELLED,
            changes=OuterRef("id"),
        )
    )
    corrections = LoggedEvent.objects.filter(citizen=OuterRef("citizen"), changes=OuterRef("id"))
    return LoggedEvent.objects.filter(
        citizen=OuterRef("pk"), organisation=organisation.key, kind__in=STAY_KINDS
    ).exclude(taken_back | Exists(corrections.filter(taken_back)))


def _owes_or_is_owed(organisation: Organisation, now: Instant) -> Q:
    """Citizens about whom a hospital owes, or is owed, something that runs.

    What is past due and may have been done without a record (S31) is nothing that anybody waits for.
    """
    waits = Obligation.objects.filter(outcome="", withdrawn=False).exclude(
        clauses.among(clauses.partial()) & Q(due__lt=now)
    )
    by, to = (waits.filter(**{side: organisation.key}) for side in ("owed_by", "owed_to"))
    return Q(pk__in=by.values("citizen")) | Q(pk__in=to.values("citizen"))


def visible_citizens(user: Person, now: Instant, action: str = "look") -> QuerySet[Citizen]:
    """The citizens `user` may see (or do `action` to) at `now`, as one database filter."""
    basis = _basis(user, action)
    if basis is None:
        return Citizen.objects.none()
    return Citizen.objects.filter(_related(*basis, now))


def about_visible(user: Person, now: Instant) -> Exists:
    """Rows with a `citizen` that `user` may see: asked row by row, after whatever else narrows the list."""
    return Exists(visible_citizens(user, now).filter(pk=OuterRef("citizen_id")))


def relation(user: Person, citizen: Citizen, now: Instant, action: str = "look") -> str:
    """The care relation that allows `action`; empty when there is none."""
    basis = _basis(user, action)
    if basis is None or not visible_citizens(user, now, action).filter(pk=citizen.pk).exists():
        return ""
    return basis[1]


def may_see(user: Person, citizen: Citizen, now: Instant) -> bool:
    """Whether `user` may see `citizen` at `now`."""
    return relation(user, citizen, now) != ""


def require(user: Person, citizen: Citizen, action: str, now: Instant) -> str:
    """The care relation that allows `action` about `citizen`.

    Raises:
        PermissionDenied: when none does. The text names the action, never the citizen.
    """
    found = relation(user, citizen, now, action)
    if not found:
        raise PermissionDenied(f"no care relation allows {action}")
    return found


def look(user: User, citizen: Citizen, action: str, subject: str, now: Instant) -> AccessEntry:
    """Check that `user` may do `action` and write it into the access log."""
    why = require(user, citizen, action, now)
    return AccessEntry.objects.create(
        at=utc(now),
        user=user.get_username(),
        organisation=user.organisation_id or "",
        role=user.role,
        citizen=citizen.key,
        action=action,
        subject=subject[:200],
        relation=why,
    )


def looked_at(
    user: User, keys: Collection[str], subject: str, now: Instant, action: str = "look-fhir"
) -> None:
    """Write down that somebody was given something about citizens `keys`, in a list or as a system.

    They are those that `visible_citizens` or `threads` let through: what allowed it is the relation of the
    role, else that they take part in a conversation.
    """
    if not keys:
        return
    basis = _basis(user, "look")
    why = basis[1] if basis is not None else ""
    wanted = sorted(keys)
    for first in range(0, len(wanted), _ASKED_TOGETHER):
        some = wanted[first : first + _ASKED_TOGETHER]
        related = set(visible_citizens(user, now).filter(pk__in=some).values_list("pk", flat=True))
        AccessEntry.objects.bulk_create(
            AccessEntry(
                at=utc(now),
                user=user.get_username(),
                organisation=user.organisation_id or "",
                role=user.role,
                citizen=key,
                action=action,
                subject=subject[:200],
                relation=why if key in related else "conversation",
            )
            for key in some
        )


def open_citizen(user: Person, key: str, subject: str, now: Instant) -> Citizen:
    """The citizen `key`, with the look written down.

    Raises:
        Http404: when there is none, or `user` may not see it: the answer does not tell which.
    """
    citizen = visible_citizens(user, now).select_related("gp").filter(pk=key).first()
    if citizen is None or not isinstance(user, User):
        raise Http404
    look(user, citizen, "look", subject, now)
    return citizen


def reopen_citizen(user: Person, key: str, subject: str, now: Instant) -> Citizen:
    """As `open_citizen`, for a page that is open and asks for news: one entry an hour is enough.

    Raises:
        Http404: as `open_citizen`.
    """
    since = utc(now - HOUR)
    looked = AccessEntry.objects.filter(
        citizen=key, user=user.get_username(), action="look", subject=subject, at__gte=since
    )
    if not looked.exists():
        return open_citizen(user, key, subject, now)
    citizen = visible_citizens(user, now).select_related("gp").filter(pk=key).first()
    if citizen is None:
        raise Http404
    return citizen


# ------------------------------------------------------------------ conversations


def converses(user: Person) -> bool:
    """Whether the role lets `user` read and write messages at all."""
    return _basis(user, "look-thread") is not None


def threads(user: Person, now: Instant) -> QuerySet[Thread]:
    """The conversations `user` may read at `now`: those their organisation takes part in, while it has a care
    relation to the citizen; without one, while something is unread or the newest message is younger than
    `STAY_SIGHT_DAYS`: somebody wrote to them, and waits for an answer. What was written here to them counts
    once it has come."""
    basis = _basis(user, "look-thread")
    if basis is None:
        return Thread.objects.none()
    own, since = basis[0].key, now - settings.STAY_SIGHT_DAYS * DAY
    addressed = Q(parties__unread__gt=0) | Q(parties__newest__gte=since)
    came = Q(sender=own) | Q(receiver=own, outgoing=None)
    held = Exists(StoredLetter.objects.filter(came, thread=OuterRef("pk")))
    return Thread.objects.filter(Q(parties__organisation=own), addressed | about_visible(user, now), held)


def open_thread(user: Person, letter: int, action: str, now: Instant) -> Thread:
    """The conversation that holds a letter (its row), with the look, or what is done, written down.

    Raises:
        Http404: when there is none, or `user` may not read it: the answer does not tell which.
    """
    thread = threads(user, now).select_related("citizen").filter(letters=letter).first()
    if thread is None or not isinstance(user, User):
        raise Http404
    AccessEntry.objects.create(
        at=utc(now),
        user=user.get_username(),
        organisation=user.organisation_id or "",
        role=user.role,
        citizen=thread.citizen_id,
        action=action,
        subject=f"conversation {letter}",
        relation=thread_relation(user, thread, now),
    )
    return thread


def thread_relation(user: Person, thread: Thread, now: Instant) -> str:
    """Why `user` may read one of their `threads`: the care relation, else that it was addressed to them."""
    return relation(user, thread.citizen, now, "look-thread") or "conversation"
