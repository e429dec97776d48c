"""Reading our own Markdown: fenced blocks, links and headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.docs import pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / page for page in pages() if (ROOT / page).exists()]

_FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, what follows it on the opening line, its text, its line."""

    language: str
    info: str
    text: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks in order."""
    for found in _FENCE.finditer(text):
        yield Block(found[1], found[2].strip(), found[3], text[: found.start()].count("\n") + 1)


def links(text: str) -> list[str]:
    """Targets of the links outside fenced blocks."""
    return _LINK.findall(_FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    bare = _HEADING.findall(_FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in bare}
