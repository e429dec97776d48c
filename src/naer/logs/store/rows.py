"""Raw events as rows of a build: names as hashes, few different texts as codes, the rest as it came.

Columns: `#id` (where ids can repeat), `#path`, `#citizen` (0 without citizen), `at`, `sent`, `received`,
`kind` `organisation` `municipality` `source` as codes of the build (0 missing), `id`, `row`, `pathway`
and `citizen` (texts; null where the name is a whole number), and attributes as `@T:NAME`, T their type.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.logs.store import hashing
from naer.logs.store.batch import NAMES, Batch, is_whole

_EXACT = range(-(2**63), 2**63)


class Dictionary:
    """Texts and their codes from 1, in the order they came; safe to grow from several threads."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._codes = {name: code for code, name in enumerate(names, 1)}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """By code - 1."""
        return list(self._codes)

    def encode(self, column: pl.Series) -> pl.Series:
        """UInt32 codes of a column of texts; 0 where it is null."""
        if isinstance(column.dtype, pl.Categorical | pl.Enum):
            used = column.drop_nulls().unique()
            texts, known = used.cast(pl.String), used.to_physical()
            places = column.to_physical().cast(pl.UInt32)
        else:
            texts = column.drop_nulls().unique().sort()
            known = pl.int_range(len(texts), eager=True)
            places = column.cast(pl.Enum(texts)).to_physical().cast(pl.UInt32)
        missing = int(known.to_numpy().max(initial=0)) + 1
        codes = np.zeros(missing + 1, np.uint32)
        with self._lock:
            for place, name in zip(known.to_list(), texts.to_list(), strict=True):
                codes[place] = self._codes.setdefault(name, len(self._codes) + 1)
        return pl.Series(column.name, codes[places.fill_null(missing).to_numpy()])


def ranks(names: Sequence[str]) -> NDArray[np.uint32]:
    """uint32[len + 1]: from a code of the order of arrival to the code of the order of the alphabet."""
    ranked = np.zeros(len(names) + 1, np.uint32)
    ranked[1 + np.array(sorted(range(len(names)), key=lambda place: names[place]), np.int64)] = np.arange(
        1, len(names) + 1, dtype=np.uint32
    )
    return ranked


def rows(batch: Batch, dictionaries: dict[str, Dictionary]) -> pl.DataFrame:
    """The rows of a batch."""
    frame = batch.frame
    pathways = hashing.of_names(frame["pathway"])
    columns = {"#path": pl.Series(pathways)}
    if "citizen" in frame.columns:
        columns["#citizen"] = pl.Series(hashing.of_names(frame["citizen"]))
    else:
        columns["#citizen"] = pl.repeat(0, frame.height, dtype=pl.UInt64, eager=True)
    present = {column.name: column for column in frame.get_columns() if column.null_count() < frame.height}
    ids, numbers = present.get("id"), present.get("row")
    if ids is not None or batch.repeats:
        columns["#id"] = pl.Series(hashing.of_ids(ids, numbers))
    for name in ("id", "row", "at", "sent", "received", "changes", "changes_row"):
        if name in present:
            columns[name] = present[name]
    for name in ("pathway", "citizen"):
        if name in present and not is_whole(present[name].dtype):
            columns[name] = present[name].cast(pl.String)
    for name in NAMES:
        if name in present:
            columns[name] = dictionaries[name].encode(present[name])
    for name, column in batch.attributes.items():
        if column.null_count() < len(column):
            if name in batch.mixed:
                columns |= _parsed(name, column)
            else:
                sort = _sort(column.dtype)
                columns[f"@{sort}:{name}"] = column.cast(type_of(sort))
    return pl.DataFrame(columns)


def type_of(sort: str) -> pl.DataType:
    """Of an attribute's column: text, whole number, number, truth value, JSON text."""
    known = {"s": pl.String(), "i": pl.Int64(), "f": pl.Float64(), "b": pl.Boolean(), "j": pl.String()}
    return known[sort]


def sort_of(value: Any) -> str:
    """The sort of an attribute's value: s, i, f, b or j, as in `type_of`."""
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int):
        return "i" if value in _EXACT else "j"
    return "f" if isinstance(value, float) else "s" if isinstance(value, str) else "j"


def keys(frame: pl.DataFrame) -> NDArray[np.uint64]:
    """uint64[n]: where each row stands before any pathway links citizens: its citizen, else its pathway."""
    citizens = frame["#citizen"].to_numpy()
    if (citizens != hashing.NOBODY).all():
        return citizens
    return np.where(citizens != hashing.NOBODY, citizens, hashing.alone(frame["#path"].to_numpy()))


def _parsed(name: str, column: pl.Series) -> dict[str, pl.Series]:
    """Columns by type of a column of JSON texts, so that a value is the same whatever came beside it."""
    values = {text: json.loads(text) for text in column.unique() if text is not None}
    columns = {}
    for sort in sorted({sort_of(value) for value in values.values()}):
        some = {text: value for text, value in values.items() if sort_of(value) == sort}
        if sort == "j":
            some = dict.fromkeys(some)
            found = column.set(~column.is_in(list(some)), None)
        else:
            found = column.replace_strict(some, default=None, return_dtype=type_of(sort))
        columns[f"@{sort}:{name}"] = found
    return columns


def _sort(kind: pl.DataType) -> str:
    if kind == pl.Boolean:
        return "b"
    if kind.is_float():
        return "f"
    return "i" if kind.is_integer() else "s"
