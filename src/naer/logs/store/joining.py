"""Components whose events lie in several pieces, read as one chunk: what was appended beside what was there.

Every piece has its components, pathways and events in order, so that only what lies in several of them
is sorted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.chunk import MIXED, NONE, Chunk, Coded, Ints, Naming
from naer.logs.store import hashing
from naer.logs.store.batch import json_text
from naer.logs.store.cut import Cut, Places
from naer.logs.store.hashing import Hashes
from naer.logs.store.piece import Piece
from naer.logs.store.rows import sort_of
from naer.logs.store.ties import by_id, ties

_APART = np.int64(2**52 + 2**29 + 1)
"""Moments of two components that lie so far apart are hardly ever taken for one."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some components of a piece."""

    piece: Piece
    cut: Cut

    @property
    def keys(self) -> Hashes:
        """uint64[components], rising."""
        return self.piece.keys if self.cut.chosen is None else self.piece.keys[self.cut.chosen]

    @property
    def paths(self) -> Hashes:
        """uint64[pathways]: the hashes of their names."""
        return self.cut.of_pathways(self.piece.paths)


@dataclass(frozen=True, slots=True)
class Joined:
    """Slices as one chunk."""

    chunk: Chunk
    keys: Hashes
    """uint64[components], rising: the key of each."""
    paths: Hashes
    """uint64[pathways]: the hash of the name of each."""
    origin: Places
    """int64[n]: where each event stood among the events of all slices, one slice after the other."""
    ends: Places
    """int64[slices]: where the events of each slice ended there."""

    def since(self, slice_: int) -> Places:
        """The places of the events of this slice and those after it."""
        return np.flatnonzero(self.origin >= (self.ends[slice_ - 1] if slice_ else 0))


def joined(slices: Sequence[Slice], needs: frozenset[str]) -> Joined:
    """The components of slices of different pieces, of the columns that may be left out those in `needs`.

    Raises:
        LogError: when a file is missing or damaged.
    """
    if len(slices) == 1:
        chunk = slices[0].piece.read(slices[0].cut, needs)
        return Joined(chunk, slices[0].keys, slices[0].paths, np.arange(len(chunk)), np.array([len(chunk)]))
    return _Join(slices, needs).done()


