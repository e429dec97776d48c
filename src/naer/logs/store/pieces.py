"""From the rows of a build to its pieces: settle what is special, join what is linked, pack each range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.logs.store import hashing, links, special, spill
from naer.logs.store.batch import NAMES, of_events
from naer.logs.store.folder import Folder
from naer.logs.store.hashing import Hashes
from naer.logs.store.index import Pathways
from naer.logs.store.links import NO_LINKS, Links
from naer.logs.store.packing import pack
from naer.logs.store.rows import Dictionary, keys, ranks, rows
from naer.logs.store.spill import PARTS, Parted

EVENTS = 2_000_000
"""A piece has about half as many events to as many, unless one component has more."""
THREADS = 2


@dataclass(slots=True)
class Gathered:
    """All rows of a build before they are packed."""

    raw: list[Parted]
    dictionaries: dict[str, Dictionary]
    special: Hashes
    """The ids whose rows in `raw` are settled elsewhere; sorted."""
    set_aside: int = 0
    """How many rows have a special id."""
    settled: list[Parted] = field(default_factory=list)
    links: Links = NO_LINKS
    linked: list[Parted] = field(default_factory=list)
    """The rows whose component is not their own key, by the component's key."""

    @property
    def count(self) -> int:
        """Raw rows."""
        return sum(int(parted.begins[-1]) for parted in self.raw)

    @property
    def in_force(self) -> int:
        """Rows once the special ones are settled."""
        return self.count - self.set_aside + sum(int(parted.begins[-1]) for parted in self.settled)

    def read(self, low: int, high: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The rows in force with keys of the parts from `low` to `high`, linked or not."""
        for parted in self.raw:
            for frame in parted.read(low, high, columns):
                if len(self.special):
                    yield frame.filter(~pl.Series(hashing.isin(special.ids_of(frame), self.special)))
                else:
                    yield frame
        for parted in self.settled:
            yield from parted.read(low, high, columns)

    def joined(self, low: int, high: int) -> tuple[pl.DataFrame, Hashes]:
        """The rows of the components of a range of parts, and the key of each."""
        frames, found = [], []
        for frame in self.read(low, high):
            key = keys(frame)
            if len(self.links.before):
                stays = ~hashing.isin(key, self.links.before)
                if not stays.all():
                    frame, key = frame.filter(pl.Series(stays)), key[stays]
            frames.append(frame)
            found.append(key)
        for parted in self.linked:
            for frame in parted.read(low, high):
                frames.append(frame)
                found.append(self.links.resolve(keys(frame)))
        if not frames:
            return pl.DataFrame(), np.zeros(0, np.uint64)
        return spill.joined(frames), np.concatenate(found)


def settle(gathered: Gathered, involved: Hashes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put the special events through S3 and S4; the ledger and the raw events to keep come back.

    `involved` (sorted) are the ids that a change has or names.
    """
    kept = pl.DataFrame(schema=special.KEPT)
    if not len(gathered.special):
        return pl.DataFrame(schema=special.LEDGER), kept
    frames = []
    for parted in gathered.raw:
        for low in range(0, PARTS, PARTS // 8):
            for frame in parted.read(low, low + PARTS // 8):
                frames.append(frame.filter(pl.Series(hashing.isin(special.ids_of(frame), gathered.special))))
    gathered.set_aside = sum(frame.height for frame in frames)
    names = {name: gathered.dictionaries[name].names for name in NAMES}
    settled = special.settle(spill.joined(frames), involved, names, kept)
    hold(gathered, settled)
    return settled.ledger, settled.kept


def hold(gathered: Gathered, settled: special.Settled) -> None:
    """Add what holds of special events to the rows in force."""
    if settled.rows.height:
        gathered.settled.append(spill.part(settled.rows))
    if settled.holding:
        gathered.settled.append(spill.part(rows(of_events(settled.holding), gathered.dictionaries)))


def link(gathered: Gathered) -> None:
    """Find the components of several citizens, and put their rows where their component stands."""
    _move(gathered, _links(gathered))


def pathways(root: Path, entries: Sequence[dict[str, Any]]) -> tuple[Hashes, Hashes]:
    """The pathways of packed pieces, and the keys of their components."""
    paths, found = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    for entry in entries:
        folder, columns = Folder(root / entry["folder"]), entry["columns"]
        paths.append(folder.load(columns["paths"]))
        found.append(np.repeat(folder.load(columns["keys"]), np.diff(folder.load(columns["components"]))))
    return np.concatenate(paths), np.concatenate(found)


def relink(gathered: Gathered, index: Pathways) -> bool:
    """Whether packed pieces turn out to share pathways, so that they must be packed again."""
    if (index.paths[1:] == index.paths[:-1]).any():
        _move(gathered, links.links(index.paths, index.keys))
    return len(gathered.links.before) > 0


def _move(gathered: Gathered, found: Links) -> None:
    gathered.links = found
    step = step_of(gathered.count, EVENTS // 4)
    for low in range(0, PARTS, step) if len(gathered.links.before) else ():
        for frame in gathered.read(low, low + step):
            moved = frame.filter(pl.Series(hashing.isin(keys(frame), gathered.links.before)))
            if moved.height:
                gathered.linked.append(spill.part(moved, gathered.links.resolve(keys(moved))))


def _links(gathered: Gathered) -> Links:

    step = step_of(gathered.count, EVENTS // 4)

    def pairs(low: int) -> tuple[Hashes, Hashes]:
        frames = list(gathered.read(low, low + step, _LINKING))
        if not frames:
            return np.zeros(0, np.uint64), np.zeros(0, np.uint64)
        return links.pairs(
            np.concatenate([frame["#path"].to_numpy() for frame in frames]),
            np.concatenate([keys(frame) for frame in frames]),
        )

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(pairs, range(0, PARTS, step)))
    return links.links(
        np.concatenate([pathways for pathways, _ in found]), np.concatenate([key for _, key in found])
    )


_LINKING = ("#path", "#citizen", "#id", "id", "row")


def pack_all(
    gathered: Gathered, root: Path, name: str, events: int, told: Callable[[int], None]
) -> list[dict[str, Any]]:
    """Pack all rows as pieces below `root`; their entries. `told` is given the events of each piece."""
    order = {column: ranks(known.names) for column, known in gathered.dictionaries.items()}
    step = step_of(events, EVENTS)

    def one(number: int) -> dict[str, Any] | None:
        frame, key = gathered.joined(number * step, (number + 1) * step)
        if not frame.height:
            return None
        entry = packed(frame, key, order, root, f"pieces/{name}-{number:03d}")
        told(entry["events"])
        return entry

    with ThreadPoolExecutor(THREADS) as threads:
        return [entry for entry in threads.map(one, range(PARTS // step)) if entry is not None]


def step_of(events: int, most: int) -> int:
    """How many parts make a range of at most so many events, if keys are spread evenly."""
    step = PARTS
    while step > 1 and events * step > most * PARTS:
        step //= 2
    return step


def packed(
    frame: pl.DataFrame, key: Hashes, order: Mapping[str, NDArray[np.uint32]], root: Path, folder: str
) -> dict[str, Any]:
    """Pack rows as the new piece `folder`."""
    return pack(frame, key, order, root / folder) | {"folder": folder}
