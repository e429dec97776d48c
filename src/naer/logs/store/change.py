"""What became of a store since it stood in a certain way: whose events are others now, what was, what is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from naer.logs.store import hashing
from naer.logs.store.cut import Places
from naer.logs.store.hashing import Hashes
from naer.logs.store.joining import Joined, joined
from naer.logs.store.section import Standing
from naer.logs.store.store import Store

SHARE = 20_000
"""Components that are read at once."""


@dataclass(frozen=True, slots=True)
class Change:
    """Components by their keys, sorted and different."""

    store: Store
    then: Standing
    grown: Hashes
    """Those that have more events than then, and are otherwise as they were; new ones too."""
    replaced: Hashes
    """Those of then of which something is gone; they may be there again."""

    @classmethod
    def since(cls, store: Store, then: Standing) -> Change | None:
        """What has changed; None when pieces are gone, as after a compaction, so that it cannot be told."""
        there = {piece.identity: piece for piece in store.pieces}
        if not then.keys() <= there.keys():
            return None
        replaced, more = [], []
        for digest, piece in there.items():
            if digest not in then:
                more.append(piece.keys[piece.alive])
            elif len(dead := store.standing[digest]) > len(then[digest]):
                replaced.append(piece.keys[np.setdiff1d(dead, then[digest], assume_unique=True)])
        gone = hashing.once(*replaced)
        return cls(store, then, np.setdiff1d(hashing.once(*more), gone, assume_unique=True), gone)

    @property
    def events(self) -> int:
        """About so many events are in these components."""
        components = sum(piece.components for piece in self.store.pieces)
        return (len(self.grown) + len(self.replaced)) * self.store.events // max(1, components)

    def before(self, keys: Hashes, needs: frozenset[str]) -> Joined | None:
        """Components as they were; None when there were none."""
        slices = self.store.slices(keys, self.then)
        return joined(slices, needs) if slices else None

    def both(self, keys: Hashes, needs: frozenset[str]) -> tuple[Joined, Places]:
        """Some of `grown` as they are, and the places of the events that they had not."""
        slices = self.store.slices(keys)
        old = sum(one.piece.identity in self.then for one in slices)
        now = joined(slices, needs)
        return now, now.since(old)


def shares(keys: Hashes) -> list[Hashes]:
    """Keys in portions of about the same size, an even number of them: as many for each of two cores."""
    count = 2 * -(-len(keys) // (2 * SHARE))
    cuts = [number * len(keys) // count for number in range(count + 1)] if count else []
    return [keys[begin:end] for begin, end in pairwise(cuts) if begin < end]
