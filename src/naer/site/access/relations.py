"""What each relation to a citizen means, as a condition on a row of `pathways_citizen`.

A relation has a beginning and an end, so each asks about one instant. The keys of `table.RELATIONS`.
`OFFSET 0` keeps PostgreSQL from reading a large table as a whole: it looks the citizen up in its index.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import connection

from naer.events.instant import DAY, ZONES, Instant, local_date
from naer.events.log import CANCELLED
from naer.site.access.table import GRANTED, UNBLOCKED
from naer.site.accounts.models import User
from naer.site.agreements import clauses
from naer.site.messaging import legal_basis
from naer.site.sql import NEVER, Sql, either, is_one_of, sql

IN_HOSPITAL = ("acute-ambulant", "admitted", "on-leave")
"""The statuses of a citizen whose stay runs."""
AFTERWARDS = ("discharged", "deceased")
"""The statuses of one whose last stay has ended."""
STAY_KINDS = ("acute_ambulant", "admitted", "leave_started", "leave_ended", "discharged", "died")
"""What a hospital says of a stay: only such an event of its own gives it the relation."""


def condition(user: User, relations: tuple[str, ...], action: str, now: Instant) -> Sql:
    """The citizens that `user` has one of `relations` to, less those who keep their organisation out.

    In an emergency the record opens all the same: that is what it is for, and it is told.
    """
    care: list[Sql] = []
    other: list[Sql] = []
    for name in relations:
        (other if name in UNBLOCKED else care).append(CONDITIONS[name](user, action, now))
    if user.organisation_id is None or not care:
        return either(care + other)
    return either([sql("{} AND NOT {}", either(care), blocked(user.organisation_id)), *other])


def blocked(organisation: str) -> Sql:
    """The citizens that keep an organisation out."""
    return sql(
        'EXISTS (SELECT 1 FROM access_block WHERE citizen_id = pathways_citizen."key" '
        "AND organisation_id = %s AND lifted IS NULL)",
        organisation,
    )


# ------------------------------------------------------------------ the relations, one by one


def _self(user: User, action: str, now: Instant) -> Sql:  # noqa: ARG001
    """The citizen themselves."""
    return sql('pathways_citizen."key" = %s', user.citizen_id) if user.citizen_id else NEVER


def _case(user: User, action: str, now: Instant) -> Sql:  # noqa: ARG001
    """An active case of a lawful kind in the municipality."""
    today = local_date(now, ZONES["DK"])
    organisation = user.organisation
    return sql(
        'EXISTS (SELECT 1 FROM pathways_case WHERE citizen_id = pathways_citizen."key" AND municipality = %s '
        "AND opened <= %s AND (closed IS NULL OR closed >= %s) AND {} LIMIT 1 OFFSET 0)",
        organisation.municipality if organisation else "",
        today.isoformat(),
        today.isoformat(),
        is_one_of("kind", sorted(legal_basis.lawful_kinds(today))),
    )


def _stay(user: User, action: str, now: Instant) -> Sql:  # noqa: ARG001
    """A stay at the hospital, or something still owed."""
    organisation = user.organisation_id or ""
    return either([_stayed(organisation, now), _owes_or_is_owed(organisation, now)])


def _stayed(organisation: str, now: Instant) -> Sql:
    """Citizens with a stay at a hospital that runs, or ended less than `STAY_SIGHT_DAYS` ago.

    The status tells cheaply who can be meant: the log is asked about those only. A stay that runs began
    at the hospital itself when the event that set the status is the hospital's own.
    """
    since = now - settings.STAY_SIGHT_DAYS * DAY
    runs = is_one_of("pathways_citizen.status", IN_HOSPITAL)
    over = is_one_of("pathways_citizen.status", AFTERWARDS)
    lately = sql("{} AND pathways_citizen.status_since >= %s", either([runs, over]), since)
    # Whose hospital the stay is stands with the citizen, from the same log: most are found by that alone.
    known = sql("pathways_citizen.stage_hospital = %s AND {}", organisation, either([runs, lately]))
    running = sql("{} AND {}", runs, _told(organisation, Sql("told.at >= pathways_citizen.status_since")))
    recent = sql("{} AND {}", lately, _told(organisation, Sql("told.at >= %s", (since,))))
    return either([known, running, recent])


def _told(organisation: str, when: Sql) -> Sql:
    """What a hospital said of the stays of a citizen, less what it took back itself.

    A cancellation names the message before it in the chain: the event, or a correction of the event.
    """
    cancels = sql(
        "gone.citizen = told.citizen AND gone.organisation = %s AND gone.kind = %s", organisation, CANCELLED
    )
    taken_back = sql(
        "EXISTS (SELECT 1 FROM pathways_loggedevent AS gone WHERE gone.changes = told.id AND {})", cancels
    )
    corrected = sql(
        "EXISTS (SELECT 1 FROM pathways_loggedevent AS mended WHERE mended.citizen = told.citizen "
        "AND mended.changes = told.id AND EXISTS "
        "(SELECT 1 FROM pathways_loggedevent AS gone WHERE gone.changes = mended.id AND {}))",
        cancels,
    )
    return sql(
        'EXISTS (SELECT 1 FROM pathways_loggedevent AS told WHERE told.citizen = pathways_citizen."key" '
        "AND told.organisation = %s AND {} AND {} AND NOT {} LIMIT 1 OFFSET 0)",
        organisation,
        is_one_of("told.kind", STAY_KINDS),
        when,
        either([taken_back, corrected]),
    )


def _owes_or_is_owed(organisation: str, now: Instant) -> Sql:
    """Citizens about whom a hospital owes, or is owed, something that runs and that it is asked for."""
    # Asked citizen by citizen: a list of all of them would be made for each page.
    return sql(
        "EXISTS (SELECT 1 FROM pathways_obligation AS waits "
        "WHERE waits.citizen_id = pathways_citizen.\"key\" AND waits.outcome = '' AND NOT waits.withdrawn "
        "AND (waits.owed_by = %s OR waits.owed_to = %s) AND {} LIMIT 1 OFFSET 0)",
        organisation,
        organisation,
        clauses.asked("waits.due", "waits.agreement", "waits.clause", now),
    )


def _gp(user: User, action: str, now: Instant) -> Sql:  # noqa: ARG001
    """The citizen's general practice."""
    return sql("pathways_citizen.gp_id = %s", user.organisation_id or "")


