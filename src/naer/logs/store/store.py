"""A log store: a whole history on disk, opened without reading it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from naer.events.chunk import Chunk
from naer.events.event import Event
from naer.events.instant import Instant
from naer.logs.store import hashing, manifest
from naer.logs.store.folder import Folder
from naer.logs.store.links import Links
from naer.logs.store.manifest import Manifest
from naer.logs.store.piece import ALL, Piece
from naer.logs.store.unpacking import events_of_chunk


class Store:
    """The effective log, in pieces that can be read and judged one by one, in any order."""

    def __init__(self, path: Path, found: Manifest) -> None:
        self.path = path
        self.manifest = found
        self._folder = Folder(path)

    @classmethod
    def open(cls, path: Path) -> Store:
        """The store at `path`.

        Raises:
            LogError: when there is none, or it is damaged or unfinished.
        """
        return cls(path, manifest.read(path))

    @property
    def events(self) -> int:
        """Effective events, later ones too."""
        return self.manifest.events

    @property
    def kinds(self) -> Sequence[str]:
        """By the code of `Chunk.kind`."""
        return self.manifest.kinds

    @property
    def organisations(self) -> Sequence[str]:
        """By code - 1."""
        return self.manifest.organisations

    @property
    def municipalities(self) -> Sequence[str]:
        """By code - 1."""
        return self.manifest.municipalities

    @property
    def attributes(self) -> Sequence[str]:
        """The names of all attributes that occur."""
        return self.manifest.attributes

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return self.manifest.digest

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        """In the order of the keys; what was appended comes last."""
        names: Mapping[str, Sequence[str]] = {
            "kind": self.kinds,
            "organisation": self.organisations,
            "municipality": self.municipalities,
            "source": self.manifest.sources,
        }
        return [Piece(self.path, entry, names) for entry in self.manifest.pieces]

    @cached_property
    def links(self) -> Links:
        """The keys of citizens who are not the first of their component."""
        before, after = self._folder.load(self.manifest.files["links"])
        return Links(before, after)

    def ledger(self) -> list[dict[str, str | int]]:
        """[{"reason", "events", "pathways"}], by reason: what is not in the effective log (S35)."""
        reasons: list[dict[str, str | int]] = self.manifest.files["ledger"]["reasons"]
        return reasons

    def latest(self, clock: Instant) -> Instant:
        """The time of the latest event that is not after `clock`; `clock` when there is none (S5)."""
        best: int | None = None
        for piece in sorted(self.pieces, key=lambda piece: piece.span[1], reverse=True):
            first, last = piece.span
            if first > clock or (best is not None and last <= best):
                continue
            if last <= clock and piece.dead is None:
                best = last
                continue
            at = piece.load(frozenset()).at
            seen = at[at <= clock]
            if len(seen) and (best is None or seen.max() > best):
                best = int(seen.max())
        return clock if best is None else best

    def find(self, name: str) -> Chunk | None:
        """The component of a citizen, or of a pathway, by name; None when neither is known."""
        hashed = hashing.of_names(pl.Series([name], dtype=pl.String))
        wanted = self.links.resolve(np.concatenate([hashed, hashing.alone(hashed)]))
        for key in wanted:
            for piece in self.pieces:
                found = _place(piece, key)
                if found is not None:
                    chunk = piece.take(found)
                    assert chunk.naming is not None
                    naming = chunk.naming()
                    if name in naming.citizens or name in naming.pathways:
                        return chunk
        for piece in self.pieces:
            for pathway in np.flatnonzero(piece.paths == hashed[0]):
                component = piece.component_of(int(pathway))
                if component is not None:
                    return piece.take(np.array([component]))
        return None

    def read_events(self) -> Iterator[Event]:
        """The effective log as events, component by component, each pathway in order."""
        for piece in self.pieces:
            yield from events_of_chunk(piece.load(ALL))

    def sweep(self) -> None:
        """Delete the files that the manifest no longer names.

        Who opened the store before its last change may still have been reading them until now.
        """
        known = {entry["file"] for entry in self.manifest.files.values()}
        known |= {entry["dead"]["file"] for entry in self.manifest.pieces if "dead" in entry}
        known |= {entry["folder"] for entry in self.manifest.pieces}
        for place in ("tables", "pieces"):
            for found in (self.path / place).iterdir() if (self.path / place).exists() else ():
                if f"{place}/{found.name}" in known:
                    continue
                if found.is_dir():
                    shutil.rmtree(found)
                else:
                    found.unlink()

    def verify(self) -> None:
        """Read everything once.

        Raises:
            LogError: when a file is not as it was written.
        """
        for entry in self.manifest.files.values():
            self._folder.verify(entry)
        for piece in self.pieces:
            piece.verify()


def _place(piece: Piece, key: np.uint64) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
    """The place of a component in force in a piece."""
    place = int(np.searchsorted(piece.keys, key))
    if place == len(piece.keys) or piece.keys[place] != key:
        return None
    if piece.dead is not None and place in piece.dead:
        return None
    return np.array([place])
