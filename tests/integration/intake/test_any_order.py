"""The state is a function of what was said, not of the order or number of times it was heard."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naer.events.instant import HOUR
from naer.site.pathways import live, store, summary
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import Citizen
from naer.site.pathways.register import Register
from naer.site.pathways.state import State
from tests.integration.intake.ward import (
    LATER,
    NUMBER,
    Stay,
    at,
    edited,
    one_by_one,
    resent,
    take_in,
    town,
)

pytestmark = pytest.mark.django_db

CODES = (
    "STAA",
    "STIN",
    "RE_STIN",
    "STOR",
    "SLOR",
    "AN_STOR",
    "SLHJ",
    "RE_SLHJ",
    "AN_SLHJ",
    "AN_STIN",
    "MORS",
    "AN_MORS",
)


def story(codes: list[str]) -> list[bytes]:
    """A stay in which these messages are sent two hours apart; corrections move things by half an hour."""
    stay = Stay()
    messages = []
    for place, code in enumerate(codes):
        happened = at("2 10:00") + place * 2 * HOUR
        corrected = happened - HOUR * 5 // 2 if code.startswith("RE_") else happened
        asks = {"report_requested": True} if code in ("STAA", "STIN") else {}
        messages.append(stay.send(code, corrected, sent=happened + HOUR, **asks))
    return messages


def state() -> State:
    return store.load(["citizen"], locked=False)["citizen"]


def outcome() -> dict[str, Any]:
    """Everything that may not depend on the order: status, notifications, what is owed, which steps wait."""
    found = state()
    owed = {str(identity): tuple(kept) for identity, kept in found.owed.items() if not kept.withdrawn}
    steps = {f"{identity} {number}": (step.at, step.to) for (identity, number), step in found.steps.items()}
    log = [
        (e.id, e.at, e.kind, e.pathway, json.dumps(dict(e.attributes)))
        for e in live.log(found.events, LATER).events
    ]
    told = summary.of_number(NUMBER, LATER)
    assert told is not None
    return {
        "notifications": [{**one, "received": None} for one in told["notifications"]],
        "stays": told["stays"],
        "status": (found.status, found.status_since, found.wake),
        "owed": owed,
        "steps": steps,
        "log": log,
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_any_permutation_and_duplication_of_a_feed_gives_the_same_state(data: st.DataObject) -> None:
    codes = ["STIN", *data.draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=6), label="codes")]
    messages = story(codes)
    copies = data.draw(st.lists(st.integers(0, len(messages) - 1), max_size=3), label="copies")
    feed = messages + [
        messages[one] if place % 2 else resent(messages[one], f"again-{place}")
        for place, one in enumerate(copies)
    ]
    shuffled = data.draw(st.permutations(feed), label="order")
    cut = data.draw(st.integers(0, len(shuffled)), label="cut")
    with transaction.atomic():
        town()
        one_by_one(messages)
        ordered = outcome()
        transaction.set_rollback(True)
    with transaction.atomic():
        town()
        take_in(*shuffled[:cut])
        one_by_one(shuffled[cut:])
        assert outcome() == ordered
        assert examine(LATER).findings == []
        transaction.set_rollback(True)


def test_judging_the_log_anew_gives_the_live_state() -> None:
    town()
    one_by_one(story(["STIN", "STOR", "RE_STIN", "SLHJ", "AN_SLHJ", "SLHJ"]))
    before = outcome()
    anew = state()
    anew.owed.clear()
    anew.steps.clear()
    register = Register()
    register.know([anew])
    live.judge(anew, register, LATER)
    assert {str(identity): tuple(owed) for identity, owed in anew.owed.items()} == before["owed"]
    assert Citizen.objects.get().status == anew.status == "discharged"


def test_a_course_joined_late_is_one_course_for_all_its_notifications() -> None:
    town()
    first, second = Stay(episode="here-1"), Stay(episode="there-1", name="n")
    take_in(first.send("STIN", at("2 10:00")), second.send("SLHJ", at("4 10:00")))

    def both(bundle: dict[str, Any]) -> None:
        (encounter,) = (
            e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Encounter"
        )
        identifier = encounter["episodeOfCare"][0]["identifier"]
        encounter["episodeOfCare"].append({"identifier": {**identifier, "value": "here-1"}})

    take_in(edited(second.send("RE_SLHJ", at("4 11:00")), both))
    told = summary.of_number(NUMBER, LATER)
    assert told is not None
    assert [one["code"] for one in told["notifications"]] == ["STIN", "SLHJ"]
    assert {one["pathway"] for one in told["notifications"]} == {told["stays"][0]["pathway"]}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.permutations(range(5)))
def test_one_header_on_three_contents_gives_the_same_ids_in_any_order(order: list[int]) -> None:
    stay = Stay()
    message = stay.send("STIN", at("2 10:00"), report_requested=True)
    feed = [message, *(edited(message, _starts(hour), f"bundle-{hour}") for hour in (8, 12))]
    feed += [stay.send("RE_STIN", at("2 09:00"), sent=at("2 14:00")), stay.send("SLHJ", at("4 10:00"))]
    with transaction.atomic():
        town()
        one_by_one(feed)
        wanted = outcome()
        transaction.set_rollback(True)
    assert len({event[0] for event in wanted["log"]}) == 4
    with transaction.atomic():
        town()
        answers = one_by_one([feed[place] for place in order])
        assert outcome() == wanted
        assert examine(LATER).findings == []
        assert len({answer.event for answer in answers}) >= 3
        transaction.set_rollback(True)


def _starts(hour: int) -> Callable[[dict[str, Any]], None]:
    """An edit: the stay began at another hour of the second."""

    def edit(bundle: dict[str, Any]) -> None:
        (encounter,) = (
            e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Encounter"
        )
        encounter["period"]["start"] = f"2026-03-02T{hour:02d}:00:00+01:00"

    return edit
