"""Norwegian messages of one citizen: what each changes, and which stay it is in (handbook section 3.2)."""

import itertools

import msgspec

from naer.events.event import Event
from naer.events.log import effective
from naer.messages.medcom.status import status
from naer.messages.plo.link import link
from tests.contract.plo.stay_letters import (
    admitted,
    answer,
    cancel,
    discharged,
    fact,
    instant,
    letter,
    not_ready,
    raw,
    ready,
    report,
    summary,
    warning,
)


def holding(events):
    """(kind, local time as text) of all that holds, in log order."""
    return [(event.kind, event.at) for event in effective(link(events)).events]


def at(kind, text):
    return (kind, instant(text))


COURSE = (
    admitted("m1", "2026-03-02T10:20:00", "2026-03-02T10:00:00"),
    report("m2", "2026-03-02T15:00:00"),
    warning("m3", "2026-03-02T16:00:00"),
    warning("m4", "2026-03-03T09:00:00", content="2", status="change", parent="m3"),
    warning("m5", "2026-03-04T09:00:00", content="2", status="change", parent="m4", root="m3"),
    ready("m6", "2026-03-05T09:20:00", "2026-03-05", admitted_at="2026-03-02T10:00:00"),
    answer("m7", "2026-03-05T10:00:00", parent="m6"),
    not_ready("m8", "2026-03-05T17:00:00", "2026-03-05T16:30:00", admitted_at="2026-03-02"),
    ready("m9", "2026-03-06T09:00:00", "2026-03-06", admitted_at="2026-03-02"),
    discharged("m10", "2026-03-07T12:00:00", "2026-03-07T11:00:00"),
    summary("m11", "2026-03-07T13:00:00"),
)
ANOTHER = (
    admitted("n1", "2026-04-12T08:00:00", "2026-04-12T07:30:00"),
    warning("n2", "2026-04-12T12:00:00"),
    discharged("n3", "2026-04-15T12:00:00", "2026-04-15"),
)


def test_a_whole_course_is_one_stay_with_one_admission():
    linked = link(raw(*COURSE))
    assert {event.pathway for event in linked} == {"c.m1"}
    kinds = [event.kind for event in effective(linked).events]
    assert kinds.count("admitted") == 1
    assert kinds.count("admission_warning") == 1
    assert kinds.count("warning_updated") == 2
    assert kinds.count("ready_for_discharge") == 2
    assert status(effective(linked).events)[0] == "discharged"


def test_two_stays_are_told_apart_and_late_messages_find_theirs():
    late = summary("m12", "2026-03-20T08:00:00")
    linked = {event.id: event.pathway for event in link(raw(*COURSE, *ANOTHER, late))}
    assert {pathway for id, pathway in linked.items() if id.startswith("m")} == {"c.m1"}
    assert {pathway for id, pathway in linked.items() if id.startswith("n")} == {"c.n1"}


def test_the_order_of_arrival_changes_nothing():
    letters = (
        COURSE[0],
        COURSE[3],
        COURSE[2],
        cancel("LOG_UTSKRIVNINGSKLAR", "x", "2026-03-05T11:00:00", "m6"),
        COURSE[5],
        COURSE[9],
    )
    results = {
        msgspec.json.encode([msgspec.structs.replace(event, received=None) for event in link(raw(*order))])
        for order in itertools.permutations(letters)
    }
    assert len(results) == 1


def test_the_same_message_twice_is_once():
    twice = raw(*COURSE[:3], *COURSE[:3])
    assert holding(twice) == holding(raw(*COURSE[:3]))


def test_linked_events_keep_every_raw_id():
    events = raw(*COURSE, cancel("LOG_UTSKRIVNINGSKLAR", "x", "2026-03-05T11:00:00", "m6"))
    assert {event.id for event in events} <= {event.id for event in link(events)}


def test_no_norwegian_message_nothing_done():
    events = [Event(id="a", pathway="p", kind="admitted", at=2), Event(id="b", pathway="p", kind="x", at=1)]
    assert link(events) == events


# What a later version does


def test_a_change_of_an_admission_moves_it():
    change = admitted("m2", "2026-03-02T12:00:00", "2026-03-02T09:15:00", status="change", parent="m1")
    assert holding(raw(COURSE[0], change)) == [at("admitted", "2026-03-02T09:15:00")]


def test_of_two_changes_the_later_sent_holds_whichever_came_first():
    first = admitted("m2", "2026-03-02T12:00:00", "2026-03-02T09:15:00", status="change", parent="m1")
    second = admitted(
        "m3", "2026-03-02T13:00:00", "2026-03-02T09:45:00", status="change", parent="m2", root="m1"
    )
    for order in itertools.permutations((COURSE[0], first, second)):
        assert holding(raw(*order)) == [at("admitted", "2026-03-02T09:45:00")]


