"""A backlog taken in by two threads comes out as if each batch had waited for the one before."""

import threading
import time
from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any

import pytest
from django.db import transaction

from naer.messages.envelope import Incoming
from naer.site.messaging import intake, relay
from naer.site.messaging.answer import Answer, Prepared, Raw
from naer.site.messaging.models import Message
from naer.site.messaging.prepared import prepare_all
from naer.site.pathways import doctor, enrol
from tests.integration.intake.ward import CLERK, CODE, LATER, Stay, at, counter, edited, resent

NUMBERS = [f"72029043{place:02d}" for place in range(6)]


def prepared(messages: Sequence[bytes]) -> list[Prepared]:
    return prepare_all([Raw(message) for message in messages], now=LATER, new_id=counter("ack"))


def backlog() -> list[bytes]:
    """Stays of six citizens, copies, a bundle id used again about another citizen, and what is no message."""
    stays = [
        Stay(number, episode=f"0a0a0a0a-0000-4000-8000-{number:0>12}", name=number) for number in NUMBERS
    ]
    starts = [stay.send("STIN", at("2 10:00"), report_requested=True) for stay in stays]
    leaves = [stay.send("STOR", at("3 10:00")) for stay in stays]
    ends = [stay.send("SLHJ", at("4 10:00")) for stay in stays]
    first = edited(starts[0], lambda _: None, "used-twice")
    again = edited(leaves[1], lambda _: None, "used-twice")
    sent_again = [resent(message, f"again-{place}") for place, message in enumerate(starts[1:4])]
    return [first, *starts[1:], again, *leaves, b"{", *sent_again, *ends, first]


def told(answers: Sequence[Answer]) -> list[object]:
    return [
        (said.acknowledgement, said.code, said.duplicate, said.shown, said.citizen_status, said.report_owed)
        for said in answers
    ]


@pytest.mark.parametrize("size", [1, 4, 30])
def test_it_comes_out_as_one_after_the_other(committed: str, size: int) -> None:
    for number in NUMBERS:
        enrol.citizen(number, CODE, new_id=counter(number), case="home-care")
    feed = list(batched(prepared(backlog()), size, strict=False))
    with transaction.atomic():
        expected = [intake.take_in(some, now=LATER, new_id=counter("ack"), actor=CLERK) for some in feed]
        transaction.set_rollback(True)
    coming = ((some, LATER) for some in feed)
    found = list(relay.taken_in(coming, several=True, new_id=counter("ack"), actor=CLERK))
    assert list(map(told, found)) == list(map(told, expected))
    assert Message.objects.count() == len(backlog())
    assert doctor.examine(LATER).sound


class Desk:
    """An intake that takes its time to write, and notes what it has in hand."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.writing: list[str] = []
        self.most = 0

    def take_in(self, batch: Sequence[Prepared], *, decided: Callable[[], None], **_: Any) -> list[Answer]:
        about = {message.incoming.bundle_id for message in batch}
        if "fault" in about:
            raise SystemExit("a fault of ours")
        with self.lock:
            assert about.isdisjoint(self.writing)
            self.writing += about
            self.most = max(self.most, len(self.writing))
        decided()
        time.sleep(0.005)
        with self.lock:
            self.writing = [one for one in self.writing if one not in about]
        return [Answer("ok", message.incoming.message_id.encode(), 200) for message in batch]


def one(number: int, about: str) -> Prepared:
    return Prepared("command", Incoming(format="json", message_id=f"m{number}", bundle_id=about))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    found = Desk()
    monkeypatch.setattr(intake, "take_in", found.take_in)
    return found


def test_two_parts_are_in_hand_at_once_and_never_two_about_the_same(desk: Desk) -> None:
    batches = [[one(number, f"{number % 3}")] for number in range(24)]
    batches[5] = []
    batches += [[one(number, "same")] for number in range(24, 28)]
    found = list(relay.Relay(counter("ack"), CLERK).run((some, LATER) for some in batches))
    assert [[answer.body.decode() for answer in some] for some in found] == [
        [message.incoming.message_id for message in some] for some in batches
    ]
    assert desk.most == 2


def test_an_error_reaches_who_asked_and_no_thread_stays(desk: Desk) -> None:
    batches = [[one(1, "a")], [one(2, "fault")], [one(3, "b")], [one(4, "c")]]
    coming = relay.Relay(counter("ack"), CLERK).run((some, LATER) for some in batches)
    assert len(next(coming)) == 1
    with pytest.raises(SystemExit, match="a fault of ours"):
        list(coming)
    assert "relay" not in {thread.name for thread in threading.enumerate()}
