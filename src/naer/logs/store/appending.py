"""Appending: new events are written as a small piece beside those with the older events of their citizens.

Where a citizen does not only get more events (something is corrected, told twice or taken back, or citizens
are joined), all that holds of that component is settled anew, written whole, and replaces what there was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.logs.row import Exclusion
from naer.logs.store import hashing, links, manifest, pieces, special, spill
from naer.logs.store.batch import NAMES, Batch, of_events
from naer.logs.store.build import excluded_rows, highest_row
from naer.logs.store.coded import COLUMNS
from naer.logs.store.folder import Entry, Folder
from naer.logs.store.hashing import Hashes
from naer.logs.store.index import Ids, Pathways
from naer.logs.store.links import Links
from naer.logs.store.manifest import Manifest
from naer.logs.store.piece import Piece
from naer.logs.store.reopening import reopen
from naer.logs.store.rows import Dictionary, keys, rows
from naer.logs.store.store import Store
from naer.logs.store.tables import read_ids, read_pathways, write_ids, write_pathways, write_tables

MANY = 500_000
"""More rows than this become a piece for each core."""


def append(
    store: Store,
    batches: Iterable[Batch],
    excluded: Iterable[Exclusion] = (),
    provenance: Mapping[str, Any] | None = None,
    *,
    anew: Iterable[Batch] = (),
) -> Store:
    """The store with more raw events, as if it had been built with them.

    Rows without ids must be numbered from `manifest.rows + 1`. Events in `anew` are put in place of those
    that the store has by the same ids, as if it had never had them.

    Who reads the store as it was can go on until the append after this one. Only one process may append.

    Raises:
        LogError: when the store is damaged where it is touched.
    """
    return _Append(store, list(batches), list(anew), list(excluded)).done(dict(provenance or {}))


class _Append:
    def __init__(
        self, store: Store, batches: list[Batch], anew: list[Batch], excluded: list[Exclusion]
    ) -> None:
        self.store = store
        self.old = store.manifest
        self.folder = Folder(store.path)
        self.names = {name: Dictionary(getattr(self.old, COLUMNS[name])) for name in NAMES}
        found = [[rows(batch, self.names) for batch in some if len(batch)] for some in (batches, anew)]
        self.new = spill.joined([*found[0], *found[1]]) if any(found) else pl.DataFrame()
        replaced = [special.ids_of(frame) for frame in found[1]]
        self.replaced = hashing.once(*replaced)
        self.excluded = excluded
        self.rows = max([self.old.rows, *(highest_row(batch) for batch in (*batches, *anew))])
        self.generation = self.old.generation + 1
        self.paths = read_pathways(self.folder, self.old.files)
        self.unknown = links.NO_PAIRS
        """Pathways of new rows that the store has not, and the keys of those."""

    def done(self, provenance: dict[str, Any]) -> Store:
        """Write what changed, and put it in force."""
        self.store.sweep()
        name = str(self.generation)
        ledger = self.folder.read_table(self.old.files["ledger"])
        kept = self.folder.read_table(self.old.files["kept"])
        files = {
            key: entry for key, entry in self.old.files.items() if key not in ("ledger", "kept", "links")
        }
        entries = list(self.old.pieces)
        changes = self.store.links
        if self.new.width:
            key, odd, ids, involved = self._told_apart(kept)
            whole = hashing.isin(key, odd)
            added, moved = [(self.new, key)], self.unknown
            if whole.any():
                added = [(self.new.filter(pl.Series(~whole)), key[~whole])]
                rows_, settled = self._settled(self.new.filter(pl.Series(whole)), odd, ids, involved, kept)
                ledger = pl.concat([ledger.filter(~self._concerns(ledger, ids)), settled.ledger])
                kept = pl.concat([kept.filter(~_among(kept["#id"], ids)), settled.kept])
                changes, own = self._linked(odd, rows_)
                added.append((rows_, own))
                known = hashing.isin(moved[1], odd)
                paths, own = links.pairs(rows_["#path"].to_numpy(), own) if rows_.height else links.NO_PAIRS
                moved = np.append(moved[0][~known], paths), np.append(moved[1][~known], own)
            with ThreadPoolExecutor(pieces.THREADS) as threads:
                fresh = self._packed(added, threads)
                if len(odd):  # what has nothing left in force still tells what was there
                    entries = list(threads.map(lambda piece: self._superseded(piece, odd), self.store.pieces))
                files |= write_pathways(self.folder, name, Pathways.of(*moved))
                if "#id" in self.new.columns:
                    some = self.new.filter(pl.col("#id").is_not_null())
                    index = Ids.of(some["#id"].to_numpy(), some["#path"].to_numpy())
                    files |= write_ids(self.folder, name, [index])[0]
                entries += fresh
        if self.excluded:
            ledger = pl.concat([ledger, excluded_rows(self.excluded)])
        files |= write_tables(self.folder, name, ledger, kept)
        files["links"] = self.folder.array(f"tables/links-{name}", np.stack([changes.before, changes.after]))
        lists = {COLUMNS[column]: known.names for column, known in self.names.items()}
        changed = Manifest(
            events=sum(_alive(entry) for entry in entries),
            rows=self.rows,
            attributes=sorted({one for entry in entries for one in entry["attributes"]}),
            pieces=entries,
            files=files,
            generation=self.generation,
            provenance=self.old.provenance | provenance,
            **lists,
        )
        manifest.write(self.store.path, changed)
        return Store.open(self.store.path)

    def _told_apart(self, kept: pl.DataFrame) -> tuple[Hashes, Hashes, Hashes, Hashes]:
        """The key of each new row, the keys of what does not only grow, and ids.

        Those are the ids to settle, and those that changes have or name.
        """
        new_ids = special.ids_of(self.new)
        involved = special.involved(self.new, special.is_cancelled(self.names["kind"].names))
        ordered = np.sort(new_ids)
        ids = [involved, ordered[1:][ordered[1:] == ordered[:-1]]]
        wanted = hashing.once(new_ids, involved)
        meant = kept.filter(pl.Series(_either(kept, wanted)))
        again = kept.filter(pl.Series(np.isin(kept["group"].to_numpy(), meant["group"].to_numpy())))
        grouped = np.concatenate([again["#id"].to_numpy(), again["changes"].to_numpy()])
        ids.append(grouped)
        halves: set[int] = set()
        candidates = wanted if "#id" in self.new.columns else involved
        for index in read_ids(self.folder, self.old.files):
            for one, half in index.pathways(candidates):
                ids.append(np.array([one], np.uint64))
                halves.add(half)
        odd = [index.leading(halves) for index in self.paths] if halves else []
        told = hashing.once(*ids)
        key = self.store.links.resolve(keys(self.new))
        paths = self.new["#path"].to_numpy()
        if len(told):
            some = hashing.isin(new_ids, told)
            known, there = self._known(hashing.once(paths[some], _paths(again)))
            odd += [key[some], there[known]]
        odd.append(self._joining(paths, key))
        return key, hashing.once(*odd), told, hashing.once(involved, grouped)

    def _joining(self, paths: Hashes, key: Hashes) -> Hashes:
        """The keys of components that new rows join, and of those that are joined already."""
        paths, key = links.pairs(paths, key)
        known, there = self._known(paths)
        self.unknown = paths[~known], key[~known]
        other = known & (there != key)
        twice = paths[1:] == paths[:-1]
        joined = key[np.isin(key, self.store.links.after)]
        return np.concatenate([joined, there[other], key[other], key[1:][twice], key[:-1][twice]])

    def _concerns(self, ledger: pl.DataFrame, ids: Hashes) -> pl.Series:
        """Which lines of the ledger are told anew; a duplicate stays one."""
        told = _among(ledger["event"], ids) & (ledger["reason"] != "duplicate")
        return told | _among(ledger["event"], self.replaced)

    def _known(self, paths: Hashes) -> tuple[NDArray[np.bool_], Hashes]:
        """Which of different pathways the store has, and the keys of their components."""
        found: NDArray[np.bool_] = np.zeros(len(paths), bool)
        key = np.zeros(len(paths), np.uint64)
        for index in self.paths:  # the latest that has a pathway is right
            left = np.flatnonzero(~found)
            known, there = index.find(paths[left])
            key[left[known]] = there
            found[left[known]] = True
        return found, key

    def _settled(
        self, new: pl.DataFrame, odd: Hashes, ids: Hashes, involved: Hashes, kept: pl.DataFrame
    ) -> tuple[pl.DataFrame, special.Settled]:
        """All rows of the components `odd` as they will be, and what became of the special ones."""
        with ThreadPoolExecutor(pieces.THREADS) as threads:
            found = threads.map(lambda piece: _reopened(piece, odd), self.store.pieces)
            frames = [(frame, True) for frame in found if frame is not None]
        texts = {name: known.names for name, known in self.names.items()}
        again = kept.filter(_among(kept["#id"], ids) & ~_among(kept["#id"], self.replaced))
        groups = hashing.once(kept["#id"].to_numpy())
        parts: list[pl.DataFrame] = []
        raw: list[pl.DataFrame] = []
        for frame, old in (*frames, (new, False)):
            some = hashing.isin(own := special.ids_of(frame), ids) if len(ids) else np.zeros(0, bool)
            parts.append(frame.filter(pl.Series(~some)) if some.any() else frame)
            if not some.any():
                continue
            # What an old group came to is not raw: its raw events are kept apart.
            if old:
                some &= ~hashing.isin(own, groups) & ~hashing.isin(own, self.replaced)
            raw.append(frame.filter(pl.Series(some)))
        rows_ = [frame for frame in raw if frame.height]
        settled = special.settle(spill.joined(rows_) if rows_ else pl.DataFrame(), involved, texts, again)
        told = [settled.rows]
        if settled.holding:
            told.append(rows(of_events(settled.holding), self.names))
        parts = [frame for frame in (*parts, *told) if frame.height]
        return spill.joined(parts) if parts else pl.DataFrame(), settled

    def _linked(self, odd: Hashes, rows_: pl.DataFrame) -> tuple[Links, Hashes]:
        """The links of the whole store, and the key of each of all rows of the components `odd`."""
        before = self.store.links
        stays = ~np.isin(before.after, odd)
        own = keys(rows_) if rows_.height else np.zeros(0, np.uint64)
        fresh = links.links(*links.pairs(rows_["#path"].to_numpy(), own)) if rows_.height else links.NO_LINKS
        after = np.concatenate([before.after[stays], fresh.after])
        names = np.concatenate([before.before[stays], fresh.before])
        order = np.argsort(names)
        return Links(names[order], after[order]), fresh.resolve(own)

    def _packed(
        self, added: Sequence[tuple[pl.DataFrame, Hashes]], threads: ThreadPoolExecutor
    ) -> Iterator[dict[str, Any]]:
        """The entries of new pieces for some rows and the keys of their components; begun at once."""
        order = {name: np.arange(len(known.names) + 1, dtype=np.uint32) for name, known in self.names.items()}
        parts = [part for frame, key in added for part in _parts(frame, key)]

        def packed(number: int) -> dict[str, Any]:
            place = f"pieces/{self.generation}-{number:03d}"
            return pieces.packed(*parts[number], order, self.store.path, place) | {"beside": True}

        return threads.map(packed, range(len(parts)))

    def _superseded(self, piece: Piece, odd: Hashes) -> dict[str, Any]:
        """The entry of a piece without the components that are written anew."""
        places = piece.components_of(odd)
        entry = dict(piece.entry)
        if not len(places):
            return entry
        dead = places if piece.dead is None else np.union1d(places, piece.dead)
        gone = int(piece.sizes(dead).sum())
        name = piece.name.replace("/", "-")
        file = self.folder.array(f"tables/dead-{self.generation}-{name}", dead.astype(np.uint32))
        return entry | {"dead": file | {"events": gone}}


def _parts(frame: pl.DataFrame, key: Hashes) -> list[tuple[pl.DataFrame, Hashes]]:
    """Rows cut by their keys into pieces of about the same size; none for no rows."""
    count = -(-len(key) // pieces.EVENTS)
    if len(key) > MANY:
        count = max(count, pieces.THREADS)
    if count < 2:
        return [(frame, key)] if len(key) else []
    sample = np.sort(key[:: max(1, len(key) // 10_000)])
    bounds = sample[len(sample) // count :: len(sample) // count][: count - 1]
    of_part = np.searchsorted(bounds, key, side="right")
    several = (of_part == number for number in range(count))
    return [(frame.filter(pl.Series(some)), key[some]) for some in several if some.any()]


def _reopened(piece: Piece, odd: Hashes) -> pl.DataFrame | None:
    places = piece.components_of(odd)
    return reopen(piece, places) if len(places) else None


def _among(column: pl.Series, ids: Hashes) -> pl.Series:
    return pl.Series(hashing.isin(column.fill_null(0).to_numpy(), ids))


def _either(kept: pl.DataFrame, ids: Hashes) -> NDArray[np.bool_]:
    """Which kept raw events have or name one of the ids."""
    return hashing.isin(kept["#id"].to_numpy(), ids) | hashing.isin(kept["changes"].to_numpy(), ids)


def _paths(kept: pl.DataFrame) -> Hashes:
    names = [event.pathway for event in special.kept_events(kept)]
    return hashing.of_names(pl.Series(names, dtype=pl.String))


def _alive(entry: dict[str, Any]) -> int:
    return int(entry["events"]) - int(entry.get("dead", Entry()).get("events", 0))
