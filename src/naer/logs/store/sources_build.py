"""Building a store from files, and appending files to one: begun again after an interruption it goes on."""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from naer.events.instant import ZONES, Instant
from naer.logs.error import LogError
from naer.logs.store import manifest
from naer.logs.store.build import Builder
from naer.logs.store.sources_files import Book, File, Progress, Read, Stream, fingerprint
from naer.logs.store.sources_taking import REJECTED, Journal, drain, take
from naer.logs.store.store import Store

_WORK = "build"
_REQUEST = "request.json"
_LOCK = "lock"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def build(
    files: Sequence[File],
    path: Path,
    *,
    clock: Instant,
    country: str = "DK",
    columns: Mapping[str, str] | None = None,
    streams: Sequence[Stream] = (),
    anew: bool = False,
    reading: Progress | None = None,
    packing: Progress | None = None,
) -> Store:
    """Build the store at `path` from files and streams. `anew` makes it instead of the one that is there.

    An interrupted build of the same files goes on; one with a stream begins again. What is at `path` stays
    in force until the new store is whole.

    Raises:
        LogError: a store is there already; a build of other files is unfinished there; the folder holds
            something else; the disk is full; what a file's reader says.
    """
    there = (path / manifest.NAME).exists()
    if there and not anew:
        raise LogError(
            f"{path}: there is a log store already; add to it with `naer log append {path} SOURCE…`, name "
            "another folder, or say --replace to build it anew"
        )
    place = path.with_name(path.name + ".building") if there else path
    _may_be_used(path if not there else place)
    mapping = dict(columns or {})
    asked = fingerprint(files, streams, mapping, country)
    with at_work(path):
        place.mkdir(exist_ok=True)
        if there and (place / manifest.NAME).exists() and (store := _finished_before(place, path, asked)):
            return store
        _same_as_begun(place, asked, anew and not there)
        begun = f"{asked} {clock}" if streams else asked
        with Builder(place, sources=begun, progress=packing) as builder:
            journal = Journal(place / _WORK, builder.batches)
            _note_request(place, asked, [*(file.source for file in files), *(one.name for one in streams)])
            book = Book(country=country, columns=mapping, fingerprint=asked)
            reads = take(files, builder, journal, zone=ZONES[country], columns=mapping, progress=reading)
            for stream in streams:
                reads.append(drain(stream, builder))
                book.marks[stream.name] = dict(stream.mark)
            book.takes.append(taken_now("build", clock, reads))
            book.rejected_bytes = write_rejected(place, journal, 0)
            builder.finish(book.provenance())
        if there:
            _put_in_place(place, path)
    return Store.open(path)


def unfinished(path: Path) -> bool:
    """Whether an interrupted build is there that would go on."""
    return any(
        (place / _WORK / "state.json").exists() for place in (path, path.with_name(path.name + ".building"))
    )


def taken_now(command: str, clock: Instant, reads: Sequence[Read]) -> dict[str, Any]:
    """A build or an append as the book keeps it."""
    return {
        "command": command,
        "clock": clock,
        "rows": sum(read.rows for read in reads),
        "files": [asdict(read) for read in reads],
    }


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
    """One command at a time works on a store; a full disk is told as what it is.

    Raises:
        LogError: another one is at work; the disk takes no more.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with (path / _LOCK).open("w") as lock:
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


def _may_be_used(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise LogError(f"{path}: this is a file; name a folder for the store")
    if path.is_dir() and any(path.iterdir()) and not (path / _WORK).is_dir() and not _is_ours(path):
        raise LogError(f"{path}: the folder holds something else than a log store; name a new folder")


def _is_ours(path: Path) -> bool:
    return {one.name for one in path.iterdir()} <= {_LOCK, REJECTED, "pieces", "tables"}


def _same_as_begun(path: Path, asked: str, anew: bool) -> None:
    request = path / _WORK / _REQUEST
    try:
        found = json.loads(request.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if found["fingerprint"] == asked:
        return
    if anew:
        shutil.rmtree(path / _WORK)
        return
    names = ", ".join(dict.fromkeys(found["sources"]))
    raise LogError(
        f"{path}: an unfinished build of other sources is here ({names}), or the files or the options have "
        "changed since. Run it again as it was to go on, or say --replace to begin anew"
    )


def _note_request(path: Path, asked: str, sources: Sequence[str]) -> None:
    text = json.dumps({"fingerprint": asked, "sources": sources}, ensure_ascii=False)
    draft = path / _WORK / f"{_REQUEST}.draft"
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path / _WORK / _REQUEST)


def _finished_before(new: Path, path: Path, asked: str) -> Store | None:
    """The store that an earlier command built but did not put in place; None for one of other files."""
    if Book.of(Store.open(new).manifest.provenance).fingerprint != asked:
        shutil.rmtree(new)
        return None
    _put_in_place(new, path)
    return Store.open(path)


def _put_in_place(new: Path, path: Path) -> None:
    """The new store instead of the old one, in two renames."""
    old = path.with_name(path.name + ".replaced")
    shutil.rmtree(old, ignore_errors=True)
    os.replace(path, old)
    os.replace(new, path)
    shutil.rmtree(old, ignore_errors=True)
