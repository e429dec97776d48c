"""A log store: a whole history on disk, opened without reading it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from naer.events.chunk import Chunk
from naer.events.event import Event
from naer.events.instant import Instant
from naer.logs.store import hashing, manifest
from naer.logs.store.folder import Folder
from naer.logs.store.hashing import Hashes
from naer.logs.store.links import Links
from naer.logs.store.manifest import Manifest
from naer.logs.store.piece import ALL, Piece
from naer.logs.store.section import Section, Standing
from naer.logs.store.unpacking import events_of_chunk

if TYPE_CHECKING:
    from naer.logs.store.joining import Slice


class Store:
    """The effective log, in sections that can be read and judged one by one, in any order."""

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
        """What is on disk, in the order it was written: who reads whole components asks `sections`."""
        names: Mapping[str, Sequence[str]] = {
            "kind": self.kinds,
            "organisation": self.organisations,
            "municipality": self.municipalities,
            "source": self.manifest.sources,
        }
        return [Piece(self.path, entry, names) for entry in self.manifest.pieces]

    @cached_property
    def sections(self) -> Sequence[Section]:
        """All events, in ranges of keys: a piece of the build each, with what was appended to it."""
        later = [piece for piece in self.pieces if piece.beside]
        if not later:
            return [Section([piece]) for piece in self.pieces]
        built = [[piece] for piece in self.pieces if not piece.beside] or [[]]
        bounds = [None, *(piece.keys[0] for (piece,) in built[1:]), None]
        return [
            Section([*one, *later], low, high)
            for one, low, high in zip(built, bounds[:-1], bounds[1:], strict=True)
        ]

    @cached_property
    def standing(self) -> Standing:
        """The pieces, and what is replaced in each."""
        nothing = np.zeros(0, np.int64)
        return {piece.identity: nothing if piece.dead is None else piece.dead for piece in self.pieces}

    def slices(self, keys: Hashes, then: Standing | None = None) -> list[Slice]:
        """Where the components with these keys (sorted, different) lie, now or as the store stood."""
        from naer.logs.store.joining import Slice

        found = []
        for piece in self.pieces:
            dead = (self.standing if then is None else then).get(piece.identity)
            if dead is None:
                continue
            places = piece.places_of(keys)
            places = places[~np.isin(places, dead)] if len(dead) else places
            if len(places):
                found.append(Slice(piece, piece.cut(places)))
        return found

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
        from naer.logs.store.joining import joined

        hashed = hashing.of_names(pl.Series([name], dtype=pl.String))
        wanted = self.links.resolve(np.concatenate([hashed, hashing.alone(hashed)]))
        for key in wanted:
            found = self.slices(key.reshape(1))
            if found:
                chunk = joined(found, ALL).chunk
                assert chunk.naming is not None
                naming = chunk.naming()
                if name in naming.citizens or name in naming.pathways:
                    return chunk
        for piece in self.pieces:
            for pathway in np.flatnonzero(piece.paths == hashed[0]):
                component = piece.component_of(int(pathway))
                if component is not None:
                    return joined(self.slices(piece.keys[[component]]), ALL).chunk
        return None

    def read_events(self) -> Iterator[Event]:
        """The effective log as events, component by component, each pathway in order."""
        for section in self.sections:
            yield from events_of_chunk(section.load(ALL))

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
