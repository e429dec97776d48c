"""The discharge table: who is on the way home, filtered by access in the database, a page in few queries."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from naer.events.instant import DAY, ZONES, Instant, from_local, local_date
from naer.site.access import rules
from naer.site.accounts.models import Address, Organisation, User
from naer.site.discharge import day_fee
from naer.site.discharge.day_fee import Clock, Warned
from naer.site.discharge.moments import Way, way
from naer.site.pathways import bounded, live, stage, store
from naer.site.pathways.bounded import Merged
from naer.site.pathways.models import Citizen, Obligation

PAGE = 25
AFTER = 14 * DAY
"""How long after leaving the hospital somebody stands in the table."""
LOOK = "look-discharge"
WARNINGS = frozenset({"admission_warning"})

GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": stage.WAITING,
    "answer": (stage.READY,),
    "cannot": (stage.CANNOT,),
    "can": (stage.CAN,),
    "today": (stage.CAN, stage.AGREED),
    "expected": (stage.EXPECTED,),
    "admitted": (stage.ADMITTED, stage.AMBULANT),
    "home": (stage.HOME,),
    "visited": (stage.VISITED,),
}
"""Tab of the table → the stages in it; "today" only those who are to leave today or should have left."""
_WORSE = ("kept", "open", "late", "missing")


@dataclass(frozen=True, slots=True)
class Row:
    """One citizen of the table."""

    citizen: Citizen
    way: Way | None
    clock: Clock | None
    hospital: Organisation | None
    town: Organisation | None
    """The municipality where the citizen lives."""
    country: str
    """Of the hospital: DK or NO."""


def listed(user: User, now: Instant, group: str) -> QuerySet[Citizen]:
    """The citizens of a tab, whoever has waited longest first: for who sees few citizens."""
    found = rules.visible_citizens(user, now, LOOK).filter(_in(group, now), stage__in=GROUPS[group])
    return found.order_by("stage_since", "key")


def table(user: User, now: Instant, group: str, hospital: str = "") -> Merged[Citizen]:
    """The same for who sees many; `hospital` is a key, "" for any."""
    return Merged(list(_parts(user, now, group, hospital).values()), "stage_since")


def _parts(user: User, now: Instant, group: str, hospital: str) -> dict[str, QuerySet[Citizen]]:
    """The same by stage: an index has those of one stage in the order of the list."""
    related = _related(user, now, hospital).filter(_in(group, now)).order_by("stage_since", "key")
    return {f"{group} {name}": related.filter(stage=name) for name in GROUPS[group]}


def counts(user: User, now: Instant, hospital: str = "") -> dict[str, int]:
    """How many stand in each tab, none counted beyond `bounded.MOST + 1`: one statement."""
    parts = [_parts(user, now, group, hospital) for group in GROUPS]
    found = bounded.counts({name: part for several in parts for name, part in several.items()})
    return {group: sum(found[name] for name in several) for group, several in zip(GROUPS, parts, strict=True)}


def hospitals(user: User, now: Instant) -> list[tuple[str, str]]:
    """(key, name) of the hospitals that citizens in the table are at, for the filter."""
    wanted: set[str] = set()
    for name in stage.IN_HOSPITAL:
        newest = _related(user, now, "").filter(stage=name).order_by("-stage_since", "-key")
        wanted |= set(newest.values_list("stage_hospital", flat=True)[: bounded.MOST])
    return list(Organisation.objects.filter(pk__in=wanted).order_by("name").values_list("key", "name")[:40])


def rows(citizens: Sequence[Citizen], now: Instant) -> list[Row]:
    """A page of the table: four queries, however many there are."""
    keys = [one.key for one in citizens]
    logs = store.logs(keys)
    ways = {key: way(live.log(events, now).events) for key, events in logs.items()}
    places = _organisations(citizens, ways)
    warned = warnings(keys, ways, now)
    norwegian = set(
        Address.objects.filter(organisation__in=list(places)).values_list("organisation", flat=True)
    )
    towns = {one.municipality: one for one in places.values() if one.role == Organisation.Role.MUNICIPALITY}
    found = []
    for citizen in citizens:
        own = ways.get(citizen.key)
        key = (own.stay.hospital if own is not None else "") or citizen.stage_hospital
        country = day_fee.NORWAY if key in norwegian else day_fee.DENMARK
        clock = day_fee.clock(own, country, warned.get(citizen.key, Warned()), now) if own else None
        found.append(Row(citizen, own, clock, places.get(key), towns.get(citizen.municipality), country))
    return found


def warnings(keys: Sequence[str], ways: dict[str, Way | None], now: Instant) -> dict[str, Warned]:
    """What became of the obligation to warn, in the stay of each citizen: the worst of several."""
    found: dict[str, str] = {}
    owed = Obligation.objects.filter(citizen__in=keys, withdrawn=False).exclude(
        outcome__in=("released", "superseded")
    )
    for one in owed.only("citizen_id", "agreement", "clause", "pathway", "outcome", "due"):
        own = ways.get(one.citizen_id)
        if own is None or WARNINGS.isdisjoint(live.deliveries(one.agreement, one.clause)):
            continue
        if one.pathway not in {event.pathway for event in own.events}:
            continue
        overdue = not one.outcome and one.due is not None and one.due < now
        outcome = "missing" if overdue else one.outcome or "open"
        found[one.citizen_id] = max(found.get(one.citizen_id, outcome), outcome, key=_WORSE.index)
    return {key: Warned(outcome) for key, outcome in found.items()}


def _related(user: User, now: Instant, hospital: str) -> QuerySet[Citizen]:
    """The citizens of the table; a hospital's own is of the stays that are its own now."""
    own = user.organisation
    if own is not None and own.role == Organisation.Role.HOSPITAL:
        hospital = own.key
    seen = Citizen.objects.filter(rules.about_visible(user, now, LOOK, field="pk"))
    return seen.filter(stage_hospital=hospital) if hospital else seen


def _in(group: str, now: Instant) -> Q:
    wanted = Q()
    if group in ("home", "visited"):
        return wanted & Q(stage_since__gte=now - AFTER)
    if group == "today":
        at_any_time = Q(stage=stage.CAN, stage_plan=None)
        return wanted & (Q(stage_plan__lt=_tomorrow(now)) | at_any_time)
    return wanted


def _tomorrow(now: Instant) -> Instant:
    """The first instant of the next local day; Denmark and Norway keep the same clock."""
    following = local_date(now, ZONES["DK"]) + dt.timedelta(days=1)
    return from_local(dt.datetime.combine(following, dt.time()), ZONES["DK"])


def _organisations(citizens: Sequence[Citizen], ways: dict[str, Way | None]) -> dict[str, Organisation]:
    keys = {one.stage_hospital for one in citizens}
    keys |= {own.stay.hospital or "" for own in ways.values() if own is not None}
    towns = Q(role=Organisation.Role.MUNICIPALITY, municipality__in={one.municipality for one in citizens})
    return {one.key: one for one in Organisation.objects.filter(Q(pk__in=keys) | towns)}
