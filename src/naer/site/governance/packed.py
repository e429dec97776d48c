"""The operational log as a log store, brought up to date: built once, then added to, compacted at times."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from naer.events.event import Event
from naer.events.instant import Instant
from naer.logs import LogError
from naer.logs.store import Store, append, compact, of_events, worthwhile
from naer.logs.store.batch import Batch
from naer.logs.store.sources_build import build
from naer.logs.store.sources_files import Book, Progress, Stream
from naer.site.pathways import archive
from naer.site.pathways.archive import Mark

LOG = "log"
"""The log store's folder, beside the tables."""
SOURCE = "database"
_TOGETHER = 50_000
"""Events in a batch, about."""


def packed(folder: Path, real: Instant, told: Progress | None = None) -> Store:
    """The store in `folder` with everything that the operational log holds now.

    What cannot be added to (another database's, damaged, none) is built anew. Only one process may do this.
    """
    path = folder / LOG
    try:
        store = Store.open(path)
        book = Book.of(store.manifest.provenance)
        mark, keys = archive.since(_mark(book))
        if keys:
            book.marks[SOURCE] = asdict(mark)
            store = append(store, [], provenance=book.provenance(), anew=_batches(keys, told))
        return compact(store) if worthwhile(store) else store
    except (LogError, KeyError, ValueError):
        mark, keys = archive.since(Mark())
        stream = Stream(SOURCE, _batches(keys, told), asdict(mark))
        return build([], path, clock=real, streams=[stream], anew=(path / "manifest.json").exists())


def _mark(book: Book) -> Mark:
    given = book.marks[SOURCE]
    return Mark(**{**given, "gaps": tuple(given["gaps"])})


def _batches(keys: list[str], told: Progress | None) -> Iterator[Batch]:
    waiting: list[Event] = []
    for _, events in archive.linked(keys, told):
        waiting += events
        if len(waiting) >= _TOGETHER:
            yield of_events(waiting)
            waiting = []
    if waiting:
        yield of_events(waiting)
