"""The same log written in every format, for tests that all formats read alike."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import polars as pl

FORMATS = ("log.csv", "log.parquet", "log.ndjson", "log.xes", "log.xes.gz")
IN_XES = {"kind": "concept:name", "at": "time:timestamp", "id": "identity:id"}

Rows = Sequence[Mapping[str, str | int | bool | None]]
"""Rows by our own column names; `pathway`, `kind` and `at` are text."""


def write(rows: Rows, path: Path) -> Path:
    """Write rows to `path`, in the format of its name."""
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["pathway", "kind", "at"]
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffixes:
        case [".csv"]:
            text = io.StringIO(newline="")
            out = csv.writer(text)
            out.writerow(names)
            out.writerows([_cell(row.get(name)) for name in names] for row in rows)
            path.write_text(text.getvalue(), newline="")
        case [".parquet"]:
            pl.DataFrame({name: [row.get(name) for row in rows] for name in names}).write_parquet(path)
        case [".ndjson"]:
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        case [".xes"]:
            path.write_text(_xes(rows))
        case [".xes", ".gz"]:
            path.write_bytes(gzip.compress(_xes(rows).encode()))
        case _:
            raise AssertionError(f"no writer for {path.name}")
    return path


def _cell(value: str | int | bool | None) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _xes(rows: Rows) -> str:
    """One trace for each run of rows of the same pathway; a row without one is an event of the log."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">',
    ]
    current: object = None
    for row in rows:
        pathway = row.get("pathway")
        if pathway != current:
            lines += ["</trace>"] if current else []
            if pathway:
                lines += ["<trace>", _attribute("concept:name", pathway)]
            current = pathway
        members = [(IN_XES.get(name, name), value) for name, value in row.items() if name != "pathway"]
        lines += [
            "<event>",
            *(_attribute(*member) for member in members if member[1] is not None),
            "</event>",
        ]
    return "\n".join([*lines, *(["</trace>"] if current else []), "</log>"])


def _attribute(key: str, value: object) -> str:
    tag = "boolean" if isinstance(value, bool) else "int" if isinstance(value, int) else "string"
    if key == "time:timestamp":
        tag = "date"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    entities = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    return f"<{tag} key={quoteattr(key)} value={quoteattr(shown, entities)}/>"
