"""Events whose effect is not their own alone: repeated ids, changes, cancellations, and what they reach.

They are few. They go through `naer.events.log.effective` as events, so that S3 and S4 have one meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from naer.events.event import Event, EventId
from naer.events.log import CANCELLED, Ledger, content, effective
from naer.logs.store import hashing
from naer.logs.store.batch import NAMES, Batch, events_of, json_text
from naer.logs.store.hashing import Hashes, name_texts

LEDGER = {"reason": pl.String, "event": pl.UInt64, "pathway": pl.UInt64, "row": pl.Int64}
"""The columns of a store's ledger: hashes of the event's id and of its pathway, or the row of a file."""


KEPT = {"#id": pl.UInt64, "changes": pl.UInt64, "group": pl.UInt64, "event": pl.String}
"""Of the raw events that a store keeps: hashes of the id, of the id it names (its own when it names none) and
of the group; the event as JSON."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Special events after S3 and S4."""

    rows: pl.DataFrame
    """Those that hold as they came, once."""
    holding: list[Event]
    """What holds of the others."""
    kept: pl.DataFrame
    """Columns KEPT: the raw events behind `holding`, and those that do not hold."""
    ledger: pl.DataFrame
    """Columns LEDGER."""


def settle(
    rows: pl.DataFrame, involved: Hashes, names: Mapping[str, Sequence[str]], kept: pl.DataFrame
) -> Settled:
    """What holds of raw rows with special ids, and what is left out with its reason.

    `involved` (sorted) are the ids that a change has or names; `kept` raw events that belong to them.
    Equal rows become one, with the earliest `received`; only ids that then still have several contents,
    or are changed, are looked at one by one.
    """
    if not rows.height:
        rows = pl.DataFrame(schema={"#id": pl.UInt64, "#path": pl.UInt64})
    once, ledger = _once(rows)
    known = kept["#id"].to_numpy()
    several = once["#id"].is_duplicated().to_numpy()
    several |= hashing.isin(once["#id"].to_numpy(), involved) | np.isin(once["#id"].to_numpy(), known)
    events = events_of_rows(once.filter(pl.Series(several)), names) if several.any() else []
    events = [*kept_events(kept), *events]
    noted = _Noted()
    holding = effective(events, excluded=noted).events
    raw = once.filter(pl.Series(~several))
    return Settled(raw, holding, _kept(events), pl.concat([ledger, noted.frame()]))


def _once(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Equal rows as one, with the earliest `received`; what was left out, as columns LEDGER."""
    ids = pl.Series("#id", ids_of(rows), dtype=pl.UInt64)
    rows = _plain(rows).with_columns(ids)
    same = [name for name in rows.columns if name != "received"]
    least = [pl.col("received").min()] if "received" in rows.columns else []
    once = rows.group_by(same).agg(pl.len().cast(pl.Int64).alias("#copies"), *least)
    extra = once.filter(pl.col("#copies") > 1)
    left = extra.select(
        pl.lit("duplicate").alias("reason"),
        pl.col("#id").alias("event"),
        pl.col("#path").alias("pathway"),
        pl.lit(None, pl.Int64).alias("row"),
    )
    copies = np.repeat(np.arange(extra.height), extra["#copies"].to_numpy() - 1)
    return once.drop("#copies"), left[copies].cast(LEDGER)  # type: ignore[arg-type]


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows without what does not count: the row number beside an id, the text of a name that is a number."""
    if "id" in rows.columns and "row" in rows.columns:
        rows = rows.with_columns(pl.when(pl.col("id").is_null()).then(pl.col("row")).alias("row"))
    for name, hashed in (("pathway", "#path"), ("citizen", "#citizen")):
        if name in rows.columns:
            rows = rows.with_columns(hashing.spared(rows[name], rows[hashed].to_numpy()))
    return rows


def _kept(events: Sequence[Event]) -> pl.DataFrame:
    """Raw events, one of each content, with their groups: those that a change links have one number."""
    if not events:
        return pl.DataFrame(schema=KEPT)
    once: dict[tuple[EventId, str], Event] = {}
    for event in events:
        key = (event.id, content(event))
        other = once.get(key)
        if other is None or (event.received is not None and _later(other, event)):
            once[key] = event
    known = list(once.values())
    own = hashes_of(event.id for event in known).tolist()
    named = hashes_of(event.id if event.changes is None else event.changes for event in known).tolist()
    above: dict[int, int] = {}

    def root(one: int) -> int:
        while (parent := above.setdefault(one, one)) != one:
            above[one] = one = above.setdefault(parent, parent)
        return one

    for one, other_id in zip(own, named, strict=True):
        low, high = sorted((root(one), root(other_id)))
        above[high] = low
    texts = [json_text({**msgspec.structs.asdict(event)}) for event in known]
    groups = [root(one) for one in own]
    return pl.DataFrame({"#id": own, "changes": named, "group": groups, "event": texts}, schema=KEPT)


def _later(one: Event, other: Event) -> bool:
    """Whether `one` was received after `other`, or nobody knows when."""
    return one.received is None or (other.received is not None and one.received > other.received)


def kept_events(kept: pl.DataFrame) -> list[Event]:
    """The events of columns KEPT."""
    return [Event(**json.loads(text)) for text in kept["event"].to_list()]


class _Noted(Ledger):
    """A ledger that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self._told: list[tuple[str, EventId, str | None]] = []

    def add(self, reason: str, event: object, pathway: str | None) -> None:
        one = event[0] if isinstance(event, tuple) else event
        assert isinstance(one, str | int)
        self._told.append((reason, one, pathway))

    def frame(self) -> pl.DataFrame:
        """Columns LEDGER."""
        pathways = pl.Series([pathway for _, _, pathway in self._told], dtype=pl.String)
        columns = {
            "reason": [reason for reason, _, _ in self._told],
            "event": hashes_of(event for _, event, _ in self._told),
            "pathway": hashing.of_names(pathways),
            "row": [None] * len(self._told),
        }
        return pl.DataFrame(columns, schema=LEDGER)


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
    if "#id" in rows.columns and not rows["#id"].has_nulls():
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
