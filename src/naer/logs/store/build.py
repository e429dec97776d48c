"""Building a store from batches of raw events, in any order, with memory bounded by the pieces."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import polars as pl

from naer.logs.error import LogError
from naer.logs.row import Exclusion
from naer.logs.store import hashing, manifest, pieces, special, spill
from naer.logs.store.batch import NAMES, Batch
from naer.logs.store.folder import Folder
from naer.logs.store.manifest import Manifest
from naer.logs.store.rows import Dictionary, rows
from naer.logs.store.special import LEDGER
from naer.logs.store.spill import Parted
from naer.logs.store.store import Store

SPILL = 4_000_000
"""Rows that are held in memory before they are put on disk."""

Progress = Callable[[int, int], None]
"""Told now and then: events done, events in all."""


class Builder:
    """Takes batches and makes a store of them.

        with Builder(path, sources="sha256 of what is read") as build:
            for batch in batches[build.batches :]:
                build.add(batch)
            store = build.finish()

    An interrupted build goes on where it was when it is begun again with the same `sources`: `batches`
    says how many it has on disk, and `rows` how many rows of files those were.

    Raises:
        LogError: when there is a store at `path` already.
    """

    def __init__(self, path: Path, *, sources: str = "", progress: Progress | None = None) -> None:
        if (path / manifest.NAME).exists():
            raise LogError(f"{path}: there is a log store already; append to it, or build another one")
        self._path = path
        self._work = path / "build"
        self._sources = sources
        self._progress = progress
        self._waiting: list[pl.DataFrame] = []
        self._excluded: list[pl.DataFrame] = []
        self._dictionaries = {name: Dictionary() for name in NAMES}
        self._done: list[dict[str, Any]] = []
        self.batches = 0
        """Batches taken so far; at the beginning those that an interrupted build had put on disk."""
        self.rows = 0
        """Rows of files that the batches were, left out ones included."""
        self.highest = 0
        """The highest row number so far."""
        self._begin()

    def __enter__(self) -> "Builder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is on disk stays, so that the build can go on."""

    def add(self, batch: Batch, excluded: Iterable[Exclusion] = (), rows_read: int | None = None) -> None:
        """Take a batch, the rows of its file that were left out, and how many rows it was with those."""
        out = list(excluded)
        self.batches += 1
        self.rows += len(batch) + len(out) if rows_read is None else rows_read
        if len(batch):
            found = rows(batch, self._dictionaries)
            if "row" in found.columns:
                self.highest = max(self.highest, _highest(found["row"]))
            self._waiting.append(found)
        if out:
            self._excluded.append(_ledger(out))
        if sum(frame.height for frame in self._waiting) >= SPILL:
            self._flush()

    def finish(self, provenance: Mapping[str, Any] | None = None) -> Store:
        """Make the store of all batches and put it in force."""
        if self._done:
            self._flush()
        raw = [Parted(np.array(one["begins"], np.int64), self._work / one["rows"]) for one in self._done]
        raw += [spill.part(spill.joined(self._waiting))] if self._waiting else []
        gathered = pieces.Gathered(raw, self._dictionaries, self._special())
        self._path.mkdir(parents=True, exist_ok=True)
        found = assemble(gathered, self._path, self._excluded, "0", self._progress)
        manifest.write(self._path, Manifest(rows=self.highest, provenance=dict(provenance or {}), **found))
        shutil.rmtree(self._work, ignore_errors=True)
        return Store.open(self._path)

    def _begin(self) -> None:
        state = self._work / "state.json"
        if state.exists():
            found = json.loads(state.read_text())
            if found["sources"] == self._sources:
                self.batches, self.rows, self.highest = found["batches"], found["rows"], found["highest"]
                self._done = found["done"]
                self._dictionaries = {name: Dictionary(found["names"][name]) for name in NAMES}
                self._excluded = [
                    pl.read_ipc(self._work / one["excluded"]) for one in self._done if one["excluded"]
                ]
                return
        shutil.rmtree(self._work, ignore_errors=True)
        shutil.rmtree(self._path / "pieces", ignore_errors=True)

    def _flush(self) -> None:
        """Put what waits on disk, and then say so."""
        if not self._waiting:
            return
        self._work.mkdir(parents=True, exist_ok=True)
        number = len(self._done)
        whole = spill.joined(self._waiting)
        ids = np.sort(whole["#id"].drop_nulls().to_numpy()) if "#id" in whole.columns else None
        parted = spill.write(spill.part(whole), self._work / f"rows-{number}.arrow")
        if ids is not None:
            np.save(self._work / f"ids-{number}.npy", ids)
        cancelled = special.is_cancelled(self._dictionaries["kind"].names)
        np.save(self._work / f"special-{number}.npy", special.involved(whole, cancelled))
        fresh = self._excluded[sum(one["excluded"] is not None for one in self._done) :]
        if fresh:
            pl.concat(fresh).write_ipc(self._work / f"excluded-{number}.arrow")
            self._excluded = [*self._excluded[: -len(fresh)], pl.concat(fresh)]
        self._done.append(
            {
                "rows": f"rows-{number}.arrow",
                "begins": parted.begins.tolist(),
                "ids": ids is not None,
                "excluded": f"excluded-{number}.arrow" if fresh else None,
            }
        )
        self._waiting = []
        state = {
            "sources": self._sources,
            "batches": self.batches,
            "rows": self.rows,
            "highest": self.highest,
            "done": self._done,
            "names": {name: known.names for name, known in self._dictionaries.items()},
        }
        draft = self._work / "state.draft"
        draft.write_text(json.dumps(state))
        os.replace(draft, self._work / "state.json")

    def _special(self) -> hashing.Hashes:
        cancelled = special.is_cancelled(self._dictionaries["kind"].names)
        found = [np.load(self._work / f"special-{number}.npy") for number in range(len(self._done))]
        found += [special.involved(frame, cancelled) for frame in self._waiting]
        ids = [
            np.load(self._work / f"ids-{number}.npy", mmap_mode="r")
            for number, one in enumerate(self._done)
            if one["ids"]
        ]
        ids += [np.sort(frame["#id"].to_numpy()) for frame in self._waiting if "#id" in frame.columns]
        for low in range(0, 256, 16) if ids else ():
            edges = [np.uint64(low << 56), np.uint64(((low + 16) << 56) - 1)]
            some = [
                one[np.searchsorted(one, edges[0]) : np.searchsorted(one, edges[1], side="right")]
                for one in ids
            ]
            found.append(special.repeated(np.concatenate(some)))
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)


