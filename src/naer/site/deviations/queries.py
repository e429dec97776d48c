"""Deviations as lists and one by one, filtered by access, with a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from naer.events.instant import Instant
from naer.site.access import deviations as access
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.agreements import clauses
from naer.site.agreements.clauses import ClauseText
from naer.site.deviations import sealed
from naer.site.deviations.effect import Effect, effect
from naer.site.deviations.legal import DUTIES, Duty
from naer.site.deviations.models import RUNNING, Contribution, Deviation
from naer.site.pathways import obligations
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.pathways.obligations import Row as Owed

State, Turn = Deviation.State, Deviation.Turn
ENDED = (State.CLOSED, State.WITHDRAWN, State.DISMISSED)
SHOWS = ("ours", "running", "proposed", "ended")
"""The parts of the list: what waits for us, what runs, what missed obligations propose, what has ended."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list."""

    deviation: Deviation
    name: str
    """The citizen's name, when the reader may see them."""
    clause: ClauseText | None
    answer_by: Instant | None
    """While it waits for an answer: by when."""
    ours: bool
    """Whether it waits for the reader's organisation."""
    missed: int
    """How many missed obligations are behind it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One contribution, opened."""

    row: Contribution
    name: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One deviation with everything the reader may see of it."""

    listed: Listed
    said: list[Said]
    suggestion: Said | None
    """The latest suggestion, while it waits to be agreed to."""
    agreed: Said | None
    """The suggestion that both agreed to."""
    missed: list[Owed]
    """The missed obligations of citizens whom the reader may see."""
    hidden: int
    """How many more there are."""
    owners: tuple[str, str]
    """Who follows it up: at the raiser, at the other party."""
    duty: Duty | None
    """For a serious one: whom the law has told."""
    raiser: bool
    """Whether the reader's organisation raised it."""
    effect: Effect | None
    """How the clause is kept between the two."""


def ours(user: User) -> Q:
    """What waits for the user's organisation."""
    own = user.organisation_id or "-"
    return Q(raised_by=own, turn__in=(Turn.RAISER, Turn.BOTH)) | Q(
        counterpart=own, turn__in=(Turn.COUNTERPART, Turn.BOTH)
    )


def listed(user: User, show: str, now: Instant) -> QuerySet[Deviation]:
    """One part of the list; what waits longest first, what has ended last first."""
    found = access.visible(user, now).select_related("raised_by", "counterpart")
    if show == "ended":
        return found.filter(state__in=ENDED).order_by("-closed", "key")
    if show == "proposed":
        return found.filter(state=State.PROPOSED).order_by("-raised", "key")
    found = found.filter(state__in=RUNNING)
    return (found.filter(ours(user)) if show == "ours" else found).order_by("raised", "key")


def counts(user: User, now: Instant) -> dict[str, int]:
    """How many there are in each part of the list that somebody can do something about."""
    running = Q(state__in=RUNNING)
    return (
        access.visible(user, now)
        .order_by()
        .aggregate(
            ours=Count("pk", filter=running & ours(user)),
            running=Count("pk", filter=running),
            proposed=Count("pk", filter=Q(state=State.PROPOSED)),
        )
    )


def rows(user: User, deviations: Iterable[Deviation], now: Instant) -> list[Listed]:
    """A page of the list: five queries, however many there are."""
    page = list(deviations)
    names = rules.among_visible(user, {one.citizen_id for one in page if one.citizen_id}, now)
    due = _due(page)
    missed = _missed(page)
    own = user.organisation_id
    return [
        Listed(
            deviation=one,
            name=names.get(one.citizen_id or "", ""),
            clause=clauses.text(one.agreement, one.clause, one.version) if one.clause else None,
            answer_by=due.get(one.event) or one.asked_by if one.state == State.OPEN else None,
            ours=(one.raised_by_id == own and one.turn in (Turn.RAISER, Turn.BOTH))
            or (one.counterpart_id == own and one.turn in (Turn.COUNTERPART, Turn.BOTH)),
            missed=missed.get(one.key, 0),
        )
        for one in page
    ]


