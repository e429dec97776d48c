"""Components: which citizens belong together because one pathway has events of several (S28).

Nearly every pathway has one citizen, so that its key is the citizen's and nothing has to be joined.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


NO_PAIRS = np.zeros(0, np.uint64), np.zeros(0, np.uint64)


def pairs(pathways: Hashes, keys: Hashes) -> tuple[Hashes, Hashes]:
    """The different pairs of a pathway and a key among rows, in the order of the pathways."""
    begins = np.ones(len(keys), bool)  # rows of one pathway often stand together
    begins[1:] = (pathways[1:] != pathways[:-1]) | (keys[1:] != keys[:-1])
    pathways, keys = pathways[begins], keys[begins]
    order = np.argsort(pathways)
    new = np.ones(len(keys), bool)
    new[1:] = pathways[order][1:] != pathways[order][:-1]
    of_pathway = keys[order]
    if (new[1:] | (of_pathway[1:] == of_pathway[:-1])).all():  # nearly always: each has one key
        return pathways[order][new], of_pathway[new]
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
    places = np.flatnonzero(same)
    nodes = np.unique(keys)
    group = _groups(
        len(nodes), np.searchsorted(nodes, keys[places - 1]), np.searchsorted(nodes, keys[places])
    )
    named = ~isin(nodes, np.sort(alone(shared)))
    groups, first = np.unique(group[named], return_index=True)
    key = nodes[named][first][np.searchsorted(groups, group)]
    changed = nodes != key
    return Links(nodes[changed], key[changed])


def _groups(count: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[count]: the least place among those that are joined, directly or not, by the pairs."""
    group = np.arange(count)
    while True:
        least = np.minimum(group[left], group[right])
        joined = group.copy()
        np.minimum.at(joined, group[left], least)
        np.minimum.at(joined, group[right], least)
        while (joined[joined] != joined).any():
            joined = joined[joined]
        if (joined == group).all():
            return group
        group = joined
