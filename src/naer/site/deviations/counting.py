"""Deviations counted over clause, place and time, and what was learnt from them without names."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q

from naer.events.instant import ZONES, Instant, local
from naer.site.access import deviations as access
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.agreements import clauses
from naer.site.agreements.clauses import ClauseText
from naer.site.agreements.together import together
from naer.site.deviations import queries
from naer.site.deviations.models import RUNNING, Deviation

State = Deviation.State
_ZONE = ZONES["DK"]
"""Denmark and Norway keep the same clock."""
LEARNT = 200
"""Entries of the learning list."""


class Dims(NamedTuple):
    """What a deviation is counted by."""

    month: str
    """Of when it was raised: 2026-11."""
    agreement: str
    clause: str
    municipality: str
    stage: str
    harm: str
    severity: str
    cause: str
    state: str
    by_engine: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: a clause in a place."""

    clause: ClauseText | None
    municipality: str
    raised: int
    running: int
    closed: int
    serious: int
    not_taken_up: int
    """Proposals that wait, or that nobody took up: they are in no other number."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What two organisations learnt, without who, where or whom."""

    quarter: str
    """2026-Q4."""
    clause: ClauseText | None
    stage: str
    cause: str
    roles: tuple[str, str]
    learning: str
    measure: str


def tally(user: User, since: Instant, until: Instant, now: Instant) -> Counter[Dims]:
    """How many of each kind the user's organisation is a party to, raised in [since, until)."""
    found = access.counted(user, now).filter(raised__gte=since, raised__lt=until)
    counted: Counter[Dims] = Counter()
    for raised, *rest in found.values_list("raised", *Dims._fields[1:]).iterator():
        counted[Dims(f"{local(raised, _ZONE):%Y-%m}", *rest)] += 1
    return counted


def lines(counted: Counter[Dims]) -> list[Line]:
    """The table over clause and place, the most first."""
    groups: dict[tuple[str, str, str], Counter[str]] = {}
    for dims, count in counted.items():
        group = groups.setdefault((dims.agreement, dims.clause, dims.municipality), Counter())
        if dims.state in (State.PROPOSED, State.DISMISSED):
            group["left"] += count
            continue
        group["raised"] += count
        group["running"] += count * (dims.state in RUNNING)
        group["closed"] += count * (dims.state == State.CLOSED)
        group["serious"] += count * (dims.severity == "serious")
    found = [
        Line(
            clause=clauses.text(agreement, clause, None) if clause else None,
            municipality=place,
            raised=group["raised"],
            running=group["running"],
            closed=group["closed"],
            serious=group["serious"],
            not_taken_up=group["left"],
        )
        for (agreement, clause, place), group in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.raised, -one.not_taken_up, one.municipality))


def by(counted: Counter[Dims], name: Callable[[Dims], str]) -> Counter[str]:
    """How many were raised by one of the dimensions; proposals are not among them."""
    found: Counter[str] = Counter()
    for dims, count in counted.items():
        if dims.state not in (State.PROPOSED, State.DISMISSED):
            found[name(dims)] += count
    return found


def learnt(user: User, now: Instant) -> list[Learnt]:
    """The learning list, latest first: what both parties closed, under the agreement that the user is under.

    That is what the user's own organisation is a party to, and what was counted in a municipality that
    shares a regional agreement with its own. Nobody is named: neither citizen nor organisation, and the time
    is a quarter.
    """
    own = user.organisation
    if own is None or not rules.may(user, "deviations"):
        return []
    near = Q(municipality__in=together(own.municipality, local(now, _ZONE).date()))
    under = Deviation.objects.filter(near | Q(raised_by=own) | Q(counterpart=own), state=State.CLOSED)
    closed = under.select_related("raised_by", "counterpart")
    page = list(closed.order_by("-agreed", "key")[:LEARNT])
    agreed = queries.measures(one.key for one in page)
    found = [
        Learnt(
            quarter=_quarter(one.agreed or one.raised),
            clause=clauses.text(one.agreement, one.clause, one.version) if one.clause else None,
            stage=one.stage,
            cause=one.cause,
            roles=(one.raised_by.role, one.counterpart.role),
            learning=agreed[one.key][0],
            measure=agreed[one.key][1],
        )
        for one in page
        if one.key in agreed
    ]
    return sorted(found, key=lambda one: (one.quarter, one.learning), reverse=True)


def _quarter(at: Instant) -> str:
    day = local(at, _ZONE)
    return f"{day.year}-Q{(day.month + 2) // 3}"
