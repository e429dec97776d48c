"""The log store: a whole history, packed, ordered by pathway and memory-mapped."""

from naer.logs.store.append import append
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
