"""Mutated messages of every type through the intake and its address: an answer each, and nothing by halves.

`NAER_FUZZ=20000 ./run test tests/integration/intake/test_fuzz.py` puts that many through instead of the few
that every run takes.
"""

import gzip
import io
import json
import os
import random
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from lxml import etree

from naer.messages import read
from naer.messages.medcom.codes import CODES
from naer.messages.medcom.discharge_codes import TYPES as DANISH
from naer.messages.plo import apprec
from naer.messages.plo.types import TYPES as NORWEGIAN
from naer.site.messaging.answer import Answer, Raw
from naer.site.messaging.intake import receive
from naer.site.messaging.models import Message, StoredLetter
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import LoggedEvent
from tests.contract.fhir.test_bundle import NUMBER as BUNDLE_NUMBER
from tests.contract.fhir.test_bundle import STAY, bundle
from tests.contract.plo import sample
from tests.integration.intake import office
from tests.integration.intake.ward import (
    CLERK,
    HOSPITAL,
    LATER,
    NUMBER,
    TOWN,
    Stay,
    at,
    counter,
    take_in,
    town,
)
from tests.sender import Sender

pytestmark = pytest.mark.django_db

COUNT = int(os.environ.get("NAER_FUZZ", "200"))
TOGETHER = 25
EPOCH = 1_000
"""Messages after which everything is checked and rolled back: no citizen gets a log of 100,000 events."""
LONGEST = 1.0
"""Seconds of work for one message."""
COURSE = (
    "STAA", "RE_STAA", "AN_STAA", "STIN", "RE_STIN", "STOR", "RE_STOR", "AN_STOR", "STOR", "SLOR", "RE_SLOR",
    "AN_SLOR", "SLHJ", "RE_SLHJ", "AN_SLHJ", "MORS", "RE_MORS", "AN_MORS", "AN_STIN",
)  # fmt: skip
"""A stay that has each of the 18 codes."""
PLAN = {
    "resourceType": "CarePlan",
    "status": "active",
    "category": [{"coding": [{"system": "urn:naer:kind", "code": "care_plan"}]}],
    "created": "2026-03-01",
}
SAID = {
    "resourceType": "Communication",
    "status": "completed",
    "sent": "2026-03-02T08:00:00Z",
    "topic": {"text": "Medicin"},
    "payload": [{"contentString": "Ny dosis"}],
}
MEASURED = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"text": "Blodtryk"},
    "component": [{"code": {"text": "systolisk"}, "valueQuantity": {"value": 121, "unit": "mmHg"}}],
}
BUNDLE_SENDER = "999000000000011"
ODD: list[Any] = [
    None, True, 0, -1, 10**30, 1.5, "", " ", "\x00", "\u2028", "x" * 3000, [], {}, [[]], [None], [{}],
    {"reference": "/"}, {"coding": [{}]}, "9999-12-31T23:59:59-14:00", "0000-00-00", "2026-03-29T02:30:00",
    "24:00", "true", "７", "]]>", "urn:uuid:", "1e309", "-2026-01-01T00:00:00",
]  # fmt: skip


def corpus() -> list[bytes]:
    """One good message of every type, in every form and version."""
    found = []
    for form in ("json", "xml"):
        stay = Stay(name=form, episode=f"0a0a0a0a-1111-4222-8333-{form:0>12}")
        found += [stay.send(code, at(f"{day} 10:00"), format=form) for day, code in enumerate(COURSE, 2)]
    talk = [
        office.care("care1", at("2 10:00")),
        office.care("care2", at("2 11:00"), previous="care1", back=True),
    ]
    for form in ("json", "xml"):
        found += [office.post(letter, form) for letter in talk]
        for kind, described in DANISH.items():
            told = office.discharge(kind, f"{kind}-{form}", at("3 10:00"), described.kinds[0])
            found.append(office.post(told, form))
    copied = office.norway.report("copied", "2026-03-03T15:00:00")
    found.append(office.post(office.changed(copied, copies=(office.SYKEHUS,))))
    found.append(office.receipt("care1", by=TOWN, to=HOSPITAL, name="ack1", when=at("2 12:00")))
    found += [
        sample.message(kind, version=form.version) for kind, one in NORWEGIAN.items() for form in one.forms
    ]
    found += [_apprec(found[-1], edition) for edition in ("1.0", "1.1")]
    found += [_resources(f"b-{place}", *held) for place, held in enumerate(((STAY,), (PLAN, SAID, MEASURED)))]
    return found


