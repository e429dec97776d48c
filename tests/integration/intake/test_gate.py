"""Messages that come together share a transaction; each sender gets the answer to its own."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from naer.messages.medcom.document import raw_hash
from naer.site.messaging import gate, intake
from naer.site.messaging.answer import Answer, Prepared, Raw
from tests.integration.intake.ward import CLERK, LATER, counter

SENDERS = 24


def test_those_who_come_together_are_taken_in_together(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []

    def slow(batch: Sequence[Prepared], **_: Any) -> list[Answer]:
        batches.append(len(batch))
        time.sleep(0.02)
        hashes = [message.incoming.content_hash for message in batch]
        if raw_hash(b"fault") in hashes:
            raise RuntimeError("a fault of ours")
        if raw_hash(b"panic") in hashes:
            raise SystemExit("a panic of a library's")
        return [Answer("ok", digest.encode(), 200) for digest in hashes]

    monkeypatch.setattr(intake, "take_in", slow)
    door, told = gate.Gate(), {}

    def send(data: bytes) -> None:
        try:
            told[data] = door.receive(Raw(data), now=LATER, new_id=counter("x"), actor=CLERK).body
        except (RuntimeError, SystemExit) as error:
            told[data] = str(error).encode()

    messages = [str(number).encode() for number in range(SENDERS)]
    threads = [threading.Thread(target=send, args=(data,)) for data in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert told == {data: raw_hash(data).encode() for data in messages}
    assert sum(batches) == SENDERS
    assert len(batches) < SENDERS
    for data in (b"fault", b"panic", b"after"):
        send(data)
    assert told[b"fault"] == b"a fault of ours"
    assert told[b"panic"] == b"a panic of a library's"
    assert told[b"after"] == raw_hash(b"after").encode()
