"""Danish letters as bad senders send them: any order, copies, forwards, reused ids, replacement numbers."""

import random

import pytest
from django.db import transaction

from naer.events.instant import HOUR
from naer.messages.content import Fact, Segment
from naer.messages.medcom import replying
from naer.messages.medcom.carecommunication_codes import NATIONAL_REPLACEMENT
from naer.site.pathways.doctor import examine
from tests.integration.intake.office import ALMA, EPISODE, STRANGER, care, changed, discharge, post, segment
from tests.integration.intake.test_letters_any_order import outcome
from tests.integration.intake.ward import HOSPITAL, LATER, TOWN, Stay, at, one_by_one, resent, take_in, town

pytestmark = pytest.mark.django_db

DAY = at("3 10:00")
OTHER = "urn:uuid:0dd5a0f0-aaaa-4aaa-8aaa-00000000000f"
FILE = Segment(
    id="urn:uuid:0dd5a0f0-bbbb-4bbb-8bbb-0000000000ff",
    at=DAY + 2 * HOUR,
    title="Plan",
    content_type="application/pdf",
    data=b"%PDF-1.4 synthetic",
)


def conversation() -> list[bytes]:
    """A question, an answer with a file, a parallel word, thanks, and all of it passed on and answered."""
    first = care("cc-1", DAY, segment(1, DAY), episode=EPISODE)
    second = replying.reply(
        [first], [segment(2, DAY + 2 * HOUR), FILE], message_id="cc-2", sent=DAY + 2 * HOUR, sender=TOWN
    )
    beside = replying.reply(
        [first], [segment(3, DAY + 2 * HOUR)], message_id="cc-3", sent=DAY + 2 * HOUR, sender=HOSPITAL
    )
    third = replying.reply(
        [first, second, beside],
        [segment(4, DAY + 5 * HOUR)],
        message_id="cc-4",
        sent=DAY + 5 * HOUR,
        sender=HOSPITAL,
    )
    passed = replying.forward(
        [first, second, beside, third],
        [segment(5, DAY + 6 * HOUR)],
        new_thread=OTHER,
        message_id="cc-5",
        sent=DAY + 6 * HOUR,
        sender=HOSPITAL,
        receiver=TOWN,
    )
    answer = replying.reply(
        [passed], [segment(6, DAY + 7 * HOUR)], message_id="cc-6", sent=DAY + 7 * HOUR, sender=TOWN
    )
    return [
        post(one, "xml" if place % 2 else "json")
        for place, one in enumerate((first, second, beside, third, passed, answer))
    ]


def oddities() -> list[bytes]:
    """The old format's ids, one header on two contents, replacement numbers, a forward within its thread."""
    replaced = changed(STRANGER, system=NATIONAL_REPLACEMENT, number="8904904AB1")
    both = changed(
        replaced, system=ALMA.system, number=ALMA.number, others=((NATIONAL_REPLACEMENT, "8904904AB1"),)
    )
    old = changed(
        segment(1, DAY), id=segment(1, DAY).id.removeprefix("urn:uuid:").replace("-", ""), new=False
    )
    return [
        post(care("cc-7", DAY + 8 * HOUR, old, segment(7, DAY + 8 * HOUR), previous="5799990000116#B1")),
        post(care("cc-7", DAY + 8 * HOUR, segment(8, DAY + 8 * HOUR), previous="cc-1"), sending="other"),
        post(care("cc-8", DAY, segment(9, DAY), person=replaced, thread=OTHER[:-1] + "a")),
        post(care("cc-9", DAY, segment(10, DAY), person=both, thread=OTHER[:-1] + "b")),
        post(
            care(
                "cc-a",
                DAY + 9 * HOUR,
                segment(11, DAY + 9 * HOUR),
                activity="forward-message",
                previous="cc-4",
            )
        ),
        post(care("cc-b", DAY, segment(12, DAY), category="other", topic="Emne", thread=OTHER[:-1] + "c")),
    ]


def stay() -> list[bytes]:
    """A stay with its letters, two of which are changed and one cancelled."""
    ward = Stay()
    ready = discharge("XDIS19", "xd-2", at("4 09:00"), "ready_for_discharge")
    later = changed(
        ready,
        message_id="xd-3",
        sent=at("4 11:00"),
        status="change",
        parent="xd-2",
        root="xd-2",
        facts=(Fact(kind="ready_for_discharge", at=at("4 12:00")),),
    )
    taken_back = changed(
        later, message_id="xd-4", sent=at("4 13:00"), status="cancel", parent="xd-3", facts=()
    )
    report = discharge("XDIS18", "xd-5", at("5 09:00"), "discharge_report", episode=None)
    return [
        ward.send("STIN", at("2 10:00"), report_requested=True),
        post(discharge("XDIS16", "xd-1", at("2 13:00"), "admission_report"), "xml"),
        post(ready),
        post(later),
        post(taken_back),
        ward.send("SLHJ", at("5 08:00")),
        post(report),
        post(discharge("G-GOP", "xd-6", at("5 07:00"), "rehabilitation_plan")),
    ]


POOLS = {
    "conversation": conversation(),
    "oddities": [*conversation()[:2], *oddities()],
    "stay": stay(),
    "all": [*conversation(), *oddities(), *stay()],
}


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("seed", range(4))
def test_any_order_with_copies_gives_the_same(pool: str, seed: int) -> None:
    rng = random.Random(f"{pool} {seed}")
    messages = POOLS[pool]
    mixed = messages + [
        resent(one, f"again-{place}") if one.startswith(b"{") else one
        for place, one in enumerate(rng.sample(messages, 3))
    ]
    rng.shuffle(mixed)
    cut = rng.randrange(len(mixed))
    with transaction.atomic():
        town()
        answers = one_by_one(messages)
        assert {one.acknowledgement for one in answers} == {"ok"}
        wanted = outcome()
        transaction.set_rollback(True)
    with transaction.atomic():
        town()
        take_in(*mixed[:cut])
        one_by_one(mixed[cut:])
        assert outcome() == wanted
        assert examine(LATER).findings == []
        transaction.set_rollback(True)
