"""`./run docs`: writes the generated blocks of docs/; with `--check` it only says which are stale.

A block stands between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a key of
`tools.reference.BLOCKS`. Everything outside the blocks is written by hand.
"""

import re
import sys
from pathlib import Path

from tools.reference import BLOCKS

FOLDERS = (Path("README.md"), Path("CONTRIBUTING.md"), Path("docs"))
_BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Every page that may hold generated blocks."""
    return [
        page for folder in FOLDERS for page in (sorted(folder.rglob("*.md")) if folder.is_dir() else [folder])
    ]


def fresh(text: str) -> str:
    """The page with its blocks written anew.

    Raises:
        KeyError: for a block that nothing generates.
    """
    return _BLOCK.sub(lambda found: found[1] + BLOCKS[found[2]]().strip() + "\n" + found[4], text)


def stale() -> list[Path]:
    """Pages whose generated blocks no longer say what the code says."""
    return [page for page in pages() if fresh(text := page.read_text(encoding="utf-8")) != text]


def main(arguments: list[str]) -> int:
    """Write, or check; gives the exit code."""
    old = stale()
    for page in old:
        if "--check" in arguments:
            print(f"{page} is stale; run ./run docs")
        else:
            page.write_text(fresh(page.read_text(encoding="utf-8")), encoding="utf-8")
            print(f"{page} written")
    return 1 if old and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
