"""The few loops that numba makes quick; without it, or for little data, NumPy gives the same answers.

Every function here decides by itself, in :func:`_compiled`, and nowhere else is numba asked for.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

FEW = 500_000
"""Rows for which compiled code is not worth loading, a second's work; once it is there, it is used."""

NUMBER = np.uint64(0x9E3779B97F4A7C15)
"""Added to a whole number before it is mixed."""


def hash_texts(texts: pl.Series) -> NDArray[np.uint64]:
    """uint64[n]: a hash of the UTF-8 bytes of each text, never 0; of a null any number."""
    begins, data = _bytes(texts)
    compiled = _compiled(len(texts))
    return _hash_texts(begins, data) if compiled is None else compiled.hash_texts(begins, data)


def hash_names(names: pl.Series) -> NDArray[np.uint64]:
    """uint64[n]: as `hash_texts`, but a plain whole number has the hash of the number."""
    begins, data = _bytes(names)
    compiled = _compiled(len(names))
    if compiled is not None:
        hashes: NDArray[np.uint64] = compiled.hash_names(begins, data, NUMBER)
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
    values = values.copy()
    with np.errstate(over="ignore"):
        values ^= values >> np.uint64(30)
        values *= np.uint64(0xBF58476D1CE4E5B9)
        values ^= values >> np.uint64(27)
        values *= np.uint64(0x94D049BB133111EB)
        values ^= values >> np.uint64(31)
    return values


def order(
    key: NDArray[np.uint64],
    path: NDArray[np.uint64],
    at: NDArray[np.int64],
    sent: NDArray[np.int64] | None,
) -> NDArray[np.int64]:
    """int64[n]: the places in the order of (key, path, at, sent); among equals in any order."""
    compiled = _compiled(len(key))
    if compiled is not None:
        places: NDArray[np.int64] = compiled.order(key, path, at, at if sent is None else sent)
        return places
    return np.lexsort((at, path, key) if sent is None else (sent, at, path, key))


def unpack(values: NDArray[Any], base: int, unit: int) -> NDArray[np.int64]:
    """int64[n]: base + unit × value."""
    compiled = _compiled(len(values))
    if compiled is not None:
        times: NDArray[np.int64] = compiled.unpack(values, base, unit)
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
    return None if rows < FEW and "numba" not in sys.modules else _numba()


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
