"""Building a store from batches of raw events, in any order, with memory bounded by the pieces."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import polars as pl

from naer.logs.error import LogError
from naer.logs.row import Exclusion
from naer.logs.store import hashing, manifest, pieces, special, spill
from naer.logs.store.batch import NAMES, Batch
from naer.logs.store.folder import Entry, Folder
from naer.logs.store.hashing import Hashes
from naer.logs.store.index import Ids, Pathways
from naer.logs.store.manifest import Manifest
from naer.logs.store.pieces import Gathered
from naer.logs.store.rows import Dictionary, rows
from naer.logs.store.special import LEDGER
from naer.logs.store.spill import Parted
from naer.logs.store.store import Store
from naer.logs.store.tables import write_ids, write_pathways, write_tables

SPILL = 4_000_000
"""Rows that are held in memory before they are put on disk."""

BEHIND = 3
"""Batches that may wait to be turned into rows while the next are read."""

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
        self._threads = ThreadPoolExecutor(pieces.THREADS)
        self._waiting: list[Future[Parted]] = []
        self._flushing: Future[None] | None = None
        self._held = 0
        self._excluded: list[pl.DataFrame] = []
        self._dictionaries = {name: Dictionary() for name in NAMES}
        self._done: list[dict[str, Any]] = []
        self._named: set[bool] = set()
        self.batches = 0
        """Batches taken so far; at the beginning those that an interrupted build had put on disk."""
        self.rows = 0
        """Rows of files that the batches were, left out ones included."""
        self.highest = 0
        """The highest row number so far."""
        self._begin()

    def __enter__(self) -> Builder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is on disk, or on its way there, stays, so that the build can go on."""
        if self._flushing is not None:
            wait([self._flushing])
        self._threads.shutdown(cancel_futures=True)

    def add(self, batch: Batch, excluded: Iterable[Exclusion] = (), rows_read: int | None = None) -> None:
        """Take a batch, the rows of its file that were left out, and how many rows it was with those."""
        out = list(excluded)
        self.batches += 1
        self.rows += len(batch) + len(out) if rows_read is None else rows_read
        if len(batch):
            self.highest = max(self.highest, highest_row(batch))
            self._named |= _named(batch)
            self._waiting.append(self._threads.submit(lambda: spill.part(rows(batch, self._dictionaries))))
            self._held += len(batch)
            for early in self._waiting[:-BEHIND]:
                early.result()
        if out:
            self._excluded.append(excluded_rows(out))
        if self._held >= SPILL:
            self._flush()

    def finish(self, provenance: Mapping[str, Any] | None = None) -> Store:
        """Make the store of all batches and put it in force."""
        if self._done or self._flushing is not None:
            self._flush()
        self._wait_for_disk()
        waiting = [one.result() for one in self._waiting]
        raw = [Parted(np.array(one["begins"], np.int64), self._work / one["rows"]) for one in self._done]
        involved = self._all_involved(waiting)
        (self._path / "tables").mkdir(parents=True, exist_ok=True)
        files, twice = write_ids(Folder(self._path), "0", self._ids(waiting))
        gathered = Gathered(raw + waiting, self._dictionaries, np.union1d(involved, twice))
        ledger, kept = pieces.settle(gathered, involved)
        found, more = assemble(gathered, self._path, len(self._named) > 1, self._progress)
        more |= write_tables(Folder(self._path), "0", pl.concat([ledger, *self._excluded]), kept)
        given = dict(provenance or {})
        manifest.write(self._path, Manifest(rows=self.highest, provenance=given, files=files | more, **found))
        shutil.rmtree(self._work, ignore_errors=True)
        return Store.open(self._path)

    def _begin(self) -> None:
        """Go on with what an interrupted build had on disk; pieces are packed anew, from all there is."""
        shutil.rmtree(self._path / "pieces", ignore_errors=True)
        state = self._work / "state.json"
        if state.exists():
            found = json.loads(state.read_text())
            if found["sources"] == self._sources:
                self.batches, self.rows, self.highest = found["batches"], found["rows"], found["highest"]
                self._done, self._named = found["done"], set(found["named"])
                self._dictionaries = {name: Dictionary(found["names"][name]) for name in NAMES}
                parts = [one["excluded"] for one in self._done if one["excluded"]]
                self._excluded = [pl.read_ipc(self._work / part) for part in parts]
                return
        shutil.rmtree(self._work, ignore_errors=True)

    def _flush(self) -> None:
        """Put what waits on disk, and then say so, while more is read; one at a time."""
        if not self._waiting:
            return
        self._wait_for_disk()
        waiting, self._waiting, self._held = self._waiting, [], 0
        out = self._excluded[sum(one["excluded"] is not None for one in self._done) :]
        if out:
            self._excluded = [*self._excluded[: -len(out)], pl.concat(out)]
        state = {
            "sources": self._sources,
            "batches": self.batches,
            "rows": self.rows,
            "highest": self.highest,
            "named": sorted(self._named),
        }
        excluded = self._excluded[-1] if out else None
        self._flushing = self._threads.submit(lambda: self._put(waiting, excluded, state))

    def _wait_for_disk(self) -> None:
        """Until what was flushed is on disk; raises what went wrong there."""
        if self._flushing is not None:
            self._flushing.result()
        self._flushing = None

    def _put(
        self, waiting: list[Future[Parted]], excluded: pl.DataFrame | None, state: dict[str, Any]
    ) -> None:
        """Write some rows, what was left out beside them, and last `state` with what is on disk by now."""
        self._work.mkdir(parents=True, exist_ok=True)
        number = len(self._done)
        parts = [one.result() for one in waiting]
        ids = _ids(parts)
        parted = spill.write(parts, self._work / f"rows-{number}.arrow")
        np.save(self._work / f"ids-{number}.npy", ids.entries)
        np.save(self._work / f"special-{number}.npy", self._involved(parts))
        if excluded is not None:
            excluded.write_ipc(self._work / f"excluded-{number}.arrow")
        self._done.append(
            {
                "rows": f"rows-{number}.arrow",
                "begins": parted.begins.tolist(),
                "ids": ids.begins.tolist(),
                "excluded": None if excluded is None else f"excluded-{number}.arrow",
            }
        )
        state["done"] = self._done
        state["names"] = {name: known.names for name, known in self._dictionaries.items()}
        draft = self._work / "state.draft"
        draft.write_text(json.dumps(state))
        os.replace(draft, self._work / "state.json")

    def _involved(self, waiting: list[Parted]) -> Hashes:
        cancelled = special.is_cancelled(self._dictionaries["kind"].names)
        found = [special.involved(frame, cancelled) for frame in _frames(waiting)]
        return np.concatenate(found) if found else np.zeros(0, np.uint64)

    def _ids(self, waiting: list[Parted]) -> list[Ids]:
        """The indexes of all ids that can repeat."""
        found = [
            Ids(
                np.array(one["ids"], np.int64),
                np.load(self._work / f"ids-{number}.npy", mmap_mode="r" if one["ids"][-1] else None),
            )
            for number, one in enumerate(self._done)
        ]
        return [one for one in [*found, _ids(waiting)] if len(one.entries)]

    def _all_involved(self, waiting: list[Parted]) -> Hashes:
        found = [np.load(self._work / f"special-{number}.npy") for number in range(len(self._done))]
        return np.unique(np.concatenate([*found, self._involved(waiting)]))


