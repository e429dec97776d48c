"""The manifest of a store: what is in force. It is written last and whole: a store is never half there."""

import hashlib
import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from naer.logs.error import LogError
from naer.logs.store.folder import Entry

FORMAT = 3
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that is known of a store without opening its pieces."""

    events: int = 0
    rows: int = 0
    """The highest row number given to an event without an id; the next file goes on from there."""
    kinds: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    municipalities: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    pieces: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, Entry] = field(default_factory=dict)
    """Of the store as a whole: ledger, special events, links, indexes."""
    generation: int = 0
    """How many times something was appended."""
    provenance: dict[str, Any] = field(default_factory=dict)
    """Who made it from what; no part of the digest."""

    @property
    def digest(self) -> str:
        """SHA-256 of the content: equal for equal stores."""
        content = {name: getattr(self, name) for name in _CONTENT}
        content["pieces"] = [
            {name: value for name, value in piece.items() if name not in ("folder", "columns", "attributes")}
            | {"dead": piece.get("dead", {}).get("sha256")}
            for piece in self.pieces
        ]
        content["files"] = sorted(
            (name.rstrip("-0123456789"), one["sha256"]) for name, one in self.files.items()
        )
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


_CONTENT = ("events", "rows", "kinds", "organisations", "municipalities", "sources", "attributes")


def read(path: Path) -> Manifest:
    """The manifest of the store at `path`.

    Raises:
        LogError: when there is no store, its build never ended, its format is newer, or it is damaged.
    """
    file = path / NAME
    try:
        found = json.loads(file.read_bytes())
    except FileNotFoundError:
        if (path / "build").is_dir():
            raise LogError(f"{path}: this log store is unfinished; build it again to go on") from None
        raise LogError(f"{path}: no log store (it has no {NAME})") from None
    except NotADirectoryError:
        raise LogError(f"{path}: no log store but a file (see naer log build)") from None
    except (OSError, ValueError) as error:
        raise LogError(
            f"{file}: the log store is damaged: {error}; build it again from its sources"
        ) from None
    if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
        raise LogError(f"{file}: not of format {FORMAT}; build the store again with this version of Naer")
    digest = found.pop("digest", None)
    names = {one.name for one in fields(Manifest)}
    manifest = Manifest(**{name: value for name, value in found.items() if name in names})
    if manifest.digest != digest:
        raise LogError(f"{file}: the log store is damaged: the manifest was changed; build it again")
    return manifest


def write(path: Path, manifest: Manifest) -> None:
    """Put a manifest in force, in one step."""
    draft = path / f"{NAME}.draft"
    said = {one.name: getattr(manifest, one.name) for one in fields(manifest)}
    text = json.dumps({"format": FORMAT, "digest": manifest.digest, **said}, ensure_ascii=False, indent=1)
    with draft.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, path / NAME)
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