def test_a_changed_report_keeps_the_time_at_which_it_was_given():
    change = report("m3", "2026-03-04T15:00:00", status="change", parent="m2")
    linked = effective(link(raw(COURSE[0], COURSE[1], change))).events
    given = next(event for event in linked if event.kind == "admission_report")
    assert given.at == instant("2026-03-02T15:00:00")
    assert given.attributes["revised"] == instant("2026-03-04T15:00:00")


def test_a_change_takes_back_what_it_no_longer_says():
    first = discharged("m1", "2026-03-07T12:00:00", "2026-03-07T11:00:00")
    died = msgspec.structs.replace(first, facts=(*first.facts, fact("died", "2026-03-07T11:00:00", "died")))
    change = discharged("m2", "2026-03-07T13:00:00", "2026-03-07T11:00:00", status="change", parent="m1")
    assert [kind for kind, _ in holding(raw(died, change))] == ["discharged", "discharge_notice"]


def test_an_updated_warning_stands_beside_the_first():
    assert holding(raw(*COURSE[2:4])) == [
        at("admission_warning", "2026-03-02T16:00:00"),
        at("expected_ready", "2026-03-02T16:00:00"),
        at("warning_updated", "2026-03-03T09:00:00"),
        at("expected_ready", "2026-03-03T09:00:00"),
    ]


def test_a_corrected_warning_is_still_the_first_one():
    change = warning("m4", "2026-03-03T09:00:00", status="change", parent="m3", expected="2026-03-12")
    linked = effective(link(raw(COURSE[2], change))).events
    assert [(event.kind, event.at) for event in linked] == [
        at("admission_warning", "2026-03-02T16:00:00"),
        at("expected_ready", "2026-03-02T16:00:00"),
    ]
    assert linked[1].attributes["expected_at"] == "2026-03-12"


def test_a_cancellation_withdraws_the_message_and_its_earlier_versions():
    gone = cancel("HELSEOPPL_SOKNAD", "x", "2026-03-04T10:00:00", "m5", "m3")
    assert holding(raw(*COURSE[2:5], gone)) == []


def test_never_ready_is_not_the_same_as_no_longer_ready():
    gone = cancel("LOG_UTSKRIVNINGSKLAR", "x", "2026-03-05T11:00:00", "m6")
    assert "ready_for_discharge" not in [kind for kind, _ in holding(raw(COURSE[0], COURSE[5], gone))]
    kinds = [kind for kind, _ in holding(raw(COURSE[0], COURSE[5], COURSE[7]))]
    assert kinds == ["admitted", "ready_for_discharge", "ready_withdrawn"]


def test_a_cancelled_ready_message_leaves_the_admission_that_another_told():
    gone = cancel("LOG_UTSKRIVNINGSKLAR", "x", "2026-03-05T11:00:00", "m6")
    kept = effective(link(raw(COURSE[0], COURSE[5], gone))).events
    assert [(event.kind, event.id) for event in kept] == [("admitted", "m1")]
    assert kept[0].attributes["has_services"] is True


def test_a_change_after_a_cancellation_stands():
    """The later word counts, as in S4."""
    gone = cancel("LOG_INNLAGT", "x", "2026-03-02T11:00:00", "m1")
    change = admitted("m2", "2026-03-02T12:00:00", "2026-03-02T09:15:00", status="change", parent="m1")
    assert holding(raw(COURSE[0], gone, change)) == [at("admitted", "2026-03-02T09:15:00")]


def test_an_addition_adds_and_history_repeats():
    addition = letter(
        "LOG_INNLAGT",
        "m2",
        "2026-03-02T12:00:00",
        fact("admitted", "2026-03-02T10:00:00", ward="3"),
        status="addition",
        parent="m1",
    )
    (held,) = effective(link(raw(COURSE[0], addition))).events
    assert held.attributes["ward"] == "3"
    assert held.attributes["has_services"] is True
    history = admitted("m3", "2026-03-02T12:00:00", "2026-03-01T10:00:00", status="history", parent="m1")
    assert holding(raw(COURSE[0], history)) == [at("admitted", "2026-03-02T10:00:00")]


def test_additions_and_history_do_not_revive_what_was_cancelled():
    gone = cancel("LOG_INNLAGT", "x", "2026-03-02T11:00:00", "m1")
    for state in ("addition", "history"):
        more = admitted("m2", "2026-03-02T12:00:00", "2026-03-02T10:00:00", status=state, parent="m1")
        assert holding(raw(COURSE[0], gone, more)) == []


# Originals that are not here


def test_a_change_of_something_unknown_stands_and_says_so():
    change = admitted("m2", "2026-03-02T12:00:00", "2026-03-02T09:15:00", status="change", parent="m1")
    (event,) = link(raw(change))
    assert (event.kind, event.changes, event.attributes["original"]) == ("admitted", None, "unknown")
    assert holding(raw(change)) == [at("admitted", "2026-03-02T09:15:00")]


def test_a_cancellation_of_something_unknown_waits_until_it_comes():
    gone = cancel("LOG_INNLAGT", "x", "2026-03-02T11:00:00", "m1")
    (event,) = link(raw(gone))
    assert (event.kind, event.attributes["original"]) == ("cancelled", "unknown")
    assert holding(raw(gone)) == []
    assert holding(raw(gone, COURSE[0])) == []


