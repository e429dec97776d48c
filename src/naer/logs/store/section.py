"""A range of keys of a store as its reader meets it: one piece of the build, and what was appended to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from naer.events.chunk import Chunk
from naer.logs.store import hashing
from naer.logs.store.cut import Places
from naer.logs.store.hashing import Hashes
from naer.logs.store.piece import ALL, Piece

Standing = Mapping[str, Places]
"""Pieces by their identity, and the places of the components that were replaced in each."""


class Section:
    """Whole components: those in force whose keys are in the range."""

    def __init__(self, pieces: Sequence[Piece], low: np.uint64 | None = None, high: np.uint64 | None = None):
        """Keys from `low` up to, not including, `high`; None for no end."""
        self._pieces = pieces
        self._low, self._high = low, high

    def __len__(self) -> int:
        """Events."""
        if len(self._pieces) == 1:
            return len(self._pieces[0])
        return sum(int(piece.sizes(places).sum()) for piece, places in self._places)

    def load(self, needs: frozenset[str] = ALL) -> Chunk:
        """All events; of the columns that may be left out those in `needs`, "*" for all.

        Raises:
            LogError: when a file is missing or damaged.
        """
        if len(self._pieces) == 1:
            return self._pieces[0].load(needs)
        from naer.logs.store.joining import Slice, joined  # a store without anything beside does not need it

        return joined([Slice(piece, piece.cut(places)) for piece, places in self._places], needs).chunk

    @property
    def keys(self) -> Hashes:
        """uint64[components], rising: the key of each component of `load`."""
        return hashing.once(*(piece.keys[places] for piece, places in self._places))

    @cached_property
    def _places(self) -> list[tuple[Piece, Places]]:
        """The components in each piece that has any; in the first whether it has or not."""
        found = []
        for piece in self._pieces:
            first = 0 if self._low is None else int(np.searchsorted(piece.keys, self._low))
            last = len(piece.keys) if self._high is None else int(np.searchsorted(piece.keys, self._high))
            places = first + np.flatnonzero(piece.alive[first:last])
            if len(places) or piece is self._pieces[0]:
                found.append((piece, places))
        return found
