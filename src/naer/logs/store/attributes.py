"""Attributes of a piece: a code for each event, and the different values as JSON, types kept."""

import json
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.chunk import Coded
from naer.logs.store.folder import Entry, Folder
from naer.logs.store.rows import TYPES

_ORDER = "bifsj"
_EXACT = range(-(2**63), 2**63)


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
    known: dict[str, pl.Series] = {}
    for sort, column in columns.items():
        known[sort] = column.drop_nulls().unique().sort()
    texts: dict[str, tuple[str, Any]] = {}
    if "j" in columns:
        for text in known["j"].to_list():
            value = json.loads(text)
            texts[text] = (_sort(value), value)
        known["j"] = pl.Series([text for text, (sort, _) in texts.items() if sort == "j"], dtype=pl.String)
        for sort in "bifs":
            parsed = pl.Series([value for kind, value in texts.values() if kind == sort], dtype=TYPES[sort])
            if len(parsed):
                known[sort] = pl.concat([known.get(sort, parsed.clear()), parsed]).unique().sort()
    before: dict[str, int] = {}
    values: list[Any] = []
    for sort in _ORDER:
        before[sort] = len(values) + 1
        found = known[sort].to_list() if sort in known else []
        values += [json.loads(text) for text in found] if sort == "j" else found
    count = len(next(iter(columns.values())))
    codes = np.zeros(count, np.uint32)
    for sort, column in columns.items():
        there = column.is_not_null().to_numpy()
        if sort == "j":
            place = {
                text: before[kind] + _place(known[kind], text if kind == "j" else value)
                for text, (kind, value) in texts.items()
            }
            codes[there] = column.drop_nulls().replace_strict(place, return_dtype=pl.UInt32).to_numpy()
        else:
            codes[there] = before[sort] + _places(column.drop_nulls(), known[sort])
    return codes, values


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int):
        return "i" if value in _EXACT else "j"
    return "f" if isinstance(value, float) else "s" if isinstance(value, str) else "j"


def _places(column: pl.Series, known: pl.Series) -> NDArray[np.int64]:
    if column.dtype == pl.String:
        return column.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy()
    return np.searchsorted(known.to_numpy(), column.to_numpy())


def _place(known: pl.Series, value: Any) -> int:
    return int(known.index_of(value) or 0)
