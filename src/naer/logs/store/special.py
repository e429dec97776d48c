"""Events whose effect is not their own alone: repeated ids, changes, cancellations, and what they reach.

They are few. They go through `naer.events.log.effective` as events, so that S3 and S4 have one meaning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.event import Event, EventId
from naer.events.log import CANCELLED, Ledger, effective
from naer.logs.store import hashing
from naer.logs.store.batch import NAMES, Batch, events_of, json_text
from naer.logs.store.hashing import NOBODY, Hashes

LEDGER = {"reason": pl.String, "event": pl.UInt64, "pathway": pl.UInt64, "row": pl.Int64}
"""The columns of a store's ledger: hashes of the event's id and of its pathway, or the row of a file."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Special events after S3 and S4."""

    holding: list[Event]
    ledger: pl.DataFrame
    """Columns LEDGER."""


def settle(events: Sequence[Event]) -> Settled:
    """What holds of special events, and what is left out with its reason."""
    noted = _Noted()
    holding = effective(events, excluded=noted).events
    ids = [event for _, event, _ in noted.rows_]
    pathways = pl.Series([pathway for _, _, pathway in noted.rows_], dtype=pl.String)
    ledger = pl.DataFrame(
        {
            "reason": pl.Series([reason for reason, _, _ in noted.rows_], dtype=pl.String),
            "event": pl.Series(hashes_of(ids), dtype=pl.UInt64),
            "pathway": pl.Series(hashing.of_names(pathways), dtype=pl.UInt64),
            "row": pl.Series([None] * len(ids), dtype=pl.Int64),
        }
    )
    return Settled(holding, ledger.sort(ledger.columns))


class _Noted(Ledger):
    """A ledger that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.rows_: list[tuple[str, EventId, str | None]] = []

    def add(self, reason: str, event: object, pathway: str | None) -> None:
        one = event[0] if isinstance(event, tuple) else event
        assert isinstance(one, str | int)
        self.rows_.append((reason, one, pathway))


def hashes_of(ids: Iterable[EventId]) -> Hashes:
    """uint64[n] of event ids."""
    known = list(ids)
    texts = pl.Series([one if isinstance(one, str) else None for one in known], dtype=pl.String)
    rows = pl.Series([one if isinstance(one, int) else None for one in known], dtype=pl.Int64)
    return hashing.of_ids(texts, rows)


def involved(rows: pl.DataFrame, cancelled: int) -> Hashes:
    """The ids that changes and cancellations among rows have and name; `cancelled` is a code."""
    changing = pl.col("kind") == cancelled
    for name in ("changes", "changes_row"):
        if name in rows.columns:
            changing |= pl.col(name).is_not_null()
    some = rows.filter(changing)
    if not some.height:
        return np.zeros(0, np.uint64)
    own = ids_of(some)
    texts = some["changes"] if "changes" in some.columns else None
    numbers = some["changes_row"] if "changes_row" in some.columns else None
    if texts is None and numbers is None:
        return own
    named = hashing.of_ids(texts, numbers)
    there = np.zeros(some.height, bool)
    for column in (texts, numbers):
        if column is not None:
            there |= column.is_not_null().to_numpy()
    return np.concatenate([own, named[there]])


def ids_of(rows: pl.DataFrame) -> Hashes:
    """uint64[n]: the hashes of the ids of rows."""
    if "#id" in rows.columns:
        return rows["#id"].to_numpy()
    return hashing.of_ids(_texts(rows, "id"), _texts(rows, "row"))


def repeated(ids: Hashes) -> Hashes:
    """The ids that occur more than once."""
    ordered = np.sort(ids)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def decode(rows: pl.DataFrame, names: Mapping[str, Sequence[str]]) -> Batch:
    """Rows of a build as a batch again; `names` gives the texts of the codes, by column."""
    columns: dict[str, pl.Series] = {}
    for name in ("id", "row", "at", "sent", "received", "changes", "changes_row"):
        if name in rows.columns:
            columns[name] = rows[name]
    columns["pathway"] = name_texts(rows["#path"].to_numpy(), _texts(rows, "pathway"))
    columns["citizen"] = name_texts(rows["#citizen"].to_numpy(), _texts(rows, "citizen"))
    for name in NAMES:
        if name in rows.columns:
            known = pl.Series([None, *names[name]], dtype=pl.String)
            columns[name] = known.gather(rows[name])
    attributes: dict[str, pl.Series] = {}
    mixed = set()
    parts: dict[str, dict[str, pl.Series]] = {}
    for column in rows.get_columns():
        if column.name.startswith("@") and column.null_count() < len(column):
            parts.setdefault(column.name[3:], {})[column.name[1]] = column
    for name, found in parts.items():
        if len(found) == 1:
            sort, attributes[name] = next(iter(found.items()))
            if sort == "j":
                mixed.add(name)
        else:
            mixed.add(name)
            attributes[name] = pl.select(
                pl.coalesce(column if sort == "j" else _json(column) for sort, column in found.items())
            ).to_series()
    return Batch(pl.DataFrame(columns), attributes, frozenset(mixed), repeats=True)


def name_texts(hashes: Hashes, texts: pl.Series | None) -> pl.Series:
    """Names: the text where there is one, else the whole number that has the hash; null for NOBODY."""
    numbers = pl.Series(hashing.numbers(hashes)).cast(pl.String)
    some: NDArray[np.bool_] = hashes != NOBODY
    if not some.all():
        numbers = numbers.to_frame("n").select(pl.when(pl.Series(some)).then(pl.col("n"))).to_series()
    return numbers if texts is None else pl.select(pl.coalesce(texts, numbers)).to_series()


def events_of_rows(rows: pl.DataFrame, names: Mapping[str, Sequence[str]]) -> list[Event]:
    """The events of rows of a build."""
    return list(events_of(decode(rows, names)))


def is_cancelled(names: Sequence[str]) -> int:
    """The code of the kind that cancels; one that no row has when no row cancels."""
    return names.index(CANCELLED) + 1 if CANCELLED in names else 2**32 - 1


def _texts(rows: pl.DataFrame, name: str) -> pl.Series | None:
    return rows[name] if name in rows.columns else None


def _json(column: pl.Series) -> pl.Series:
    return pl.Series([None if one is None else json_text(one) for one in column], dtype=pl.String)
