"""The other half of the file drop: messages that a partner's system puts into a folder are taken in.

A file is taken once nobody writes to it any more; its answer goes to the partner's own folder, and it moves
to `taken` beside the inbox. What cannot be stored now stays and is taken next time. Names that begin with a
dot are not finished yet.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from naer.events.instant import Instant
from naer.site.messaging import intake, transport_file
from naer.site.messaging.answer import Answer, Raw
from naer.site.messaging.connections import Connection, connections
from naer.site.pathways.actor import Process

CHANNEL = "folder"
TAKEN = "taken"
BATCH = 100
LARGEST = 5_000_000
"""Bytes; a larger file is read that far and refused as too large."""


def take(clock: Callable[[], Instant], *, new_id: Callable[[], str], actor: Process) -> int:
    """Take in what lies in the inboxes of all connections; how many files there were.

    Raises:
        WrongConnectionsError: when the file of connections cannot be used.
        OSError: when a folder cannot be read or written.
    """
    count = 0
    for connection in {one.inbox: one for one in connections() if one.inbox}.values():
        files = list(_waiting(Path(connection.inbox)))[:BATCH]
        if not files:
            continue
        batch = [Raw(_read(file), None, CHANNEL) for file in files]
        answers = intake.receive(batch, now=clock(), new_id=new_id, actor=actor)
        for file, answer in zip(files, answers, strict=True):
            count += _done(file, answer, connection)
    return count


def _waiting(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (file for file in sorted(folder.iterdir()) if file.is_file() and file.name[0] != ".")


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST + 1)


def _done(file: Path, answer: Answer, connection: Connection) -> int:
    """Write the answer and move the file away; 0 when it must be tried again."""
    if answer.acknowledgement == "transient-error":
        return 0
    if answer.body:
        out = Path(connection.address)
        out.mkdir(parents=True, exist_ok=True, mode=0o770)
        name = transport_file.safe(f"answer-{file.stem}")
        transport_file.write(_free(out / f"{name}.{answer.format}"), answer.body)
    taken = file.parent / TAKEN
    taken.mkdir(exist_ok=True, mode=0o770)
    file.replace(_free(taken / file.name))
    return 1


def _free(path: Path) -> Path:
    """A name that is not taken: nothing that came is written over."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found
