"""Who moves, or changes practice, takes only new obligations along (S9)."""

import pytest

from naer.events.event import Event
from naer.events.instant import Instant
from naer.site.pathways import enrol, live, store
from naer.site.pathways.models import Former
from naer.site.pathways.register import Register
from tests.integration.intake.ward import (
    CODE,
    ELSEWHERE,
    LATER,
    NUMBER,
    OTHER_CODE,
    TOWN,
    at,
    town,
)

pytestmark = [pytest.mark.django_db, pytest.mark.statement("S9")]
MOVE = at("10 00:00")


def _practices() -> tuple[str, str]:
    made = [
        enrol.organisation(f"Lægehuset {name}", "gp", municipality=CODE, sor=f"8000000004600{name}")[0].pk
        for name in (1, 2)
    ]
    return made[0], made[1]


def _enrol(municipality: str, gp: str | None, moved: Instant | None = None) -> None:
    enrol.citizen(NUMBER, municipality, new_id=lambda: "never", gp=gp, moved=moved)


def _who(role: str, when: Instant) -> str | None:
    states = store.load(["citizen"], locked=False)
    register = Register()
    register.know(states.values())
    return register.resolve(role, "residence", "citizen", when)


def test_the_register_answers_for_the_date_it_is_asked_about() -> None:
    town()
    before, after = _practices()
    _enrol(CODE, before)
    _enrol(OTHER_CODE, after, MOVE)
    assert [_who("gp", when) for when in (at("1 00:00"), MOVE - 1, MOVE, LATER)] == [before] * 2 + [after] * 2
    assert [_who("municipality", when) for when in (MOVE - 1, MOVE)] == [TOWN.sor, ELSEWHERE.sor]
    assert _who("hospital", MOVE) is None


def test_of_several_moves_each_holds_until_the_next() -> None:
    town()
    first, second = _practices()
    _enrol(CODE, first)
    _enrol(CODE, second, MOVE)
    _enrol(CODE, second, at("12 00:00"))
    _enrol(CODE, first, at("20 00:00"))
    days = ("9 00:00", "11 00:00", "19 00:00", "21 00:00")
    assert [_who("gp", at(day)) for day in days] == [first, second, second, first]
    assert Former.objects.count() == 2


def test_what_was_put_right_without_a_date_was_never_otherwise() -> None:
    town()
    wrong, right = _practices()
    _enrol(CODE, wrong)
    _enrol(OTHER_CODE, right)
    assert (_who("gp", at("1 00:00")), _who("municipality", at("1 00:00"))) == (right, ELSEWHERE.sor)


def test_an_obligation_stays_with_the_practice_that_the_citizen_had() -> None:
    town()
    before, after = _practices()
    _enrol(CODE, before)
    _enrol(CODE, after, MOVE)
    state = store.load(["citizen"], locked=False)["citizen"]
    for name, when in (("old", at("4 10:00")), ("new", at("14 10:00"))):
        referral = Event(
            id=name,
            pathway="p",
            citizen="citizen",
            kind="acute_referral",
            at=when,
            received=when,
            municipality=CODE,
            attributes={"referrer": "gp"},
            source="form",
        )
        state.append(referral)
    register = Register()
    register.know([state])
    live.judge(state, register, LATER)
    practices = {
        (identity.trigger, key)
        for identity, one in state.owed.items()
        for role, key in ((one.owed_by_role, one.owed_by), (one.owed_to_role, one.owed_to))
        if role == "gp"
    }
    assert practices == {("old", before), ("new", after)}


def test_a_move_before_a_later_one_and_a_practice_that_is_none_are_refused() -> None:
    town()
    first, second = _practices()
    _enrol(CODE, first)
    _enrol(CODE, second, MOVE)
    with pytest.raises(enrol.EnrolmentError, match="after that time already"):
        _enrol(OTHER_CODE, None, MOVE)
    with pytest.raises(enrol.EnrolmentError, match="not the key of a general practice"):
        _enrol(CODE, TOWN.sor)
    assert Former.objects.count() == 1
