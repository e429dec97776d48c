"""The one door to citizens: who may see and do what, because of which care relation.

Lists are filtered in the database by `visible_citizens`; a single citizen is fetched only through
`open_citizen` or `require`. Every look and every write leaves an `AccessEntry`. What is allowed stands in
`access.table`, what a relation means in `access.relations`.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Literal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from naer.events.instant import DAY, HOUR, Instant, utc
from naer.site.access.models import AccessEntry
from naer.site.access.relations import IN_HOSPITAL, STAY_KINDS, condition, narrowest, which
from naer.site.access.table import DEMO_ONLY, OFFICE, RELATION, TABLE, WORKS_AT, relations_for
from naer.site.access.trace import entry_of
from naer.site.accounts.models import User
from naer.site.messaging.models import StoredLetter, Thread
from naer.site.pathways.models import Citizen
from naer.site.sql import NEVER, Sql, Where, is_one_of, sql

__all__ = ["IN_HOSPITAL", "OFFICE", "RELATION", "STAY_KINDS", "TABLE"]

Person = User | AnonymousUser

_TABLE, KEY = '"pathways_citizen"', '"pathways_citizen"."key"'
_ASKED_TOGETHER = 500
"""Citizens asked for in one query."""


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


def among_visible(user: Person, keys: Iterable[str], now: Instant, action: str = "look") -> dict[str, str]:
    """Those of the citizens `keys` whom `user` may see (or do `action` to) at `now`: key → name."""
    wanted = sorted(keys)
    found: dict[str, str] = {}
    for first in range(0, len(wanted), _ASKED_TOGETHER):
        some = visible_citizens(user, now, action).filter(pk__in=wanted[first : first + _ASKED_TOGETHER])
        found |= {citizen.key: str(citizen) for citizen in some.only("key", "name")}
    return found


def trace_results(user: User, subject: str, now: Instant) -> AccessEntry:
    """Write down that `user` looked at the cases behind a result: they are about many, and name none."""
    return _write(user, "", "look-results", subject, "", now)


def _relations(user: Person, action: str) -> tuple[str, ...]:
    """The relations through which `user` could do `action`: by the role, where it is one."""
    if not isinstance(user, User) or not user.is_active:
        return ()
    works_at = WORKS_AT.get(user.role)
    if works_at is not None and (user.organisation is None or user.organisation.role != works_at):
        return ()
    return relations_for(user.role, action)


def sees_citizens(user: Person, action: str = "look") -> bool:
    """Whether the role lets `user` see (or do `action` to) any citizen at all."""
    return bool(_relations(user, action))


def visible_citizens(user: Person, now: Instant, action: str = "look") -> QuerySet[Citizen]:
    """The citizens `user` may see (or do `action` to) at `now`, as one database filter."""
    if not _relations(user, action):
        return Citizen.objects.none()
    return Citizen.objects.filter(about_visible(user, now, action, "pk"))


def about_visible(user: Person, now: Instant, action: str = "look", field: str = "citizen_id") -> Where:
    """Rows about a citizen that `user` may see: asked row by row, after whatever else narrows the list.

    `field` is the column with the citizen's key; "pk" of citizens themselves.
    """
    return Where(sight(user, now, action, citizens=field == "pk"), field)


def sight(
    user: Person, now: Instant, action: str = "look", *, citizens: bool = False
) -> Callable[[str], Sql]:
    """The same for SQL written by hand: given what the column with the citizen's key is called there.

    With `citizens` the rows are to be found among all citizens, and not by something else.
    """
    relations = _relations(user, action)
    if not relations or not isinstance(user, User):
        return lambda _citizen: NEVER
    seen = condition(user, relations, action, now)
    own = narrowest(user, relations, now) if citizens else None
    if own is not None:
        seen = sql("{} AND {}", own, seen)

    def of(citizen: str) -> Sql:
        if citizen == KEY:  # the rows are citizens, and the condition speaks of them already
            return seen
        if _TABLE in citizen:
            raise ValueError("the key of a citizen, and no other column of theirs, can be asked about")
        about = Sql(f"{KEY} = {citizen}")
        return sql("EXISTS (SELECT 1 FROM pathways_citizen WHERE {} AND {})", about, seen)

    return of


def _relations_to(user: Person, keys: Collection[str], now: Instant, action: str) -> dict[str, str]:
    """Those of the citizens `keys` about whom `user` may do `action`: key → the relation that allows it."""
    relations = _relations(user, action)
    if not relations or not isinstance(user, User) or not keys:
        return {}
    whens = [sql("WHEN {} THEN %s", met, name) for name, met in which(user, relations, action, now).items()]
    why = " ".join(one.text for one in whens)
    wanted = is_one_of(KEY, keys)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {KEY}, CASE {why} END FROM {_TABLE} WHERE {wanted.text}",  # noqa: S608 - SQL of our own
            [given for one in (*whens, wanted) for given in one.parameters],
        )
        return {key: name for key, name in cursor.fetchall() if name}


def relation(user: Person, citizen: Citizen, now: Instant, action: str = "look") -> str:
    """The relation that allows `action`; empty when there is none."""
    return _relations_to(user, [citizen.pk], now, action).get(citizen.pk, "")


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
    return _write(user, citizen.key, action, subject, why, now)


def _write(user: User, citizen: str, action: str, subject: str, why: str, now: Instant) -> AccessEntry:
    entry = entry_of(user, citizen, action, subject, why, now)
    entry.save(force_insert=True)
    return entry


def looked_at(
    user: User, keys: Collection[str], subject: str, now: Instant, action: str = "look-fhir"
) -> None:
    """Write down that somebody was given something about citizens `keys`, in a list or as a system.

    They are those that `visible_citizens` or `threads` let through: what allowed it is the relation of the
    role, else that they take part in the plan, else in a conversation.
    """
    if not keys:
        return
    wanted = sorted(keys)
    for first in range(0, len(wanted), _ASKED_TOGETHER):
        some = wanted[first : first + _ASKED_TOGETHER]
        related = _relations_to(user, some, now, "look")
        if left := [key for key in some if key not in related]:
            related |= _relations_to(user, left, now, "look-plan")
        AccessEntry.objects.bulk_create(
            entry_of(user, key, action, subject, related.get(key, "conversation"), now) for key in some
        )


def trace_failed_search(user: User, citizen: Citizen | None, now: Instant) -> AccessEntry:
    """Write down that `user` searched for a person number and was shown nothing; the citizen sees it too."""
    key = citizen.key if citizen is not None else ""
    return _write(user, key, "search-failed", "citizens", "", now)


def trace_log(user: User, what: str, now: Instant) -> AccessEntry:
    """Write down that `user` looked at a part of the access log that is about many."""
    return _write(user, "", "look-log", what, "", now)


def open_citizen(user: Person, key: str, subject: str, now: Instant, action: str = "look") -> Citizen:
    """The citizen `key`, with what is done written down.

    Raises:
        Http404: when there is none, or `user` may not do `action`: the answer does not tell which.
    """
    citizen = Citizen.objects.select_related("gp").filter(pk=key).first()
    why = relation(user, citizen, now, action) if citizen is not None else ""
    if citizen is None or not why or not isinstance(user, User):
        raise Http404
    _write(user, citizen.key, action, subject, why, now)
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
    return bool(_relations(user, "look-thread"))


def threads(user: Person, now: Instant) -> QuerySet[Thread]:
    """The conversations `user` may read at `now`: those their organisation takes part in, while it has a care
    relation to the citizen; without one, while something is unread or the newest message is younger than
    `STAY_SIGHT_DAYS`: somebody wrote to them, and waits for an answer. What was written here to them counts
    once it has come."""
    own = user.organisation_id if isinstance(user, User) else None
    if own is None or not converses(user):
        return Thread.objects.none()
    since = now - settings.STAY_SIGHT_DAYS * DAY
    addressed = Q(parties__unread__gt=0) | Q(parties__newest__gte=since)
    came = Q(sender=own) | Q(receiver=own, outgoing=None)
    held = Exists(StoredLetter.objects.filter(came, thread=OuterRef("pk")))
    return Thread.objects.filter(Q(parties__organisation=own), addressed | about_visible(user, now), held)


def unread_threads(user: Person) -> Sql:
    """Those of `threads` with something that nobody in the organisation of `user` has read, to be counted:
    `FROM … WHERE …`."""
    own = user.organisation_id if isinstance(user, User) and converses(user) else None
    return sql(
        "FROM messaging_threadparty AS mine WHERE organisation = %s AND unread > 0 AND EXISTS "
        "(SELECT 1 FROM messaging_storedletter AS held WHERE held.thread_id = mine.thread_id "
        "AND (held.sender = %s OR (held.receiver = %s AND held.outgoing_id IS NULL)))",
        *[own] * 3,
    )


def open_thread(user: Person, letter: int, action: str, now: Instant) -> Thread:
    """The conversation that holds a letter (its row), with the look, or what is done, written down.

    Raises:
        Http404: when there is none, or `user` may not read it: the answer does not tell which.
    """
    thread = threads(user, now).select_related("citizen").filter(letters=letter).first()
    if thread is None or not isinstance(user, User):
        raise Http404
    why = thread_relation(user, thread, now)
    _write(user, thread.citizen_id, action, f"conversation {letter}", why, now)
    return thread


def thread_relation(user: Person, thread: Thread, now: Instant) -> str:
    """Why `user` may read one of their `threads`: the care relation, else that it was addressed to them."""
    return relation(user, thread.citizen, now, "look-thread") or "conversation"
