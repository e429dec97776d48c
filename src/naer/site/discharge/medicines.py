"""Two lists of medicines compared line by line: same, changed, new, stopped, unclear.

Only what is written is compared, as text: no dose is read, computed or proposed, and nothing is taken for the
same that could be something else.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

Kind = Literal["unclear", "changed", "new", "stopped", "same"]
KINDS: tuple[Kind, ...] = ("unclear", "changed", "new", "stopped", "same")
"""In the order they are shown: what needs a person most first."""
DECISIONS = ("continue", "new", "changed", "stopped", "unclear")
"""What a person says becomes of a medicine; "unclear" leaves the line open."""
_COMPARED = ("strength", "dose", "use", "multidose")


class Medicine(msgspec.Struct, frozen=True):
    """One medicine as somebody wrote it; "" is not said."""

    name: str
    strength: str = ""
    dose: str = ""
    use: str = ""
    """fixed, course or needed."""
    multidose: str = ""
    """yes or no."""
    note: str = ""
    atc: str = ""

    def __repr__(self) -> str:
        return "Medicine(…)"


class Compared(msgspec.Struct, frozen=True):
    """One line of the comparison. `differs` are the fields that are not written alike."""

    kind: Kind
    before: Medicine | None
    after: Medicine | None
    differs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The medicine's name, as the later list has it."""
        one = self.after or self.before
        return one.name if one is not None else ""


def compare(before: Iterable[Medicine], after: Iterable[Medicine]) -> list[Compared]:
    """The lines of both lists, each in one line of the result.

    Lines belong together by name and strength, else by name, else by ATC code, when one only on each side has
    it; where several could be meant, each stands alone and is unclear. So is one without a dose.
    """
    left, right = list(before), list(after)
    found: list[Compared] = []
    for key in (_whole, _name, _code):
        for mine, theirs in _paired(left, right, key):
            left.remove(mine)
            right.remove(theirs)
            found.append(_together(mine, theirs))
    doubtful = _several(left, right)
    found += [_alone("stopped", one, None, doubtful) for one in left]
    found += [_alone("new", None, one, doubtful) for one in right]
    return sorted(found, key=lambda one: (KINDS.index(one.kind), plain(one.name)))


def plain(text: str) -> str:
    """A text without what makes no difference: case, and how much space there is."""
    return " ".join(text.casefold().split())


Key = Callable[[Medicine], str]


def _whole(one: Medicine) -> str:
    return f"{plain(one.name)}\n{plain(one.strength)}" if one.name.strip() else ""


def _name(one: Medicine) -> str:
    return plain(one.name)


def _code(one: Medicine) -> str:
    return plain(one.atc)


def _paired(left: Sequence[Medicine], right: Sequence[Medicine], key: Key) -> list[tuple[Medicine, Medicine]]:
    """The pairs that a key makes: exactly one on each side has it."""
    mine, theirs = _grouped(left, key), _grouped(right, key)
    return [
        (mine[name][0], theirs[name][0])
        for name in mine
        if name and len(mine[name]) == 1 and len(theirs.get(name, ())) == 1
    ]


def _grouped(some: Sequence[Medicine], key: Key) -> dict[str, list[Medicine]]:
    found: dict[str, list[Medicine]] = defaultdict(list)
    for one in some:
        found[key(one)].append(one)
    return found


def _several(left: Sequence[Medicine], right: Sequence[Medicine]) -> set[str]:
    """The names and codes that stand on both sides of what is left: which is which, nobody can tell."""
    found: set[str] = set()
    for key in (_name, _code):
        found |= {key(one) for one in left} & {key(one) for one in right}
    return found - {""}


def _together(before: Medicine, after: Medicine) -> Compared:
    differs = tuple(name for name in _COMPARED if plain(getattr(before, name)) != plain(getattr(after, name)))
    if plain(before.name) != plain(after.name):
        differs = ("name", *differs)
    if not (before.dose.strip() and after.dose.strip()):
        return Compared("unclear", before, after, differs)
    return Compared("changed" if differs else "same", before, after, differs)


def _alone(kind: Kind, before: Medicine | None, after: Medicine | None, doubtful: set[str]) -> Compared:
    one = before or after
    assert one is not None
    unsure = bool({_name(one), _code(one)} & doubtful) or (after is not None and not after.dose.strip())
    return Compared("unclear" if unsure else kind, before, after)
