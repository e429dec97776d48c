"""The operational database as a source of a log store."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from naer.events.event import Event
from naer.logs import LogError
from naer.logs.store.batch import Batch, of_events
from naer.logs.store.sources_files import Progress, Stream

NAME = "database"
_EVENTS = 50_000
"""Events in a batch, about."""


def is_database(source: str) -> bool:
    """Whether a SOURCE of the command line means the operational database, and no file of that name."""
    return source == NAME and not os.path.exists(source)


def stream(database: str | None, mark: Mapping[str, Any], progress: Progress) -> Stream:
    """All events of the citizens with events beyond `mark` (of an earlier stream; empty: of everybody).

    Raises:
        LogError: when `mark` is of another database.
    """
    from naer.site import boot

    boot.setup(database)
    from naer.site.pathways import archive

    before = archive.Mark(**{**mark, "gaps": tuple(mark["gaps"])}) if mark else archive.Mark()
    try:
        now, keys = archive.since(before)
    except ValueError as error:
        raise LogError(str(error)) from None

    def batches() -> Iterator[Batch]:
        waiting: list[Event] = []
        for _, events in archive.linked(keys, progress):
            waiting += events
            if len(waiting) >= _EVENTS:
                yield of_events(waiting)
                waiting = []
        if waiting:
            yield of_events(waiting)

    return Stream(NAME, batches(), asdict(now))
