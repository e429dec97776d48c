"""Whatever comes in, `read` answers: it never raises, and it never takes long."""

import copy
import json
import random
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.messages import letter_events, linking, read
from naer.messages.content import Fact, Letter
from naer.messages.envelope import Incoming
from naer.messages.medcom import (
    acknowledgement,
    carecommunication_faults,
    classify,
    events,
    replying,
    thread,
)
from naer.messages.medcom.bundle import Bundle
from naer.messages.medcom.codes import CODES
from naer.messages.medcom.discharge_codes import TYPES
from tests.contract.medcom.hospital import HOSPITAL, MUNICIPALITY, at, counter, message, tree
from tests.contract.medcom.letters import ALMA, STAY, care, file, text, written

ODD: list[Any] = [
    None, True, False, 0, -1, 10**30, 1.5, "", " ", "\x00", "\u2028", "x" * 300, [], {}, [[]], [None], [{}],
    {"reference": "/"}, {"reference": "Encounter/"}, {"coding": [{}]}, "9999-12-31T23:59:59-14:00",
    "0000-00-00", "2026-03-29T02:30:00", "24:00", "MessageHeader/header-1",
]  # fmt: skip


def answered(data: bytes) -> None:
    """Reads it, and does with it all that the intake does."""
    incoming = read(data)
    assert incoming.issues or incoming.notification or incoming.response or incoming.letter
    if incoming.notification:
        assert classify.provisional(incoming.notification) in CODES
        events.event(incoming, "c", "p", None, None, 0)
    if incoming.letter:
        answered_letter(incoming)
    if incoming.answerable:
        sent = acknowledgement.write(
            incoming,
            answer="fatal-error" if incoming.issues else "ok",
            issues=incoming.issues,
            sender_fallback=MUNICIPALITY,
            now=0,
            new_id=counter(),
        )
        back = read(sent)
        assert back.response is not None
        assert back.issues == [] or len(incoming.message_id) != len(incoming.message_id.strip())
    acknowledgement.operation_outcome(incoming.issues, incoming.format)


def answered_letter(incoming: Incoming) -> None:
    """What the intake and a reader's page do with a letter."""
    letter = incoming.letter
    assert letter is not None
    told = letter_events.events(
        incoming, citizen="c", organisation=None, municipality=None, received=0, reused=False
    )
    assert len({event.id for event in told}) == len(told)
    linking.link(told)
    msgspec.msgpack.encode(letter)
    if letter.conversation is not None:
        entries = thread.ordered([letter])
        assert len(entries) <= len(letter.conversation.segments)
        new = [msgspec.structs.replace(text(99, "3 10:00"), at=letter.sent + 1)]
        reply = replying.reply([letter], new, message_id="r", sent=letter.sent + 1, sender=MUNICIPALITY)
        if not carecommunication_faults.faults(reply):
            assert read(written(reply)).issues == []


def places(node: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        found.append((node, key))
        if isinstance(node[key], dict | list):
            places(node[key], found)
    return found


def changed(seed: int, code: str) -> bytes:
    """A notification with some of its elements taken away, repeated or set to something odd."""
    rng = random.Random(seed)
    bundle = tree(code)
    for _ in range(rng.randint(1, 4)):
        holder, key = rng.choice(places(bundle, []))
        if rng.random() < 0.3:
            del holder[key]
        elif rng.random() < 0.3 and isinstance(holder, list):
            holder.append(holder[key])
        else:
            holder[key] = copy.deepcopy(rng.choice(ODD))
        if not places(bundle, []):
            break
    return json.dumps(bundle).encode()


@settings(max_examples=200)
@given(seed=st.integers(0, 10**9), code=st.sampled_from(CODES))
def test_any_change_of_structure_or_value_is_answered_and_read_the_same_entry_by_entry(seed, code):
    data = changed(seed, code)
    answered(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Bundle, "_open_at_once", lambda *_: False)
        slowly = read(data)
    assert slowly == read(data)


def mutated(rng: random.Random, given: bytes) -> bytes:
    """The bytes with some changed, cut out or repeated."""
    data = bytearray(given)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(data))
        if rng.random() < 0.5:
            data[place] = rng.randrange(256)
        elif rng.random() < 0.5:
            del data[place : place + rng.randint(1, 400)]
        else:
            data[place:place] = data[rng.randrange(len(data)) :][: rng.randint(1, 400)]
        if not data:
            break
    return bytes(data)