def test_a_cancellation_with_a_wrong_reference_reaches_the_only_message_it_can_be_about():
    gone = cancel("LOG_INNLAGT", "x", "2026-03-02T11:00:00", "elsewhere")
    assert holding(raw(COURSE[0], gone)) == []


def test_a_cancellation_with_a_wrong_reference_reaches_none_of_several():
    other = admitted("m0", "2026-02-02T10:20:00", "2026-02-02T10:00:00")
    gone = cancel("LOG_INNLAGT", "x", "2026-03-02T11:00:00", "elsewhere")
    assert len(holding(raw(COURSE[0], other, gone))) == 2


def test_of_several_the_time_decides():
    other = admitted("m0", "2026-02-02T10:20:00", "2026-02-02T10:00:00")
    gone = letter(
        "LOG_INNLAGT",
        "x",
        "2026-03-02T11:00:00",
        fact("cancelled", "2026-03-02T11:00:00", of="admitted", of_at="2026-02-02T10:00:00"),
        status="cancel",
        parent="elsewhere",
    )
    assert holding(raw(COURSE[0], other, gone)) == [at("admitted", "2026-03-02T10:00:00")]


def test_a_reference_to_a_message_of_another_type_is_none():
    gone = cancel("LOG_DOD", "x", "2026-03-02T11:00:00", "m1")
    assert holding(raw(COURSE[0], gone)) == [at("admitted", "2026-03-02T10:00:00")]


def test_references_in_a_circle_end():
    one = admitted("m1", "2026-03-02T12:00:00", "2026-03-02T09:15:00", status="change", parent="m2")
    two = admitted("m2", "2026-03-02T13:00:00", "2026-03-02T09:45:00", status="change", parent="m1")
    assert holding(raw(one, two)) == [at("admitted", "2026-03-02T09:45:00")]


# Stays


def test_without_an_admission_message_the_ready_message_tells_it():
    linked = link(raw(COURSE[2], COURSE[5], COURSE[9]))
    assert {event.pathway for event in linked} == {"c.m3"}
    assert next(event.kind for event in effective(linked).events) == "admitted"


def test_without_any_admission_the_first_message_of_the_stay_stands_in():
    linked = link(raw(COURSE[2], COURSE[9], COURSE[10]))
    assert {event.pathway for event in linked} == {"c.m3"}


def test_a_warning_after_a_discharge_is_another_stay():
    new = warning("n1", "2026-03-11T16:00:00")
    linked = {event.id: event.pathway for event in link(raw(*COURSE, new))}
    assert linked["n1"] == "c.n1"


def test_a_discharge_is_in_the_stay_it_ends_whenever_it_is_sent():
    late = discharged("m10", "2026-04-13T12:00:00", "2026-03-07T11:00:00")
    linked = {event.id: event.pathway for event in link(raw(COURSE[0], *ANOTHER, late))}
    assert linked["m10"] == "c.m1"


def test_readmitted_on_the_day_of_discharge_is_another_stay():
    again = admitted("n1", "2026-03-07T20:10:00", "2026-03-07T20:00:00")
    linked = {event.id: event.pathway for event in link(raw(COURSE[0], COURSE[9], again))}
    assert linked["n1"] == "c.n1"
    assert linked["m1"] == linked["m10"] == "c.m1"


def test_a_report_before_the_admission_is_in_its_stay():
    early = report("m0", "2026-03-01T15:00:00")
    linked = {event.id: event.pathway for event in link(raw(COURSE[0], early))}
    assert linked["m0"] == linked["m1"]


def test_a_dialogue_follows_what_it_answers():
    late = answer("m7", "2026-04-13T10:00:00", parent="m6")
    linked = {event.id: event.pathway for event in link(raw(COURSE[0], COURSE[5], *ANOTHER, late))}
    assert linked["m7"] == "c.m1"


def test_a_dialogue_outside_any_stay_has_its_own_pathway():
    alone = answer("m7", "2026-05-30T10:00:00")
    linked = {event.id: event.pathway for event in link(raw(*COURSE, alone))}
    assert linked["m7"] == "c.m7"


def test_a_stay_that_a_person_recorded_takes_the_messages_in():
    recorded = Event(
        id="f", pathway="form", kind="admitted", at=instant("2026-03-02T09:50:00"), source="form", citizen="c"
    )
    linked = link([recorded, *raw(*COURSE)])
    assert {event.pathway for event in linked} == {"form"}
    ready_only = effective(link([recorded, *raw(COURSE[5])])).events
    assert [event.id for event in ready_only if event.kind == "admitted"] == ["f"]


def test_what_a_person_recorded_on_a_message_follows_it():
    note = Event(id="n", pathway="c.m3", kind="phone_call", at=instant("2026-03-03T10:00:00"), source="form")
    linked = {event.id: event.pathway for event in link([*raw(COURSE[0], COURSE[2]), note])}
    assert linked["n"] == "c.m1"
