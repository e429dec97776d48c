"""What is needed to run a replay again and get the same: hashes, versions, now, the command."""

import hashlib
import json
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from naer.agreement import Portfolio
from naer.agreement.document import Node
from naer.history.run import Replay
from naer.history.tables import obligations

PACKAGES = ("naer", "polars", "holidays", "tzdata")
"""Packages whose version can change a result."""


def write(
    folder: Path, result: Replay, portfolio: Portfolio, log: dict[str, Any], command: Sequence[str]
) -> None:
    """Write obligations.parquet and manifest.json into `folder`, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    obligations(result.obligations).write_parquet(folder / "obligations.parquet")
    made = manifest(result, portfolio, log, command)
    (folder / "manifest.json").write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


def manifest(
    result: Replay, portfolio: Portfolio, log: dict[str, Any], command: Sequence[str]
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
        "log": log,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "events": result.events,
        "obligations": len(result.obligations),
        "excluded": result.excluded.rows(),
        "warnings": list(result.warnings),
    }


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