def _resources(name: str, *held: dict[str, Any]) -> bytes:
    """A Bundle of resources from the hospital about the citizen of the town."""
    made = json.dumps(bundle(*held, id=name)).replace(BUNDLE_NUMBER, NUMBER)
    return made.replace(BUNDLE_SENDER, HOSPITAL.sor or "").encode()


def _apprec(message: bytes, edition: str) -> bytes:
    return apprec.write(
        read(message), answer="ok", issues=(), now=LATER, new_id=lambda: f"apprec{edition}", version=edition
    )


def mutated(good: bytes, rng: random.Random) -> bytes:
    """The message with its bytes, structure, values, depth or size changed, packed, or with entities."""
    match rng.randrange(10):
        case 0 | 1 | 2:
            return _bytes(good, rng)
        case 3:
            return _bomb(good, rng)
    try:
        return _tree(json.loads(good), rng) if good.lstrip().startswith(b"{") else _elements(good, rng)
    except (RecursionError, ValueError):  # too deep for json, or too odd for lxml, to write at all
        return _bytes(good, rng)


def _bytes(good: bytes, rng: random.Random) -> bytes:
    data = bytearray(good)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0 if place < len(data):
                data[place] = rng.randrange(256)
            case 1:
                del data[place : place + rng.randint(1, 400)]
            case 2:
                data[place:place] = str(rng.choice(ODD)).encode()
            case _:
                data[place:place] = data[place : place + rng.randint(1, 400)]
    return bytes(data)


def _bomb(good: bytes, rng: random.Random) -> bytes:
    """What is small and becomes large, or is large."""
    match rng.randrange(6):
        case 0:
            return gzip.compress(good + b" " * 1_000_000, mtime=0)
        case 1:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("message", good + b" " * 1_000_000)
            return packed.getvalue()
        case 2:
            entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 99}">' for n in range(12))
            body = good.decode("utf-8", "replace").partition("?>")[2] or "<Bundle>&e11;</Bundle>"
            return f'<?xml version="1.0"?><!DOCTYPE a [{entities}]>{body}'.encode()
        case 3:
            outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><MsgHead>&x;</MsgHead>'
            return outside.encode()
        case 4:
            depth = rng.choice((200, 20_000))
            return rng.choice((b'{"a":' * depth, b"[" * depth, b"<a>" * depth, b"<MsgHead>" * depth))
        case _:
            return good[: len(good) // 2] + b"x" * 3_000_000 + good[len(good) // 2 :]


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])


def _tree(bundle: Any, rng: random.Random) -> bytes:
    many = 300
    for _ in range(rng.randint(1, 5)):
        found = list(_places(bundle))
        if not found:
            break
        holder, key = rng.choice(found)
        match rng.randrange(5):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                times = rng.choice((1, 3, many))
                many = 3 if times == many else many  # once: lists in lists would fill the memory
                holder += [holder[key]] * times
            case 2:
                other, name = rng.choice(found)
                if name in other if isinstance(other, dict) else name < len(other):
                    holder[key] = json.loads(json.dumps(other[name]))
            case 3:
                for _ in range(rng.choice((5, 80))):
                    holder[key] = {"extension": [holder[key]]}
            case _:
                holder[key] = rng.choice(ODD)
    return json.dumps(bundle).encode()


def _elements(good: bytes, rng: random.Random) -> bytes:
    root = etree.fromstring(good)
    for _ in range(rng.randint(1, 5)):
        everything = [one for one in root.iter() if isinstance(one.tag, str)]
        one, odd = (
            rng.choice(everything),
            rng.choice([odd for odd in ODD if isinstance(odd, str) and odd.isprintable()]),
        )
        parent = one.getparent()
        match rng.randrange(7):
            case 0 if parent is not None:
                parent.remove(one)
            case 1 if parent is not None:
                for _ in range(rng.choice((1, 300))):
                    parent.append(etree.fromstring(etree.tostring(one, with_tail=False)))
            case 2:
                one.text = odd
            case 3 if one.attrib:
                one.attrib[rng.choice(list(one.attrib))] = odd
            case 4:
                one.tag = etree.QName(rng.choice(everything)).text
            case 5:
                rng.choice(everything).append(etree.fromstring(etree.tostring(one, with_tail=False)))
            case _:
                for name in list(one.attrib):
                    del one.attrib[name]
    return etree.tostring(root)


