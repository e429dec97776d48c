"""What a version of a part says: texts by name, sealed; and what becomes of two changes at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import msgspec

from naer.site import vault
from naer.site.plans.models import SEALED

Wording = dict[str, str]
"""Field → text; a day as 2026-11-22, a state or an organisation by its key; what is empty is left out."""

FIELDS: dict[str, tuple[str, ...]] = {
    "section": ("text", "plain", "owner", "revise_by"),
    "goal": ("text", "sign", "state", "ends"),
    "activity": ("text", "who", "often", "owner", "state", "starts", "ends"),
}
"""Kind of part → what it says."""
PROSE = frozenset({"text", "plain", "sign", "often"})
"""Fields of free text: two changes in different lines of one go together."""


def seal(wording: Mapping[str, str]) -> bytes:
    """The wording as it is stored."""
    return vault.seal(SEALED, msgspec.json.encode({k: v for k, v in sorted(wording.items()) if v}))


def unseal(content: bytes) -> Wording:
    """The wording that `seal` was given.

    Raises:
        UnknownKeyError: as `vault.unseal`.
    """
    return msgspec.json.decode(vault.unseal(SEALED, content), type=dict[str, str])


def cleaned(kind: str, given: Mapping[str, str]) -> Wording:
    """The fields of a kind of part, without empty ones, with one kind of line end."""
    texts = {name: given.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS[kind]}
    return {name: text for name, text in texts.items() if text}


@dataclass(frozen=True, slots=True)
class Merged:
    """Two changes of one wording: both together, and the fields in which they contradict one another."""

    wording: Wording
    """Where they contradict one another: mine."""
    conflicts: tuple[str, ...]


def merge(base: Wording, mine: Wording, theirs: Wording) -> Merged:
    """What I and somebody else made of `base`, brought together, field by field."""
    wording: Wording = {}
    conflicts = []
    for name in sorted(base.keys() | mine.keys() | theirs.keys()):
        found = _field(name, base.get(name, ""), mine.get(name, ""), theirs.get(name, ""))
        if found is None:
            conflicts.append(name)
            found = mine.get(name, "")
        if found:
            wording[name] = found
    return Merged(wording, tuple(conflicts))


def _field(name: str, base: str, mine: str, theirs: str) -> str | None:
    """One field of both; None when they contradict one another."""
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    if name not in PROSE:
        return None
    lines = _lines(base.split("\n"), mine.split("\n"), theirs.split("\n"))
    return None if lines is None else "\n".join(lines)


def _lines(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The three-way merge of lines (diff3); None when both changed the same place in different ways."""
    merged: list[str] = []
    at = (0, 0, 0)
    for start, end, of_mine, of_theirs in _common(base, mine, theirs):
        was, one, other = (
            list(base[at[0] : start]),
            list(mine[at[1] : of_mine]),
            list(theirs[at[2] : of_theirs]),
        )
        if one == other or other == was:
            merged += one
        elif one == was:
            merged += other
        else:
            return None
        merged += base[start:end]
        at = (end, of_mine + end - start, of_theirs + end - start)
    return merged


def _common(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> list[tuple[int, int, int, int]]:
    """The stretches of `base` that both kept: start, end, where it starts in mine and in theirs."""
    ours = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    others = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    found = []
    i = j = 0
    while i < len(ours) and j < len(others):
        one, other = ours[i], others[j]
        start, end = max(one.a, other.a), min(one.a + one.size, other.a + other.size)
        if start < end:
            found.append((start, end, one.b + start - one.a, other.b + start - other.a))
        if one.a + one.size < other.a + other.size:
            i += 1
        else:
            j += 1
    return [*found, (len(base), len(base), len(mine), len(theirs))]


Piece = tuple[str, str]
"""What became of a stretch of text, same, gone or new, and the stretch."""


def difference(before: str, after: str) -> list[Piece]:
    """How one text became another, word by word."""
    old, new = _words(before), _words(after)
    found: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(("same", "".join(old[a:b])))
            continue
        if b > a:
            found.append(("gone", "".join(old[a:b])))
        if d > c:
            found.append(("new", "".join(new[c:d])))
    return found


def _words(text: str) -> list[str]:
    """Words with the white space after them: put together they are the text."""
    words: list[str] = []
    word, space = "", False
    for letter in text:
        if space and not letter.isspace():
            words.append(word)
            word = ""
        word += letter
        space = letter.isspace()
    return [*words, word] if word else words
