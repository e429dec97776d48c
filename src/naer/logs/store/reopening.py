"""Pieces back to rows of a build, with the store's own codes, so that they can be packed anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.chunk import NONE, Coded, pathway_of
from naer.logs.store.batch import json_text
from naer.logs.store.cut import Places
from naer.logs.store.hashing import NOBODY
from naer.logs.store.piece import ALL, Piece
from naer.logs.store.rows import sort_of, type_of


def reopen(piece: Piece, components: Places) -> pl.DataFrame:
    """The rows of the components at these places."""
    cut = piece.cut(components)
    chunk = piece.read(cut, ALL)
    pathway = pathway_of(chunk)
    hashes, names = piece.people(cut)
    who = chunk.citizen_of_event if chunk.citizen_of_event is not None else chunk.citizens[pathway]
    columns = {
        "#path": pl.Series(cut.of_pathways(piece.paths)[pathway]),
        "#citizen": pl.Series(np.append(hashes, NOBODY)[who]),
        "at": pl.Series(chunk.at),
        "kind": pl.Series(chunk.kind.astype(np.uint32) + 1),
    }
    columns |= {column.name: _number(column) for column in piece.ids(cut.which_events).get_columns()}
    texts = piece.pathway_texts(cut)
    if texts is not None:
        columns["pathway"] = texts.gather(pathway)
    if names is not None:
        columns["citizen"] = pl.concat([names, pl.Series([None], dtype=pl.String)]).gather(
            who % (len(names) + 1)
        )
    for name, times in (("sent", chunk.sent), ("received", chunk.received)):
        if times is not None:
            found = pl.Series(times)
            columns[name] = found.set(pl.Series(times == NONE), None)
    for name, coded in (
        ("organisation", chunk.organisation),
        ("municipality", chunk.municipality),
        ("source", piece.sources(cut)),
    ):
        if coded is not None:
            columns[name] = pl.Series(coded.codes.astype(np.uint32))
    for name, coded in chunk.attributes.items():
        columns |= _typed(name, coded)
    return pl.DataFrame(columns)


def _number(column: pl.Series) -> pl.Series:
    return column.cast(pl.Int64) if column.name == "row" else column


def _typed(name: str, coded: Coded) -> dict[str, pl.Series]:
    """The columns of an attribute, one for each type."""
    values: dict[str, list[Any]] = {}
    codes: NDArray[np.uint32] = coded.codes.astype(np.uint32)
    used = set(np.unique(codes).tolist()) - {0}
    for code in used:
        values.setdefault(sort_of(coded.values[code - 1]), [])
    columns = {}
    for sort in sorted(values):
        known = [
            None if code not in used or sort_of(value) != sort else json_text(value) if sort == "j" else value
            for code, value in enumerate(coded.values, 1)
        ]
        columns[f"@{sort}:{name}"] = pl.Series([None, *known], dtype=type_of(sort)).gather(codes)
    return columns
