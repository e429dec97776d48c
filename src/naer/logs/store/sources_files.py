"""The files that a store is built from: found, told apart by their content, and remembered."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from naer.logs import files
from naer.logs.error import LogError
from naer.logs.store import manifest
from naer.logs.store.batch import Batch

Progress = Callable[[int, int], None]
"""Told now and then: bytes done, bytes in all."""

_READ = 4 * 2**20


@dataclass(frozen=True, slots=True)
class File:
    """One file of one SOURCE of the command line."""

    source: str
    path: Path
    form: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Stream:
    """Events that come from no file."""

    name: str
    """What the user calls it, as `database`."""
    batches: Iterator[Batch]
    mark: Mapping[str, Any]
    """How far it goes, for the next time."""


@dataclass(slots=True)
class Read:
    """What was made of one file, or of a stream (which has no rows and no bytes)."""

    source: str
    file: str
    form: str
    bytes: int
    sha256: str
    rows: int = 0
    first: int = 1
    """The number of its first row in the log."""
    events: int = 0
    rejected: int = 0
    """Rows that are no events."""
    numbered: bool = False
    """Whether it has rows without an id, which are known by their number only."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Those by reason; a row counts once for each."""
    columns: dict[str, str] = field(default_factory=dict)
    """Field → the column it was read from."""


@dataclass(slots=True)
class Book:
    """Everything a store was made from, kept in its manifest."""

    country: str = "DK"
    columns: dict[str, str] = field(default_factory=dict)
    takes: list[dict[str, Any]] = field(default_factory=list)
    """One for each build and append: `command`, `clock` (µs), `files` (each a :class:`Read`), `rows`."""
    marks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How far each stream was read."""
    fingerprint: str = ""
    """Of the files it was built from."""
    rejected_bytes: int = 0
    """So much of the file of rejected rows is in force."""

    @classmethod
    def of(cls, provenance: Mapping[str, Any]) -> "Book":
        """The book that a manifest keeps; an empty one for a store that was made without."""
        return cls(**provenance.get("book", {}))

    def provenance(self) -> dict[str, Any]:
        """As the manifest keeps it."""
        return {"book": asdict(self)}

    @property
    def rows(self) -> int:
        """Rows of files so far: the next one is numbered from here."""
        return sum(take["rows"] for take in self.takes)

    def read(self) -> Iterable[Mapping[str, Any]]:
        """Every file so far."""
        return (one for take in self.takes for one in take["files"])


def country_at(path: Path) -> str | None:
    """The country that the store at `path` was built for; None where that is not known, or there is none.

    Raises:
        LogError: as :func:`naer.logs.store.manifest.read`.
    """
    if not (path / manifest.NAME).is_file():
        return None
    provenance = manifest.read(path).provenance
    return Book.of(provenance).country if "book" in provenance else None


def find(sources: Sequence[str], progress: Progress | None = None) -> list[File]:
    """The files of all sources, in the order they are read.

    Raises:
        LogError: nothing there, an unknown format, a folder with several.
    """
    found = [(source, path, files.form(path)) for source in sources for path in files.find(Path(source))]
    sizes = [path.stat().st_size for _, path, _ in found]
    done = 0
    known = []
    for (source, path, form), size in zip(found, sizes, strict=True):
        digest = hashlib.sha256()
        try:
            with path.open("rb") as data:
                while part := data.read(_READ):
                    digest.update(part)
                    done += len(part)
                    if progress is not None:
                        progress(done, sum(sizes))
        except OSError as error:
            raise LogError(f"{path}: cannot be read: {error.strerror}") from None
        known.append(File(source, path, form, size, digest.hexdigest()))
    return known


def fresh(found: Sequence[File], book: Book) -> tuple[list[File], list[File]]:
    """Of some files those that the store has not, and those that it has already, by their content.

    Raises:
        LogError: when a file has changed whose rows are known by their number only: what is new in it
            cannot be told from what is not.
    """
    known = {one["sha256"] for one in book.read()}
    numbered = {one["file"] for one in book.read() if one["numbered"]}
    new = [file for file in found if file.sha256 not in known]
    for file in new:
        if str(file.path.resolve()) in numbered:
            raise LogError(
                f"{file.path}: it was read before and has changed since; its rows have no ids, so that what "
                "is new cannot be told from what is not. Put the new rows into a file of their own, or build "
                "the store anew with --replace"
            )
    return new, [file for file in found if file.sha256 in known]


def fingerprint(
    found: Sequence[File], streams: Sequence[Stream], columns: Mapping[str, str], country: str
) -> str:
    """Tells one list of sources, read in one way, from all others."""
    names = [[file.form, file.sha256] for file in found] + [[stream.name] for stream in streams]
    parts = [names, sorted(columns.items()), country]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
