"""Linking: what corrects or cancels what, as a function of the set of messages."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.event import Event
from naer.events.log import effective
from naer.messages.medcom.hospitalnotification import Link
from naer.messages.medcom.link import link
from tests.contract.medcom.hospital import Course, at


def settled(events):
    return {event.id: event for event in link(events)}


def codes(events):
    return [event.attributes["code"] for event in link(events)]


def test_a_death_told_again_is_its_correction():
    course = Course()
    course.tell("STIN", "2 10:00")
    first = course.tell("MORS", "3 10:00")
    again = course.tell("MORS", "3 09:30", sent="3 11:00")
    found = settled(course.told)
    assert (found[first.id].attributes["code"], found[first.id].changes) == ("MORS", None)
    assert (found[again.id].attributes["code"], found[again.id].changes) == ("RE_MORS", first.id)
    died = [event for event in effective(link(course.told)).events if event.kind == "died"]
    assert [(event.id, event.at) for event in died] == [(first.id, at("3 09:30"))]


def test_a_cancelled_death_is_cancelled_and_the_next_one_is_new():
    course = Course()
    course.tell("STIN", "2 10:00")
    first = course.tell("MORS", "3 10:00")
    denied = course.tell("AN_MORS", "3 10:00", sent="3 11:00")
    second = course.tell("MORS", "5 10:00")
    found = settled(course.told)
    assert (found[denied.id].kind, found[denied.id].changes) == ("cancelled", first.id)
    assert (found[second.id].attributes["code"], found[second.id].changes) == ("MORS", None)


def test_a_death_of_another_course_is_no_correction():
    one, other = Course("a", ("one",), "p1"), Course("b", ("two",), "p2")
    one.tell("MORS", "3 10:00")
    other.tell("MORS", "3 11:00")
    assert codes(one.told + other.told) == ["MORS", "MORS"]


def test_a_denied_death_without_a_death_waits():
    course = Course()
    start = course.tell("STIN", "2 10:00")
    denied = course.tell("AN_MORS", "3 10:00")
    found = settled(course.told)
    assert found[denied.id].attributes["original"] == "unknown"
    log = effective(link(course.told))
    assert [event.id for event in log.events] == [start.id]
    assert log.excluded.count("original unknown") == 1


def test_alive_after_a_known_death_takes_it_back_though_the_chain_was_cut():
    course = Course()
    death = course.tell("MORS", "3 10:00")
    alive = course.tell("STIN", "3 09:00", sent="3 12:00", chain=(), deceased=False)
    found = settled(course.told)
    assert (found[alive.id].kind, found[alive.id].changes) == ("cancelled", death.id)


@pytest.mark.parametrize("code", ["RE_STIN", "AN_STIN"])
def test_the_chain_names_the_original(code):
    course = Course()
    first = course.tell("STIN", "2 10:00")
    chain = course.chain
    course.chain = ()
    course.tell("STIN", "2 12:00")
    amending = course.tell(code, "2 09:00", sent="2 13:00", chain=chain)
    assert settled(course.told)[amending.id].changes == first.id


def test_the_chain_leads_through_corrections_to_the_original():
    course = Course()
    first = course.tell("STIN", "2 10:00")
    course.tell("RE_STIN", "2 09:00", sent="2 11:00")
    last = course.tell("AN_STIN", "2 09:00", sent="2 12:00")
    assert last.changes == "c2"
    assert settled(course.told)[last.id].changes == first.id
    assert effective(link(course.told)).events == []


def test_a_chain_that_leads_nowhere_falls_back_on_the_latest_of_the_family():
    course = Course()
    course.tell("STIN", "2 10:00")
    second = course.tell("STIN", "2 12:00")
    lost = (Link("lost", "admit-inpatient", at("2 09:00")),)
    amending = course.tell("RE_STIN", "2 11:30", sent="2 13:00", chain=lost)
    assert settled(course.told)[amending.id].changes == second.id


def test_what_is_already_cancelled_is_not_cancelled_again_while_another_stands():
    course = Course()
    first = course.tell("STIN", "2 10:00")
    second = course.tell("STIN", "2 12:00")
    course.tell("AN_STIN", "2 12:00", sent="2 13:00")
    again = course.tell("AN_STIN", "2 10:00", sent="2 14:00", chain=())
    found = settled(course.told)
    assert found["c3"].changes == second.id
    assert found[again.id].changes == first.id


def test_a_correction_never_changes_what_was_sent_after_it():
    course = Course()
    early = course.tell("RE_STIN", "2 09:00", sent="2 09:30")
    course.tell("STIN", "2 10:00")
    assert settled(course.told)[early.id].attributes["original"] == "unknown"


def test_a_correction_of_a_lost_message_never_changes_the_message_its_chain_names():
    course = Course()
    start = course.tell("STIN", "2 10:00")
    course.tell("RE_STOR", "3 10:00")
    assert course.told[1].changes == start.id
    log = effective(link(course.told))
    assert [(event.id, event.kind) for event in log.events] == [(start.id, "admitted")]
    assert log.excluded.count("original unknown") == 1


def test_nothing_is_corrected_across_courses():
    one, other = Course("a", ("one",), "p1"), Course("b", ("two",), "p2")
    start = one.tell("STIN", "2 10:00")
    amending = other.tell("AN_STIN", "2 11:00", chain=one.chain)
    found = settled(one.told + other.told)
    assert found[amending.id].changes != start.id
    assert start.id in [event.id for event in effective(found.values()).events]


def test_a_header_used_twice_is_resolved_inside_the_course():
    one, other = Course("x", ("one",), "p1"), Course("x", ("two",), "p2")
    first, twin = one.tell("STIN", "2 10:00"), other.tell("STIN", "2 10:00")
    other.told[0] = twin = msgspec.structs.replace(twin, id=f"{twin.id}~0123456789ab")
    cancel = other.tell("AN_STIN", "2 10:00", sent="2 11:00")
    found = settled([first, twin, cancel])
    (named,) = (event.id for event in found.values() if event.pathway == "p2" and event.kind == "admitted")
    assert found[cancel.id].changes == named != first.id


def test_a_correction_inherits_who_asked_for_the_report():
    course = Course()
    course.tell("STIN", "2 10:00", report_requested=True)
    course.tell("RE_STIN", "2 09:00", sent="2 11:00")
    course.tell("RE_STIN", "2 08:00", sent="2 12:00")
    (start,) = effective(link(course.told)).events
    assert (start.at, start.attributes["report_requested"]) == (at("2 08:00"), True)


def test_episodes_are_joined_through_a_message_that_has_both():
    one, other = Course("a", ("one",), "p1"), Course("b", ("two",), "p2")
    one.tell("STIN", "2 10:00")
    other.tell("STIN", "3 10:00")
    apart = link(one.told + other.told)
    assert [event.pathway for event in apart] == ["p1", "p2"]
    bridge = Course("d", ("two", "one"), "p3")
    bridge.tell("STIN", "4 10:00")
    note = Event(id="note", pathway="p2", kind="phone_call", at=at("3 12:00"), source="form")
    elsewhere = Event(id="call", pathway="p9", kind="phone_call", at=at("3 12:00"), source="form")
    together = link([*one.told, *other.told, *bridge.told, note, elsewhere])
    assert {event.id: event.pathway for event in together} == {
        "a1": "p1", "b1": "p1", "d1": "p1", "note": "p1", "call": "p9",
    }  # fmt: skip


def test_events_of_other_sources_pass_through():
    course = Course()
    course.tell("STIN", "2 10:00")
    form = Event(
        id="f1",
        pathway="p1",
        kind="died",
        at=at("2 11:00"),
        source="form",
        attributes={"note": "x"},
        changes="c1",
    )
    assert settled([*course.told, form])["f1"] == form


ANY = (
    "STAA", "STIN", "STOR", "SLOR", "SLHJ", "MORS", "RE_STIN", "RE_SLHJ", "RE_STOR", "AN_STAA", "AN_STIN",
    "AN_SLHJ", "AN_MORS",
)  # fmt: skip


def history(seed: int) -> list[Event]:
    """A course or two in which anything may happen in any order."""
    rng = random.Random(seed)
    events: list[Event] = []
    for place, episodes in enumerate([("one",), ("two",), ("two", "one")][: rng.randint(1, 3)]):
        course = Course(f"{place}-", episodes, f"p{place}")
        for _ in range(rng.randint(1, 7)):
            code = rng.choice(ANY)
            changes = {}
            if rng.random() < 0.2:
                changes["chain"] = ()
            if rng.random() < 0.2:
                changes["deceased"] = rng.random() < 0.5
            when, sent = (f"{rng.randint(2, 5)} {rng.randint(8, 11):02d}:00" for _ in range(2))
            course.tell(code, when, sent, **changes)
        events += course.told
    return events


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_arrival_and_copies_change_nothing(seed, shuffle):
    events = history(seed)
    ordered = link(events)
    mixed = events + [
        msgspec.structs.replace(event, received=99) for event in shuffle.sample(events, len(events) // 2)
    ]
    shuffle.shuffle(mixed)
    assert link(events[::-1]) == ordered
    assert effective(link(mixed)).events == effective(ordered).events


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_whatever_is_changed_is_an_event_of_the_same_family_and_course(seed):
    linked = link(history(seed))
    by_id = {event.id: event for event in linked}
    for event in linked:
        original = by_id.get(event.changes)
        if original is not None:
            assert original.changes is None
            assert original.attributes["code"] == event.attributes["amends"]
            assert original.pathway == event.pathway
        else:
            assert event.changes is None or event.attributes["original"] == "unknown"
