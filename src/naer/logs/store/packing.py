"""Rows of whole components become one piece of a store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.chunk import MIXED, NONE
from naer.logs.error import LogError
from naer.logs.store import hashing, kernels
from naer.logs.store.attributes import pack_attributes
from naer.logs.store.folder import Entry, Folder
from naer.logs.store.hashing import NOBODY, Hashes
from naer.logs.store.piece import digest_of
from naer.logs.store.ties import by_id, ties

CODED = ("organisation", "municipality", "source")
_UNITS = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1_000, 1)
_WIDE = 2**32 - 2


def pack(rows: pl.DataFrame, key: Hashes, ranks: Mapping[str, NDArray[np.uint32]], path: Path) -> Entry:
    """Write the rows (`key`: of each one's component) as a piece to the new folder `path`.

    `ranks` gives the store's code for each of the build's codes, by column. The piece's entry in the
    manifest comes back.

    Raises:
        LogError: when two names have one hash, which the store cannot tell apart.
    """
    rows, key, sent = _ordered(rows, key)
    path_of = rows["#path"].to_numpy()
    count = rows.height
    begins = np.ones(count, bool)
    begins[1:] = (path_of[1:] != path_of[:-1]) | (key[1:] != key[:-1])
    pathways = np.append(np.flatnonzero(begins), count)
    first = pathways[:-1]
    heads = np.ones(len(first), bool)
    heads[1:] = key[first][1:] != key[first][:-1]
    components = np.append(np.flatnonzero(heads), len(first))
    _one_name(rows, "pathway", begins)

    path.mkdir(parents=True)
    out = Folder(path)
    at = rows["at"].to_numpy()
    columns: dict[str, Entry] = {
        "at": _times(out, "at", at, None),
        "kind": _codes(out, "kind", ranks["kind"][rows["kind"].to_numpy()] - 1),
        "pathways": out.array("pathways", pathways.astype(np.uint32)),
        "components": out.array("components", components.astype(np.uint32)),
        "keys": out.array("keys", key[first[components[:-1]]]),
        "paths": out.array("paths", path_of[first]),
    }
    columns |= _citizens(out, rows, key, pathways, components)
    columns |= _ties(out, rows, sent, pathways, components)
    for name in ("sent", "received"):
        if name in rows.columns and rows[name].null_count() < count:
            columns[name] = _times(out, name, *_filled(rows[name]))
    for name in CODED:
        if name in rows.columns:
            codes = ranks[name][rows[name].to_numpy()]
            if codes.any():
                columns[name] = _codes(out, name, codes)
    columns |= _names(out, rows, first)
    attributes = pack_attributes(out, rows)
    return {
        "digest": digest_of(columns, attributes),
        "events": count,
        "pathways": len(first),
        "components": len(components) - 1,
        "first": int(at.min()),
        "last": int(at.max()),
        "columns": columns,
        "attributes": attributes,
    }


def _ordered(rows: pl.DataFrame, key: Hashes) -> tuple[pl.DataFrame, Hashes, NDArray[np.int64] | None]:
    """Rows by component, pathway and S2, their keys, and when each was written (None: when it happened)."""
    at, sent = rows["at"].to_numpy(), None
    if "sent" in rows.columns and rows["sent"].null_count() < rows.height:
        sent = rows["sent"].fill_null(rows["at"]).to_numpy()
    alone = bool((rows["#citizen"].to_numpy() == key).all())
    found = kernels.order(key, rows["#path"].to_numpy(), at, sent)
    order = found.places
    same = np.ones(max(rows.height - 1, 0), bool)
    for values in (found.key, found.path, found.at, *([] if sent is None else [sent[order]])):
        same &= values[1:] == values[:-1]
    if same.any():
        tied = np.zeros(rows.height, bool)
        tied[1:] |= same
        tied[:-1] |= same
        places = np.flatnonzero(tied)
        runs = np.cumsum(~np.append(False, same))[places]
        order[places] = order[places][by_id(rows[order[places]], {"run": runs})]
    sorted_ = {"#path": found.path, "at": found.at} | ({"#citizen": found.key} if alone else {})
    rest = rows.drop(sorted_)[order]
    rows = rest.with_columns(pl.Series(name, values) for name, values in sorted_.items())
    return rows, found.key, None if sent is None else sent[order]


def _one_name(rows: pl.DataFrame, name: str, begins: NDArray[np.bool_]) -> None:
    """Raise a LogError unless rows that stand together have one name."""
    if name not in rows.columns:
        return
    column = rows[name]
    changed = (column.slice(1) != column.slice(0, max(len(column) - 1, 0))).fill_null(False).to_numpy()
    if (changed & ~begins[1:]).any():
        raise LogError(
            f"two names of a {name} have the same 64-bit hash; the log cannot be stored. This is not "
            "expected to happen once in a million logs of a country: please report it"
        )


def _times(out: Folder, name: str, times: NDArray[np.int64], missing: NDArray[np.bool_] | None) -> Entry:
    """A column of instants in as few bytes as keep it exact; 0 stands for a missing one."""
    there = times if missing is None else times[~missing]
    base = int(there.min())
    passed = there - base
    one = 0 if missing is None else 1
    if (there >= base).all() and (passed >= 0).all():
        most = int(passed.max())
        unit = next(unit for unit in _UNITS if _divides(passed, unit))
        if most // unit <= _WIDE:
            whole = passed // unit if unit > 1 else passed
            packed = np.zeros(len(times), np.uint32)
            packed[slice(None) if missing is None else ~missing] = whole + one
            return out.array(name, packed, base=base - one * unit, unit=unit, missing=missing is not None)
    return out.array(name, times if missing is None else np.where(missing, NONE, times))


def _divides(passed: NDArray[np.int64], unit: int) -> bool:
    """Whether every number is a multiple of `unit`; a few are looked at before all."""
    for some in (passed[:: max(len(passed) // 1000, 1)], passed):
        if unit > 1 and (some // unit * unit != some).any():
            return False
    return True


def _filled(column: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
    if not column.has_nulls():
        return column.to_numpy(), None
    return column.fill_null(NONE).to_numpy(), column.is_null().to_numpy()


def _codes(out: Folder, name: str, codes: NDArray[np.uint32]) -> Entry:
    most = int(codes.max())
    if most == int(codes.min()):
        return {"constant": most}
    return out.array(name, codes.astype(np.min_scalar_type(most)))


def _citizens(
    out: Folder, rows: pl.DataFrame, key: Hashes, pathways: NDArray[np.int64], components: NDArray[np.int64]
) -> dict[str, Entry]:
    """The citizens of the pathways; nothing is written where each component is one citizen, or nobody."""
    citizen = rows["#citizen"].to_numpy()
    if (citizen == key).all():
        named = {"citizens": Entry(is_="one")}
        people, places = key, pathways[components[:-1]]
        _one_name(rows, "citizen", _changes(citizen))
    elif not citizen.any():
        return {"citizens": Entry(is_="nobody")}
    else:
        people, places, codes = _known(rows, citizen)
        lowest = np.minimum.reduceat(codes, pathways[:-1])
        highest = np.maximum.reduceat(codes, pathways[:-1])
        of_pathway = np.where(lowest == highest, lowest, MIXED).astype(np.int32)
        named = {"citizens": out.array("citizens", of_pathway), "people": out.array("people", people)}
        if (of_pathway == MIXED).any():
            named["citizen_of_event"] = out.array("citizen_of_event", codes)
    return named | _texts(out, rows, "citizen", places)


def _known(rows: pl.DataFrame, citizen: Hashes) -> tuple[Hashes, NDArray[np.int64], NDArray[np.int32]]:
    """The different citizens, a place of each, and each row's code: -1 without citizen."""
    people, places, codes = np.unique(citizen, return_index=True, return_inverse=True)
    if "citizen" in rows.columns:
        order = np.argsort(citizen, kind="stable")
        _one_name(rows[order], "citizen", _changes(citizen[order]))
    if people[0] == NOBODY:
        people, places, codes = people[1:], places[1:], codes - 1
    return people, places, codes.astype(np.int32)


def _changes(values: Hashes) -> NDArray[np.bool_]:
    changes = np.ones(len(values), bool)
    changes[1:] = values[1:] != values[:-1]
    return changes


def _ties(
    out: Folder,
    rows: pl.DataFrame,
    sent: NDArray[np.int64] | None,
    pathways: NDArray[np.int64],
    components: NDArray[np.int64],
) -> dict[str, Entry]:
    """The order by (sent, id) where events of several pathways in a component have the same time."""
    at = rows["at"].to_numpy()
    places, ranks = ties(at, sent, pathways, components, lambda some, before: by_id(rows[some], before))
    if not len(places):
        return {}
    return {
        "tie": out.array("tie", ranks.astype(np.min_scalar_type(int(ranks.max())))),
        "tie_at": out.array("tie_at", places.astype(np.uint32)),
    }


def _names(out: Folder, rows: pl.DataFrame, first: NDArray[np.int64]) -> dict[str, Entry]:
    """Ids, and the names of pathways that are not whole numbers."""
    ids = rows.select([name for name in ("id", "row") if _there(rows, name)])
    if "id" in ids.columns and "row" in ids.columns:
        ids = ids.with_columns(pl.when(pl.col("id").is_null()).then(pl.col("row")).alias("row"))
        if ids["row"].null_count() == ids.height:
            ids = ids.drop("row")
    if (
        "row" in ids.columns
        and not ids["row"].has_nulls()
        and 0 <= _least(ids["row"]) <= _most(ids["row"]) < 2**32
    ):
        ids = ids.with_columns(pl.col("row").cast(pl.UInt32))
    return {"ids": out.table("ids", ids)} | _texts(out, rows, "pathway", first)


def _texts(out: Folder, rows: pl.DataFrame, name: str, places: NDArray[np.int64]) -> dict[str, Entry]:
    """The names in a column at places; nothing is written where their hashes tell them all."""
    if name not in rows.columns:
        return {}
    hashed = rows["#path" if name == "pathway" else "#citizen"].to_numpy()[places]
    texts = hashing.spared(rows[name].gather(places), hashed)
    if texts.null_count() == len(texts):
        return {}
    return {f"{name}_names": out.table(f"{name}_names", texts.to_frame())}


def _there(rows: pl.DataFrame, name: str) -> bool:
    return name in rows.columns and rows[name].null_count() < rows.height


def _least(column: pl.Series) -> int:
    return int(column.to_numpy().min())


def _most(column: pl.Series) -> int:
    return int(column.to_numpy().max())