def _coordinator(user: User, action: str, now: Instant) -> Sql:  # noqa: ARG001
    """Named as the citizen's coordinator, or as the deputy, for the organisation they work in."""
    return sql(
        'EXISTS (SELECT 1 FROM plans_coordinator WHERE citizen_id = pathways_citizen."key" '
        "AND (user_id = %s OR deputy_id = %s) AND organisation_id = %s "
        "AND started <= %s AND ended IS NULL AND (until IS NULL OR until > %s))",
        user.pk,
        user.pk,
        user.organisation_id or "",
        now,
        now,
    )


def _plan(user: User, action: str, now: Instant) -> Sql:  # noqa: ARG001
    """Takes part in the citizen's plan, while plan and consent hold: the organisation, or a relative."""
    part = 'EXISTS (SELECT 1 FROM plans_participant WHERE plan_id = pathways_citizen."key" AND active AND {})'
    if user.organisation_id is None:
        return sql(part, sql("user_id = %s", user.pk))
    return sql(part, sql("organisation_id = %s", user.organisation_id))


def _asked(user: User, action: str, now: Instant) -> Sql:  # noqa: ARG001
    """The user's municipality was asked for help for them: until some time after it was answered.

    The time is that for which a hospital still sees a citizen after a stay (`NAER_STAY_SIGHT_DAYS`).
    """
    return sql(
        # By the citizen, who asks a few times: a municipality is asked by many.
        'EXISTS (SELECT 1 FROM entry_helprequest WHERE citizen_id = pathways_citizen."key" '
        "AND coalesce(organisation_id, '') = %s AND (answered IS NULL OR answered >= %s))",
        user.organisation_id or "-",
        now - settings.STAY_SIGHT_DAYS * DAY,
    )


def _granted(user: User, action: str, now: Instant) -> Sql:
    """The citizen granted it to them."""
    parts = [part for part, allowed in GRANTED.items() if action in allowed]
    holds = either([Sql("what LIKE %s", (f"% {part} %",)) for part in parts])
    return sql(
        'EXISTS (SELECT 1 FROM access_grant WHERE citizen_id = pathways_citizen."key" AND relative_id = %s '
        "AND ended IS NULL AND since <= %s AND until > %s AND {})",
        user.pk,
        now,
        now,
        holds,
    )


def _emergency(user: User, action: str, now: Instant) -> Sql:  # noqa: ARG001
    """Opened in an emergency, by this user for this organisation, and not over yet."""
    return sql(
        'EXISTS (SELECT 1 FROM access_emergency WHERE citizen_id = pathways_citizen."key" AND user_id = %s '
        "AND organisation_id = %s AND at <= %s AND until > %s)",
        user.pk,
        user.organisation_id or "",
        now,
        now,
    )


CONDITIONS: dict[str, Callable[[User, str, Instant], Sql]] = {
    "self": _self,
    "case": _case,
    "stay": _stay,
    "gp": _gp,
    "coordinator": _coordinator,
    "plan": _plan,
    "asked": _asked,
    "granted": _granted,
    "emergency": _emergency,
}
"""Relation → the citizens a user has it to, for one action at one instant."""


def which(user: User, relations: tuple[str, ...], action: str, now: Instant) -> dict[str, Sql]:
    """Each relation as a condition of its own: to tell which of them it was."""
    return {name: condition(user, (name,), action, now) for name in relations}


_BY_NAME = {
    "coordinator": "SELECT citizen_id FROM plans_coordinator WHERE (user_id = %s OR deputy_id = %s) "
    "AND ended IS NULL",
    "emergency": "SELECT citizen_id FROM access_emergency WHERE user_id = %s AND until > %s",
}


def narrowest(user: User, relations: tuple[str, ...], now: Instant) -> Sql | None:
    """What is true of everybody for whom `condition` is, and finds them by an index; None where nothing is.

    A practice sees its patients, and beside them at most the few whom the user coordinates or opened in an
    emergency. Without this a list of a practice would look at everybody in the region.
    """
    if "gp" not in relations or not set(relations) <= {"gp", *_BY_NAME}:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_BY_NAME['coordinator']} UNION {_BY_NAME['emergency']}", [user.pk, user.pk, user.pk, now]
        )
        others = [key for (key,) in cursor.fetchall()]
    own = sql("pathways_citizen.gp_id = %s", user.organisation_id or "")
    return either([own, is_one_of('pathways_citizen."key"', others)]) if others else own
