"""What may not be in the repository: large files, and numbers that could be a person's."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

LARGEST = 1_000_000
"""Bytes."""

_DANISH = re.compile(r"(?<![\w.-])(\d\d)(\d\d)(\d\d)[- ]?(\d{4})(?![\w-]|\.\d)")
_NORWEGIAN = re.compile(r"(?<![\w.-])(\d\d)(\d\d)(\d\d) ?(\d{5})(?![\w-]|\.\d)")
_WEIGHTS = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))


def files() -> list[Path]:
    """Files that git follows, or would if they were added now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        stdout=subprocess.PIPE,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return sorted(path for path in map(Path, filter(None, names)) if path.is_file())


def too_large() -> list[str]:
    """A line for each file over 1 MB."""
    sizes = ((path, path.stat().st_size) for path in files())
    return [f"{path}: {size:,} bytes; the limit is {LARGEST:,}" for path, size in sizes if size > LARGEST]


def person_numbers() -> list[str]:
    """A line for each number that could be a living person's; the number itself is not shown.

    Synthetic numbers have 60 added to the day (Denmark) or 80 to the month (Norway).
    """
    found = []
    for path in files():
        if path.name == "uv.lock":
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path}:{number}: could be a person's number; use a synthetic one (day + 60)"
            for number, line in enumerate(text.splitlines(), 1)
            if any(_candidates(line))
        ]
    return found


def _candidates(line: str) -> Iterator[str]:
    for found in _DANISH.finditer(line):
        if _is_day(found[1], found[2]):
            yield found[0]
    for found in _NORWEGIAN.finditer(line):
        digits = [int(digit) for digit in "".join(found.groups())]
        if _is_day(found[1], found[2]) and not any(_remainder(digits, row) for row in _WEIGHTS):
            yield found[0]


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


def _remainder(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11
