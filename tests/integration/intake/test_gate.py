"""Messages that come together share a transaction; each sender gets the answer to its own."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connections

from naer.messages.medcom.document import raw_hash
from naer.site.messaging import gate, intake
from naer.site.messaging.answer import Answer, Prepared, Raw
from naer.site.messaging.models import Message
from tests.integration.intake.ward import CLERK, LATER, Stay, at, counter

SENDERS = 24


def echo(batch: Sequence[Prepared], **_: Any) -> list[Answer]:
    return [Answer("ok", message.incoming.content_hash.encode(), 200) for message in batch]


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


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_of_a_server_has_a_gate_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that takes in does not live on in it, and a lock that somebody holds is never opened."""
    in_child: list[Callable[[], None]] = []
    monkeypatch.setattr(os, "register_at_fork", lambda *, after_in_child: in_child.append(after_in_child))
    monkeypatch.setattr(gate, "_gate", None)
    monkeypatch.setattr(intake, "take_in", echo)
    gate.man()

    def answered(data: bytes) -> bool:
        answer = gate.receive(Raw(data), now=LATER, new_id=counter("x"), actor=CLERK)
        return answer.body == raw_hash(data).encode()

    assert answered(b"parent")
    assert gate._gate is not None
    with gate._gate._arrived:
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(10)
                in_child[0]()
                os._exit(0 if answered(b"child") else 1)
            finally:
                os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert answered(b"parent again")


def test_a_connection_that_is_lost_costs_one_answer_and_no_message(committed: str) -> None:
    door, stay = gate.Gate(), Stay()
    sent = [
        stay.send("STIN", at("2 10:00")),
        stay.send("STOR", at("3 10:00")),
        stay.send("SLHJ", at("4 10:00")),
    ]

    def send(data: bytes) -> str:
        try:
            return door.receive(Raw(data), now=LATER, new_id=counter("x"), actor=CLERK).acknowledgement
        except DatabaseError:
            return "lost"  # the sender is told so, and sends it again

    assert send(sent[0]) == "ok"
    with psycopg.connect(committed, autocommit=True) as other:
        lost = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert lost.fetchall()
    assert [send(data) for data in (sent[1], sent[1], sent[2])] in (["lost", "ok", "ok"], ["ok", "ok", "ok"])
    connections["default"].close()
    assert Message.objects.filter(duplicate_of=None).count() == len(sent)
