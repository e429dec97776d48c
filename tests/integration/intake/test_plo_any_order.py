"""Norwegian messages in any order, twice, changed or withdrawn before they came: one state."""

import json
import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naer.events.instant import HOUR, Instant
from naer.messages.plo import types
from naer.messages.plo.elements import moment
from naer.site.messaging.models import StoredLetter
from naer.site.pathways import enrol, live, store, summary
from naer.site.pathways.doctor import examine
from naer.site.pathways.register import Register
from tests.contract.plo.sample import BODIES, IN_ROOT, NUMBER, event, message
from tests.integration.intake.office import fjord
from tests.integration.intake.ward import LATER, at, one_by_one, take_in

pytestmark = pytest.mark.django_db

FIRST = at("2 08:00")
TYPES = list(types.TYPES)
EVENTS = {"LOG_INNLAGT": "1", "LOG_UTSKREVET": "2", "LOG_DOD": "13"}


def when(rng: random.Random, near: Instant) -> str:
    """A time near another, as a partner might write it: whole, as a date, or only a year."""
    text = moment(near + rng.randint(-30, 6) * HOUR)
    return rng.choices([text, text[:19], text[:10], text[:4]], [4, 4, 5, 1])[0]


def body(rng: random.Random, code: str, sent: Instant) -> str | None:
    """What a logistics message says; None for the least that the type must say."""
    if code not in IN_ROOT or rng.random() < 0.1:
        return None
    began = event("1", when(rng, sent), rng.choice(("true", "false")))
    if code == "LOG_UTSKREVET":
        start, _, _ = BODIES[code].partition("<TidsfestetHendelse>")
        return start.replace('<Uttilstand V="1"/>', f'<Uttilstand V="{rng.choice("1112")}"/>') + event(
            "2", when(rng, sent)
        )
    if code in EVENTS:
        return event(rng.choices((EVENTS[code], "", "4"), (8, 1, 1))[0], when(rng, sent))
    own = "3" if code == "LOG_UTSKRIVNINGSKLAR" else "4"
    said = [began, event(own, when(rng, sent))]
    rng.shuffle(said)
    return "".join(said[: rng.randint(1, 2)])


def course(seed: int) -> list[bytes]:
    """Up to eight messages about one citizen; parents may be unknown, later, of another type, themselves."""
    rng = random.Random(seed)
    names = [f"m-{place}" for place in range(rng.randint(2, 8))]
    codes = {name: rng.choice(TYPES) for name in names}
    messages = []
    for place, name in enumerate(names):
        sent = FIRST + place * 5 * HOUR + rng.randint(0, 3) * HOUR
        status = rng.choices("NMCAH", (6, 3, 3, 1, 1))[0]
        given: dict[str, Any] = {"status": status}
        code = codes[name]
        if status != "N" or rng.random() < 0.1:
            other = rng.choice([*names, "unknown"])
            code = codes.get(other, code) if rng.random() < 0.8 else code
            given |= {"parent": other, "root": rng.choice((other, rng.choice(names)))}
        given["version"] = rng.choice(types.TYPES[code].forms).version
        same = name if rng.random() < 0.93 else rng.choice(names)
        messages.append(message(code, body(rng, code, sent), id=same, sent=moment(sent), **given))
    return messages


def outcome() -> dict[str, Any]:
    """Everything that may not depend on the order in which it came."""
    known = enrol.by_number(NUMBER)
    assert known is not None
    found = store.load([known.key], locked=False)[known.key]

    def text(value: object) -> str:
        return str(value).replace(known.key, "citizen")

    log = [
        (text(e.id), e.at, e.sent, e.kind, text(e.pathway), text(e.changes), json.dumps(dict(e.attributes)))
        for e in live.log(found.events, LATER).events
    ]
    told = summary.of_number(NUMBER, LATER)
    assert told is not None
    return {
        "log": log,
        "status": (found.status, found.status_since, found.wake),
        "stays": text(told["stays"]),
        "owed": sorted(
            text(identity) + text(tuple(o)) for identity, o in found.owed.items() if not o.withdrawn
        ),
    }


def kept() -> set[tuple[str, str]]:
    return set(StoredLetter.objects.values_list("message_id", "content_hash"))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), mixed=st.randoms(use_true_random=False))
def test_any_order_and_any_number_of_times_gives_one_state(seed: int, mixed: random.Random) -> None:
    messages = course(seed)
    feed = [*messages, *mixed.sample(messages, min(3, len(messages)))]
    mixed.shuffle(feed)
    cut = mixed.randint(0, len(feed))
    with transaction.atomic():
        fjord()
        first = one_by_one(messages)
        assert {answer.acknowledgement for answer in first} == {"ok"}
        ordered, letters = outcome(), kept()
        transaction.set_rollback(True)
    with transaction.atomic():
        fjord()
        answers = [*take_in(*feed[:cut]), *one_by_one(feed[cut:])]
        assert {answer.acknowledgement for answer in answers} == {"ok"}
        assert outcome() == ordered
        assert kept() == letters
        assert examine(LATER).findings == []
        transaction.set_rollback(True)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6))
def test_judging_the_log_anew_gives_the_live_state(seed: int) -> None:
    with transaction.atomic():
        fjord()
        one_by_one(course(seed))
        before = outcome()
        key = enrol.by_number(NUMBER).key  # type: ignore[union-attr]
        anew = store.load([key], locked=False)[key]
        anew.owed.clear()
        anew.steps.clear()
        register = Register()
        register.know([anew])
        live.judge(anew, register, LATER)
        owed = sorted(
            f"{identity}{tuple(one)}".replace(key, "citizen")
            for identity, one in anew.owed.items()
            if not one.withdrawn
        )
        assert owed == before["owed"]
        assert (anew.status, anew.status_since) == before["status"][:2]
        transaction.set_rollback(True)
