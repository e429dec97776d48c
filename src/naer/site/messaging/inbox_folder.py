"""The other half of the file drop: messages that a partner's system puts into a folder are taken in.

A file is taken once nobody writes to it any more; its answer goes to the partner's own folder, and it moves
to `taken` beside the inbox. What cannot be read or stored now stays, is passed by, and is tried next time.
Names that begin with a dot are not finished yet. The partner writes there: links are never followed, and what
another organisation is said to have sent moves to `refused`, unless the connection is for everybody.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import batched
from pathlib import Path

import structlog

from naer.events.instant import Instant
from naer.site.messaging import intake, transport_file
from naer.site.messaging.answer import Answer, Raw
from naer.site.messaging.connections import Connection, connections
from naer.site.messaging.writers import Writers
from naer.site.pathways.actor import Process

CHANNEL = "folder"
TAKEN, REFUSED = "taken", "refused"
BATCH = 100
"""Files that are stored at once, and files of an inbox after which a round goes on to the next one."""
LARGEST = 5_000_000
"""Bytes; a larger file is read that far and refused as too large."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_log = structlog.get_logger("naer.outbox")


def take(clock: Callable[[], Instant], *, new_id: Callable[[], str], actor: Process) -> int:
    """Take in what lies in the inboxes of all connections; how many files there were.

    A folder or file that cannot be read or written holds up no other; each such trouble is logged once.

    Raises:
        WrongConnectionsError: when the file of connections cannot be used.
    """

    def store(files: list[bytes]) -> list[Answer]:
        batch = [Raw(data, None, CHANNEL) for data in files]
        return intake.receive(batch, now=clock(), new_id=new_id, actor=actor)

    count = 0
    inboxes = [one for one in connections() if one.inbox]
    for connection in {one.inbox: one for one in inboxes}.values():
        writers = frozenset(one.receiver for one in inboxes if one.inbox == connection.inbox)
        try:
            with _opened(connection.inbox) as inbox:
                count += _take(inbox, connection, Writers(writers), store)
        except OSError as error:
            _say(connection.inbox, error.strerror or type(error).__name__)
    return count


def _take(
    inbox: int, connection: Connection, writers: Writers, store: Callable[[list[bytes]], list[Answer]]
) -> int:
    """Take in the files of one inbox, an open folder; how many."""
    count = 0
    for names in batched(_waiting(inbox), BATCH):
        _require_room(Path(connection.address))
        with _folder(inbox, TAKEN):
            pass  # a message that could not move away would come in again and again
        files = {name: data for name in names if (data := _read(inbox, name, connection)) is not None}
        for name in [name for name, data in files.items() if not writers.may_say(data)]:
            del files[name]
            _refuse(inbox, name, connection)
        for name, answer in zip(files, store(list(files.values())) if files else [], strict=True):
            try:
                count += _done(inbox, name, answer, connection)
            except OSError as error:
                _say(connection.inbox, error.strerror or type(error).__name__)
        if count >= BATCH:
            break
    return count


@contextmanager
def _opened(path: str | Path, flags: int = _FOLDER, inside: int | None = None) -> Iterator[int]:
    descriptor = os.open(path, flags, dir_fd=inside)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _folder(inbox: int, name: str) -> Iterator[int]:
    """The folder `name` in the inbox, made when it is missing.

    Raises:
        OSError: when it is a link, or no folder.
    """
    with suppress(FileExistsError):
        os.mkdir(name, 0o770, dir_fd=inbox)
    with _opened(name, _FOLDER | os.O_NOFOLLOW, inbox) as folder:
        yield folder


def _waiting(inbox: int) -> list[str]:
    """Names of the files that are finished; links and whatever else is no file are left lying."""
    with os.scandir(inbox) as found:
        return sorted(one.name for one in found if one.name[0] != "." and one.is_file(follow_symlinks=False))


def _read(inbox: int, name: str, connection: Connection) -> bytes | None:
    """What a file holds; None when it cannot be read, or is no file after all."""
    try:
        with _opened(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, inbox) as descriptor:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            with os.fdopen(descriptor, "rb", closefd=False) as opened:
                return opened.read(LARGEST + 1)
    except OSError as error:
        _say(connection.inbox, error.strerror or type(error).__name__)
        return None


def _require_room(out: Path) -> None:
    """Check that answers can be written, before anything is taken in.

    Raises:
        OSError: when they cannot.
    """
    there = next(path for path in (out, *out.parents) if path.exists())
    if not there.is_dir():
        raise NotADirectoryError(0, "the folder for answers is none")
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(0, "the folder for answers cannot be written")


def _done(inbox: int, name: str, answer: Answer, connection: Connection) -> int:
    """Write the answer and move the file away; 0 when it must be tried again."""
    if answer.acknowledgement == "transient-error":
        return 0
    if answer.body:
        out = Path(connection.address)
        out.mkdir(parents=True, exist_ok=True, mode=0o770)
        answered = transport_file.safe(f"answer-{Path(name).stem}")
        transport_file.write(_free(out / f"{answered}.{answer.format}"), answer.body)
    _move(inbox, name, TAKEN)
    return 1


def _refuse(inbox: int, name: str, connection: Connection) -> None:
    _say(connection.inbox, "a message is not of the organisation that the connection is for")
    try:
        _move(inbox, name, REFUSED)
    except OSError as error:
        _say(connection.inbox, error.strerror or type(error).__name__)


def _move(inbox: int, name: str, to: str) -> None:
    with _folder(inbox, to) as folder:
        held = frozenset(os.listdir(folder))
        free = next(one for one in _names(Path(name)) if str(one) not in held)
        os.rename(name, free, src_dir_fd=inbox, dst_dir_fd=folder)


def _free(path: Path) -> Path:
    """A name that is not taken: nothing that came is written over."""
    return next(one for one in _names(path) if not os.path.lexists(one))


def _names(path: Path) -> Iterator[Path]:
    """`path`, and the names it gets beside others of its name."""
    yield path
    number = 2
    while True:
        yield path.with_stem(f"{path.stem}-{number}")
        number += 1


@lru_cache(maxsize=1000)
def _say(inbox: str, trouble: str) -> None:
    """Log a trouble once; without the file's name, which may hold a citizen."""
    _log.warning(
        "an inbox, or a file in it, cannot be taken in; the rest goes on", inbox=inbox, trouble=trouble
    )
