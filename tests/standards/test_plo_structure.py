"""Our own check of structure beside the national schemas, read where they lie."""

import copy
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from naer.messages import read
from naer.messages.plo import types
from naer.messages.plo.schemas import Schemas
from tests.contract.plo.sample import codes, message
from tests.contract.plo.test_dialogue import ASKED, XHTML
from tests.contract.plo.test_parts import DIAGNOSIS, FUNCTION, MEDICINE, START

ROOT = Path(__file__).resolve().parents[2]
STANDARDS = Path(os.environ.get("NAER_STANDARDS") or ROOT.parent / "shared" / "standards")
FOLDER = STANDARDS / "norway" / "schema"
MUTATIONS = 1000

pytestmark = [
    pytest.mark.standards,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason=f"no national schemas in {FOLDER}; set NAER_STANDARDS to where they are"
    ),
]


@pytest.fixture(scope="module")
def schemas():
    return Schemas(FOLDER)


def ours():
    for one in types.TYPES.values():
        for form in one.forms:
            yield message(one.code, version=form.version)
    yield message("INNLEGGELSESRAPPORT", DIAGNOSIS + MEDICINE + FUNCTION, start=START)
    yield message("DIALOG_FORESPORSEL", ASKED, version="v1.1")
    yield message("DIALOG_HELSEFAGLIG", XHTML)


def test_the_messages_of_our_tests_are_valid(schemas):
    for data in ours():
        assert schemas.check(etree.fromstring(data)) == []
        assert codes(read(data)) == []


def mutated(rng: random.Random, data: bytes) -> bytes:
    root = etree.fromstring(data)
    one = rng.choice([one for one in root.iter() if isinstance(one.tag, str)][1:])
    parent = one.getparent()
    match rng.randrange(6):
        case 0:
            parent.remove(one)
        case 1:
            one.addnext(copy.deepcopy(one))
        case 2 if len(parent) > 1:
            parent.insert(rng.randrange(len(parent)), one)
        case 3:
            one.text = rng.choice(["", "x", "2026-13-01", "true", "17"])
        case 4:
            one.set("V", rng.choice(["", "x", "2026", "2026-02-30", "12:00:00"]))
        case _:
            one.tag = one.tag + "X"
    return etree.tostring(root)


def test_the_check_refuses_nothing_that_is_valid_and_finds_most_that_is_not(schemas):
    """What is not of a type that is received (T10) is refused whether it is valid or not."""
    rng = random.Random(20260302)
    examples = [path.read_bytes() for path in sorted((STANDARDS / "norway" / "examples").glob("*.xml"))]
    sources = [*ours(), *examples]
    seen: Counter[tuple[bool, bool]] = Counter()
    for _ in range(MUTATIONS):
        data = mutated(rng, rng.choice(sources))
        valid = not schemas.check(etree.fromstring(data))
        refused = codes(read(data))
        assert not (valid and "T02" in refused)
        seen[valid, "T02" in refused or "T10" in refused] += 1
    assert seen[False, True] > 0.93 * (seen[False, True] + seen[False, False])
    assert seen[True, False] > MUTATIONS / 20
