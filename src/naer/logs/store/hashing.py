"""Names and ids as 64-bit numbers, the same on any machine and in any version of any library.

The hash of a whole number is a bijection, so that a name which is a number needs no text beside its hash;
the text "7" is the number 7, "007" is not. Names are never trusted to differ because their hashes do:
whoever groups by hash compares the texts too.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.logs.store import kernels

Hashes = NDArray[np.uint64]

NOBODY = np.uint64(0)
"""The hash of a missing name; no name has it."""
_BACK_ONE = np.uint64(pow(0xBF58476D1CE4E5B9, -1, 2**64))
_BACK_TWO = np.uint64(pow(0x94D049BB133111EB, -1, 2**64))
IDS = np.uint64(2**64 - 2**24)
"""The bits of a hash that tell ids apart; who compares ids by them must stand an error now and then."""
_ROW = np.uint64(0xD1B54A32D192ED03)
_ALONE = np.uint64(0x8CB92BA72F3D8DD7)


def of_names(names: pl.Series) -> Hashes:
    """uint64[n] of a column of texts or whole numbers; NOBODY where it is null."""
    if not names.dtype.is_integer():
        return _of_texts(names)
    hashes = kernels.mixed(names.fill_null(0).cast(pl.Int64).to_numpy().view(np.uint64) + kernels.NUMBER)
    if (hashes == NOBODY).any():
        return _of_texts(names.cast(pl.String))
    if names.has_nulls():
        hashes[names.is_null().to_numpy()] = NOBODY
    return hashes


def numbers(hashes: Hashes) -> NDArray[np.int64]:
    """The whole numbers that have these hashes: meaningful only for names that are numbers."""
    with np.errstate(over="ignore"):
        found: NDArray[np.int64] = (_unmixed(hashes) - kernels.NUMBER).view(np.int64)
    return found


def spared(texts: pl.Series, hashes: Hashes) -> pl.Series:
    """The texts of names, null where the hash alone tells the name."""
    number = pl.Series(numbers(hashes)).cast(pl.String)
    return pl.select(pl.when(texts != number).then(texts).alias(texts.name)).to_series()


def name_texts(hashes: Hashes, texts: pl.Series | None) -> pl.Series:
    """Names: the text where there is one, else the whole number that has the hash; null for NOBODY."""
    plain = pl.Series(numbers(hashes)).cast(pl.String)
    some: NDArray[np.bool_] = hashes != NOBODY
    if not some.all():
        plain = plain.to_frame("n").select(pl.when(pl.Series(some)).then(pl.col("n"))).to_series()
    return plain if texts is None else pl.select(pl.coalesce(texts, plain)).to_series()


def of_ids(texts: pl.Series | None, rows: pl.Series | None) -> Hashes:
    """uint64[n] of event ids: of the text, or of the row number where there is no text."""
    if rows is None:
        assert texts is not None
        return kernels.hash_texts(texts) & IDS
    hashes = kernels.mixed(rows.fill_null(0).cast(pl.Int64).to_numpy().view(np.uint64) ^ _ROW) & IDS
    if texts is None:
        return hashes
    return np.where(texts.is_null().to_numpy(), hashes, kernels.hash_texts(texts) & IDS)


def alone(pathways: Hashes) -> Hashes:
    """The keys of pathways without a citizen, apart from the keys of citizens with the same names."""
    return kernels.mixed(pathways ^ _ALONE)


def _unmixed(values: Hashes) -> Hashes:
    values = values ^ (values >> np.uint64(31)) ^ (values >> np.uint64(62))
    values = values * _BACK_TWO
    values = values ^ (values >> np.uint64(27)) ^ (values >> np.uint64(54))
    values = values * _BACK_ONE
    values ^= (values >> np.uint64(30)) ^ (values >> np.uint64(60))
    return values


def _of_texts(names: pl.Series) -> Hashes:
    hashes = kernels.hash_names(names)
    if names.has_nulls():
        hashes[names.is_null().to_numpy()] = NOBODY
    return hashes


def isin(values: Hashes, wanted: Hashes) -> NDArray[np.bool_]:
    """bool[n]: which values are among `wanted` (sorted); quick when few are."""
    if len(wanted) and len(values):  # the table below is as large as what may be met
        low, high = np.searchsorted(wanted, values.min()), np.searchsorted(wanted, values.max(), "right")
        wanted = wanted[low:high]
    if not len(wanted):
        return np.zeros(len(values), bool)
    bits = min(22, len(wanted).bit_length() + 6)
    shift = np.uint64(64 - bits)
    near = np.zeros(1 << bits, bool)
    near[wanted >> shift] = True
    found: NDArray[np.bool_] = near[values >> shift]
    places = np.flatnonzero(found)
    if len(places):
        some = values[places]
        at = np.minimum(np.searchsorted(wanted, some), len(wanted) - 1)
        found[places] = wanted[at] == some
    return found


def once(*values: Hashes) -> Hashes:
    """The different ones among all, rising; sorting is several times quicker than NumPy's hash table."""
    ordered = np.sort(np.concatenate([np.zeros(0, np.uint64), *values]))
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]
