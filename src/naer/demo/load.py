"""The synthetic region into the database: organisations, people, citizens with cases, a year of history."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from naer.demo import users
from naer.demo.courses import seeded
from naer.demo.feed import Feed
from naer.demo.people import Resident, people
from naer.demo.timeline import POOL, Calendar, timeline
from naer.events.instant import DAY, ZONES, Instant, local_date, utc
from naer.site import bulk
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation
from naer.site.pathways import live, numbers, store
from naer.site.pathways.models import Case, Citizen
from naer.site.pathways.register import Register

Told = Callable[[str, int, int], None]
"""Hears how far the work is: what, done, of how many."""

CITIZENS = 3000
SEED = 20_240_402
MADE = "demo-made"
PROCESS = "naer demo"
RECENT = 3 * DAY
"""So long before the first start the messages themselves are sent, and not only their events stored."""
_TOGETHER = 150
"""Citizens in one transaction."""
_MARK = re.compile(r"seed=(?P<seed>\d+) day=(?P<day>\S+) citizens=(?P<citizens>\d+) history=(?P<history>\d+)")


@dataclass(frozen=True, slots=True)
class Region:
    """Which region a database holds: enough to make all of it again."""

    calendar: Calendar
    citizens: int
    history: Instant
    """Up to when it was given as history; what came later was played."""

    def residents(self) -> list[Resident]:
        """The citizens of the region, the same each time."""
        return people(seeded(self.calendar.seed, "people"), self.citizens, self.calendar.first_day, POOL)


class OtherDataError(RuntimeError):
    """The database holds data that is not the demo's."""


def region() -> Region | None:
    """The region in this database; None when there is none."""
    entry = AccessEntry.objects.filter(action=MADE).order_by("pk").last()
    found = _MARK.fullmatch(entry.subject) if entry else None
    if found is None:
        return None
    calendar = Calendar(int(found["seed"]), dt.date.fromisoformat(found["day"]))
    return Region(calendar, int(found["citizens"]), int(found["history"]))


def found(seed: int, citizens: int, now: Instant) -> Region:
    """Begin a new region at `now`: its organisations, and the people who sign in.

    Raises:
        OtherDataError: when the database holds something else.
    """
    if Organisation.objects.exists() or Citizen.objects.exists():
        raise OtherDataError("this database holds other data; name another one with --database")
    new = Region(Calendar(seed, local_date(now, ZONES["DK"])), citizens, now - RECENT)
    mark = f"seed={seed} day={new.calendar.first_day} citizens={citizens} history={new.history}"
    with transaction.atomic():
        users.make()
        AccessEntry.objects.create(at=utc(now), user=PROCESS, action=MADE, subject=mark, relation="system")
    return new


def fill(region: Region, told: Told) -> int:
    """Enrol the citizens that are not there yet, with their history; how many there were."""
    there = set(Citizen.objects.values_list("key", flat=True))
    missing = [person for person in region.residents() if person.key not in there]
    for first in range(0, len(missing), _TOGETHER):
        some = missing[first : first + _TOGETHER]
        with transaction.atomic():
            _enrol(some)
            _remember(some, region.calendar, region.history)
        told("A year of history", first + len(some), len(missing))
    return len(missing)


def _enrol(some: Sequence[Resident]) -> None:
    Citizen.objects.bulk_create(
        Citizen(
            key=person.key,
            number_index=numbers.index(person.number),
            number_cipher=numbers.seal(person.number),
            name=person.name,
            born=person.born,
            municipality=person.municipality,
            gp_id=person.practice,
        )
        for person in some
    )
    Case.objects.bulk_create(
        Case(citizen_id=person.key, municipality=person.municipality, kind=person.case, opened=person.opened)
        for person in some
    )


def _remember(some: Sequence[Resident], calendar: Calendar, until: Instant) -> None:
    """Their history as events, in the order they came, and what it means at `until`."""
    states = store.load(person.key for person in some)
    for person in some:
        feed = Feed(person, [fact for fact in timeline(person, calendar, until) if fact.received <= until])
        for fact in feed.facts:
            states[person.key].append(feed.event(fact))
    register = Register()
    register.know(states.values())
    for state in states.values():
        live.judge(state, register, until)
    writes = bulk.Writes()
    store.save(list(states.values()), writes)
    writes.flush()
