"""Compaction: what appends left lying about becomes a store as if built at once."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from naer.logs.store import manifest, pieces, spill
from naer.logs.store.batch import NAMES
from naer.logs.store.coded import COLUMNS
from naer.logs.store.folder import Folder
from naer.logs.store.index import Pathways
from naer.logs.store.piece import Piece
from naer.logs.store.reopening import reopen
from naer.logs.store.rows import ranks
from naer.logs.store.store import Store
from naer.logs.store.tables import read_ids, write_ids, write_pathways

SHARE = 0.1
"""Of the events, of those that were appended: from here on compaction is worth its while."""
PIECES = 64
"""From so many pieces of appends on it is too, however small they are."""


def worthwhile(store: Store) -> bool:
    """Whether so much was appended that reading is slower than it need be."""
    appended = [len(piece) for piece in store.pieces if piece.beside]
    return len(appended) > PIECES or sum(appended) > SHARE * max(store.events, 1)


def compact(store: Store) -> Store:
    """The same events in fresh pieces, in the order of their keys, as if they had been built at once.

    Who has the store open reads on, also as it was before an append just now: the next append sweeps.
    """
    old, folder, generation = store.manifest, Folder(store.path), store.manifest.generation + 1
    for left in (store.path / "pieces").glob(f"{generation}-*"):  # by a compaction that was interrupted
        shutil.rmtree(left)
    names = {name: list(getattr(old, COLUMNS[name])) for name in NAMES}
    order = {name: ranks(known) for name, known in names.items()}
    step = pieces.step_of(store.events, pieces.EVENTS)

    def one(low: int) -> dict[str, Any] | None:
        frames, keys = [], []
        for piece in store.pieces:
            places = _between(piece, low, low + step)
            if len(places):
                frames.append(reopen(piece, places))
                keys.append(np.repeat(piece.keys[places], piece.sizes(places)))
        if not frames:
            return None
        place = f"pieces/{generation}-{low // step:03d}"
        return pieces.packed(spill.joined(frames), np.concatenate(keys), order, store.path, place)

    with ThreadPoolExecutor(pieces.THREADS) as threads:
        entries = [entry for entry in threads.map(one, range(0, spill.PARTS, step)) if entry is not None]
    paths, keys = pieces.pathways(store.path, entries)
    files, _ = write_ids(folder, str(generation), read_ids(folder, old.files))
    files |= write_pathways(folder, str(generation), Pathways.of(paths, keys))
    files |= {name: old.files[name] for name in ("ledger", "kept", "links")}
    changed = replace(
        old,
        pieces=entries,
        files=files,
        generation=generation,
        attributes=sorted({one for entry in entries for one in entry["attributes"]}),
        kinds=sorted(names["kind"]),
        organisations=sorted(names["organisation"]),
        municipalities=sorted(names["municipality"]),
        sources=sorted(names["source"]),
    )
    manifest.write(store.path, changed)
    return Store.open(store.path)


def _between(piece: Piece, low: int, high: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The components in force whose keys are in a range of parts."""
    parts = piece.keys >> np.uint64(56)
    some = (parts >= low) & (parts < high)
    if piece.dead is not None:
        some[piece.dead] = False
    return np.flatnonzero(some)
