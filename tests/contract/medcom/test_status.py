"""Where the citizen is: a row tells messages as `code@day hour(sent day hour)`, the status, and its start."""

import itertools

import pytest
from msgspec.structs import replace

from naer.events.log import effective
from naer.messages.medcom.link import link
from naer.messages.medcom.status import Stay, status, stays
from tests.contract.medcom.hospital import Course, at

TABLE = """
told                                              | status          | since
                                                  | none            |
STAA@2 10                                         | acute-ambulant  | 2 10
STIN@2 10                                         | admitted        | 2 10
STAA@2 10, STIN@2 14                              | admitted        | 2 14
STIN@2 10, STAA@2 14                              | acute-ambulant  | 2 14
STIN@2 10, STIN@3 10                              | admitted        | 2 10
STIN@2 10, STOR@3 10                              | on-leave        | 3 10
STIN@2 10, STOR@3 10, SLOR@4 10                   | admitted        | 4 10
STIN@2 10, STOR@3 10, SLHJ@4 10                   | discharged      | 4 10
STIN@2 10, STOR@3 10, MORS@4 10                   | deceased        | 4 10
STIN@2 10, SLHJ@4 10                              | discharged      | 4 10
STAA@2 10, SLHJ@2 16                              | discharged      | 2 16
MORS@2 10                                         | deceased        | 2 10
STIN@2 10, MORS@4 10                              | deceased        | 4 10
STIN@2 10, SLHJ@4 10, MORS@5 10                   | deceased        | 5 10
SLHJ@4 10                                         | discharged      | 4 10
STOR@4 10                                         | on-leave        | 4 10
SLOR@4 10                                         | admitted        | 4 10
STIN@2 10, SLHJ@4 10, STOR@5 10                   | discharged      | 4 10
STIN@2 10, SLHJ@4 10, SLOR@5 10                   | discharged      | 4 10
STIN@2 10, SLHJ@4 10, STIN@3 10(5 10)             | discharged      | 4 10
STIN@4 10, SLHJ@2 10(5 10)                        | admitted        | 4 10
STIN@4 10, SLHJ@2 10(5 10), RE_SLHJ@5 09(5 11)    | discharged      | 5 09
STIN@2 10, SLHJ@4 10, STIN@6 10                   | admitted        | 6 10
STIN@2 10, MORS@4 10, STIN@6 10                   | deceased        | 4 10
STIN@2 10, RE_STIN@2 08(2 11)                     | admitted        | 2 08
STIN@2 10, AN_STIN@2 10(2 11)                     | none            |
STAA@2 10, AN_STAA@2 10(2 11)                     | none            |
STAA@2 10, STIN@2 14, AN_STIN@2 14(2 15)          | acute-ambulant  | 2 10
STIN@2 10, STOR@3 10, AN_STOR@3 10(3 11)          | admitted        | 2 10
STIN@2 10, STOR@3 10, RE_STOR@3 09(3 11)          | on-leave        | 3 09
STIN@2 10, STOR@3 10, SLOR@4 10, AN_SLOR@4 10(4 11) | on-leave      | 3 10
STIN@2 10, SLHJ@4 10, AN_SLHJ@4 10(4 11)          | admitted        | 2 10
STIN@2 10, SLHJ@4 10, RE_SLHJ@4 12(4 13)          | discharged      | 4 12
STIN@2 10, MORS@4 10, AN_MORS@4 10(4 11)          | admitted        | 2 10
STIN@2 10, STOR@3 10, MORS@4 10, AN_MORS@4 10(4 11) | on-leave      | 3 10
STIN@2 10, MORS@4 10, RE_MORS@4 09(4 11)          | deceased        | 4 09
MORS@2 10, AN_MORS@2 10(2 11)                     | none            |
"""

ROWS = [tuple(cell.strip() for cell in row.split("|")) for row in TABLE.strip().splitlines()[1:]]


def clock(text):
    day, hour = text.split()
    return f"{day} {hour}:00"


def told(text):
    course = Course()
    for one in filter(None, text.split(", ")):
        code, _, rest = one.partition("@")
        when, _, sent = rest.rstrip(")").partition("(")
        course.tell(code, clock(when), clock(sent) if sent else "")
    return course.told


def log(events):
    return effective(link(events)).events


@pytest.mark.parametrize(("text", "expected", "since"), ROWS, ids=[row[0] or "nothing" for row in ROWS])
def test_status(text, expected, since):
    events = told(text)
    answer = (expected, at(clock(since)) if since else None)
    assert status(log(events)) == answer
    for arrival in itertools.islice(itertools.permutations(events), 24):
        assert status(log(arrival)) == answer


def test_a_stay_is_a_chain_of_starts_until_its_end():
    events = log(told("STAA@2 10, STIN@2 14, STOR@3 10, SLOR@3 18, STOR@4 10, SLHJ@5 10, STIN@9 10"))
    assert stays(events) == [
        Stay(
            start=at("2 10:00"),
            end=at("5 10:00"),
            kind="admitted",
            hospital="hospital",
            pathway="p1",
            leaves=((at("3 10:00"), at("3 18:00")), (at("4 10:00"), at("5 10:00"))),
        ),
        Stay(start=at("9 10:00"), end=None, kind="admitted", hospital="hospital", pathway="p1"),
    ]


def test_a_transfer_to_another_course_goes_on_with_the_stay():
    one, other = Course("a", ("one",), "p1"), Course("b", ("two",), "p2")
    one.tell("STIN", "2 10:00")
    other.tell("STIN", "3 10:00")
    other.tell("SLHJ", "4 10:00")
    (stay,) = stays(log(one.told + other.told))
    assert (stay.start, stay.end, stay.pathway) == (at("2 10:00"), at("4 10:00"), "p1")
    one.tell("STOR", "5 10:00")
    assert status(log(one.told + other.told))[0] == "discharged"


def test_an_end_whose_start_was_never_told_is_a_stay_too():
    (stay,) = stays(log(told("MORS@4 10")))
    assert (stay.start, stay.end, stay.died) == (at("1 00:00") - 86_400_000_000, at("4 10:00"), True)


def test_a_stay_does_not_end_before_it_starts():
    (event,) = log(told("SLHJ@4 10"))
    wrong = replace(event, attributes={**event.attributes, "stay_start": at("5 10:00")})
    (stay,) = stays([wrong])
    assert (stay.start, stay.end) == (None, at("4 10:00"))


def test_a_late_start_is_history_and_adds_no_stay():
    assert len(stays(log(told("STIN@2 10, SLHJ@4 10, STIN@3 10(5 10)")))) == 1


def test_a_voided_stay_is_no_stay():
    assert stays(log(told("STIN@2 10, AN_STIN@2 10(2 11)"))) == []


def test_events_about_other_things_do_not_move_the_citizen():
    events = log(told("STIN@2 10"))
    note = events[0].__class__(id="n", pathway="p1", kind="care_plan", at=at("3 10:00"))
    assert status([*events, note]) == ("admitted", at("2 10:00"))
