"""Raw events as columns: what every source gives, and what the build of a store takes.

A batch is raw: duplicates, corrections and cancellations are still in it, in any order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from naer.events.event import Event, EventId

NAMES = ("kind", "organisation", "municipality", "source")
"""Columns of few different texts: String, Categorical or Enum."""
_EXACT = 2**63


def is_whole(kind: pl.DataType) -> bool:
    """Whether a column's type holds whole numbers that all fit into 64 bits with a sign."""
    return kind in (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)


@dataclass(frozen=True, slots=True)
class Batch:
    """Raw events. `frame` has, of these columns, those that occur (`pathway`, `kind`, `at` always):

    - `id`: String, null for a row without an id; `row`: Int64, the id of those rows (S2). One of the two
      must be there. A row number stands for one row in the whole log unless `repeats` says otherwise.
    - `pathway`, `citizen`: String, or integers, which mean their plain decimal text.
    - `kind`, `organisation`, `municipality`, `source`: String, Categorical or Enum.
    - `at`, `sent`, `received`: Int64, microseconds since the epoch, UTC.
    - `changes`: String; `changes_row`: Int64, where it names a row number.

    Null is missing everywhere; `pathway`, `kind` and `at` have none.
    """

    frame: pl.DataFrame
    attributes: Mapping[str, pl.Series] = field(default_factory=dict)
    """By name: String, Categorical, integers, Float64 or Boolean, null where an event has it not."""
    mixed: frozenset[str] = frozenset()
    """The attributes whose text is JSON, one value each: lists, and values of several types."""
    repeats: bool = False
    """Whether the same row number may come again: an event sent twice, not a row of a file."""

    def __len__(self) -> int:
        return self.frame.height


def of_events(events: Sequence[Event]) -> Batch:
    """A batch of raw events."""
    names = dict.fromkeys(name for event in events for name in event.attributes)
    columns = {name: attribute([event.attributes.get(name) for event in events]) for name in names}
    return Batch(
        pl.DataFrame(
            {
                "id": _text(event.id if isinstance(event.id, str) else None for event in events),
                "row": _whole(event.id if isinstance(event.id, int) else None for event in events),
                "pathway": _text(event.pathway for event in events),
                "kind": _text(event.kind for event in events),
                "at": _whole(event.at for event in events),
                "citizen": _text(event.citizen or None for event in events),
                "sent": _whole(event.sent for event in events),
                "received": _whole(event.received for event in events),
                "organisation": _text(event.organisation for event in events),
                "municipality": _text(event.municipality for event in events),
                "source": _text(event.source or None for event in events),
                "changes": _text(_if(event.changes, str) for event in events),
                "changes_row": _whole(_if(event.changes, int) for event in events),
            }
        ),
        {name: column for name, (column, _) in columns.items()},
        frozenset(name for name, (_, mixed) in columns.items() if mixed),
        repeats=True,
    )


def events_of(batch: Batch) -> Iterator[Event]:
    """The raw events of a batch, in its order."""
    texts = [
        name for name in ("citizen", "organisation", "municipality", "source") if name in batch.frame.columns
    ]
    times = [name for name in ("sent", "received") if name in batch.frame.columns]
    values = {
        name: [None if one is None else json.loads(one) for one in column]
        if name in batch.mixed
        else column.to_list()
        for name, column in batch.attributes.items()
    }
    for place, row in enumerate(batch.frame.iter_rows(named=True)):
        key: EventId = row["row"] if row.get("id") is None else row["id"]
        changes = row.get("changes")
        given: dict[str, Any] = {name: None if row[name] is None else str(row[name]) for name in texts}
        yield Event(
            id=key,
            pathway=str(row["pathway"]),
            kind=row["kind"],
            at=row["at"],
            changes=row.get("changes_row") if changes is None else changes,
            attributes={name: column[place] for name, column in values.items() if column[place] is not None},
            **{name: row[name] for name in times},
            **(given | {"source": given.get("source") or ""}),
        )


def json_text(value: Any) -> str:
    """One attribute value as JSON text; equal texts are equal values of one type."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def attribute(values: Sequence[Any]) -> tuple[pl.Series, bool]:
    """The column of one attribute, and whether it is JSON text. None is missing."""
    types = {type(value) for value in values if value is not None}
    fits = types != {int} or all(-_EXACT <= value < _EXACT for value in values if value is not None)
    plain = {str: pl.String, bool: pl.Boolean, int: pl.Int64, float: pl.Float64}
    if len(types) == 1 and fits and (kind := plain.get(next(iter(types)))) is not None:
        return pl.Series(values, dtype=kind), False
    return pl.Series([None if value is None else json_text(value) for value in values], dtype=pl.String), True


def _text(values: Iterable[str | None]) -> pl.Series:
    return pl.Series(list(values), dtype=pl.String)


def _whole(values: Iterable[int | None]) -> pl.Series:
    return pl.Series(list(values), dtype=pl.Int64)


def _if[T](value: EventId | None, kind: type[T]) -> T | None:
    return value if isinstance(value, kind) else None
