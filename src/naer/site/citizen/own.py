"""What the citizen's own page shows: the same facts as the staff's, in plainer words.

The caller has asked the one door to citizens; each part is left out when `user` may not see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from naer.events.event import Event
from naer.events.instant import DAY, Instant
from naer.site import bulk
from naer.site.access import rules, seen_by
from naer.site.access.models import Grant
from naer.site.access.seen_by import Seen
from naer.site.accounts.models import Organisation, User
from naer.site.citizen import measurements
from naer.site.citizen.drawn import Drawn, drawn
from naer.site.citizen.measurements import Series
from naer.site.deviations.queries import Told, for_citizen
from naer.site.discharge.handover import Handover, handover
from naer.site.discharge.moments import Way, way
from naer.site.entry import queries as entry
from naer.site.entry.queries import Row as Request
from naer.site.pathways import live, stage, store
from naer.site.pathways.models import Citizen
from naer.site.pathways.obligations import Row, found
from naer.site.pathways.running import OLD, Running
from naer.site.plans import queries as plans
from naer.site.plans.queries import ForCitizen
from naer.site.sql import sql

DONE, AHEAD, SEEN, ASKED = 4, 8, 5, 5
"""How many of each the page shows."""
LATELY = 30 * DAY
_SAID = (
    "admitted",
    "acute_ambulant",
    "ready_for_discharge",
    "municipality_answer",
    "discharge_agreed",
    "medication_confirmed",
    "discharged",
    "home_visit",
    "follow_up_visit",
    "rehabilitation_started",
    "individual_plan_agreed",
    "individual_plan_revised",
    "coordinator_accepted",
    "coordinator_appointed",
)
"""Kinds of event that the page tells of: what a citizen noticed too."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that was done, and when."""

    at: Instant
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Measurements of one kind, with their drawing when there are enough."""

    series: Series
    drawn: Drawn | None


@dataclass(slots=True)
class Own:
    """The page. What may not be seen is None or empty."""

    citizen: Citizen
    where: str
    """Where the citizen is: a stage of `pathways.stage`, or empty: at home, as far as is known."""
    hospital: str
    """Name of the hospital of the stay."""
    leaves: Instant | None
    """When the citizen is expected home."""
    since: Instant | None
    done: list[Happened]
    ahead: list[Row]
    """What others owe and the citizen can wait for, soonest first."""
    plan: ForCitizen | None
    measured: list[Drawing] = field(default_factory=list)
    medicines: Handover | None = None
    requests: list[Request] = field(default_factory=list)
    wrong: list[Told] = field(default_factory=list)
    """What went wrong between organisations, for the citizen alone."""
    seen: list[Seen] = field(default_factory=list)
    town: Organisation | None = None
    may: frozenset[str] = frozenset()
    """Actions of the access table that are open to the reader."""


_ASKED_FOR = (
    "look-plan",
    "look-medicines",
    "own-measurement",
    "own-log",
    "own-goal",
    "ask-help",
    "look-request",
    "grant",
)


def own(user: User, citizen: Citizen, now: Instant) -> Own:
    """The page of `citizen` as `user` may see it: the citizen, or somebody they let in."""
    may = frozenset(action for action in _ASKED_FOR if rules.relation(user, citizen, now, action))
    events = live.log(store.logs([citizen.key])[citizen.key], now).events
    course, at = way(events), stage.stage(events)
    return Own(
        citizen=citizen,
        where=at.name if at.name in stage.IN_HOSPITAL else _home(course, now),
        hospital=_name(citizen.stage_hospital or (course.stay.hospital if course else None)),
        leaves=at.plan,
        since=at.since,
        done=_done(events, now),
        ahead=_ahead(citizen, now),
        plan=plans.for_citizen(citizen, now) if "look-plan" in may else None,
        measured=_measured(citizen) if "own-measurement" in may else [],
        medicines=_medicines(citizen, now) if "look-medicines" in may else None,
        requests=entry.rows(entry.of_citizen(user, citizen, now)[:ASKED]) if "look-request" in may else [],
        wrong=for_citizen(citizen)[:ASKED] if user.citizen_id == citizen.key else [],
        seen=_others(citizen) if "own-log" in may else [],
        town=Organisation.objects.filter(
            role=Organisation.Role.MUNICIPALITY, municipality=citizen.municipality
        ).first(),
        may=may,
    )


def letting_in(user: User, now: Instant) -> QuerySet[Grant]:
    """The grants by which somebody sees citizens near them, by the citizen's name."""
    held = Grant.objects.filter(relative=user, ended=None, since__lte=now, until__gt=now)
    return held.select_related("citizen").order_by("citizen__name", "pk")


def _home(course: Way | None, now: Instant) -> str:
    """ "home" for one who came home lately; else nothing is known that is worth saying."""
    ended = course.stay.end if course is not None else None
    return "home" if ended is not None and now - ended < LATELY else ""


def _name(key: str | None) -> str:
    found = Organisation.objects.filter(pk=key).first() if key else None
    return found.name if found is not None else ""


def _done(events: Sequence[Event], now: Instant) -> list[Happened]:
    said = [one for one in events if one.kind in _SAID and now - LATELY < one.at <= now]
    return [Happened(one.at, one.kind) for one in said[-DONE:]]


def _ahead(citizen: Citizen, now: Instant) -> list[Row]:
    """What runs about the citizen, less what is long past and what nobody records."""
    runs = Running(sql("citizen_id = %s", citizen.key))
    asked = [runs.dated(now, now - OLD), runs.dateless(now, lingers=False)]
    firsts = bulk.read([listed.query(0, 40) for listed in asked])
    told: dict[tuple[str, str], Row] = {}
    for one in found([key for some in firsts for (key,) in some], now):
        told.setdefault((one.clause.title, one.obligation.owed_by), one)
    return list(told.values())[:AHEAD]


def _measured(citizen: Citizen) -> list[Drawing]:
    return [Drawing(one, drawn(one)) for one in measurements.series(citizen)]


def _medicines(citizen: Citizen, now: Instant) -> Handover | None:
    found = handover(citizen, now)
    return found if found.lines else None


def _others(citizen: Citizen) -> list[Seen]:
    """Who else has looked: less the citizen themselves, and what nobody did."""
    return seen_by.seen_by(citizen, others=True)[:SEEN]
