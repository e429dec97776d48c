"""Obligations as people read them: filtered by access, with words, states and names."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from naer.events.instant import DAY, Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.agreements import clauses
from naer.site.agreements.clauses import ClauseText
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.pathways.names import Party, named
from naer.site.sql import NEVER, Sql, Where, sql
from naer.site.ui import words
from naer.site.ui.state import State, state

OLD = 14 * DAY
"""After this long an obligation leaves the day's list for the list of old ones, in microseconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One obligation, ready to be shown at one instant."""

    obligation: Obligation
    citizen: Citizen
    clause: ClauseText
    state: State
    owed_by: Party
    owed_to: Party
    opened_by: str
    """Kind of the event that opened it."""

    @property
    def running(self) -> bool:
        """Whether somebody can still do something about it."""
        return self.obligation.outcome == ""

    @property
    def earliest(self) -> Instant:
        """From when on a delivery can count; the evaluator decides, this only catches slips of the pen."""
        return min(self.obligation.start, self.obligation.triggered_at) - 366 * DAY

    @property
    def no_due(self) -> str:
        """What stands in the place of a due time that is empty."""
        if self.clause.before:
            kinds = ", ".join(words.kind(kind) for kind in self.clause.before)
            return _("Before: %(what)s") % {"what": kinds}
        return _("At once")

    @property
    def unverified(self) -> bool:
        return not self.clause.verified


def visible(user: User, now: Instant) -> QuerySet[Obligation]:
    """Obligations about citizens that `user` may see; withdrawn ones are in no list (S29)."""
    return Obligation.objects.filter(rules.about_visible(user, now), withdrawn=False)


def owed(user: User, now: Instant, direction: str) -> QuerySet[Obligation]:
    """What runs and is `owed_by` or `owed_to` the user's organisation, in order of due time.

    What has no due time comes last, oldest first. What is past due but may have been done without a
    record (S31) is not in it: nobody is asked for it, and the citizen's page says "not recorded".
    """
    return (
        visible(user, now)
        .filter(outcome="", **{direction: user.organisation_id})
        .exclude(unrecorded() & Q(due__lt=now))
        .order_by(F("due").asc(nulls_last=True), "start", "pk")
    )


def unrecorded() -> Q:
    """Obligations whose silence is no breach, because not everything done is recorded (S31)."""
    return clauses.among(clauses.partial())


def waiting(user: User, now: Instant, direction: str) -> QuerySet[Obligation]:
    """What runs and is `owed_by` or `owed_to` the user's organisation; `due` and `dateless` order it."""
    return visible(user, now).filter(outcome="", **{direction: user.organisation_id})


def first_owed(waits: QuerySet[Obligation], now: Instant, most: int) -> list[Obligation]:
    """The first of `waiting` in the order of `owed`: what has no due time after what has one."""
    found = list(due(waits, now, None, None)[:most])
    rest = waits.filter(due__isnull=True).order_by("start", "pk")
    return found + list(rest[: most - len(found)]) if len(found) < most else found


class Narrowed(NamedTuple):
    """A condition on obligations: the columns it asks about, and what it asks of them."""

    fields: tuple[str, ...]
    write: Callable[..., Sql]


def due(
    waits: QuerySet[Obligation], now: Instant, begin: Instant | None, end: Instant | None
) -> QuerySet[Obligation]:
    """Of `waiting` what is due from `begin` up to before `end`, soonest first, as in `owed`."""
    asked = within(now, begin, end)
    return waits.filter(Where(asked.write, *asked.fields)).order_by("due", "start", "pk")


def within(now: Instant, begin: Instant | None, end: Instant | None) -> Narrowed:
    """What is due from `begin` up to before `end`, less what nobody is asked for (S31)."""

    def write(due: str, agreement: str, clause: str) -> Sql:
        found = sql(f"{due} IS NOT NULL") if begin is None else sql(f"{due} >= %s", begin)
        if end is not None:
            found = sql(f"{{}} AND {due} < %s", found, end)
        if begin is None or begin < now:
            silent = clauses.among_sql(agreement, clause, clauses.partial())
            found = sql(f"{{}} AND ({due} >= %s OR NOT {{}})", found, now, silent)
        return found

    return Narrowed(("due", "agreement", "clause"), write)