def test_every_mutation_is_answered_and_nothing_is_written_by_halves():
    town()
    office.fjord()
    goods, rng = corpus(), random.Random(COUNT)
    for answer in take_in(*goods):
        assert answer.acknowledgement in ("ok", "ok-with-errors"), (answer.standard, answer.issues)
    kept = Message.objects.filter(stored=True)
    assert set(kept.filter(standard="medcom-hospitalnotification").values_list("code", flat=True)) == set(
        CODES
    )
    assert kept.filter(standard="fhir-bundle").count() == 2
    for first in range(0, COUNT, EPOCH):
        with transaction.atomic():
            epoch(goods, rng, range(first, min(first + EPOCH, COUNT), TOGETHER))
            transaction.set_rollback(True)


def epoch(goods: list[bytes], rng: random.Random, numbers: range) -> None:
    """Put mutated messages through the intake, and look that all that is stored fits together."""
    for number in numbers:
        batch = [mutated(rng.choice(goods), rng) for _ in range(TOGETHER)]
        given = answered(batch, f"a{number}")
        for data, answer in zip(batch, given, strict=True):
            refused = answer.acknowledgement in ("fatal-error", "rejected")
            assert refused or answer.acknowledgement in ("ok", "ok-with-errors"), (data[:3000], answer)
            assert bool([one for one in answer.issues if one.severity in ("error", "fatal")]) >= refused
            assert not (refused and answer.stored)
    whole()


class _SlowError(Exception):
    """A batch took longer than one message may."""


def answered(batch: list[bytes], name: str) -> list[Answer]:
    """What the intake answers. Where all together take longer than one may, each is timed by itself."""

    def taken(some: list[bytes], ids: str) -> list[Answer]:
        begun = time.process_time()
        given = receive(
            [Raw(one, None, "command") for one in some], now=LATER, new_id=counter(ids), actor=CLERK
        )
        if time.process_time() - begun > LONGEST:
            raise _SlowError
        return given

    try:
        with transaction.atomic():
            return taken(batch, name)
    except _SlowError:
        given = []
        for place, one in enumerate(batch):
            try:
                given += taken([one], f"{name}-{place}")
            except _SlowError:
                pytest.fail(f"one message took more than {LONGEST} s: {one[:3000]!r}")
        return given


def whole() -> None:
    """All that is stored fits together: every event has its message, every message its answer."""
    stored = {one.event for one in Message.objects.filter(stored=True).exclude(event="")}
    told = set(LoggedEvent.objects.values_list("id", flat=True))
    assert stored <= told
    known = set(Message.objects.values_list("message_id", flat=True))
    assert {letter.message_id for letter in StoredLetter.objects.all()} <= known
    assert not Message.objects.filter(stored=False).exclude(content=None).exists()
    assert examine(LATER).findings == []


@pytest.mark.parametrize(
    "media", ["", "application/fhir+json", "application/fhir+xml", "application/xml", "text/plain"]
)
def test_the_address_never_fails(media, settings):
    """200, or a proper refusal; never a 5xx, whatever the content is said to be."""
    settings.INTAKE_TOKEN = "fuzz"
    town()
    office.fjord()
    goods, rng = corpus(), random.Random(media)
    sender = Sender(headers={"Authorization": "Bearer fuzz"})
    for _ in range(max(20, COUNT // 20)):
        data = mutated(rng.choice(goods), rng)
        begun = time.process_time()
        answer = sender.post("/messages/", data, content_type=media or "application/octet-stream")
        assert time.process_time() - begun < LONGEST
        assert answer.status_code in (200, 400, 413, 415, 422), data[:2000]
        assert answer.content or answer.status_code == 200
    whole()
