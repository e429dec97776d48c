"""Missed obligations propose deviations, where their clause says so (S36): a process's work, never by blame.

A proposal is between two organisations and about one clause. What is missed again while it waits joins it.
May be run late, twice, or by two processes at once: an obligation is behind one deviation only.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef

from naer.agreement import Clause, deviation
from naer.events.instant import DAY, Instant
from naer.site.accounts.models import Organisation
from naer.site.agreements.in_force import agreements
from naer.site.deviations import sealed, tellers
from naer.site.deviations.models import Breach, Contribution, Deviation
from naer.site.pathways.models import Citizen, Obligation

PROCESS = "deviations"
"""The name of the process (`ui.words.PROCESSES`)."""
LOOKS_BACK = 60 * DAY
"""What was due longer ago is not proposed: nobody can learn much from it any more."""
_MOST = 20_000
"""Obligations of one clause looked at in one turn, the latest first."""


@dataclass(frozen=True, slots=True)
class Group:
    """Breaches of one clause by one organisation towards another."""

    agreement: str
    clause: str
    owed_by: str
    owed_to: str


def propose(now: Instant, new_id: Callable[[], str]) -> int:
    """Propose what is to be proposed at `now`; how many obligations were taken up into proposals."""
    _leave(now)
    return sum(
        _propose(line.id, clause_id, now, new_id)
        for line in agreements().lines
        for clause_id, versions in line.clauses.items()
        if any(clause.deviation is not None for clause in versions)
    )


def _leave(now: Instant) -> None:
    """Put aside the proposals behind which no breach stands any more: what opened it was cancelled."""
    stands = Breach.objects.filter(deviation=OuterRef("pk"), obligation__withdrawn=False)
    stands = stands.exclude(obligation__outcome__in=("kept", "released", "superseded"))
    for gone in Deviation.objects.filter(~Exists(stands), state=Deviation.State.PROPOSED, by_engine=True):
        changed = Deviation.objects.filter(pk=gone.pk, state=Deviation.State.PROPOSED).update(
            state=Deviation.State.DISMISSED, turn=Deviation.Turn.NOBODY, closed=now
        )
        if changed:
            Contribution.objects.create(
                deviation=gone, at=now, by=PROCESS, act="dismiss", content=sealed.seal({})
            )


def breaches(agreement: str, clause: str, now: Instant) -> list[Obligation]:
    """The breaches of a clause between organisations in the register that no deviation is about yet.

    In the order they were due. What runs and what is closed is asked apart: each has an index of its own.
    """
    roles = _roles(agreement, clause)
    known = Obligation.objects.filter(
        owed_by__in=list(Organisation.objects.filter(role__in=roles).values_list("pk", flat=True)),
        owed_to__in=Organisation.objects.values("pk"),
        due__gte=now - LOOKS_BACK,
        due__lt=now,
        agreement=agreement,
        clause=clause,
        withdrawn=False,
        breach=None,
    ).exclude(owed_by=F("owed_to"))
    runs = known.filter(outcome="")
    closed = known.filter(outcome__in=("late", "missing"), closed_at__gte=now - LOOKS_BACK)
    found = [one for part in (runs, closed) for one in part.order_by("-due", "pk")[:_MOST]]
    return sorted(found, key=lambda one: (one.due or 0, one.pk))


def _roles(agreement: str, clause: str) -> set[str]:
    """The roles that owe a clause in one of its versions: so few organisations are looked at."""
    line = agreements().line(agreement)
    versions = line.versions if line is not None else ()
    owing = [(one, found.owed_by) for one in versions if (found := one.clause(clause)) is not None]
    return {one.parties[name].role for one, name in owing if name is not None and name in one.parties}


def _propose(agreement: str, clause_id: str, now: Instant, new_id: Callable[[], str]) -> int:
    groups: defaultdict[Group, list[Obligation]] = defaultdict(list)
    for owed in breaches(agreement, clause_id, now):
        clause = agreements().clause(agreement, clause_id, owed.version)
        if clause is not None and _counts(clause, owed, now):
            groups[Group(agreement, clause_id, owed.owed_by, owed.owed_to)].append(owed)
    return sum(_take(group, found, now, new_id) for group, found in groups.items())


def _counts(clause: Clause, owed: Obligation, now: Instant) -> bool:
    """Whether it is as late as its clause asks of a deviation."""
    first = deviation.since(clause, owed.due) if owed.due is not None else None
    until = owed.closed_at if owed.outcome == "late" and owed.closed_at is not None else now
    return first is not None and first < until


def _take(group: Group, found: list[Obligation], now: Instant, new_id: Callable[[], str]) -> int:
    """Put breaches into the proposal that waits, or into a new one when they are often enough."""
    with transaction.atomic():
        waiting = (
            Deviation.objects.select_for_update()
            .filter(
                state=Deviation.State.PROPOSED,
                agreement=group.agreement,
                clause=group.clause,
                raised_by=group.owed_to,
                counterpart=group.owed_by,
            )
            .first()
        )
        if waiting is None:
            found = _often(group, found)
            if not found:
                return 0
            waiting = _begin(group, found, now, new_id)
        found = [one for one in found if (one.due or 0) >= waiting.happened]
        if not found:
            return 0
        try:
            with transaction.atomic():
                Breach.objects.bulk_create(Breach(deviation=waiting, obligation=one) for one in found)
        except IntegrityError:  # another process was first
            transaction.set_rollback(True)
            return 0
        about = set(Obligation.objects.filter(breach__deviation=waiting).values_list("citizen", "pathway"))
        _about(waiting, about)
        return len(found)


def _often(group: Group, found: list[Obligation]) -> list[Obligation]:
    """Those that together are often enough for the newest version's rule."""
    newest = found[-1]
    clause = agreements().clause(group.agreement, group.clause, newest.version)
    if clause is None or clause.deviation is None:
        return []
    chosen = set(deviation.enough(clause.deviation, [one.due or 0 for one in found], clause.calendar))
    return [one for one in found if one.due in chosen]


def _begin(group: Group, found: list[Obligation], now: Instant, new_id: Callable[[], str]) -> Deviation:
    made = Deviation.objects.create(
        key=new_id(),
        raised_by_id=group.owed_to,
        counterpart_id=group.owed_by,
        by_engine=True,
        agreement=group.agreement,
        clause=group.clause,
        version=found[-1].version,
        stage="other",
        harm="unknown",
        severity="minor",
        cause="unknown",
        happened=found[0].due or now,
        raised=now,
        state=Deviation.State.PROPOSED,
        turn=Deviation.Turn.RAISER,
    )
    Contribution.objects.create(deviation=made, at=now, by=PROCESS, act="propose", content=sealed.seal({}))
    tellers.propose(made, now)
    return made


def _about(waiting: Deviation, about: set[tuple[str, str]]) -> None:
    """It is about a citizen while all its breaches are; its place is where they live, if that is one."""
    people = {citizen for citizen, _ in about}
    places = set(Citizen.objects.filter(pk__in=people).values_list("municipality", flat=True))
    alone = len(people) == 1
    waiting.citizen_id = next(iter(people)) if alone else None
    waiting.pathway = next(iter(about))[1] if len(about) == 1 else ""
    waiting.municipality = next(iter(places)) if len(places) == 1 else _town(waiting)
    waiting.save(update_fields=["citizen", "pathway", "municipality"])


def _town(waiting: Deviation) -> str:
    parties = (waiting.raised_by, waiting.counterpart)
    town = next((one for one in parties if one.role == Organisation.Role.MUNICIPALITY), parties[0])
    return town.municipality
