"""The folder of a store while a command works on it: one at a time, and a full disk is told as what it is."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from naer.logs.error import LogError
from naer.logs.store.sources_taking import REJECTED, Journal

LOCK = "lock"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_rejected(path: Path, journal: Journal, kept: int) -> int:
    """Put the rows that are no events into the store's folder, after the first `kept` bytes of those there.

    What stands beyond is of an append that was interrupted. The bytes there are now come back.
    """
    target = path / REJECTED
    target.touch()
    with target.open("r+b") as out:
        out.seek(min(kept, out.seek(0, os.SEEK_END)))
        out.truncate()
        for lines in journal.rejected():
            out.write(lines.encode())
        out.flush()
        os.fsync(out.fileno())
        return out.tell()


@contextmanager
def at_work(path: Path) -> Iterator[None]:
    """One command at a time works on a store; a full disk is told as what it is. A new folder is its owner's.

    Raises:
        LogError: another one is at work; the disk takes no more.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (path / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise LogError(
                    f"{path}: another naer command is at work on this store; wait for it"
                ) from None
            yield
    except Exception as error:
        if not isinstance(error, LogError) and _is_full(error):
            raise LogError(_no_room(path)) from None
        raise


def _is_full(error: Exception) -> bool:
    return (isinstance(error, OSError) and error.errno in _FULL) or any(
        os.strerror(number) in str(error) for number in _FULL
    )


def _no_room(path: Path) -> str:
    free = shutil.disk_usage(path).free
    return (
        f"{path}: the disk takes no more ({free / 2**30:.1f} GiB free). Nothing is lost: make room (a build "
        "needs about as much as the files it is made of, unpacked) and run the same command again"
    )