class _Join:
    """Components, pathways and events are numbered slice after slice, and then put in order."""

    def __init__(self, slices: Sequence[Slice], needs: frozenset[str]) -> None:
        self._slices = slices
        self._needs = needs
        self._chunks = chunks = [one.piece.read(one.cut, needs | {"sent"}) for one in slices]
        self._ends = np.cumsum([len(chunk) for chunk in chunks])
        keys = np.concatenate([one.keys for one in slices])
        by_key = np.argsort(keys, kind="stable")
        self.keys = keys[by_key]
        begins = _begins(self.keys)
        self.keys = self.keys[begins]
        sizes = np.concatenate([np.diff(chunk.components) for chunk in chunks])
        component = np.repeat(np.cumsum(begins) - 1, sizes[by_key])
        self._several = np.bincount(np.cumsum(begins) - 1) > 1
        paths = np.concatenate([one.paths for one in slices])
        pathways = _members(sizes, by_key)
        some = np.flatnonzero(self._several[component])
        pathways[some] = pathways[some][_within(component[some], paths[pathways[some]])]
        begins = _begins(paths[pathways], component)
        self.first = pathways[begins]
        self.paths = paths[self.first]
        self.components = _offsets(np.bincount(component[begins]))
        sizes = np.concatenate([np.diff(chunk.pathways) for chunk in chunks])
        self.order = _members(sizes, pathways)
        self.pathways = _offsets(np.add.reduceat(sizes[pathways], np.flatnonzero(begins)))
        self.at = np.concatenate([chunk.at for chunk in chunks])[self.order]
        # What a slice has of a pathway is in order: only where one goes on after another it may not be.
        places = (np.cumsum(sizes[pathways]) - sizes[pathways])[~begins]
        late = np.zeros(len(self.first), np.bool_)
        late[(np.cumsum(begins) - 1)[~begins][self.at[places] <= self.at[places - 1]]] = True
        self._sort(np.flatnonzero(late))

    def _sort(self, several: Places) -> None:
        """Put the events of some pathways in the order of S2."""
        sizes = np.diff(self.pathways)
        places = _members(sizes, several)
        if not len(places):
            return
        sent = self._times("sent")
        pathway = np.repeat(several, sizes[several])
        events, at = self.order[places], self.at[places]
        written = at if sent is None else np.where(sent[events] == NONE, at, sent[events])
        order = np.lexsort((written, at, pathway))
        runs = np.cumsum(_begins(pathway[order], at[order], written[order]))
        tied = np.flatnonzero(np.bincount(runs)[runs] > 1)
        if len(tied):
            some = order[tied]
            order[tied] = some[by_id(self._ids(events[some]), {"run": runs[tied]})]
        self.order[places] = events[order]
        self.at[places] = at[order]

    def done(self) -> Joined:
        """The chunk."""
        chunks, order, needs = self._chunks, self.order, self._needs
        whole = "*" in needs
        received = self._times("received") if whole or "received" in needs else None
        sent = self._times("sent")
        citizens, of_event, people = self._citizens()
        names = dict.fromkeys(name for chunk in chunks for name in chunk.attributes)
        chunk = Chunk(
            at=self.at,
            kind=np.concatenate([chunk.kind for chunk in chunks])[order],
            kinds=chunks[0].kinds,
            pathways=self.pathways,
            components=self.components,
            citizens=citizens,
            citizen_of_event=of_event,
            tie=self._ties(sent) if whole or "tie" in needs else None,
            sent=sent[order] if sent is not None and (whole or "sent" in needs) else None,
            received=None if received is None else received[order],
            municipality=self._coded([chunk.municipality for chunk in chunks]),
            organisation=self._coded([chunk.organisation for chunk in chunks]),
            attributes={
                name: column
                for name in names
                if (column := self._coded([one.attributes.get(name) for one in chunks])) is not None
            },
            naming=lambda: self._naming(people),
        )
        return Joined(chunk, self.keys, self.paths, order, self._ends)

    def _times(self, name: str) -> Ints | None:
        columns = [getattr(chunk, name) for chunk in self._chunks]
        if all(column is None for column in columns):
            return None
        filled = [
            np.full(len(chunk), NONE) if column is None else column
            for chunk, column in zip(self._chunks, columns, strict=True)
        ]
        return np.concatenate(filled)

    def _coded(self, columns: Sequence[Coded | None]) -> Coded | None:
        values = _values([column.values for column in columns if column is not None])
        if values is None:
            return None
        codes: list[Ints] = []
        for chunk, column in zip(self._chunks, columns, strict=True):
            if column is None:
                codes.append(np.zeros(len(chunk), np.uint8))
            elif column.values is values[0]:
                codes.append(column.codes)
            else:
                table = np.array([0, *(values[1][_told(one)] for one in column.values)], np.uint32)
                codes.append(table[column.codes])
        return Coded(np.concatenate(codes)[self.order], values[0])

    def _citizens(self) -> tuple[NDArray[np.int32], NDArray[np.int32] | None, Hashes]:
        """Codes of pathways and of events, and whose they are."""
        known = [one.piece.people(one.cut)[0] for one in self._slices]
        people = hashing.once(*known)
        tables = [np.append(np.searchsorted(people, one), [MIXED, -1]).astype(np.int32) for one in known]
        codes = [table[chunk.citizens] for table, chunk in zip(tables, self._chunks, strict=True)]
        events = None
        if any(chunk.citizen_of_event is not None for chunk in self._chunks):
            of_events = [
                np.repeat(own, np.diff(chunk.pathways))
                if chunk.citizen_of_event is None
                else table[chunk.citizen_of_event]
                for own, table, chunk in zip(codes, tables, self._chunks, strict=True)
            ]
            events = np.concatenate(of_events)[self.order]
        return np.concatenate(codes)[self.first], events, people

    def _ties(self, sent: Ints | None) -> Ints | None:
        columns = [
            np.zeros(len(chunk), np.uint8) if chunk.tie is None else chunk.tie for chunk in self._chunks
        ]
        found = np.concatenate(columns)[self.order].astype(np.uint32)
        at, met = self.at, self._met()
        if len(met):
            pathways = _members(np.diff(self.components), met)
            places = _members(np.diff(self.pathways), pathways)
            events = self.order[places]
            written = None
            if sent is not None:
                written = np.where(sent[events] == NONE, at[places], sent[events])
            tied, ranks = ties(
                at[places],
                written,
                _offsets(np.diff(self.pathways)[pathways]),
                _offsets(np.diff(self.components)[met]),
                lambda some, before: by_id(self._ids(events[some]), before),
            )
            found[places] = 0
            found[places[tied]] = ranks
        return found if found.any() else None

    def _met(self) -> Places:
        """The components, and perhaps more, where what an append added has the time of another event."""
        built = sum(not one.piece.beside for one in self._slices)
        later = self.order >= (self._ends[built - 1] if built else 0)
        events = self.pathways[self.components]
        component = np.repeat(np.arange(len(self.keys)), np.diff(events))
        moments = (self.at + component * _APART).view(np.uint64)
        places = np.flatnonzero(hashing.isin(moments, np.sort(moments[later])))
        moments = moments[places]
        order = np.argsort(moments)
        same = np.flatnonzero(~_begins(moments[order]))
        met = np.zeros(len(self.keys), np.bool_)
        met[component[places[order[same]]]] = True
        return np.flatnonzero(met & self._several)

    def _ids(self, events: Places) -> pl.DataFrame:
        """`id`, `row` of some events."""
        of_slice = np.searchsorted(self._ends, events, side="right")
        frames, places = [], []
        for number in np.unique(of_slice).tolist():
            some = np.flatnonzero(of_slice == number)
            within = events[some] - (self._ends[number - 1] if number else 0)
            which = self._slices[number].cut.which_events
            found = self._slices[number].piece.ids(within if which is None else which[within])
            frames.append(found.with_columns(pl.col("row").cast(pl.Int64)) if "row" in found else found)
            places.append(some)
        together: pl.DataFrame = pl.concat(frames, how="diagonal")
        return together.select(pl.all().gather(np.argsort(np.concatenate(places))))

    def _naming(self, people: Hashes) -> Naming:
        named = [chunk.naming() for chunk in self._chunks if chunk.naming is not None]
        ids = [one for naming in named for one in naming.ids]
        pathways = [name for naming in named for name in naming.pathways]
        citizens: dict[int, str] = {}
        for one, naming in zip(self._slices, named, strict=True):
            hashes = one.piece.people(one.cut)[0]
            citizens.update(zip(hashes.tolist(), naming.citizens, strict=True))
        sources = None
        if any(naming.sources is not None for naming in named):
            told = [one for naming in named for one in naming.sources or [""] * len(naming.ids)]
            sources = [told[place] for place in self.order]
        return Naming(
            [ids[place] for place in self.order],
            [pathways[place] for place in self.first],
            [citizens[one] for one in people.tolist()],
            sources,
        )


