"""Small numbers: which groups are too few to be shown, so that nobody is recognised.

A group of 1 to `LEAST - 1` is hidden; nothing is hidden about an empty one. Where just one group of a
whole that is shown were hidden, or several that are few together too (1 and 1 can only be 2), the whole
less the others would tell them: then the smallest of the others is hidden too (secondary suppression).
`LEAST` follows what is usual, and is unverified against the national rules for statistics.

A share tells two groups more: those counted and the rest. Where one of them is few, the share is rough:
only a bound of it may be said. Where that bound would say next to nothing, the share is hidden.
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


def rough(numerator: int, denominator: int, least: int = LEAST) -> bool:
    """Whether a share tells a group of too few: those counted, or the rest."""
    return 0 < numerator < least or 0 < denominator - numerator < least


def covered[Key: Hashable](
    shares: Mapping[Key, tuple[int, int]], least: int = LEAST
) -> tuple[frozenset[Key], frozenset[Key]]:
    """The (numerator, denominator) to hide of a whole that is shown, and those to show roughly.

    Where nothing is hidden for its size, a rough one that the whole less the others would tell takes the
    next smallest with it, which is hidden.
    """
    gone = set(hidden({key: denominator for key, (_, denominator) in shares.items()}, least))
    about = {key for key, share in shares.items() if key not in gone and rough(*share, least)}
    if not gone:
        for side in (
            {key: counted for key, (counted, _) in shares.items()},
            {key: denominator - counted for key, (counted, denominator) in shares.items()},
        ):
            gone.update(key for key in hidden(side, least) if side[key] >= least)
    gone.update(key for key in about if shares[key][1] < 2 * least)
    return frozenset(gone), frozenset(about - gone)
