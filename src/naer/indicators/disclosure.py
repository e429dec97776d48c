"""Small numbers: which groups are too few to be shown, so that nobody is recognised.

A group of 1 to `LEAST - 1` is hidden; nothing is hidden about an empty one. Where just one group of a
whole that is shown were hidden, the whole less the others would tell it: then the smallest of the
others is hidden too (secondary suppression). `LEAST` follows what is usual, and is unverified against
the national rules for statistics.
"""

from collections.abc import Hashable, Mapping

LEAST = 5


def hidden[Key: Hashable](sizes: Mapping[Key, int], least: int = LEAST) -> frozenset[Key]:
    """The groups to hide of a whole that is shown; `sizes` are people or cases in each."""
    few = {key for key, size in sizes.items() if 0 < size < least}
    if len(few) == 1 and (others := [key for key, size in sizes.items() if size >= least]):
        few.add(min(others, key=lambda key: (sizes[key], str(key))))
    return frozenset(few)
