"""Rows of a letter's details: `event1.code`, `event2.code` … as lists of values, and back."""

import re
from collections.abc import Iterable, Mapping

from naer.messages.content import Scalar

NAMES = (
    "event",
    "diagnosis",
    "service",
    "need",
    "function",
    "medicine",
    "allergy",
    "contact",
    "note",
    "segment",
)
"""Every sort of row."""

Row = dict[str, Scalar]

_KEY = re.compile(rf"({'|'.join(NAMES)})([1-9]\d{{0,4}})\.(\w+)", re.ASCII)


def parted(details: Mapping[str, Scalar]) -> tuple[dict[str, Scalar], dict[str, dict[int, Row]]]:
    """The plain values, and the rows of each sort by number."""
    plain: dict[str, Scalar] = {}
    found: dict[str, dict[int, Row]] = {name: {} for name in NAMES}
    for key, value in details.items():
        named = _KEY.fullmatch(key)
        if named is None:
            plain[key] = value
        else:
            found[named[1]].setdefault(int(named[2]), {})[named[3]] = value
    return plain, found


def listed(rows: Mapping[int, Row]) -> list[Row]:
    """Rows by number, closed up."""
    return [rows[number] for number in sorted(rows)]


def numbered(name: str, rows: Iterable[Row]) -> dict[str, Scalar]:
    """Rows as details, numbered from 1."""
    return {
        f"{name}{number}.{key}": value for number, row in enumerate(rows, 1) for key, value in row.items()
    }


def text(row: Mapping[str, Scalar], name: str) -> str:
    """A value as it is written, "" when there is none; a bool is an xs:boolean."""
    value = row.get(name, "")
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