LETTERS = [
    care("m2", "2 10:00", text(1, "1 10:00", new=False), text(2, "2 10:00"), file(3, "2 10:00"),
         activity="forward-message", previous="m1", episode=STAY, to_unit="Team Nord", topic="Emne"),
    *(
        Letter(
            type=name, message_id="r1", sent=at("3 10:00"), sender=HOSPITAL, receiver=MUNICIPALITY,
            person=ALMA, episode=STAY, notes=(("Note", "Text"),), details={"d": True},
            status="change", parent="r0", root="r0",
            facts=(Fact(kind=kind.kinds[0], at=at("3"), attributes={"n": 1, "x": 0.5, "t": "x"}),),
        )
        for name, kind in TYPES.items()
    ),
]  # fmt: skip


@settings(max_examples=300)
@given(seed=st.integers(0, 10**9), letter=st.sampled_from(LETTERS))
def test_any_change_of_a_letter_is_answered(seed, letter):
    rng = random.Random(seed)
    bundle = json.loads(written(letter))
    for _ in range(rng.randint(1, 4)):
        found = places(bundle, [])
        if not found:
            break
        holder, key = rng.choice(found)
        if rng.random() < 0.3:
            del holder[key]
        elif rng.random() < 0.3 and isinstance(holder, list):
            holder.append(holder[key])
        else:
            holder[key] = copy.deepcopy(rng.choice(ODD))
    answered(json.dumps(bundle).encode())


@settings(max_examples=200)
@given(seed=st.integers(0, 10**9), letter=st.sampled_from(LETTERS), form=st.sampled_from(["json", "xml"]))
def test_any_change_of_a_letter_s_bytes_is_answered(seed, letter, form):
    answered(mutated(random.Random(seed), written(letter, form)))


@settings(max_examples=200)
@given(seed=st.integers(0, 10**9), form=st.sampled_from(["json", "xml"]))
def test_any_change_of_bytes_is_answered(seed, form):
    answered(mutated(random.Random(seed), message("SLOR", form)))


@settings(max_examples=150)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_answered(data):
    answered(data)
    answered(b"<" + data)
    answered(b"{" + data)


@settings(max_examples=40)
@given(text=st.text(max_size=80))
def test_any_text_in_an_xml_value_is_answered(text):
    written = text.encode("utf-8", "replace").replace(b'"', b"")
    answered(message(format="xml").replace(b'value="message"', b'value="' + written + b'"'))
    answered(message(format="xml").replace(b'value="header-1"', b'value="' + written + b'"'))


HUGE = {
    "one long text": lambda: message().replace(b"header-1", b"x" * 4_000_000),
    "many entries": lambda: message().replace(b'"entry":[', b'"entry":[' + b'{"resource":{}},' * 200_000),
    "many members": lambda: message().replace(
        b'"type":"message"', b",".join(b'"k%d":[{}]' % n for n in range(200_000)) + b',"type":"message"'
    ),
    "a huge number": lambda: message().replace(
        b'"type":"message"', b'"type":"message","n":' + b"9" * 1_000_000
    ),
    "a huge exponent": lambda: message().replace(b'"type":"message"', b'"type":"message","n":1e999999'),
    "a deep tree": lambda: b'{"a":' * 500_000,
    "a deep document": lambda: b"<a>" * 500_000,
    "many attributes": lambda: b"<a " + b" ".join(b'a%d="x"' % n for n in range(100_000)) + b"/>",
    "many elements": lambda: message(format="xml").replace(
        b"</Bundle>", b"<entry><resource/></entry>" * 100_000 + b"</Bundle>"
    ),
    "laughs": lambda: (
        b'<!DOCTYPE a [<!ENTITY a "ha">'
        + b"".join(
            b'<!ENTITY a%d "&a%s;&a%s;">' % (n, b"%d" % (n - 1), b"%d" % (n - 1)) for n in range(1, 40)
        )
        + b"]><a>&a39;</a>"
    ),
}


@pytest.mark.parametrize("case", HUGE)
def test_the_huge_is_answered_soon(case):
    data = HUGE[case]()
    started = time.process_time()
    incoming = read(data)
    assert time.process_time() - started < 4
    assert incoming.issues or case in ("a huge exponent", "many members")
    assert len(incoming.issues) <= 50
