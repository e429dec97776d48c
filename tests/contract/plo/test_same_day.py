"""An event of which only the date was said stands behind what was told of that day before it."""

import itertools

import pytest

from naer.events.log import effective
from naer.messages.medcom.status import status
from naer.messages.plo.link import link
from tests.contract.plo.stay_letters import admitted, answer, discharged, instant, not_ready, raw, ready

STAY = admitted("m1", "2026-03-02T08:10:00", "2026-03-02T08:00:00")


def held(*letters):
    return effective(link(raw(*letters))).events


def test_a_stay_of_one_day_ends_after_it_began():
    went = discharged("m2", "2026-03-02T18:00:00", "2026-03-02")
    for order in itertools.permutations((STAY, went)):
        events = held(*order)
        assert [event.kind for event in events[:2]] == ["admitted", "discharged"]
        assert status(events)[0] == "discharged"


def test_it_is_moved_no_further_than_what_was_told_and_never_to_another_day():
    went = discharged("m2", "2026-03-03T09:00:00", "2026-03-02")
    (event,) = [one for one in held(STAY, went) if one.kind == "discharged"]
    assert event.at == instant("2026-03-02T08:00:00")
    alone = discharged("m2", "2026-03-03T09:00:00", "2026-03-03")
    (event,) = [one for one in held(STAY, alone) if one.kind == "discharged"]
    assert event.at == instant("2026-03-03")


def test_what_was_told_later_moves_nothing():
    went = discharged("m2", "2026-03-05T09:00:00", "2026-03-05")
    late = answer("m3", "2026-03-05T12:00:00", parent="m0")
    (event,) = [one for one in held(STAY, went, late) if one.kind == "discharged"]
    assert event.at == instant("2026-03-05")


@pytest.mark.parametrize("second", ["2026-03-05", "2026-03-05T15:00:00"])
def test_ready_no_longer_ready_and_ready_again_on_one_day(second):
    course = (
        STAY,
        ready("m2", "2026-03-05T09:00:00", "2026-03-05T09:00:00", admitted_at="2026-03-02"),
        not_ready("m3", "2026-03-05T12:00:00", "2026-03-05", admitted_at="2026-03-02"),
        ready("m4", "2026-03-05T15:00:00", second, admitted_at="2026-03-02"),
    )
    for order in itertools.permutations(course):
        kinds = [event.kind for event in held(*order)]
        assert kinds == ["admitted", "ready_for_discharge", "ready_withdrawn", "ready_for_discharge"]
