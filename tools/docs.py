"""`./run docs`: writes the generated blocks of docs/; with `--check` it only says which are stale.

A block stands between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a key of
`tools.reference.BLOCKS`. Everything outside the blocks is written by hand. Files in
`tools.reference.FILES` are generated whole.
"""

import re
import sys
from pathlib import Path

from tools.reference import BLOCKS, FILES

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


def stale() -> dict[Path, str]:
    """Pages and files that no longer say what the code says, each with what it should say."""
    wanted = {page: fresh(page.read_text(encoding="utf-8")) for page in pages()}
    wanted |= {path: render() for path, render in FILES.items()}
    return {path: text for path, text in wanted.items() if _said(path) != text}


def _said(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(arguments: list[str]) -> int:
    """Write, or check; gives the exit code."""
    old = stale()
    for path, text in old.items():
        if "--check" in arguments:
            print(f"{path} is stale; run ./run docs")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{path} written")
    return 1 if old and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
