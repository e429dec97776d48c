"""SOURCES of the command line added to a log store: what `naer log append` and `naer replay --append` do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from naer.cli import log_database
from naer.cli.log_database import is_database
from naer.cli.progress import Bar
from naer.events.instant import Instant
from naer.logs.columns import parse

if TYPE_CHECKING:
    from naer.logs.store.sources_append import Added
    from naer.logs.store.sources_files import Book, Stream


def add(
    sources: Sequence[str],
    folder: Path,
    *,
    columns: str | None,
    database: str | None,
    own: Mapping[str, str],
    clock: Instant,
) -> Added:
    """Add files and the operational database to the store in `folder`; `own` are an agreement's own kinds.

    Raises:
        LogError: as `naer.logs.store.sources_append.append`; a source that is not there.
    """
    from naer.logs.store.sources_append import append
    from naer.logs.store.sources_files import find

    with Bar("looking") as looking:
        files = find([source for source in sources if not is_database(source)], looking)
    with Bar("reading") as reading:

        def streams(book: Book) -> list[Stream]:
            if not any(map(is_database, sources)):
                return []
            return [log_database.stream(database, book.marks.get(log_database.NAME, {}), reading)]

        return append(
            files,
            folder,
            clock=clock,
            columns=None if columns is None else parse(columns),
            streams=streams,
            own=own,
            reading=reading,
        )
