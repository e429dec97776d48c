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
from naer.logs.store.quality import followed, keep, kept
from naer.logs.store.sources_files import Book, File, Progress, Stream, fresh
from naer.logs.store.sources_place import at_work, write_rejected
from naer.logs.store.sources_taking import Journal, drain, take, taken_now
from naer.logs.store.store import Store

_WORK = "append"
PIECES = 100
"""From so many pieces on a store is compacted, however small those are that were added."""


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
    checks: dict[str, int] | None
    """What each check of quality finds more than before; None when nobody had looked before."""


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
    memory. The quality report kept beside the store (`own` as there) follows, by what is touched. Pieces
    that grew many are compacted.

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
        count, checks = store.events, None
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
            old, store = store, add(store, rows.whole, rows.excluded, book.provenance(), anew=anew.whole)
            report = followed(old, store, clock, own)
            if report is not None:
                checks = _changed(kept(path), report)
            if worthwhile(store) or len(store.pieces) > PIECES:
                store = compact(store)
            if report is not None:
                keep(store, clock, own or {}, report)
        journal.close()
        shutil.rmtree(work)
    return Added(store, taken, known, store.events - count, ledger, checks)


def _changed(known: Mapping[str, Any] | None, report: Mapping[str, Any]) -> dict[str, int]:
    before = {one["check"]: one["events"] for one in known["report"]["checks"]} if known else {}
    changes = {one["check"]: one["events"] - before.get(one["check"], 0) for one in report["checks"]}
    return {check: change for check, change in changes.items() if change}
