"""One piece of a store: a range of components, read column by column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.chunk import MIXED, NONE, Chunk, Coded, Naming
from naer.events.event import EventId
from naer.logs.error import LogError
from naer.logs.store import kernels
from naer.logs.store.attributes import load_attribute, load_codes
from naer.logs.store.cut import Cut, Offsets, Places
from naer.logs.store.folder import Entry, Folder
from naer.logs.store.hashing import Hashes, name_texts

ALL = frozenset({"*"})


class Piece:
    """`load` gives its events in force as a chunk. What a later append replaced is left out."""

    def __init__(self, root: Path, entry: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> None:
        self._folder = Folder(root / entry["folder"])
        self._root = Folder(root)
        self._entry = entry
        self._columns: dict[str, Entry] = entry["columns"]
        self._names = names

    def __len__(self) -> int:
        """Events in force."""
        return int(self._entry["events"]) - int(self._entry.get("dead", {}).get("events", 0))

    @property
    def name(self) -> str:
        """The piece's folder: with the store's digest it tells the piece from all others."""
        return str(self._entry["folder"])

    @property
    def beside(self) -> bool:
        """Whether an append wrote it, so that its components may have events in other pieces too."""
        return bool(self._entry.get("beside"))

    @property
    def entry(self) -> Mapping[str, Any]:
        """What the manifest says of it."""
        return self._entry

    @property
    def digest(self) -> str:
        """SHA-256 of what was written when the piece was made; what is replaced later does not change it."""
        return str(self._entry["digest"])

    @property
    def identity(self) -> str:
        """Which piece it is: two may have the same content, where one replaced the other."""
        return f"{self.name} {self.digest}"

    @property
    def components(self) -> int:
        """How many there are, replaced ones too."""
        return int(self._entry["components"])

    @property
    def attributes(self) -> Sequence[str]:
        """The attributes that occur."""
        return list(self._entry["attributes"])

    @property
    def span(self) -> tuple[int, int]:
        """The earliest and latest `at` of all its events, replaced ones too."""
        return int(self._entry["first"]), int(self._entry["last"])

    @cached_property
    def keys(self) -> Hashes:
        """uint64[components], rising: the key of each component."""
        return self._folder.load(self._columns["keys"])

    @cached_property
    def paths(self) -> Hashes:
        """uint64[pathways]: the hash of each pathway's name."""
        return self._folder.load(self._columns["paths"])

    @cached_property
    def dead(self) -> NDArray[np.int64] | None:
        """The places of the components that a later append replaced, rising; None when it replaced none."""
        entry = self._entry.get("dead")
        if entry is None:
            return None
        return self._named(self._root.load(entry).astype(np.int64), self.components - 1, "component")

    def load(self, needs: frozenset[str] = ALL) -> Chunk:
        """All events in force; of the columns that may be left out those in `needs`, "*" for all.

        Raises:
            LogError: when a file is missing or damaged.
        """
        if self.dead is None:
            return self.read(self.cut(None), needs)
        return self.read(self.cut(np.flatnonzero(self.alive)), needs)

    def take(self, components: Places, needs: frozenset[str] = ALL) -> Chunk:
        """The components at these places (rising), replaced or not."""
        return self.read(self.cut(components), needs)

    def component_of(self, pathway: int) -> int | None:
        """The place of the component that the pathway at a place belongs to; None when it was replaced."""
        begins = self._folder.load(self._columns["components"])
        component = int(np.searchsorted(begins, pathway, side="right")) - 1
        return None if self.dead is not None and component in self.dead else component

    def places_of(self, keys: Hashes) -> Places:
        """The places of the components, replaced or not, that have one of some keys (sorted, different)."""
        if not len(self.keys):
            return np.zeros(0, np.int64)
        low, high = np.searchsorted(keys, self.keys[[0, -1]])
        keys = keys[low : high + 1]
        places = np.searchsorted(self.keys, keys)
        inside = places < len(self.keys)
        places = places[inside]
        found: Places = places[self.keys[places] == keys[inside]]
        return found

    def components_of(self, keys: Hashes) -> Places:
        """Those of them that are in force."""
        places = self.places_of(keys)
        return places[self.alive[places]]

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        """bool[components]: whether no later append replaced it."""
        alive = np.ones(self.components, bool)
        if self.dead is not None:
            alive[self.dead] = False
        return alive

    def sizes(self, components: Places) -> NDArray[np.int64]:
        """The events of each of these components."""
        pathways, offsets = self._offsets
        ends = pathways[offsets[components + 1]].astype(np.int64)
        return ends - pathways[offsets[components]]

    def cut(self, components: Places | None) -> Cut:
        """Where the components at these places lie; None for all.

        Raises:
            LogError: when what says so is damaged there.
        """
        try:
            return Cut(*self._offsets, components)
        except ValueError as error:
            raise LogError(f"{self._folder.path}: the log store is damaged: {error}") from None

    def ids(self, events: Places | None) -> pl.DataFrame:
        """`id`, `row` of the events at some places (None: of all), where they have any."""
        return self._folder.read_table(self._columns["ids"], events)

    def sources(self, cut: Cut) -> Coded | None:
        """Where the events came from."""
        return self._coded("source", cut) if "source" in self._columns else None

    def pathway_texts(self, cut: Cut) -> pl.Series | None:
        """The names of the pathways that are no whole numbers."""
        return self._text("pathway_names", cut.which_pathways)

    def people(self, cut: Cut) -> tuple[Hashes, pl.Series | None]:
        """The hash of each citizen by code, and the names of those that are no whole numbers."""
        _, _, places = self._citizens(cut)
        return self._known(places)

    def verify(self) -> None:
        """Raise a LogError unless every file, and what the manifest says of each, is as it was written."""
        if digest_of(self._columns, self._entry["attributes"]) != self.digest:
            raise LogError(f"{self._folder.path}: the log store is damaged: its manifest was changed")
        entries = [*self._columns.values()]
        for attribute in self._entry["attributes"].values():
            entries += [attribute["codes"], attribute["values"]]
        for entry in entries:
            if "file" in entry:
                self._folder.verify(entry)
        if "dead" in self._entry:
            self._root.verify(self._entry["dead"])

    def read(self, cut: Cut, needs: frozenset[str] = ALL) -> Chunk:
        """What `cut` chose, replaced or not; columns as in `load`."""
        whole = "*" in needs

        def asked(name: str) -> bool:
            return (whole or name in needs) and name in self._columns

        citizens, of_event, people = self._citizens(cut)
        return Chunk(
            at=self._times("at", cut),
            kind=self._kinds(cut),
            kinds=self._names["kind"],
            pathways=cut.pathways,
            components=cut.components,
            citizens=citizens,
            citizen_of_event=of_event,
            tie=self._ties(cut) if asked("tie") else None,
            sent=self._times("sent", cut) if asked("sent") else None,
            received=self._times("received", cut) if asked("received") else None,
            municipality=self._coded("municipality", cut) if asked("municipality") else None,
            organisation=self._coded("organisation", cut) if asked("organisation") else None,
            attributes={
                name: self._attribute(entry, cut)
                for name, entry in self._entry["attributes"].items()
                if whole or name in needs
            },
            naming=lambda: self._naming(cut, people),
        )

    @cached_property
    def _offsets(self) -> tuple[Offsets, Offsets]:
        pathways = self._folder.load(self._columns["pathways"])
        components = self._folder.load(self._columns["components"])
        for offsets, last in ((pathways, self._entry["events"]), (components, len(pathways) - 1)):
            if offsets[0] != 0 or offsets[-1] != last:
                raise LogError(f"{self._folder.path}: the log store is damaged: its offsets do not fit")
        return pathways, components

    def _kinds(self, cut: Cut) -> NDArray[Any]:
        codes = cut.events(load_codes(self._folder, self._columns["kind"], int(self._entry["events"])))
        return self._named(codes, len(self._names["kind"]) - 1, "kind")

    def _named[T: np.generic](self, codes: NDArray[T], last: int, what: str) -> NDArray[T]:
        """The codes; raises a LogError when one is beyond the last that stands for something."""
        if len(codes) and int(codes.max()) > last:
            raise LogError(f"{self._folder.path}: the log store is damaged: a {what} that it does not name")
        return codes

    def _times(self, name: str, cut: Cut) -> NDArray[np.int64]:
        entry = self._columns[name]
        values = cut.events(self._folder.load(entry))
        if "unit" not in entry:
            return values
        times = kernels.unpack(values, entry["base"], entry["unit"])
        if entry["missing"]:
            times[values == 0] = NONE
        return times

    def _coded(self, name: str, cut: Cut) -> Coded:
        codes = load_codes(self._folder, self._columns[name], int(self._entry["events"]))
        return Coded(self._named(cut.events(codes), len(self._names[name]), name), self._names[name])

    def _attribute(self, entry: Entry, cut: Cut) -> Coded:
        coded = load_attribute(self._folder, entry, int(self._entry["events"]))
        return Coded(self._named(cut.events(coded.codes), len(coded.values), "value"), coded.values)

    def _ties(self, cut: Cut) -> NDArray[Any] | None:
        ranks, places = (self._folder.load(self._columns[name]) for name in ("tie", "tie_at"))
        wanted = cut.which_events
        if wanted is None:
            ties = np.zeros(int(self._entry["events"]), ranks.dtype)
            ties[places] = ranks
            return ties
        found = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
        tied = places[found] == wanted
        return np.where(tied, ranks[found], ranks.dtype.type(0)) if tied.any() else None

    def _citizens(self, cut: Cut) -> tuple[NDArray[np.int32], NDArray[np.int32] | None, Places | None]:
        """Codes of pathways and of events, and the place of each coded citizen in the piece."""
        how = self._columns["citizens"].get("is_")
        if how == "nobody":
            return np.full(len(cut.pathways) - 1, -1, np.int32), None, None
        if how == "one":
            sizes = np.diff(cut.components)
            codes = np.arange(len(sizes), dtype=np.int32)
            return (codes if (sizes == 1).all() else np.repeat(codes, sizes)), None, cut.chosen
        last = len(self._folder.load(self._columns["people"])) - 1
        codes = cut.of_pathways(self._folder.load(self._columns["citizens"]))
        codes = self._named(codes, last, "citizen")
        events = None
        if "citizen_of_event" in self._columns:
            events = cut.events(self._folder.load(self._columns["citizen_of_event"]))
            events = self._named(events, last, "citizen")
        if cut.chosen is None:
            return codes, events, None
        used = np.unique(codes if events is None else np.concatenate([codes, events]))
        used = used[used >= 0]
        codes = np.where(codes < 0, codes, np.searchsorted(used, codes)).astype(np.int32)
        if events is not None:
            events = np.where(events < 0, events, np.searchsorted(used, events)).astype(np.int32)
            if not (codes == MIXED).any():
                events = None
        return codes, events, used

    def _naming(self, cut: Cut, people: Places | None) -> Naming:
        hashes = cut.of_pathways(self.paths)
        texts = self.pathway_texts(cut)
        ids, sources = self.ids(cut.which_events), None
        coded = self.sources(cut)
        if coded is not None:
            known = pl.Series(["", *coded.values], dtype=pl.String)
            sources = known.gather(coded.codes.astype(np.uint32)).to_list()
        citizens = name_texts(*self._known(people)).to_list()
        return Naming(_ids(ids), name_texts(hashes, texts).to_list(), citizens, sources)

    def _known(self, places: Places | None) -> tuple[Hashes, pl.Series | None]:
        how = self._columns["citizens"].get("is_")
        if how == "nobody":
            return np.zeros(0, np.uint64), None
        hashes = self.keys if how == "one" else self._folder.load(self._columns["people"])
        some = np.asarray(hashes if places is None else hashes[places])
        return some, self._text("citizen_names", places)

    def _text(self, name: str, places: Places | None) -> pl.Series | None:
        if name not in self._columns:
            return None
        return self._folder.read_table(self._columns[name], places).to_series()


def digest_of(columns: Mapping[str, Entry], attributes: Mapping[str, Any]) -> str:
    """SHA-256 of all that the manifest says of a piece's files, their own SHA-256 among it."""
    return hashlib.sha256(json.dumps([columns, attributes], sort_keys=True).encode()).hexdigest()


def _ids(table: pl.DataFrame) -> Sequence[EventId]:
    if "id" not in table.columns:
        numbers: list[EventId] = table["row"].to_list()
        return numbers
    texts: list[str | None] = table["id"].to_list()
    if "row" not in table.columns:
        return [text for text in texts if text is not None]
    return [row if text is None else text for text, row in zip(texts, table["row"].to_list(), strict=True)]
