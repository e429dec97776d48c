"""Small numbers: which groups are too few to be shown, so that nobody is recognised.

A group of 1 to `LEAST - 1` is hidden; nothing is hidden about an empty one. Where just one group of a
whole that is shown were hidden, or several that are few together too (1 and 1 can only be 2), the whole
less the others would tell them: then the smallest of the others is hidden too (secondary suppression).
`LEAST` follows what is usual, and is unverified against the national rules for statistics.
"""

from collections.abc import Hashable, Mapping

LEAST = 5


def hidden[Key: Hashable](sizes: Mapping[Key, int], least: int = LEAST) -> frozenset[Key]:
    """The groups to hide of a whole that is shown; `sizes` are people or cases in each."""
    few = {key for key, size in sizes.items() if 0 < size < least}
    if len(few) == 1 or 0 < sum(sizes[key] for key in few) < least:
        others = [key for key, size in sizes.items() if size >= least]
        few.update(sorted(others, key=lambda key: (sizes[key], str(key)))[:1])
    return frozenset(few)
