"""Message files, read and prepared in batches; where there are many, a second process does it ahead.

Reading, acknowledging and sealing need no database, and are nearly half of the work.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import batched, islice
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import msgspec

from naer.events.instant import Instant
from naer.machine import cores
from naer.messages.medcom.document import MAX_BYTES
from naer.site import boot
from naer.site.messaging.answer import Prepared, Raw
from naer.site.messaging.prepared import prepare_all

TOGETHER = 50
"""Files that are in memory as they are at one time."""
_AT_ONCE = 65_536
"""Bytes; nearly every message is shorter."""
_TYPES = {".json": "application/fhir+json", ".xml": "application/fhir+xml"}


class Opened(msgspec.Struct, frozen=True):
    """One file: its message, or why it cannot be read."""

    message: Prepared | None
    error: str = ""


class Batch(msgspec.Struct, frozen=True):
    """Files that are taken in together, as they were `received` (microseconds)."""

    received: Instant
    files: list[Opened]


Clock = Callable[[], Instant]
NewId = Callable[[], str]
_batches = msgspec.msgpack.Decoder(Batch)


def batches(files: Sequence[str], size: int, clock: Clock, new_id: NewId) -> Iterator[Batch]:
    """The files in batches of `size`, in order.

    With more than one batch and more than one core, another process prepares the next batch while this one
    works on the last; it begins at once. It is forked: no database connection and no thread may be open.
    Should it end before its work is done, the rest is prepared here.
    """
    given = list(batched(files, size, strict=False))
    ahead: Iterator[Batch] = iter(())
    if len(given) > 1 and cores() > 1 and sys.platform == "linux":
        ahead = _ahead(given, *_started(given, clock, new_id))
    return _whole(given, ahead, clock, new_id)


def _whole(
    given: Sequence[Sequence[str]], ahead: Iterator[Batch], clock: Clock, new_id: NewId
) -> Iterator[Batch]:
    """The batches from `ahead`, and those it does not come to."""
    done = 0
    for batch in ahead:
        done += 1
        yield batch
    for some in islice(given, done, None):
        yield _batch(some, clock, new_id)


def _started(given: Sequence[Sequence[str]], clock: Clock, new_id: NewId) -> tuple[BaseProcess, Connection]:
    """Another process at work on the batches, and where they come from."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(given, clock, new_id, sending), daemon=True)
    worker.start()
    sending.close()
    return worker, receiving


def _ahead(given: Sequence[Sequence[str]], worker: BaseProcess, receiving: Connection) -> Iterator[Batch]:
    """The batches as another process prepares them, as far as it comes."""
    try:
        for _ in given:
            try:
                packed = receiving.recv_bytes()
            except EOFError:
                return
            yield _batches.decode(packed)
    finally:
        receiving.close()
        worker.terminate()
        worker.join()


def _work(given: Sequence[Sequence[str]], clock: Clock, new_id: NewId, sending: Connection) -> None:
    """Send every batch; the pipe holds little, so it is never more than one ahead."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    boot.settle()
    with suppress(BrokenPipeError):
        for some in given:
            sending.send_bytes(msgspec.msgpack.encode(_batch(some, clock, new_id)))


def _batch(files: Sequence[str], clock: Clock, new_id: NewId) -> Batch:
    received = clock()
    groups = batched(files, TOGETHER, strict=False)
    return Batch(received, [one for some in groups for one in _prepared(some, received, new_id)])


def _prepared(files: Sequence[str], now: Instant, new_id: NewId) -> list[Opened]:
    found = [_opened(file) for file in files]
    raws = [one for one in found if isinstance(one, Raw)]
    prepared = iter(prepare_all(raws, now=now, new_id=new_id))
    return [Opened(next(prepared)) if isinstance(one, Raw) else Opened(None, one) for one in found]


def _opened(file: str) -> Raw | str:
    """What is in a file, or why it cannot be read."""
    try:
        descriptor = os.open(file, os.O_RDONLY)  # a third less time than a file object
        try:
            data = os.read(descriptor, _AT_ONCE)
            while len(data) <= MAX_BYTES and (more := os.read(descriptor, max(len(data), _AT_ONCE))):
                data += more
        finally:
            os.close(descriptor)
    except OSError as error:
        return error.strerror or str(error)
    # Of a file that no message is as large as, no more than it takes to see that.
    return Raw(data[: MAX_BYTES + 1], _TYPES.get(os.path.splitext(file)[1].lower()), "command")
