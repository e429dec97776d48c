"""Frames as tables of an SQLite file, laid down page by page.

To bind the values of a row one by one takes ten times as long as to lay the row down, so a block comes to
the database as such a file, which SQLite attaches and copies from. SQLite makes the file and its schema;
the leaves with the rows, and the one page above them, are made here (https://www.sqlite.org/fileformat2.html,
sections 1.6 and 2.1). Only such a file is written so, never the database itself.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import polars as pl

from naer.demo.large.flat import flat
from naer.events.chunk import Ints
from naer.jit import njit

_PAGE = 65_536
"""Bytes; the largest, so that one page above the leaves suffices, and no row needs a second one."""
_LEAF, _ABOVE = 13, 5
"""Types of page of a table."""
_LEAF_HEAD, _ABOVE_HEAD = 8, 12
_NULL, _WHOLE, _BYTES, _TEXT = 0, 6, 12, 13
"""Serial types: nothing, 64 bits, and what is added to twice the length."""
_PAGES_AT = 28
"""Where the head of the file says how many pages it has."""


def write(path: Path, frames: dict[str, pl.DataFrame]) -> None:
    """A new file with a table for each frame, in the order of its rows (`rowid` from 1).

    Columns are whole numbers, booleans (0, 1), texts, bytes, or days (ISO 8601).

    Raises:
        ValueError: when a table is too large for one page above its leaves (some 400 MB).
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        for name, frame in frames.items():
            columns = ", ".join(f'"{column}"' for column in frame.columns)
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master").fetchall())
    with open(path, "r+b") as file:
        pages = 1 + len(frames)
        for name, frame in frames.items():
            leaves, lasts = _leaves(frame)
            root = leaves[0].tobytes()
            if len(leaves) > 1:
                root = _above(pages + 1, lasts)
                file.seek(pages * _PAGE)
                file.write(leaves.data)
                pages += len(leaves)
            file.seek((roots[name] - 1) * _PAGE)
            file.write(root)
        file.seek(_PAGES_AT)
        file.write(pages.to_bytes(4, "big"))


def _leaves(frame: pl.DataFrame) -> tuple[np.ndarray, Ints]:
    """uint8[pages, _PAGE], and int64[pages]: the last row of each."""
    columns = [_laid(column) for column in frame]
    lengths = np.array([one for _, one, _ in columns], np.int64)
    serials = np.array([one for _, _, one in columns], np.int64)
    # Length and number of a row take at most four bytes each, a serial type three, a place in the page two.
    most = lengths.sum(axis=0) + 3 * len(columns) + 11
    count = -(-int(most.sum()) // (_PAGE - _LEAF_HEAD - int(most.max(initial=0)))) + 1
    pages = np.zeros((count, _PAGE), np.uint8)
    lasts = np.zeros(count, np.int64)
    begins = np.cumsum([0, *(len(data) for data, _, _ in columns)])[:-1]
    used = _fill(np.concatenate([data for data, _, _ in columns]), begins, lengths, serials, pages, lasts)
    return pages[:used], lasts[:used]


def _laid(column: pl.Series) -> tuple[np.ndarray, Ints, Ints]:
    """The bytes of a column one after the other, and of each row its length and serial type."""
    missing = column.is_null().to_numpy()
    if column.dtype == pl.Date:
        column = column.cast(pl.String)
    if column.dtype in (pl.String, pl.Binary):
        data, size = flat(column)
        kind = _TEXT if column.dtype == pl.String else _BYTES
        return data, size, np.where(missing, _NULL, kind + 2 * size)
    whole = column.cast(pl.Int64).drop_nulls().to_numpy().astype(">i8")
    return whole.view(np.uint8), np.where(missing, 0, 8), np.where(missing, _NULL, _WHOLE)


@njit(cache=True)
def _fill(
    data: np.ndarray, begins: Ints, lengths: Ints, serials: Ints, pages: np.ndarray, lasts: Ints
) -> int:
    """Lay rows into pages; how many pages have some, at least one."""
    columns, rows = lengths.shape
    page, cells, low = 0, 0, _PAGE
    for row in range(rows):
        head, body = 1, 0
        for column in range(columns):
            head += _size(serials[column, row])
            body += lengths[column, row]
        cell = _size(head + body) + _size(row + 1) + head + body
        if low - cell < _LEAF_HEAD + 2 * (cells + 1):
            _close(pages[page], cells, low)
            page, cells, low = page + 1, 0, _PAGE
        low -= cell
        out = pages[page]
        _put(out, _LEAF_HEAD + 2 * cells, low, 2)
        cells += 1
        lasts[page] = row + 1
        at = _varint(out, low, head + body)
        at = _varint(out, at, row + 1)
        at = _varint(out, at, head)
        for column in range(columns):
            at = _varint(out, at, serials[column, row])
        for column in range(columns):
            begin = begins[column]
            length = lengths[column, row]
            for place in range(length):
                out[at + place] = data[begin + place]
            at += length
            begins[column] = begin + length
    _close(pages[page], cells, low)
    return page + 1


@njit(cache=True)
def _close(page: np.ndarray, cells: int, low: int) -> None:
    """The head of a leaf."""
    page[0] = _LEAF
    _put(page, 3, cells, 2)
    _put(page, 5, low & 0xFFFF, 2)


@njit(cache=True)
def _size(value: int) -> int:
    """Bytes of a number of seven bits a byte."""
    size = 1
    while value >> (7 * size):
        size += 1
    return size


@njit(cache=True)
def _varint(page: np.ndarray, at: int, value: int) -> int:
    """Put a number of seven bits a byte; where it ends."""
    size = _size(value)
    for place in range(size):
        more = 0x80 if place < size - 1 else 0
        page[at + place] = (value >> (7 * (size - 1 - place)) & 0x7F) | more
    return int(at + size)


@njit(cache=True)
def _put(page: np.ndarray, at: int, value: int, size: int) -> None:
    """Put a number of `size` bytes, the highest first."""
    for place in range(size):
        page[at + place] = value >> (8 * (size - 1 - place)) & 0xFF


def _above(first: int, lasts: Ints) -> bytes:
    """The page above leaves that stand one after the other from page `first` on.

    Raises:
        ValueError: when they are too many for one page.
    """
    places, cells, low = b"", b"", _PAGE
    for cell, last in enumerate(lasts[:-1].tolist()):
        one = (first + cell).to_bytes(4, "big") + _number(last)
        low -= len(one)
        places, cells = places + low.to_bytes(2, "big"), one + cells
    if low < _ABOVE_HEAD + len(places):
        raise ValueError(f"{len(lasts)} pages of rows are too many for one table")
    count, rightmost = len(lasts) - 1, first + len(lasts) - 1
    head = bytes([_ABOVE, 0, 0]) + count.to_bytes(2, "big") + low.to_bytes(2, "big") + b"\0"
    return (head + rightmost.to_bytes(4, "big") + places).ljust(low, b"\0") + cells


def _number(value: int) -> bytes:
    """A number of seven bits a byte."""
    found = bytes([value & 0x7F])
    while value := value >> 7:
        found = bytes([value & 0x7F | 0x80]) + found
    return found