def shown(user: User, key: str, now: Instant) -> Shown:
    """One deviation, with the look written down.

    Raises:
        Http404: when there is none, or `user` may not read it.
    """
    found = access.open_deviation(user, key, now)
    (row,) = rows(user, [found], now)
    contributions = list(found.said.select_related("organisation").order_by("pk"))
    people = _people({one.by for one in contributions} | {found.raiser_owner, found.counterpart_owner})
    said = [Said(one, people.get(one.by, one.by), sealed.read(bytes(one.content))) for one in contributions]
    suggestions = [one for one in said if one.row.act == "suggest"]
    accepted = next((one.content["suggestion"] for one in said if one.row.act == "accept"), None)
    behind = Obligation.objects.filter(breach__deviation=found)
    seen = obligations.rows(obligations.visible(user, now).filter(pk__in=behind).order_by("start", "pk"), now)
    return Shown(
        listed=row,
        said=said,
        suggestion=suggestions[-1] if suggestions and found.state == State.ANSWERED else None,
        agreed=next((one for one in suggestions if one.row.pk == accepted), None),
        missed=seen,
        hidden=row.missed - len(seen),
        owners=(people.get(found.raiser_owner, ""), people.get(found.counterpart_owner, "")),
        duty=DUTIES.get(settings.COUNTRY) if found.severity == "serious" else None,
        raiser=access.is_raiser(user, found),
        effect=effect(found, now),
    )


def of_citizen(user: User, citizen: Citizen, now: Instant) -> list[Listed]:
    """Those about one citizen that the reader's organisation is a party to, newest first."""
    about = Q(citizen=citizen) | Q(breaches__obligation__citizen=citizen)
    found = access.visible(user, now).filter(about).distinct().select_related("raised_by", "counterpart")
    return rows(user, found.order_by("-raised", "key")[:20], now)


@dataclass(frozen=True, slots=True)
class Told:
    """What a citizen reads of a deviation about them: that it is looked into, and what came of it."""

    deviation: Deviation
    learning: str
    measure: str


def parties(user: User, citizen: Citizen | None) -> list[Organisation]:
    """With whom a deviation can be raised: for a citizen, those who had to do with them come first."""
    others = Organisation.objects.exclude(pk=user.organisation_id or "").order_by("name", "key")
    if citizen is None:
        code = user.organisation.municipality if user.organisation is not None else ""
        near = Q(role=Organisation.Role.GP, municipality=code)
        large = Q(role__in=(Organisation.Role.HOSPITAL, Organisation.Role.MUNICIPALITY))
        return list(others.filter(large | near))
    told = LoggedEvent.objects.filter(citizen=citizen.key).values("organisation")
    town = Q(role=Organisation.Role.MUNICIPALITY, municipality=citizen.municipality)
    connected = list(others.filter(Q(pk__in=told) | Q(pk=citizen.gp_id or "") | town))
    known = {one.key for one in connected}
    hospitals = others.filter(role=Organisation.Role.HOSPITAL)
    return connected + [one for one in hospitals if one.key not in known]


def for_citizen(citizen: Citizen) -> list[Told]:
    """The deviations that were raised about one citizen, newest first, for the citizen's own page.

    What the organisations wrote to one another is theirs; the learning and measure they agreed on is shown.
    """
    told = Deviation.objects.filter(citizen=citizen, state__in=(*RUNNING, State.CLOSED))
    page = list(told.select_related("raised_by", "counterpart").order_by("-raised", "key")[:50])
    agreed = measures({one.key for one in page})
    return [Told(one, *agreed.get(one.key, ("", ""))) for one in page]


def measures(keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Key → the learning and the measure that both agreed to: two queries, however many there are."""
    accepts = Contribution.objects.filter(deviation__in=list(keys), act="accept")
    chosen = [sealed.read(bytes(one.content))["suggestion"] for one in accepts]
    found = {}
    for one in Contribution.objects.filter(pk__in=chosen):
        content = sealed.read(bytes(one.content))
        found[one.deviation_id] = (str(content["learning"]), str(content["measure"]))
    return found


def _due(page: Iterable[Deviation]) -> dict[str, Instant]:
    """Event that raised it → when an agreement wants it answered, while it is not."""
    events = [one.event for one in page if one.event and one.state == State.OPEN]
    owed = Obligation.objects.filter(trigger__in=events, outcome="", withdrawn=False, due__isnull=False)
    owed = owed.filter(citizen__in={one.citizen_id for one in page if one.citizen_id})
    found: dict[str, Instant] = {}
    for trigger, due in owed.values_list("trigger", "due"):
        if due is not None:
            found[trigger] = min(found.get(trigger, due), due)
    return found


def _missed(page: Iterable[Deviation]) -> dict[str, int]:
    some = Deviation.objects.filter(pk__in=[one.key for one in page], breaches__isnull=False)
    return dict(some.values_list("pk").annotate(Count("breaches")).order_by())


def _people(names: set[str]) -> dict[str, str]:
    users = User.objects.filter(username__in=names - {""})
    return {user.username: user.name for user in users}
