"""What the live driver stores, message by message, is what the columns say of the whole log at the end."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naer.agreement import NoRegister
from naer.events.instant import HOUR
from naer.messages.medcom.link import link
from naer.site.pathways import live, store
from naer.site.pathways.register import Register
from naer.site.pathways.state import State
from tests.generative import drivers, variety
from tests.integration.intake import ward


def stored(case: variety.Case) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """What is owed after the events came one by one, in the order given, each judged at the case's now."""
    assert case.now is not None
    state = State("citizen", "851", None, "", None, None)
    for event in case.events:
        state.append(event)
        live.judge(state, case.register or NoRegister(), case.now)  # type: ignore[arg-type]
    return standing(state)


def standing(state: State) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """What is owed and not withdrawn."""
    return {
        tuple(identity): (
            owed.version, owed.owed_by, owed.owed_to, owed.start, owed.due, owed.outcome, owed.closed_by,
            owed.elapsed, owed.paused, owed.working,
        )
        for identity, owed in state.owed.items()
        if not owed.withdrawn
    }  # fmt: skip


def as_stored(judged: drivers.Judged) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """The same of what another driver says: nothing that the clock alone changes is stored."""
    found = {}
    for row in judged.obligations:
        agreement, version, clause, trigger, *parties_and_times = row[:8]
        outcome, ended, closed_by, elapsed, paused, working = row[8:14]
        running = outcome == "open" or (outcome == "missing" and not ended)
        closing = None if closed_by is None else str(closed_by)
        found[agreement, clause, str(trigger)] = (
            version, *parties_and_times, "" if running else outcome, closing, elapsed,
            paused if closing else 0, working,
        )  # fmt: skip
    return found


@pytest.mark.statement("S5", "S9", "S18", "S22", "S24", "S28", "S29")
@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_live_state_is_what_kernel_and_oracle_say_of_the_log(monkeypatch, seed):
    rng = Random(seed)
    case = variety.case(rng)
    if case.now is None:
        case = variety.replace(case, now=max(event.at for event in case.events))
    case = case.of(rng.sample(case.events, len(case.events)) + rng.choices(case.events, k=rng.randint(0, 3)))
    monkeypatch.setattr(live, "concerning", lambda events: case.portfolio)
    found = stored(case)
    assert as_stored(drivers.columnar(case)) == found
    assert as_stored(drivers.polars(case)) == found


@pytest.mark.django_db
@pytest.mark.statement("S9", "S29")
@pytest.mark.parametrize("seed", range(6))
def test_messages_taken_in_and_stored_are_owed_as_kernel_and_oracle_say(seed):
    rng = Random(seed)
    ward.town()
    stay = ward.Stay()
    codes = ["STIN", *rng.choices(("STOR", "SLOR", "RE_STIN", "SLHJ", "AN_SLHJ", "RE_SLHJ"), k=6)]
    messages = []
    for place, code in enumerate(codes):
        happened = ward.at("2 10:00") + place * 5 * HOUR - (HOUR if code.startswith("RE_") else 0)
        asks = {"report_requested": True} if code == "STIN" else {}
        messages.append(stay.send(code, happened, sent=happened + 2 * HOUR, **asks))
    rng.shuffle(messages)
    ward.one_by_one(messages)
    state = store.load(["citizen"], locked=False)["citizen"]
    register = Register()
    register.know([state])
    case = variety.Case(live.concerning(state.events), link(state.events), ward.LATER, register)
    assert standing(state)
    assert as_stored(drivers.columnar(case)) == standing(state)
    assert as_stored(drivers.polars(case)) == standing(state)
