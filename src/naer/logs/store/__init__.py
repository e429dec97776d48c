"""The log store: a whole history, packed, ordered by pathway and memory-mapped."""

from naer.logs.store.batch import Batch, events_of, of_events
from naer.logs.store.tabular import of_frame, of_parquet

__all__ = ["Batch", "events_of", "of_events", "of_frame", "of_parquet"]
