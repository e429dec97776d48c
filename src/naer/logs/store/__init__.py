"""The log store: a whole history, packed, ordered by pathway and memory-mapped."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naer.logs.store.appending import append
    from naer.logs.store.batch import Batch, events_of, of_events
    from naer.logs.store.build import Builder
    from naer.logs.store.compaction import compact, worthwhile
    from naer.logs.store.piece import ALL, Piece
    from naer.logs.store.store import Store
    from naer.logs.store.tabular import of_frame, of_parquet
    from naer.logs.store.unpacking import events_of_chunk

__all__ = [
    "ALL", "Batch", "Builder", "Piece", "Store", "append", "compact", "events_of", "events_of_chunk",
    "of_events", "of_frame", "of_parquet", "worthwhile",
]  # fmt: skip

_ROOMS = {
    "batch": ("Batch", "events_of", "of_events"),
    "build": ("Builder",),
    "compaction": ("compact", "worthwhile"),
    "piece": ("ALL", "Piece"),
    "store": ("Store",),
    "tabular": ("of_frame", "of_parquet"),
    "unpacking": ("events_of_chunk",),
    "appending": ("append",),
}


def __getattr__(name: str) -> object:
    """What is asked for, from its module: who reads a store does not load what builds one."""
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{room}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