def assemble(
    gathered: pieces.Gathered,
    path: Path,
    excluded: list[pl.DataFrame],
    generation: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write everything but the manifest; what the manifest says of it."""
    ledger = pl.concat([pieces.settle(gathered), *excluded])
    pieces.link(gathered)
    raw = gathered.count
    done = 0

    def told(events: int) -> None:
        nonlocal done
        done += events
        if progress is not None:
            progress(min(done, raw), raw)

    found = pieces.pack_all(gathered, path, generation, raw, told)
    tables = path / "tables"
    tables.mkdir(exist_ok=True)
    out = Folder(path)
    changes = gathered.links
    files = {
        "ledger": out.table(f"tables/ledger-{generation}", ledger.sort(ledger.columns)),
        "links": out.array(f"tables/links-{generation}", np.stack([changes.before, changes.after])),
    }
    return {
        "events": sum(entry["events"] for entry in found),
        "kinds": sorted(gathered.dictionaries["kind"].names),
        "organisations": sorted(gathered.dictionaries["organisation"].names),
        "municipalities": sorted(gathered.dictionaries["municipality"].names),
        "sources": sorted(gathered.dictionaries["source"].names),
        "attributes": sorted({name for entry in found for name in entry["attributes"]}),
        "pieces": found,
        "files": files,
    }


def _ledger(excluded: list[Exclusion]) -> pl.DataFrame:
    pathways = pl.Series([one.pathway for one in excluded], dtype=pl.String)
    frame = pl.DataFrame(
        {
            "reason": [one.reason for one in excluded],
            "event": pl.Series([None] * len(excluded), dtype=pl.UInt64),
            "pathway": pl.Series(hashing.of_names(pathways), dtype=pl.UInt64),
            "row": pl.Series([one.row for one in excluded], dtype=pl.Int64),
        }
    )
    return frame.cast(LEDGER)  # type: ignore[arg-type]


def _highest(rows: pl.Series) -> int:
    return int(rows.drop_nulls().to_numpy().max())