def assemble(
    gathered: Gathered, path: Path, linked: bool, progress: Progress | None = None
) -> tuple[dict[str, Any], dict[str, Entry]]:
    """Write the pieces and the index of pathways; what the manifest says of them, and its files.

    `linked` says that pathways are likely to have events of several citizens, or of none beside one. Else
    that is looked for when the pieces are packed, and they are packed again if it is found.
    """
    if linked:
        pieces.link(gathered)
    whole = gathered.in_force
    done = 0

    def told(events: int) -> None:
        nonlocal done
        done += events
        if progress is not None:
            progress(min(done, whole), whole)

    found = pieces.pack_all(gathered, path, "0", whole, told)
    index = Pathways.of(*pieces.pathways(path, found))
    if not linked and pieces.relink(gathered, index):
        shutil.rmtree(path / "pieces")
        done = 0
        found = pieces.pack_all(gathered, path, "0", whole, told)
        index = Pathways.of(*pieces.pathways(path, found))
    files = write_pathways(Folder(path), "0", index)
    files["links"] = Folder(path).array(
        "tables/links-0", np.stack([gathered.links.before, gathered.links.after])
    )
    names = {name: sorted(known.names) for name, known in gathered.dictionaries.items()}
    return {
        "events": sum(entry["events"] for entry in found),
        "kinds": names["kind"],
        "organisations": names["organisation"],
        "municipalities": names["municipality"],
        "sources": names["source"],
        "attributes": sorted({name for entry in found for name in entry["attributes"]}),
        "pieces": found,
    }, files


def excluded_rows(excluded: Sequence[Exclusion]) -> pl.DataFrame:
    """What readers left out, as lines of a ledger."""
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


def highest_row(batch: Batch) -> int:
    """The highest row number of a batch; 0 without any."""
    if "row" not in batch.frame.columns:
        return 0
    return int(batch.frame["row"].drop_nulls().to_numpy().max(initial=0))


def _named(batch: Batch) -> set[bool]:
    """Whether events have a citizen: yes, no, or some do."""
    if "citizen" not in batch.frame.columns:
        return {False}
    missing = batch.frame["citizen"].null_count()
    return ({True} if missing < len(batch) else set()) | ({False} if missing else set())


def _frames(several: list[Parted]) -> Iterator[pl.DataFrame]:
    return (one.rows for one in several if isinstance(one.rows, pl.DataFrame))


def _ids(several: list[Parted]) -> Ids:
    """The index of the ids that can repeat."""
    frames = [frame for frame in _frames(several) if "#id" in frame.columns]
    none = np.zeros(0, np.uint64)
    return Ids.of(
        np.concatenate([none, *(frame["#id"].to_numpy() for frame in frames)]),
        np.concatenate([none, *(frame["#path"].to_numpy() for frame in frames)]),
    )
