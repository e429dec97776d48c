"""Message files, read and prepared in batches; where there are many, a second process does it ahead.

Reading, acknowledging and sealing need no database, and are nearly half of the work.
"""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import batched, islice
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from naer.events.instant import Instant
from naer.machine import cores
from naer.site.messaging.answer import Prepared, Raw
from naer.site.messaging.prepared import prepare

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


def batches(files: Sequence[Path], size: int, clock: Clock, new_id: NewId) -> Iterator[Batch]:
    """The files in batches of `size`, in order.

    With more than one batch and more than one core, another process prepares the next batch while this one
    works on the last. It is forked: no database connection and no thread may be open when the first is
    asked for. Should it end before its work is done, the rest is prepared here.
    """
    given = list(batched(files, size, strict=False))
    done = 0
    if len(given) > 1 and cores() > 1 and sys.platform == "linux":
        for batch in _ahead(given, clock, new_id):
            done += 1
            yield batch
    for some in islice(given, done, None):
        yield _batch(some, clock, new_id)


def _ahead(given: Sequence[Sequence[Path]], clock: Clock, new_id: NewId) -> Iterator[Batch]:
    """The batches as another process prepares them, as far as it comes."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(given, clock, new_id, sending), daemon=True)
    worker.start()
    sending.close()
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


def _work(given: Sequence[Sequence[Path]], clock: Clock, new_id: NewId, sending: Connection) -> None:
    """Send every batch; the pipe holds little, so it is never more than one ahead."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with suppress(BrokenPipeError):
        for some in given:
            sending.send_bytes(msgspec.msgpack.encode(_batch(some, clock, new_id)))


def _batch(files: Sequence[Path], clock: Clock, new_id: NewId) -> Batch:
    received = clock()
    return Batch(received, [_opened(file, received, new_id) for file in files])


def _opened(file: Path, now: Instant, new_id: NewId) -> Opened:
    try:
        data = file.read_bytes()
    except OSError as error:
        return Opened(None, error.strerror or str(error))
    raw = Raw(data, _TYPES.get(file.suffix.lower()), "command")
    return Opened(prepare(raw, now=now, new_id=new_id))
