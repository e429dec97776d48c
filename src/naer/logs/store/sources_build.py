"""Building a store from files: begun again after an interruption it goes on."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from naer.events.instant import ZONES, Instant
from naer.logs.error import LogError
from naer.logs.store import manifest
from naer.logs.store.build import Builder
from naer.logs.store.sources_files import Book, File, Progress, Stream, fingerprint
from naer.logs.store.sources_place import LOCK, at_work, write_rejected
from naer.logs.store.sources_taking import REJECTED, Journal, drain, take, taken_now
from naer.logs.store.store import Store
from naer.logs.store.tabular import ROWS

_WORK = "build"
_REQUEST = "request.json"


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

    An interrupted build of the same files goes on; one with a stream begins again. One that was done is given
    back as it is. What is at `path` stays in force until the new store is whole.

    Raises:
        LogError: a store is there already; a build of other files is unfinished there; the folder holds
            something else; the disk is full; what a file's reader says.
    """
    _take_back(path)
    there = (path / manifest.NAME).exists()
    mapping = dict(columns or {})
    asked = fingerprint(files, streams, mapping, country)
    if there and not anew:
        if not streams and _built_of(path, asked):
            return _done(path)
        raise LogError(
            f"{path}: there is a log store already; add to it with `naer log append {path} SOURCE…`, name "
            "another folder, or say --replace to build it anew"
        )
    place = path.with_name(path.name + ".building") if there else path
    _may_be_used(path if not there else place)
    with at_work(path):
        place.mkdir(exist_ok=True, mode=0o700)
        shutil.copymode(path, place)
        if there and (place / manifest.NAME).exists() and (store := _finished_before(place, path, asked)):
            return store
        _same_as_begun(place, asked, anew and not there)
        begun = f"{asked} {ROWS}" + (f" {clock}" if streams else "")  # it goes on in batches of the same size
        with Builder(place, sources=begun, progress=packing) as builder:
            journal = Journal(place / _WORK, builder.batches)
            _note_request(place, asked, [*(file.source for file in files), *(one.name for one in streams)])
            book = Book(country=country, columns=mapping, fingerprint=asked)
            try:
                reads = take(files, builder, journal, zone=ZONES[country], columns=mapping, progress=reading)
            except LogError:
                journal.close()
                _forget(place)
                raise
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


def _may_be_used(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise LogError(f"{path}: this is a file; name a folder for the store")
    if path.is_dir() and any(path.iterdir()) and not (path / _WORK).is_dir() and not _is_ours(path):
        raise LogError(f"{path}: the folder holds something else than a log store; name a new folder")


def _is_ours(path: Path) -> bool:
    return {one.name for one in path.iterdir()} <= {LOCK, REJECTED, manifest.NAME, "pieces", "tables"}


def _same_as_begun(path: Path, asked: str, anew: bool) -> None:
    request = path / _WORK / _REQUEST
    try:
        found = json.loads(request.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if found["fingerprint"] == asked or not (path / _WORK / "state.json").exists():
        return  # or nothing of it is on disk: it was refused, or stopped at once
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


def _forget(place: Path) -> None:
    """Nothing stays of a build that was refused before any of it was put on disk."""
    if (place / _WORK / "state.json").exists():
        return
    shutil.rmtree(place / _WORK)
    if not any(place.iterdir()):
        place.rmdir()


def _built_of(path: Path, asked: str) -> bool:
    """Whether the store at `path` is what a build of the files `asked` makes, and nothing was added since."""
    book = Book.of(manifest.read(path).provenance)
    return book.fingerprint == asked and len(book.takes) == 1


def _done(path: Path) -> Store:
    """The store as it is, without what a command left that was killed when all but tidying up was done."""
    with at_work(path):
        shutil.rmtree(path / _WORK, ignore_errors=True)
    return Store.open(path)


def _finished_before(new: Path, path: Path, asked: str) -> Store | None:
    """The store that an earlier command built but did not put in place; None for one of other files."""
    if Book.of(Store.open(new).manifest.provenance).fingerprint != asked:
        shutil.rmtree(new)
        return None
    _put_in_place(new, path)
    return Store.open(path)


def _put_in_place(new: Path, path: Path) -> None:
    """The new store instead of the old one, in two renames."""
    old = _replaced(path)
    shutil.rmtree(old, ignore_errors=True)
    os.replace(path, old)
    os.replace(new, path)
    (old / manifest.NAME).unlink()  # or, killed before all of it is gone, it would be taken back one day
    shutil.rmtree(old, ignore_errors=True)


def _take_back(path: Path) -> None:
    """The old store is in force again when a command was killed between those renames."""
    if not path.exists() and (_replaced(path) / manifest.NAME).exists():
        os.replace(_replaced(path), path)


def _replaced(path: Path) -> Path:
    return path.with_name(path.name + ".replaced")
