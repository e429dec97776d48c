"""Obligations as people read them: filtered by access, with words, states and names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from naer.events.instant import DAY, Instant
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.agreements import clauses
from naer.site.agreements.clauses import ClauseText
from naer.site.pathways.models import Citizen, Obligation
from naer.site.pathways.names import Party, named
from naer.site.ui import words
from naer.site.ui.state import State, state


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


def stored(keys: Sequence[int]) -> list[Obligation]:
    """Obligations by their primary keys, in that order."""
    known = Obligation.objects.in_bulk(keys)
    return [known[key] for key in keys]


def found(keys: Sequence[int], now: Instant) -> list[Row]:
    """Rows for obligations by their primary keys, in that order: four queries."""
    return rows(stored(keys), now)


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
