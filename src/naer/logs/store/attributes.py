"""Attributes of a piece: a code for each event, and the different values as JSON, types kept."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.chunk import Coded
from naer.logs.store.folder import Entry, Folder

_ORDER = "bifsj"


def pack_attributes(out: Folder, rows: pl.DataFrame) -> dict[str, Entry]:
    """Write the attribute columns of rows; their entries by name."""
    columns: dict[str, dict[str, pl.Series]] = {}
    for column in rows.get_columns():
        if column.name.startswith("@") and column.null_count() < len(column):
            columns.setdefault(column.name[3:], {})[column.name[1]] = column
    packed = {}
    for number, name in enumerate(sorted(columns)):
        codes, values = _coded(columns[name])
        entry = {"values": out.json(f"attribute-{number}", values)}
        most = int(codes.max())
        if most == int(codes.min()):
            entry["codes"] = {"constant": most}
        else:
            entry["codes"] = out.array(f"attribute-{number}", codes.astype(np.min_scalar_type(most)))
        packed[name] = entry
    return packed


def load_attribute(folder: Folder, entry: Entry, count: int) -> Coded:
    """The column of an attribute."""
    return Coded(load_codes(folder, entry["codes"], count), folder.read_json(entry["values"]))


def load_codes(folder: Folder, entry: Entry, count: int) -> NDArray[Any]:
    """Unsigned integers [count]; a constant column has no file."""
    if "constant" in entry:
        return np.full(count, entry["constant"], np.min_scalar_type(entry["constant"]))
    return folder.load(entry)


def _coded(columns: dict[str, pl.Series]) -> tuple[NDArray[np.uint32], list[Any]]:
    """Codes from 1 in the order of type and value, the same however batches split the types."""
    codes = np.zeros(len(next(iter(columns.values()))), np.uint32)
    values: list[Any] = []
    for sort in _ORDER:
        if sort in columns:
            there = columns[sort].is_not_null().to_numpy()
            found = columns[sort].drop_nulls()
            known = found.unique().sort()
            codes[there] = len(values) + 1 + _places(found, known)
            values += [json.loads(text) for text in known] if sort == "j" else known.to_list()
    return codes, values


def _places(column: pl.Series, known: pl.Series) -> NDArray[np.int64]:
    if column.dtype == pl.String:
        return column.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy()
    return np.searchsorted(known.to_numpy(), column.to_numpy())
