"""CSV as batches: a block's sound lines are read at once, the others by the reader of :mod:`naer.logs.csv`.

A line is sound when it is a whole row by itself: as many cells as the header, quotes opened and closed as
they must be, nothing but UTF-8. Every other line starts a row that the slow reader is given.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.logs.csv import Cells, Lines, head
from naer.logs.files import Source

BLOCK = 16 * 2**20
"""Bytes of text that are read at once."""
_LONG = 100_000
"""A line of more bytes is left to the slow reader, which knows how much a cell may hold."""
_BLANK = ("", "\n", "\r", "\r\n")
_MARK = b"\xef\xbb\xbf"

_Places = NDArray[np.int64]
_Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file: the sound ones as text columns, by their numbers, and the broken ones' lines."""

    frame: pl.DataFrame
    numbers: pl.Series
    """Int64: the rows of `frame`, counted from 1 at the file's first row."""
    broken: list[tuple[int, str]]
    """(number, the line) of each row that cannot be read."""
    rows: int


def is_utf8(source: Source) -> bool:
    """Whether the file is UTF-8 (or nearly): what :func:`blocks` reads. It is at its start after."""
    start = source.data.read(2)
    source.data.seek(0)
    return start not in (b"\xff\xfe", b"\xfe\xff")


def blocks(source: Source, path: Path, size: int | None = None) -> Iterator[Block]:
    """The rows of a CSV file, block by block (`size` bytes), each with its header's names as columns.

    Raises:
        LogError: when the header is missing or broken.
    """
    reader: _Reader | None = None
    number = 1
    for data, last in _pieces(source, size or BLOCK):
        if reader is None:
            text = data.removeprefix(_MARK)
            lines = Lines(_lazily(text))
            names, delimiter = head(lines, path)
            begun = sum(len(line.encode("utf-8", "surrogateescape")) for line in lines.taken)
            reader = _Reader(names, delimiter, text[begun:])
            data = b""
        block = reader.read(data, number, last)
        if block.rows or number == 1:
            yield block
        number += block.rows


def _pieces(source: Source, size: int) -> Iterator[tuple[bytes, bool]]:
    """The file in pieces that end with a line, and whether it is the last."""
    rest = b""
    while read := source.data.read(size):
        whole, end, rest = (rest + read).rpartition(b"\n")
        if end:
            yield whole + end, False
    yield rest, True