def dateless(waits: QuerySet[Obligation], now: Instant, *, lingers: bool) -> QuerySet[Obligation]:
    """Of `waiting` what has no due time, oldest first: what lingers is old, as `old` says."""
    asked = without(now, lingers=lingers)
    return waits.filter(Where(asked.write, *asked.fields)).order_by("start", "pk")


def without(now: Instant, *, lingers: bool) -> Narrowed:
    """What has no due time: that which lingers, or the rest."""

    def write(due: str, start: str, agreement: str, clause: str) -> Sql:
        before = clauses.among_sql(agreement, clause, clauses.before())
        if lingers:
            return sql(f"{due} IS NULL AND {start} < %s AND NOT {{}}", now - OLD, before)
        return sql(f"{due} IS NULL AND ({start} >= %s OR {{}})", now - OLD, before)

    return Narrowed(("due", "start", "agreement", "clause"), write)


def to_count(user: User, now: Instant, side: Sql) -> Callable[[Narrowed], Sql]:
    """What runs, for `bounded.counts`; `side` says who owes it, or is owed."""
    seen = rules.sight(user, now)("pathways_obligation.citizen_id")

    def of(asked: Narrowed) -> Sql:
        if seen == NEVER:
            return NEVER
        narrowed = asked.write(*asked.fields)
        return sql(
            "FROM pathways_obligation WHERE {} AND outcome = '' AND {} AND {} AND {}",
            side,
            # As the indexes of what waits have it. Were it a parameter, SQLite would plan anew at every use.
            Sql("withdrawn = 0" if connection.vendor == "sqlite" else "NOT withdrawn"),
            narrowed,
            seen,
        )

    return of


def old(now: Instant) -> Q:
    """What has waited so long that it would bury the day's work: a list of its own shows it.

    Overdue for more than `OLD`, or open for as long without a due time. What must be met before something
    else happens has no due time until that happens, and waits for as long as the stay lasts.
    """
    lingers = Q(due=None, start__lt=now - OLD) & ~clauses.among(clauses.before())
    return Q(due__lt=now - OLD) | lingers


def rows(obligations: Iterable[Obligation], now: Instant) -> list[Row]:
    """Rows for a page of obligations: three queries, however many there are."""
    page = list(obligations)
    citizens = Citizen.objects.in_bulk({o.citizen_id for o in page})
    parties = named(pair for o in page for pair in ((o.owed_by, o.owed_by_role), (o.owed_to, o.owed_to_role)))
    kinds = _kinds(page)
    return [_row(o, citizens[o.citizen_id], parties, kinds, now) for o in page]


def _kinds(page: Sequence[Obligation]) -> dict[tuple[str, str], str]:
    """(citizen, trigger) → kind of the event that opened the obligation."""
    events = LoggedEvent.objects.filter(
        id__in={o.trigger for o in page}, citizen__in={o.citizen_id for o in page}
    )
    return {(citizen, id_): kind for citizen, id_, kind in events.values_list("citizen", "id", "kind")}


def _row(
    o: Obligation,
    citizen: Citizen,
    parties: dict[tuple[str, str], Party],
    kinds: dict[tuple[str, str], str],
    now: Instant,
) -> Row:
    clause = clauses.text(o.agreement, o.clause, o.version)
    return Row(
        obligation=o,
        citizen=citizen,
        clause=clause,
        state=state(o.outcome, o.due, o.closed_at, now, start=o.start, partial=clause.partial),
        owed_by=parties[o.owed_by, o.owed_by_role],
        owed_to=parties[o.owed_to, o.owed_to_role],
        opened_by=kinds.get((o.citizen_id, o.trigger), ""),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One step of an escalation: who is told when, and whether they were."""

    at: Instant
    party: Party
    leader: bool
    """Whether it is the party's leader who is told."""
    fired_at: Instant | None
    coming: bool
    """Whether it waits: a step that has not fired when the obligation closes never does."""


def escalation(row: Row) -> list[Told]:
    """The steps of an obligation's escalation, in order of time."""
    sides = {"owed_by": row.owed_by, "owed_to": row.owed_to}
    return [
        Told(
            at=step.at,
            party=sides[step.to.partition(".")[0]],
            leader=step.to.endswith(".leader"),
            fired_at=step.fired_at,
            coming=row.running and step.fired_at is None,
        )
        for step in row.obligation.steps.order_by("at", "step")
        if row.running or step.fired_at is not None
    ]
