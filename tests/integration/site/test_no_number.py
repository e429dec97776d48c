"""Person numbers are sealed at rest, and stand in no log, error, answer or address, whatever comes in."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog
from django.apps import apps
from django.db import models
from django.test import Client

from naer.events.instant import DAY, HOUR
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import User
from naer.site.logs import Formatter
from naer.site.messaging import prepared, round
from naer.site.messaging.models import Message
from naer.site.pathways import enrol
from naer.site.pathways.models import Citizen
from tests.integration.intake.office import KARI, STRANGER, care, discharge, fjord, norway, post
from tests.integration.intake.ward import NUMBER, TOWN, Stay, at, counter, take_in, town

REPLACED = "7202901AB3"
NUMBERS = (NUMBER, STRANGER.number, KARI.number, REPLACED)
SHAPES = re.compile("|".join(f"{number[:6]}[-\\s]?{number[6:]}" for number in NUMBERS), re.IGNORECASE)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """All that is logged, at every level, by either library."""
    for name in (None, "django", "django.request"):
        caplog.set_level(logging.DEBUG, logger=name)
    lines: list[str] = []
    kept = structlog.get_config()

    def write(_: object, __: str, said: dict[str, object]) -> dict[str, object]:
        lines.append(str(said))
        raise structlog.DropEvent

    structlog.configure(
        processors=[*kept["processors"][:-1], write], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    yield lines
    structlog.configure(**kept)
    lines += [Formatter().format(record) for record in caplog.get_records("call")]
    found = [line for line in lines if SHAPES.search(line)]
    assert found == []
    assert lines, "a test that sees no line sees nothing"


def well_formed() -> list[bytes]:
    """Messages of both countries: told, written, answered, about people known and unknown."""
    start = at("2 10:00")
    stay = Stay()
    letters = [
        care("11111111-aaaa-4aaa-8aaa-000000000001", start, person=STRANGER),
        care("11111111-aaaa-4aaa-8aaa-000000000002", start),
        discharge("XDIS19", "xd-2", start + HOUR, "ready_for_discharge"),
        norway.admitted("n1", "2026-03-02T10:00", "2026-03-02T09:00"),
        norway.ready("n2", "2026-03-03T10:00", "2026-03-03T09:00"),
    ]
    stays = [stay.send("STIN", start), stay.send("SLHJ", start + DAY)]
    return stays + [post(letter) for letter in letters]


def damaged(message: bytes) -> Iterator[bytes]:
    """The same message, with the number where it must not be, or not as it must be, or cut."""
    for number in NUMBERS:
        plain = number.encode()
        if plain not in message:
            continue
        hyphened = f"{number[:6]}-{number[6:]}".encode()
        for other in (hyphened, plain + b"1", plain[:-1] + b"X", b"999999" + plain[6:], b" " + plain):
            yield message.replace(plain, other)
        for word in (b"CARE_COMMUNICATION", b"admit-inpatient", b"LOG_INNLAGT", b"8116", b"official"):
            if word in message:
                yield message.replace(word, plain)
        yield message[: message.index(plain) + len(plain) + 1]
        yield message.replace(plain, plain + b"\x00")


def stored() -> Iterator[tuple[str, str]]:
    """All text that any table of ours holds: (table and column, text)."""
    for model in apps.get_models():
        if not model.__module__.startswith("naer."):
            continue
        kinds = (models.CharField, models.TextField, models.JSONField)
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, kinds)]
        for row in model._default_manager.values(*names) if names else []:
            for name, value in row.items():
                yield f"{model.__name__}.{name}", str(value)


@pytest.mark.django_db
def test_at_rest_in_logs_and_in_answers(logged: list[str]) -> None:
    town()
    fjord()
    enrol.citizen(KARI.number, "4601", new_id=counter("kari"), name="Kari Nordmann", case="home-care")
    enrol.citizen(REPLACED, "851", new_id=counter("x"), system="urn:oid:1.2.208.176.1.6.1.1", name="Ny Her")
    messages = well_formed()
    answers = take_in(*messages)
    assert sum(one.acknowledgement == "ok" for one in answers) >= 5, [one.issues for one in answers]
    assert Citizen.objects.count() >= 4, "the stranger is known by a message"
    held = [place for place, text in stored() if SHAPES.search(text)]
    assert held == [], "not sealed"

    broken = [one for message in messages for one in damaged(message)]
    assert len(broken) > 40
    for answer in take_in(*broken):
        told = [*answer.issues, *getattr(answer, "flags", ())]
        assert not SHAPES.search(" ".join(f"{one.code} {one.text} {one.path}" for one in told)), told
    for row in Message.objects.all():
        assert not SHAPES.search(f"{row.issues} {row.flags} {row.reason}")

    user = User.objects.create(username="mette", role="coordinator", organisation_id=TOWN.sor)
    client = Client()
    client.raise_request_exception = False
    client.force_login(user)
    for number in (*NUMBERS, f"{NUMBER[:6]}-{NUMBER[6:]}", NUMBER + "1"):
        for address, field in (("/citizens/", "text"), ("/", "name"), ("/sign-in/", "username")):
            answer = client.post(address, {field: number, "password": "not the right one"})
            where = answer.get("Location", "")
            assert not SHAPES.search(where), address
            if address != "/sign-in/":
                assert not SHAPES.search(answer.content.decode()), address
        client.get(f"/citizens/{number}/")
        client.get("/messages/", {"q": number})
    for entry in AccessEntry.objects.all():
        assert not SHAPES.search(f"{entry.subject} {entry.user} {entry.citizen}")


@pytest.mark.django_db
def test_a_fault_of_our_own(logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    town()
    message = Stay().send("STIN", at("2 10:00"))

    def fails(*_: object) -> None:
        raise ValueError(NUMBER)

    with monkeypatch.context() as patch:
        patch.setattr(round.Round, "decide", fails)
        named = json.loads(message)
        header = next(one["resource"] for one in named["entry"] if "event" in str(one["resource"])[:400])
        take_in(message.replace(header["id"].encode(), NUMBER.encode()))
    with monkeypatch.context() as patch:
        patch.setattr(prepared, "read", fails)
        (answer,) = take_in(message)
    assert not SHAPES.search(str(answer.issues))
    assert len(logged) >= 3, logged
    assert "[number]" in str(logged)
