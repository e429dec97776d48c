"""Where a pathway stands in a store, and whether an id is in it: looked up by what is appended."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from naer.logs.store.hashing import Hashes

PARTS = 256
_HIGH = np.uint64(0xFFFFFFFF00000000)
_BYTE = np.uint64(8)
_HALF = np.uint64(32)
_PART = np.uint64(56)
_MIDDLE = np.uint64(2**63)


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids with the pathways they stand in: 40 bits of each id's hash, 32 bits of its pathway's.

    In 256 parts by the id's leading byte; in a part each entry is the id's next 32 bits above the pathway's.
    """

    begins: NDArray[np.int64]
    """int64[PARTS + 1]."""
    entries: Hashes

    @classmethod
    def of(cls, ids: Hashes, pathways: Hashes) -> "Ids":
        """An index of ids and the pathways of their events."""
        parts = (ids >> _PART).astype(np.uint8)
        begins = np.zeros(PARTS + 1, np.int64)
        np.cumsum(np.bincount(parts, minlength=PARTS), out=begins[1:])
        entries = ((ids << _BYTE) & _HIGH) | (pathways >> _HALF)
        entries = entries[np.argsort(parts, kind="stable")]
        for part in range(PARTS):
            entries[begins[part] : begins[part + 1]].sort()
        return cls(begins, entries)

    def part(self, part: int) -> Hashes:
        """The entries of one part."""
        return self.entries[self.begins[part] : self.begins[part + 1]]

    def pathways(self, ids: Hashes) -> Iterator[tuple[int, int]]:
        """(id, leading 32 bits of a pathway's hash), for each event that may have one of these ids."""
        parts = (ids >> _PART).astype(np.int64)
        wanted = (ids << _BYTE) & _HIGH
        for part in np.unique(parts).tolist():
            entries, some = self.part(part), np.flatnonzero(parts == part)
            low = np.searchsorted(entries, wanted[some])
            high = np.searchsorted(entries, wanted[some] | ~_HIGH, side="right")
            for place in np.flatnonzero(high > low).tolist():
                for entry in entries[low[place] : high[place]].tolist():
                    yield int(ids[some[place]]), entry & 0xFFFFFFFF


def merged(several: Sequence[Ids]) -> Iterator[Hashes]:
    """The entries of each part of several indexes, in order."""
    for part in range(PARTS):
        yield np.sort(np.concatenate([one.part(part) for one in several]))


def repeated(part: int, entries: Hashes) -> Hashes:
    """The ids that occur more than once among the entries of a part."""
    ids = entries & _HIGH
    twice = np.unique(ids[1:][ids[1:] == ids[:-1]])
    return (twice >> _BYTE) | (np.uint64(part) << _PART)


@dataclass(frozen=True, slots=True)
class Pathways:
    """Pathways and the keys of their components."""

    paths: Hashes
    """Sorted."""
    keys: Hashes

    @classmethod
    def of(cls, paths: Hashes, keys: Hashes) -> "Pathways":
        """An index of pathways, each given once; halves of them on threads."""
        middle = paths > _MIDDLE

        def half(some: NDArray[np.bool_]) -> tuple[Hashes, Hashes]:
            places = np.flatnonzero(some)
            places = places[np.argsort(paths[places])]
            return paths[places], keys[places]

        with ThreadPoolExecutor(2) as threads:
            (low, first), (high, last) = threads.map(half, (~middle, middle))
        return cls(np.concatenate([low, high]), np.concatenate([first, last]))

    def find(self, paths: Hashes) -> tuple[NDArray[np.bool_], Hashes]:
        """Which pathways are known, and the keys of those."""
        if not len(self.paths):
            return np.zeros(len(paths), bool), np.zeros(0, np.uint64)
        places = np.minimum(np.searchsorted(self.paths, paths), len(self.paths) - 1)
        known: NDArray[np.bool_] = self.paths[places] == paths
        return known, self.keys[places[known]]

    def leading(self, halves: Iterable[int]) -> Hashes:
        """The keys of the pathways whose hashes begin with these 32 bits."""
        wanted = np.array(sorted(set(halves)), np.uint64) << _HALF
        low = np.searchsorted(self.paths, wanted)
        high = np.searchsorted(self.paths, wanted | np.uint64(0xFFFFFFFF), side="right")
        found = [self.keys[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True) if b > a]
        return np.concatenate(found) if found else np.zeros(0, np.uint64)
