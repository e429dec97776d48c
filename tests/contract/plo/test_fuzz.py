"""Whatever comes in, `read` answers with a refusal or a letter: it never raises, and it never takes long."""

import copy
import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from naer.messages import read
from naer.messages.plo import types
from naer.messages.plo.facts import facts
from tests.contract.plo.sample import message

FORMS = [(one.code, form.version) for one in types.TYPES.values() for form in one.forms]
ODD = [
    "", " ", "\n", "x" * 5000, "\u2028", "\ue000", "true", "-1", "9" * 40, "1e309", "2026-13-45",
    "0000-00-00", "event1.code", "~", "9999-12-31T23:59:59-14:00", "2026-03-29T02:30:00", "24:00:00", "2026",
    "-2026-01-01T00:00:00", "2026-02-30T10:00:00", "2026-01-01T10:00:00.1234567890123Z", "７", "<!--", "]]>",
]  # fmt: skip


def answered(data: bytes) -> None:
    begun = time.process_time()
    incoming = read(data, "application/xml")
    assert time.process_time() - begun < 1
    assert bool(incoming.issues) is (incoming.letter is None)
    assert all(issue.code and issue.text for issue in (*incoming.issues, *incoming.partial, *incoming.flags))
    if incoming.letter is not None:
        assert incoming.letter.facts == facts(incoming.letter)
        assert len({fact.suffix for fact in incoming.letter.facts}) == len(incoming.letter.facts)
        assert incoming.message_id == incoming.letter.message_id != ""
        assert incoming.sender is not None
        assert incoming.receiver is not None


@settings(max_examples=250)
@given(seed=st.integers(0, 10**9), form=st.sampled_from(FORMS))
def test_any_change_of_structure_or_value_is_answered(seed, form):
    rng = random.Random(seed)
    root = etree.fromstring(message(form[0], version=form[1]))
    for _ in range(rng.randint(1, 4)):
        elements = [one for one in root.iter() if isinstance(one.tag, str)]
        one = rng.choice(elements)
        parent = one.getparent()
        match rng.randrange(8):
            case 0 if parent is not None:
                parent.remove(one)
            case 1 if parent is not None:
                one.addnext(copy.deepcopy(one))
            case 2:
                rng.choice(elements).append(copy.deepcopy(one))
            case 3:
                one.text = rng.choice(ODD)
            case 4:
                one.set(rng.choice(("V", "S", "DN", "odd")), rng.choice(ODD))
            case 5:
                one.tag = rng.choice(elements).tag
            case 6:
                one.tail = rng.choice(ODD)
            case _:
                for name in one.attrib:
                    del one.attrib[name]
    answered(etree.tostring(root))


@settings(max_examples=250)
@given(seed=st.integers(0, 10**9), form=st.sampled_from(FORMS))
def test_any_change_of_bytes_is_answered(seed, form):
    rng = random.Random(seed)
    data = bytearray(message(form[0], version=form[1]))
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[place] = rng.randrange(256)
            case 1:
                del data[place : place + rng.randint(1, 40)]
            case 2:
                data[place:place] = rng.choice(ODD).encode()
            case _:
                data[place:place] = data[place : place + rng.randint(1, 400)]
    answered(bytes(data))
