"""The tutorials are run as they are written: every file is saved, every command gives what stands there.

A block ```` ```yaml file=NAME ```` is saved as NAME. In a ```` ```console ```` block a line that
begins with `$ ` is a command, and the lines up to the next one are all it prints; `…` stands for
anything, within a line or as a line of its own.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, blocks

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_tutorial_does_what_it_says(page: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "NAER_DATABASE": "sqlite:///naer.sqlite3",
    }
    commands = 0
    for block in blocks(page.read_text(encoding="utf-8")):
        if name := re.search(r"file=(\S+)", block.info):
            (tmp_path / name[1]).write_text(block.text, encoding="utf-8")
        if block.language == "console":
            for command, expected in _commands(block.text):
                done = subprocess.run(
                    ["sh", "-c", command],
                    cwd=tmp_path,
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    check=False,
                )
                assert _alike(done.stdout, expected), (
                    f"{page.name}, block at line {block.line}: `{command}` printed\n{done.stdout}"
                )
                commands += 1
    assert commands, f"{page.name} runs nothing"


def _commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def _alike(printed: str, expected: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