class _Reader:
    def __init__(self, names: Sequence[str], delimiter: str, waiting: bytes) -> None:
        self._names = names
        self._delimiter = delimiter
        self._waiting = waiting
        cell = f'(?:"(?:[^"]|"")*"|[^"{delimiter}]*)'
        self._row = f"^{cell}(?:{delimiter}{cell}){{{len(names) - 1}}}$"

    def read(self, data: bytes, first: int, last: bool) -> Block:
        """The rows of the lines that wait and of `data`, numbered from `first`."""
        data = self._waiting + data
        self._waiting = b""
        if data.count(b"\r") != data.count(b"\r\n"):
            texts = _texts(data)
            sound = np.zeros(len(texts), bool)
            return self._parted(data, texts, sound, np.empty(0, np.int64), first, last)
        letters = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(letters == 10)
        if len(letters) and letters[-1] != 10:
            ends = np.append(ends, len(letters))
        sound = self._sound(data, letters, ends)
        return self._parted(data, _Slices(data, ends), sound, ends, first, last)

    def _sound(self, data: bytes, letters: Any, ends: _Places) -> _Truths:
        """Which lines are whole rows."""
        starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
        ends = ends - ((ends > starts) & (letters[ends - 1] == 13))
        cuts = np.flatnonzero(letters == ord(self._delimiter))
        cells = np.searchsorted(cuts, ends) - np.searchsorted(cuts, starts) + 1
        sound: _Truths = (cells == len(self._names)) & (ends > starts) & (ends - starts < _LONG)
        if b'"' in data:
            marks = np.searchsorted(np.flatnonzero(letters == 34), np.append(starts, len(data)))
            quoted = np.flatnonzero(np.diff(marks))
            texts = pl.Series(
                [data[starts[line] : ends[line]].decode("utf-8", "replace") for line in quoted],
                dtype=pl.String,
            )
            sound[quoted] = texts.str.contains(self._row).to_numpy() & (ends - starts < _LONG)[quoted]
        if b"\0" in data:
            sound[np.unique(np.searchsorted(ends, np.flatnonzero(letters == 0)))] = False
        if not _is_text(data):
            high = np.unique(np.searchsorted(ends, np.flatnonzero(letters > 127)))
            for line in high.tolist():
                sound[line] &= _is_text(data[starts[line] : ends[line]])
        return sound

    def _parted(
        self, data: bytes, texts: Sequence[str], sound: _Truths, ends: _Places, first: int, last: bool
    ) -> Block:
        """Rows from sound lines at once, the others one by one."""
        begins = sound.astype(np.int64)
        others: list[tuple[int, list[str] | str]] = []
        place = _Place(texts)
        cells = place.cells(self._delimiter, len(self._names))
        troubled = np.flatnonzero(~sound)
        upto = len(sound)
        spot = 0
        while spot < len(troubled):
            line = int(troubled[spot])
            spot += 1
            if texts[line] in _BLANK:
                continue
            row = place.row(line, cells)
            if place.at_end and not last:
                upto = line
                break
            sound[line : place.next] = False
            begins[line : place.next] = 0
            begins[line] = 1
            others.append((line, row))
            spot = int(np.searchsorted(troubled, place.next))
        if upto < len(sound):
            self._waiting = "".join(texts[line] for line in range(upto, len(sound))).encode(
                "utf-8", "surrogateescape"
            )
            sound[upto:] = False
            begins[upto:] = 0
        numbers = first - 1 + np.cumsum(begins)
        frame = self._frame(data, sound, ends)
        count = int(begins.sum())
        lines = np.flatnonzero(sound)
        good = [(line, row) for line, row in others if not isinstance(row, str)]
        if good:
            more = pl.DataFrame([row for _, row in good], self._schema(), orient="row")
            frame = frame.vstack(more)
        which = np.concatenate([lines, np.array([line for line, _ in good], np.int64)])
        broken = [(int(numbers[line]), row) for line, row in others if isinstance(row, str)]
        return Block(frame, pl.Series("row", numbers[which], pl.Int64), broken, count)

    def _frame(self, data: bytes, sound: _Truths, ends: _Places) -> pl.DataFrame:
        """The sound lines as columns of text."""
        if not sound.any():
            return pl.DataFrame(schema=self._schema())
        if not sound.all():
            sizes = np.diff(np.concatenate([[-1], ends]))
            kept = np.repeat(sound, sizes)[: len(data)]
            data = np.frombuffer(data, np.uint8)[kept].tobytes()
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        return pl.read_csv(
            data,
            has_header=False,
            separator=self._delimiter,
            quote_char='"' if b'"' in data else None,
            schema=self._schema(),
            infer_schema=False,
            raise_if_empty=False,
            truncate_ragged_lines=False,
        )

    def _schema(self) -> dict[str, type[pl.String]]:
        return dict.fromkeys(self._names, pl.String)


class _Slices(Sequence[str]):
    """Lines of a block, each made into text when it is asked for; with its end of line."""

    def __init__(self, data: bytes, ends: _Places) -> None:
        self._data = data
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, line: Any) -> Any:
        start = int(self._ends[line - 1]) + 1 if line else 0
        return self._data[start : int(self._ends[line]) + 1].decode("utf-8", "surrogateescape")


class _Place(Iterator[str]):
    """Where the slow reader is among the lines of a block."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._lines = Lines(self)
        self.next = 0
        self.at_end = False
        """Whether the row asked for more lines than there are."""

    def __next__(self) -> str:
        if self.next >= len(self._texts):
            self.at_end = True
            raise StopIteration
        self.next += 1
        line: str = self._texts[self.next - 1]
        return line

    def cells(self, delimiter: str, width: int) -> Cells:
        """The slow reader."""
        return Cells(self._lines, delimiter, width)

    def row(self, line: int, cells: Cells) -> list[str] | str:
        """The row that begins at `line`; `next` is then the line after it."""
        self.next, self.at_end = line, False
        row = next(cells)
        self.next -= self._lines.forget()
        return row


def _texts(data: bytes) -> list[str]:
    return io.StringIO(data.decode("utf-8", "surrogateescape"), newline="").readlines()


def _lazily(data: bytes) -> Iterator[str]:
    return io.TextIOWrapper(io.BytesIO(data), "utf-8", "surrogateescape", newline="")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
