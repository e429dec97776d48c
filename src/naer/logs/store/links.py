"""Components: which citizens belong together because one pathway has events of several (S28).

Nearly every pathway has one citizen, so that its key is the citizen's and nothing has to be joined.
"""

from dataclasses import dataclass

import numpy as np

from naer.logs.store.hashing import Hashes, alone, isin


@dataclass(frozen=True, slots=True)
class Links:
    """From the key of a citizen (or of a pathway alone) to the key of its component, where they differ."""

    before: Hashes
    """Sorted."""
    after: Hashes

    def resolve(self, keys: Hashes) -> Hashes:
        """The key of the component of each key."""
        if not len(self.before):
            return keys
        places = np.minimum(np.searchsorted(self.before, keys), len(self.before) - 1)
        return np.where(self.before[places] == keys, self.after[places], keys)


NO_LINKS = Links(np.zeros(0, np.uint64), np.zeros(0, np.uint64))


def pairs(pathways: Hashes, keys: Hashes) -> tuple[Hashes, Hashes]:
    """The different pairs of a pathway and a key among rows, in the order of the pathways."""
    order = np.lexsort((keys, pathways))
    pathways, keys = pathways[order], keys[order]
    first = np.ones(len(keys), bool)
    first[1:] = (pathways[1:] != pathways[:-1]) | (keys[1:] != keys[:-1])
    return pathways[first], keys[first]


def links(pathways: Hashes, keys: Hashes) -> Links:
    """Join the keys that share a pathway.

    `pathways` and `keys` are different pairs; the key of a component is the least of those of its citizens.
    """
    ordered = np.sort(pathways)
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    some = isin(pathways, shared)
    pathways, keys = pathways[some], keys[some]
    order = np.lexsort((keys, pathways))
    pathways, keys = pathways[order], keys[order]
    same = np.zeros(len(pathways), bool)
    same[1:] = pathways[1:] == pathways[:-1]
    if not same.any():
        return NO_LINKS
    above: dict[int, int] = {}

    def root(one: int) -> int:
        while (parent := above.setdefault(one, one)) != one:
            above[one] = one = above.setdefault(parent, parent)
        return one

    places = np.flatnonzero(same)
    for left, right in zip(keys[places - 1].tolist(), keys[places].tolist(), strict=True):
        above[root(left)] = root(right)
    linked = pathways[same]
    lonely = set(alone(linked).tolist())
    members: dict[int, list[int]] = {}
    for one in list(above):
        members.setdefault(root(one), []).append(one)
    changed: list[tuple[int, int]] = []
    for group in members.values():
        key = min(one for one in group if one not in lonely)
        changed += [(one, key) for one in group if one != key]
    changed.sort()
    return Links(
        np.array([before for before, _ in changed], np.uint64),
        np.array([after for _, after in changed], np.uint64),
    )
