"""Obligations as people read them: filtered by access, with words, states and names."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from naer.events.instant import DAY, Instant
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.agreements import clauses
from naer.site.agreements.clauses import ClauseText
from naer.site.pathways.bounded import Listed
from naer.site.pathways.models import Citizen, Obligation
from naer.site.pathways.names import Party, named
from naer.site.sql import Sql, Where, sql
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


def waiting(user: User, now: Instant, direction: str) -> QuerySet[Obligation]:
    """What runs and is `owed_by` or `owed_to` the user's organisation; `due` and `dateless` order it."""
    return visible(user, now).filter(outcome="", **{direction: user.organisation_id})


class Narrowed(NamedTuple):
    """A condition on obligations: the columns it asks about, and what it asks of them."""

    fields: tuple[str, ...]
    write: Callable[..., Sql]

    def of(self, found: QuerySet[Obligation]) -> QuerySet[Obligation]:
        """Those of `found` that meet it."""
        return found.filter(Where(self.write, *self.fields))


def asked(now: Instant) -> Narrowed:
    """What somebody is asked for: not what is past due and may have been done without a record (S31)."""

    def write(due: str, agreement: str, clause: str) -> Sql:
        return sql(f"{due} IS NULL OR {{}}", _not_silent(due, agreement, clause, now))

    return Narrowed(("due", "agreement", "clause"), write)


def within(now: Instant, begin: Instant | None, end: Instant | None) -> Narrowed:
    """What somebody is asked for that is due from `begin` up to before `end`."""

    def write(due: str, agreement: str, clause: str) -> Sql:
        found = sql(f"{due} IS NOT NULL") if begin is None else sql(f"{due} >= %s", begin)
        if end is not None:
            found = sql(f"{{}} AND {due} < %s", found, end)
        if begin is None or begin < now:
            found = sql("{} AND {}", found, _not_silent(due, agreement, clause, now))
        return found

    return Narrowed(("due", "agreement", "clause"), write)


def _not_silent(due: str, agreement: str, clause: str, now: Instant) -> Sql:
    return sql(f"{due} >= %s OR NOT {{}}", now, clauses.among(agreement, clause, clauses.partial()))


def without(now: Instant, *, lingers: bool) -> Narrowed:
    """What has no due time: that which lingers, as it has been open for more than `OLD`, or the rest.

    What must be met before something else happens has no due time until that happens: it waits for as long
    as the stay lasts, and does not linger.
    """

    def write(due: str, start: str, agreement: str, clause: str) -> Sql:
        before = clauses.among(agreement, clause, clauses.before())
        if lingers:
            return sql(f"{due} IS NULL AND {start} < %s AND NOT {{}}", now - OLD, before)
        return sql(f"{due} IS NULL AND ({start} >= %s OR {{}})", now - OLD, before)

    return Narrowed(("due", "start", "agreement", "clause"), write)


def due(
    waits: QuerySet[Obligation], now: Instant, begin: Instant | None, end: Instant | None
) -> QuerySet[Obligation]:
    """Of what runs that which is `within`, soonest first."""
    return within(now, begin, end).of(waits).order_by("due", "start", "pk")


def dateless(waits: QuerySet[Obligation], now: Instant, *, lingers: bool) -> QuerySet[Obligation]:
    """Of what runs that which is `without` a due time, oldest first."""
    return without(now, lingers=lingers).of(waits).order_by("start", "pk")


def in_order(waits: QuerySet[Obligation], now: Instant) -> tuple[QuerySet[Obligation], QuerySet[Obligation]]:
    """All of what runs that somebody is asked for: what has a due time, and then what has none."""
    return due(waits, now, None, None), waits.filter(due__isnull=True).order_by("start", "pk")


def running(user: User, now: Instant, side: Sql) -> Callable[[Narrowed], Sql]:
    """What runs, for `bounded`: of a condition, `FROM … WHERE …`. `side` says who owes it, or is owed."""
    seen = rules.sight(user, now)("pathways_obligation.citizen_id")
    # As the indexes of what waits have it. Were it a parameter, SQLite would plan anew at every use.
    stands = Sql("withdrawn = 0" if connection.vendor == "sqlite" else "NOT withdrawn")

    def of(asked: Narrowed) -> Sql:
        narrowed = asked.write(*asked.fields)
        return sql(
            "FROM pathways_obligation WHERE {} AND outcome = '' AND {} AND {} AND {}",
            side,
            stands,
            narrowed,
            seen,
        )

    return of


def first_owed(waits: Callable[[Narrowed], Sql], now: Instant, most: int) -> list[int]:
    """Of `running` the keys of what somebody is asked for first, in the order of `in_order`."""
    dated = Listed(waits(within(now, None, None)), "id", "due, start, id")
    rest = Listed(waits(Narrowed(("due",), lambda due: Sql(f"{due} IS NULL"))), "id", "start, id")
    soon, at_last = bulk.read([dated.query(0, most), rest.query(0, most)])
    return [key for (key,) in (*soon, *at_last)][:most]


def found(keys: Sequence[int], now: Instant) -> list[Row]:
    """Rows for obligations by their primary keys, in that order: four queries."""
    known = Obligation.objects.in_bulk(keys)
    return rows([known[key] for key in keys], now)


def rows(obligations: Iterable[Obligation], now: Instant) -> list[Row]:
    """Rows for a page of obligations: three queries, however many there are."""
    page = list(obligations)
    citizens = Citizen.objects.in_bulk({o.citizen_id for o in page})
    parties = named(pair for o in page for pair in ((o.owed_by, o.owed_by_role), (o.owed_to, o.owed_to_role)))
    kinds = _kinds(page)
    return [_row(o, citizens[o.citizen_id], parties, kinds, now) for o in page]


def _kinds(page: Sequence[Obligation]) -> dict[tuple[str, str], str]:
    """(citizen, trigger) → kind of the event that opened the obligation."""
    opened = "SELECT citizen, id, kind FROM pathways_loggedevent WHERE id {in} AND citizen {in}"
    wanted = [sorted({o.trigger for o in page}), sorted({o.citizen_id for o in page})]
    return {(citizen, id_): kind for citizen, id_, kind in bulk.read([(opened, wanted)])[0]}


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
