"""CSV: text cells, nothing guessed; an empty cell is missing.

Delimiter comma, semicolon or tab; UTF-8 with or without byte order mark, or UTF-16 with one; any
line ending; quoted cells may hold line breaks. A row with too many or too few cells, an unclosed
quote or broken letters is unreadable; reading goes on with the next line.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from naer.logs.columns import Layout
from naer.logs.error import LogError
from naer.logs.files import Source
from naer.logs.row import Content

DELIMITERS = ",;\t"
LONGEST = 1000
"""Lines that one quoted row may span; a quote open for longer was never closed."""


class CsvTable:
    """One CSV file with a header."""

    instants = False

    def __init__(self, source: Source) -> None:
        lines = Lines(_decoded(source.data))
        self.names, delimiter = head(lines, source.path)
        self._cells = Cells(lines, delimiter, len(self.names))

    def rows(self, _layout: Layout, /) -> Iterator[Content]:
        """Each row as column → text, or the text of a broken one."""
        names = self.names
        for cells in self._cells:
            yield cells if isinstance(cells, str) else dict(zip(names, cells, strict=True))


def head(lines: "Lines", path: Path) -> tuple[list[str], str]:
    """The names of the columns, from the first of `lines`, and the delimiter.

    Raises:
        LogError: when there is no such line, or it is broken.
    """
    try:
        first = next(lines)
    except StopIteration:
        raise LogError(f"{path}: the file is empty; its first line names the columns") from None
    delimiter = max(DELIMITERS, key=lambda mark: _outside_quotes(first).count(mark))
    lines.again()
    try:
        names = _unique(next(csv.reader(lines, delimiter=delimiter, strict=True)))
    except csv.Error as error:
        raise LogError(f"{path}:1: the line that names the columns is broken: {error}") from None
    if any(map(broken, names)):
        raise LogError(f"{path}:1: the file is not in UTF-8; save it as UTF-8")
    return names, delimiter


class Cells:
    """The rows after the header, each a list of `width` cells, or its text when it is broken."""

    def __init__(self, lines: "Lines", delimiter: str, width: int) -> None:
        self._lines = lines
        self._width = width
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)

    def __iter__(self) -> "Cells":
        return self

    def __next__(self) -> list[str] | str:
        lines = self._lines
        while True:
            lines.start()
            try:
                cells = next(self._reader)
            except csv.Error:
                cells = None
            if cells == []:
                continue
            if cells is None or len(cells) != self._width:
                line = lines.taken[0]
                lines.again(skip=1)
                return line.rstrip("\r\n")
            if any(map(broken, lines.taken)):
                return "".join(lines.taken).rstrip("\r\n")
            return cells


class Lines:
    """The file's lines; those of the row at hand can be taken again when it proves broken."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST:
            raise StopIteration
        line = self._waiting.popleft() if self._waiting else next(self._text)
        self.taken.append(line)
        return line

    def start(self) -> None:
        """A row begins."""
        self.taken.clear()

    def again(self, skip: int = 0) -> None:
        """Give the lines of the row at hand once more, but the first `skip`."""
        self._waiting.extendleft(reversed(self.taken[skip:]))
        self.taken.clear()

    def forget(self) -> int:
        """Let go of the lines that wait to be given once more; says how many they were."""
        waiting = len(self._waiting)
        self._waiting.clear()
        return waiting


def _decoded(data: IO[bytes]) -> Iterator[str]:
    buffered = io.BufferedReader(data)  # type: ignore[type-var]
    utf16 = buffered.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = "utf-16" if utf16 else "utf-8-sig"
    return io.TextIOWrapper(buffered, encoding=encoding, errors="surrogateescape", newline="")


def broken(text: str) -> bool:
    """Whether the text holds bytes that were no UTF-8 (kept as lone surrogates)."""
    return not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for place, name in enumerate(names, 1):
        name = name.strip() or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique
