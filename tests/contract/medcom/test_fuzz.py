"""Whatever comes in, `read` answers: it never raises, and it never takes long."""

import json
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.messages import read
from naer.messages.medcom import acknowledgement, classify, events
from naer.messages.medcom.codes import CODES
from tests.contract.medcom.hospital import MUNICIPALITY, counter, message, tree

ODD: list[Any] = [
    None, True, False, 0, -1, 10**30, 1.5, "", " ", "\x00", "\u2028", "x" * 300, [], {}, [[]], [None], [{}],
    {"reference": "/"}, {"reference": "Encounter/"}, {"coding": [{}]}, "9999-12-31T23:59:59-14:00",
    "0000-00-00", "2026-03-29T02:30:00", "24:00", "MessageHeader/header-1",
]  # fmt: skip


def answered(data: bytes) -> None:
    """Reads it, and does with it all that the intake does."""
    incoming = read(data)
    assert incoming.issues or incoming.notification or incoming.response
    if incoming.notification:
        assert classify.provisional(incoming.notification) in CODES
        events.event(incoming, "c", "p", None, None, 0)
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


def places(node: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        found.append((node, key))
        if isinstance(node[key], dict | list):
            places(node[key], found)
    return found


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**9), code=st.sampled_from(CODES))
def test_any_change_of_structure_or_value_is_answered(seed, code):
    rng = random.Random(seed)
    bundle = tree(code)
    for _ in range(rng.randint(1, 4)):
        holder, key = rng.choice(places(bundle, []))
        if rng.random() < 0.3:
            del holder[key]
        elif rng.random() < 0.3 and isinstance(holder, list):
            holder.append(holder[key])
        else:
            holder[key] = rng.choice(ODD)
        if not places(bundle, []):
            break
    answered(json.dumps(bundle).encode())


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**9), form=st.sampled_from(["json", "xml"]))
def test_any_change_of_bytes_is_answered(seed, form):
    rng = random.Random(seed)
    data = bytearray(message("SLOR", form))
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
    answered(bytes(data))


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_answered(data):
    answered(data)
    answered(b"<" + data)
    answered(b"{" + data)


@settings(max_examples=40, deadline=None)
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
