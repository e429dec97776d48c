"""Messages that come together share a transaction; each sender gets the answer to its own."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from naer.site.messaging import gate, intake
from naer.site.messaging.answer import Answer, Raw
from tests.integration.intake.ward import CLERK, LATER, counter

SENDERS = 24


def test_those_who_come_together_are_taken_in_together(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []

    def slow(batch: Sequence[Raw], **_: Any) -> list[Answer]:
        batches.append(len(batch))
        time.sleep(0.02)
        if any(raw.data == b"fault" for raw in batch):
            raise RuntimeError("a fault of ours")
        return [Answer("ok", raw.data, 200) for raw in batch]

    monkeypatch.setattr(intake, "receive", slow)
    door, told = gate.Gate(), {}

    def send(data: bytes) -> None:
        try:
            told[data] = door.receive(Raw(data), now=LATER, new_id=counter("x"), actor=CLERK).body
        except RuntimeError as error:
            told[data] = str(error).encode()

    messages = [str(number).encode() for number in range(SENDERS)]
    threads = [threading.Thread(target=send, args=(data,)) for data in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert told == {data: data for data in messages}
    assert sum(batches) == SENDERS
    assert len(batches) < SENDERS
    send(b"fault")
    send(b"after")
    assert told[b"fault"] == b"a fault of ours"
    assert told[b"after"] == b"after"