def _values(lists: Sequence[Sequence[Any]]) -> tuple[Sequence[Any], Mapping[tuple[str, str], int]] | None:
    """The values of several columns, each once, and their codes; None without any."""
    if not lists:
        return None
    if all(one is lists[0] for one in lists):
        return lists[0], {}
    values: dict[tuple[str, str], Any] = {}
    for one in lists:
        for value in one:
            values.setdefault(_told(value), value)
    return list(values.values()), {told: code for code, told in enumerate(values, 1)}


def _told(value: Any) -> tuple[str, str]:
    """What tells a value from all others: 1, 1.0, "1" and true are four."""
    return sort_of(value), json_text(value)


def _within(groups: Ints, values: Hashes) -> Places:
    """The order of values within groups, which stand in order."""
    bits = np.uint64(int(groups[-1]).bit_length() if len(groups) else 0)
    told = (groups.astype(np.uint64) << (np.uint64(64) - bits)) | (values >> bits)
    order = np.argsort(told, kind="stable")
    value, group = values[order], groups[order]
    if ((value[1:] < value[:-1]) & (group[1:] == group[:-1])).any():  # they differ in their last bits
        order = np.lexsort((values, groups))
    return order


def _begins(*columns: Ints) -> NDArray[np.bool_]:
    """bool[n]: where rows begin that are not as the row before."""
    begins = np.ones(len(columns[0]), np.bool_)
    begins[1:] = False
    for column in columns:
        begins[1:] |= column[1:] != column[:-1]
    return begins


def _offsets(sizes: Ints) -> NDArray[np.int64]:
    """Where runs of these sizes begin, and the last one ends."""
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def _members(sizes: Ints, runs: Ints) -> Places:
    """The numbers of the members of some runs, run by run; all runs together number theirs from 0."""
    starts = np.cumsum(sizes) - sizes
    taken = sizes[runs]
    within = np.arange(int(taken.sum())) - np.repeat(np.cumsum(taken) - taken, taken)
    members: Places = within + np.repeat(starts[runs], taken)
    return members
