"""NDJSON: one JSON object on each line.

Objects inside are flattened (`a.b`), except `attributes`, whose members become attributes by their
own names. A number used as an id keeps the digits it is written with. A line that is no JSON
object is unreadable; empty lines are nothing.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from naer.logs.columns import REQUIRED, TEXTS, Layout
from naer.logs.files import Source
from naer.logs.row import Content, Row

_RAW = msgspec.json.Decoder(dict[str, msgspec.Raw])


class NdjsonTable:
    """One NDJSON file. It is read twice: for its names, then for its rows."""

    instants = False

    def __init__(self, source: Source) -> None:
        self._source = source
        seen: dict[str, None] = {}
        known: set[tuple[str, ...]] = set()
        for _, row in _lines(source):
            if isinstance(row, dict) and (shape := tuple(row)) not in known:
                known.add(shape)
                seen.update(dict.fromkeys(shape))
        self.names = list(seen)
        source.data.seek(0)

    def rows(self, layout: Layout, /) -> Iterator[Content]:
        """Each line's object as column → value, or the text of a line that is none."""
        ids = [names[0] for field in (*REQUIRED, "id", *TEXTS) if (names := layout.names[field])]
        for line, row in _lines(self._source):
            if isinstance(row, dict) and any(type(row.get(name)) is float for name in ids):
                written = _RAW.decode(line)
                for name in ids:
                    if type(row.get(name)) is float and name in written:
                        row[name] = bytes(written[name]).decode()
            yield row


def _lines(source: Source) -> Iterator[tuple[bytes, Content]]:
    decode = msgspec.json.decode
    first = True
    for line in source.data:
        if first:
            line, first = line.removeprefix(b"\xef\xbb\xbf"), False
        if not line.strip():
            continue
        try:
            value = decode(line)
            row = _flat(value) if isinstance(value, dict) else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            row = None
        yield line, line.strip().decode("utf-8", "surrogateescape") if row is None else row


def _flat(value: dict[str, Any]) -> Row:
    if not any(isinstance(member, dict) for member in value.values()):
        return value
    row: Row = {}
    for name, member in value.items():
        if not isinstance(member, dict):
            row[name] = member
    for name, member in value.items():
        if isinstance(member, dict):
            prefix = "" if name == "attributes" else f"{name}."
            for inner, deep in _flat(member).items():
                row.setdefault(prefix + inner, deep)
    return row
