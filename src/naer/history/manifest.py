"""What is needed to run a replay again and get the same: hashes, versions, now, the command."""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from naer.agreement import Portfolio
from naer.agreement.document import Node
from naer.history.question import Progress, Replay

if TYPE_CHECKING:
    import polars as pl

PACKAGES = ("naer", "numba", "numpy", "polars", "holidays", "tzdata")
"""Packages whose version can change a result."""


def write(
    folder: Path,
    result: Replay,
    portfolio: Portfolio,
    log: Mapping[str, Any],
    command: Sequence[str],
    progress: Progress | None = None,
) -> None:
    """Write obligations.parquet and manifest.json into `folder`, which is made if need be.

    `progress` is told obligations written and obligations in all.
    """
    from naer.history.ordered import write as write_rows

    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "obligations.parquet", _told(result, progress))
    made = manifest(result, portfolio, log, command)
    (folder / "manifest.json").write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


def manifest(
    result: Replay, portfolio: Portfolio, log: Mapping[str, Any], command: Sequence[str]
) -> dict[str, Any]:
    """The manifest as a JSON object; `now_microseconds` is exact. `log` describes where events came from."""
    files = agreement_files(portfolio)
    listing = "".join(f"{file['sha256']}  {file['name']}\n" for file in files)
    return {
        "command": list(command),
        "engine": result.engine,
        "now_microseconds": result.now,
        "by": list(result.by),
        "agreement": {
            "id": result.agreement,
            "sha256": hashlib.sha256(listing.encode()).hexdigest(),
            "files": files,
        },
        "log": dict(log),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "events": result.events,
        "obligations": result.count,
        "excluded": result.excluded,
        "warnings": list(result.warnings),
    }


def _told(result: Replay, progress: Progress | None) -> "Iterator[pl.DataFrame]":
    done = 0
    for frame in result.frames():
        yield frame
        done += frame.height
        if progress is not None:
            progress(done, result.count)


def agreement_files(portfolio: Portfolio) -> list[dict[str, str]]:
    """Name and SHA-256 of every file that the agreement is made of, sorted by name."""
    paths = {
        Path(node.file)
        for line in portfolio.lines
        for agreement in line.versions
        for node in _nodes(agreement.node)
    }
    return [
        {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in sorted(paths, key=lambda path: (path.name, str(path)))
    ]


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    inner = node.items().values() if node.is_mapping else node.each() if node.is_list else ()
    for one in inner:
        yield from _nodes(one)
