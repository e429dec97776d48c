"""Adding files, and what is new in the operational database, to a store: in one step or not at all."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from naer.events.instant import ZONES, Instant
from naer.logs.row import Exclusion
from naer.logs.store.appending import append as add
from naer.logs.store.batch import Batch
from naer.logs.store.compaction import compact, worthwhile
from naer.logs.store.quality import current, followed, keep
from naer.logs.store.sources_files import Book, File, Progress, Stream, fresh
from naer.logs.store.sources_place import at_work, write_rejected
from naer.logs.store.sources_taking import Journal, drain, take, taken_now
from naer.logs.store.store import Store

_WORK = "append"


@dataclass(frozen=True, slots=True)
class Added:
    """What an append did."""

    store: Store
    take: dict[str, Any]
    """As the book keeps it; without files when there was nothing new."""
    known: list[File]
    """Files that the store had already, by their content; they were passed over."""
    events: int
    """So many effective events more than before."""
    before: dict[str, int]
    """Its ledger before."""
    report: Mapping[str, Any] | None
    """Of its quality before; None when nobody had looked then."""


@dataclass(slots=True)
class _Gathered:
    """Takes batches and keeps them."""

    batches: int = 0
    whole: list[Batch] = field(default_factory=list)
    excluded: list[Exclusion] = field(default_factory=list)

    def add(self, batch: Batch, excluded: Sequence[Exclusion] = (), rows_read: int | None = None) -> None:  # noqa: ARG002
        self.batches += 1
        self.whole.append(batch)
        self.excluded += excluded


def append(
    files: Sequence[File],
    path: Path,
    *,
    clock: Instant,
    columns: Mapping[str, str] | None = None,
    streams: Callable[[Book], Sequence[Stream]] = lambda _: (),
    own: Mapping[str, str] | None = None,
    reading: Progress | None = None,
) -> Added:
    """Add files and streams to the store at `path`; `columns` are those of the build unless given.

    `streams` makes them from what the book says of the last time; their events stand instead of those
    with the same ids that the store has. Rows without ids are numbered on. All that is added is held in
    memory. Pieces that grew many are compacted; a quality report kept beside the store (`own` as there)
    is then brought up to date before, else by who asks for it.

    Raises:
        LogError: there is no store; a file was read before and has changed; the disk is full; what a
            file's reader says.
    """
    Store.open(path)
    with at_work(path):
        store = Store.open(path)
        book = Book.of(store.manifest.provenance)
        new, known = fresh(files, book)
        work = path / _WORK
        shutil.rmtree(work, ignore_errors=True)
        journal = Journal(work, 0)
        rows, anew = _Gathered(), _Gathered()
        ledger = {str(row["reason"]): int(row["events"]) for row in store.ledger()}
        count, report = store.events, current(store, own)
        reads = take(
            new,
            rows,
            journal,
            zone=ZONES[book.country],
            columns=book.columns if columns is None else columns,
            first=max(book.rows, store.manifest.rows) + 1,
            progress=reading,
        )
        for stream in streams(book):
            read = drain(stream, anew)
            book.marks[stream.name] = dict(stream.mark)
            if read.events:
                reads.append(read)
        taken = taken_now("append", clock, reads)
        if reads:
            book.takes.append(taken)
            book.rejected_bytes = write_rejected(path, journal, book.rejected_bytes)
            store = add(store, rows.whole, rows.excluded, book.provenance(), anew=anew.whole)
            if worthwhile(store):
                now = followed(store, clock, own)
                store = compact(store)
                if now is not None:
                    keep(store, clock, own or {}, now)
        journal.close()
        shutil.rmtree(work)
    return Added(store, taken, known, store.events - count, ledger, report)
