"""The synthetic region: the same for the same seed, never a real person, alive at every hour."""

import datetime as dt
import random
from functools import cache

import pytest

from naer.agreement import NoRegister, evaluate, library
from naer.demo.facts import clock
from naer.demo.feed import Feed
from naer.demo.people import Resident, impossible_number, people
from naer.demo.region import DEMO_PLACES, PLACES, hospitals, municipalities, practices
from naer.demo.timeline import POOL, Calendar, timeline
from naer.events.event import Event
from naer.events.instant import DAY, HOUR
from naer.events.log import effective
from naer.messages import person_number, read
from naer.messages.medcom.classify import provisional
from naer.messages.medcom.link import link
from naer.messages.medcom.status import status

FIRST = dt.date(2026, 3, 10)
CALENDAR = Calendar(7, FIRST)
NOON = clock(FIRST, 12)


def residents(seed: int = 7, count: int = 3000) -> list[Resident]:
    return people(random.Random(seed), count, FIRST, POOL)


def some(count: int) -> list[Resident]:
    return random.Random(1).sample(residents(), count)


def test_same_seed_gives_the_same_people() -> None:
    assert residents() == residents()
    assert residents() != residents(seed=8)


def test_everybody_lives_in_one_of_the_eleven_municipalities() -> None:
    everyone = residents()
    assert len(everyone) == 3000
    assert {person.municipality for person in everyone} == {place.code for place in PLACES}


def test_no_person_number_can_be_a_real_one() -> None:
    numbers = [person.number for person in residents()]
    assert len(set(numbers)) == len(numbers)
    assert all(61 <= int(number[:2]) <= 91 for number in numbers)
    assert all(person_number.is_cpr(number) for number in numbers)
    assert impossible_number(dt.date(1941, 2, 3), 1234) == "6302411234"


def test_register_ids_cannot_be_real_ones() -> None:
    parties = [*municipalities(), *hospitals(), *practices()]
    assert len({party.key for party in parties}) == len({party.gln for party in parties}) == len(parties)
    for party in parties:
        assert party.key.startswith("999")
        assert party.gln.startswith("29")
        weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(party.gln))
        assert len(party.gln) == 13
        assert weighted % 10 == 0


def test_a_longer_look_ahead_changes_nothing_that_was_told() -> None:
    for person in some(60):
        near = [fact for fact in timeline(person, CALENDAR, NOON) if fact.received <= NOON]
        far = [fact for fact in timeline(person, CALENDAR, NOON + 40 * DAY) if fact.received <= NOON]
        assert near == far


def test_nothing_is_received_before_it_happened() -> None:
    for person in some(60):
        for fact in timeline(person, CALENDAR, NOON):
            assert fact.at <= fact.sent <= fact.received or fact.notice is not None
            assert fact.sent <= fact.received


def test_the_dead_do_nothing() -> None:
    for person in some(400):
        facts = timeline(person, CALENDAR, NOON)
        deaths = [fact.at for fact in facts if fact.kind == "died"]
        assert len(deaths) < 2
        assert all(fact.at <= deaths[0] for fact in facts if deaths)


def test_notifications_are_accepted_as_the_code_that_was_meant() -> None:
    codes = set()
    for person in some(500):
        feed = Feed(person, timeline(person, CALENDAR, NOON))
        for fact in feed.facts:
            if fact.notice is None:
                continue
            incoming = read(feed.message(fact))
            assert not incoming.issues
            assert incoming.notification is not None
            assert provisional(incoming.notification) == fact.notice.code
            codes.add(fact.notice.code)
    assert codes == {"STAA", "STIN", "SLHJ", "MORS", "STOR", "SLOR", "RE_STIN", "AN_STIN"}


def test_a_copy_is_the_same_letter_in_a_new_envelope() -> None:
    for person in some(60):
        feed = Feed(person, timeline(person, CALENDAR, NOON))
        for fact in feed.facts:
            if fact.copied is not None:
                letter, copy = read(feed.message(fact)), read(feed.message(fact, copy=True))
                assert letter.message_id == copy.message_id
                assert letter.content_hash == copy.content_hash
                assert letter.bundle_id != copy.bundle_id
                return
    pytest.fail("nobody's notification was sent twice")


@cache
def logs(code: str) -> list[list[Event]]:
    found = []
    for person in residents():
        if person.municipality == code and person.staged is not None:
            feed = Feed(person, timeline(person, CALENDAR, NOON + 8 * DAY))
            found.append([feed.event(fact) for fact in feed.facts])
    return found


@pytest.mark.parametrize("code", DEMO_PLACES)
@pytest.mark.parametrize(
    ("day", "hour"), [(0, 3), (0, 14), (2, 8), (4, 11.75), (5, 17), (5, 20.3), (6, 23.9)]
)
def test_a_demo_municipality_is_alive_at_every_hour(code: str, hour: float, day: int) -> None:
    now = clock(FIRST + dt.timedelta(days=day), hour)
    overdue = soon = in_hospital = ready = 0
    kept = False
    for raw in logs(code):
        seen = effective(link([event for event in raw if (event.received or 0) <= now]), now).events
        in_hospital += status(seen)[0] in {"acute-ambulant", "admitted", "on-leave"}
        last = seen[-1].kind if seen else ""
        ready += last in {"ready_for_discharge", "municipality_answer"}
        for owed in evaluate(library("DK"), seen, now, NoRegister()):
            if owed.owed_by.role != "municipality" or owed.due is None:
                continue
            overdue += owed.outcome == "missing" and not owed.ended and now - owed.due < DAY
            soon += owed.outcome == "open" and owed.due - now <= 2 * HOUR
            kept |= owed.outcome == "kept" and owed.closed_by is not None and now - owed.closed_by.at < DAY
    assert overdue
    assert soon
    assert in_hospital
    assert ready
    assert kept
