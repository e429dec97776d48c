"""The few loops that numba makes quick; without it, or for little data, NumPy gives the same answers.

Every function here decides by itself, in :func:`_compiled`, and nowhere else is numba asked for.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

FEW = 100_000
"""Rows for which compiled code is not worth loading; once it is there, it is used."""

_LOOPS = "naer.logs.store.compiled"
NUMBER = np.uint64(0x9E3779B97F4A7C15)
"""Added to a whole number before it is mixed."""


def hash_texts(texts: pl.Series) -> NDArray[np.uint64]:
    """uint64[n]: a hash of the UTF-8 bytes of each text, never 0; of a null any number."""
    begins, data = _bytes(texts)
    compiled = _compiled(len(texts))
    if compiled is None:
        return _hash_texts(begins, data)
    hashes = np.empty(len(texts), np.uint64)
    compiled.hash_texts(begins, data, hashes)
    return hashes


def hash_names(names: pl.Series) -> NDArray[np.uint64]:
    """uint64[n]: as `hash_texts`, but a plain whole number has the hash of the number."""
    begins, data = _bytes(names)
    compiled = _compiled(len(names))
    if compiled is not None:
        hashes = np.empty(len(names), np.uint64)
        compiled.hash_names(begins, data, hashes)
        return hashes
    hashes = _hash_texts(begins, data)
    plain = names.str.contains(r"^(0|-?[1-9][0-9]{0,17})$").fill_null(False)
    if plain.any():
        where = plain.to_numpy()
        of_plain = mixed(names.filter(plain).cast(pl.Int64).to_numpy().view(np.uint64) + NUMBER)
        hashes[where] = np.where(of_plain == 0, hashes[where], of_plain)
    return hashes


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of splitmix64: a bijection in which every bit depends on every bit."""
    compiled = _compiled(len(values))
    if compiled is not None:
        found = np.empty(len(values), np.uint64)
        compiled.mixed(_fixed(values), found)
        return found
    values = values.copy()
    with np.errstate(over="ignore"):
        values ^= values >> np.uint64(30)
        values *= np.uint64(0xBF58476D1CE4E5B9)
        values ^= values >> np.uint64(27)
        values *= np.uint64(0x94D049BB133111EB)
        values ^= values >> np.uint64(31)
    return values


class Ordered(NamedTuple):
    """Places in the order of (key, path, at, sent), among equals in any; and what stands there, in order."""

    places: NDArray[np.int64]
    key: NDArray[np.uint64]
    path: NDArray[np.uint64]
    at: NDArray[np.int64]


def order(
    key: NDArray[np.uint64],
    path: NDArray[np.uint64],
    at: NDArray[np.int64],
    sent: NDArray[np.int64] | None,
) -> Ordered:
    """Rows put in order."""
    compiled = _compiled(len(key))
    count = len(key)
    if compiled is not None and count:
        room = (
            np.empty((count, 4), np.uint64),
            np.empty(max(1, count // compiled.PART) + 2, np.int64),
            np.empty(count + 2, np.int32),
            np.empty(count, np.int32),
        )
        ordered = Ordered(
            np.empty(count, np.int64),
            np.empty(count, np.uint64),
            np.empty(count, np.uint64),
            np.empty(count, np.int64),
        )
        columns = [_fixed(column) for column in (key, path, at, at if sent is None else sent)]
        compiled.order(*columns, room, tuple(ordered))
        return ordered
    places = np.lexsort((at, path, key) if sent is None else (sent, at, path, key))
    return Ordered(places, key[places], path[places], at[places])


def meeting(
    first: NDArray[np.int64], last: NDArray[np.int64], components: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """bool[components]: whether any two of its pathways overlap in time; of very many, whether they may.

    `first` and `last` are the times of each pathway, `components` where each one's pathways begin.
    """
    compiled = _compiled(len(first))
    if compiled is not None:
        meets = np.empty(len(components) - 1, bool)
        compiled.meeting(first, last, components, meets)
        return meets
    count = np.diff(components)
    component = np.repeat(np.arange(len(count)), count)
    some = np.flatnonzero(np.repeat(count > 1, count))
    order = some[np.lexsort((first[some], component[some]))]
    near = component[order[1:]] == component[order[:-1]]
    overlap = near & (first[order[1:]] <= last[order[:-1]])
    meets = np.zeros(len(count), bool)
    meets[component[order[1:][overlap]]] = True
    return meets


def unpack(values: NDArray[Any], base: int, unit: int) -> NDArray[np.int64]:
    """int64[n]: base + unit × value."""
    compiled = _compiled(len(values))
    if compiled is not None:
        times = np.empty(len(values), np.int64)
        compiled.unpack(values, base, unit, times)
        return times
    times = values.astype(np.int64)
    if unit != 1:
        times *= unit
    times += base
    return times


@lru_cache(maxsize=1)
def _numba() -> ModuleType | None:
    if importlib.util.find_spec("numba") is None:
        return None
    from naer.logs.store import compiled

    return compiled


def _compiled(rows: int) -> ModuleType | None:
    return None if rows < FEW and _LOOPS not in sys.modules else _numba()


def _fixed[T: np.generic](values: NDArray[T]) -> NDArray[T]:
    """Not to be written to, whoever made it: so the loops are compiled once for all."""
    values = np.ascontiguousarray(values).view()
    values.flags.writeable = False
    return values


def _bytes(texts: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Where each text begins, and all bytes."""
    column = texts.cast(pl.String).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = column.buffers()
    begins = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    return begins, np.zeros(8, np.uint8) if data is None else np.frombuffer(data, np.uint8)


def _hash_texts(begins: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    lengths = np.diff(begins)
    hashes = np.full(len(lengths), 0x9E3779B97F4A7C15, np.uint64) ^ lengths.astype(np.uint64)
    longest = int(lengths.max(initial=0))
    padded = np.concatenate([data[: begins[-1]], np.zeros(8, np.uint8)]) if len(begins) else data
    with np.errstate(over="ignore"):
        for word in range(0, longest, 8):
            places = np.flatnonzero(lengths > word)
            left = np.minimum(lengths[places] - word, 8)
            value = np.zeros(len(places), np.uint64)
            for byte in range(8):
                some = left > byte
                taken = padded[begins[:-1][places[some]] + word + byte].astype(np.uint64)
                value[some] |= taken << np.uint64(8 * byte)
            mixing = hashes[places] ^ value
            mixing ^= mixing >> np.uint64(32)
            mixing *= np.uint64(0xD6E8FEB86659FD93)
            mixing ^= mixing >> np.uint64(32)
            mixing *= np.uint64(0xD6E8FEB86659FD93)
            hashes[places] = mixing ^ (mixing >> np.uint64(32))
        hashes ^= hashes >> np.uint64(33)
        hashes *= np.uint64(0xFF51AFD7ED558CCD)
        hashes ^= hashes >> np.uint64(33)
    hashes[hashes == 0] = 1
    return hashes
