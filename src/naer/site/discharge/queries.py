"""The discharge table: who is on the way home, filtered by access in the database, a page in few queries."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q

from naer.events.instant import DAY, ZONES, Instant, from_local, local_date
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import Address, Organisation, User
from naer.site.agreements import clauses
from naer.site.agreements.in_force import agreements
from naer.site.discharge import day_fee
from naer.site.discharge.day_fee import Clock, Warned
from naer.site.discharge.moments import Way, way
from naer.site.pathways import bounded, live, stage, store
from naer.site.pathways.bounded import Listed, Merged
from naer.site.pathways.models import Citizen
from naer.site.sql import NEVER, Sql, sql

PAGE = 25
AFTER = 14 * DAY
"""How long after leaving the hospital somebody stands in the table."""
LOOK = "look-discharge"
WARNING = "admission_warning"

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
PATIENTS: dict[str, tuple[str, ...]] = {
    "later": stage.WAITING,
    "staying": (stage.ADMITTED, stage.AMBULANT, stage.EXPECTED),
    "back": (stage.HOME, stage.VISITED),
}
"""What a practice sees together beside "today"; "later" are those who wait, but not to leave today."""
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


class Table:
    """The table as somebody sees it at an instant: what stands where is counted in one statement."""

    def __init__(
        self, user: User, now: Instant, hospital: str = "", groups: Collection[str] = tuple(GROUPS)
    ) -> None:
        """With tabs (or `PATIENTS`) to ask for; `hospital` is a key, "" for any."""
        related = _related(user, now, hospital)
        self._pieces = {group: _pieces(group, now) for group in groups}
        self._lists = {
            one.name: Listed(related(one), 'stage_since, "key"', 'stage_since, "key"')
            for pieces in self._pieces.values()
            for one in pieces
        }
        self._stands = bounded.counts(self._lists)

    def of(self, group: str) -> Merged:
        """The keys of those in a tab, whoever has waited longest first; an index has those of one stage in
        that order."""
        names = [one.name for one in self._pieces[group]]
        return Merged([self._lists[name] for name in names], [self._stands[name] for name in names])

    def counts(self) -> dict[str, int]:
        """How many stand in each tab, of each piece `bounded.MOST + 1` at most."""
        return {
            group: sum(self._stands[one.name] for one in pieces) for group, pieces in self._pieces.items()
        }


def citizens(keys: Sequence[str]) -> list[Citizen]:
    """Citizens by their keys, in that order."""
    found = Citizen.objects.in_bulk(keys)
    return [found[key] for key in keys]


class _Piece(NamedTuple):
    """The citizens of one stage, or some of them."""

    name: str
    asked: Sql


def _pieces(group: str, now: Instant) -> list[_Piece]:
    """What a tab is put together of: tabs that show the same citizens have pieces of the same name."""
    lately, tomorrow = sql("stage_since >= %s", now - AFTER), _tomorrow(now)
    narrower: dict[tuple[str, str], Sql] = {
        ("today", stage.CAN): sql("(stage_plan < %s OR stage_plan IS NULL)", tomorrow),
        ("today", stage.AGREED): sql("stage_plan < %s", tomorrow),
        ("later", stage.CAN): sql("stage_plan >= %s", tomorrow),
        ("later", stage.AGREED): sql("(stage_plan >= %s OR stage_plan IS NULL)", tomorrow),
    }
    found = []
    for name in GROUPS.get(group, ()) or PATIENTS[group]:
        asked = lately if name in (stage.HOME, stage.VISITED) else narrower.get((group, name))
        whole = sql("stage = %s", name)
        part = group if (group, name) in narrower else ""
        found.append(_Piece(f"{name} {part}".strip(), sql("{} AND {}", whole, asked) if asked else whole))
    return found


def hospitals(user: User, now: Instant) -> list[tuple[str, str]]:
    """(key, name) of the hospitals that citizens in the table are at, for the filter: of those of each stage
    whom something happened to last."""
    seen = rules.sight(user, now, LOOK, citizens=True)(rules.KEY)
    if seen == NEVER:
        return []
    newest = (
        "SELECT * FROM (SELECT stage_hospital FROM pathways_citizen WHERE stage = %s AND {} "
        'ORDER BY stage_since DESC, "key" DESC LIMIT %s) AS newest'
    )
    each = [sql(newest, name, seen, bounded.MOST) for name in stage.IN_HOSPITAL]
    union = " UNION ".join(one.text for one in each)
    found = bulk.read([(union, [given for one in each for given in one.parameters])])[0]
    wanted = [key for (key,) in found]
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
    warning = frozenset(
        (line.id, clause)
        for line in agreements().lines
        for clause in line.clauses
        if WARNING in live.deliveries(line.id, clause)
    )
    asked = clauses.among("agreement", "clause", warning)
    query = (
        "SELECT citizen_id, pathway, outcome, due FROM pathways_obligation WHERE citizen_id {in} "  # noqa: S608
        f"AND NOT withdrawn AND outcome NOT IN ('released', 'superseded') AND ({asked.text})"
    )
    found: dict[str, str] = {}
    for key, pathway, outcome, due in bulk.read([(query, [list(keys), *asked.parameters])])[0]:
        own = ways.get(key)
        if own is None or pathway not in {event.pathway for event in own.events}:
            continue
        overdue = not outcome and due is not None and due < now
        stands = "missing" if overdue else outcome or "open"
        found[key] = max(found.get(key, stands), stands, key=_WORSE.index)
    return {key: Warned(outcome) for key, outcome in found.items()}


def _related(user: User, now: Instant, hospital: str) -> Callable[[_Piece], Sql]:
    """The citizens of a piece that can stand in the table: `FROM … WHERE …`."""
    seen, at = rules.sight(user, now, LOOK, citizens=True)(rules.KEY), _hospital(user, hospital)
    of = "FROM pathways_citizen WHERE {} AND {}" + (" AND stage_hospital = %s" if at else "")
    return lambda piece: sql(of, piece.asked, seen, *([at] if at else []))


def _hospital(user: User, hospital: str) -> str:
    """The hospital whose stays are meant: a hospital's own are those that are its own now."""
    own = user.organisation
    return own.key if own is not None and own.role == Organisation.Role.HOSPITAL else hospital


def _tomorrow(now: Instant) -> Instant:
    """The first instant of the next local day; Denmark and Norway keep the same clock."""
    following = local_date(now, ZONES["DK"]) + dt.timedelta(days=1)
    return from_local(dt.datetime.combine(following, dt.time()), ZONES["DK"])


def _organisations(citizens: Sequence[Citizen], ways: dict[str, Way | None]) -> dict[str, Organisation]:
    keys = {one.stage_hospital for one in citizens}
    keys |= {own.stay.hospital or "" for own in ways.values() if own is not None}
    towns = Q(role=Organisation.Role.MUNICIPALITY, municipality__in={one.municipality for one in citizens})
    return {one.key: one for one in Organisation.objects.filter(Q(pk__in=keys) | towns)}
