"""The quality of a whole store, kept beside it as long as the store stays as it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.events.chunk import Chunk, without
from naer.events.event import EventId
from naer.events.instant import Instant
from naer.logs.quality import NEEDS, Quality
from naer.logs.store import hashing
from naer.logs.store.hashing import Hashes
from naer.logs.store.piece import Piece
from naer.logs.store.sources_files import Progress
from naer.logs.store.store import Store

NAME = "quality.json"
THREADS = 2


def survey(
    store: Store, clock: Instant, own: Mapping[str, str] | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """What :meth:`naer.logs.quality.Quality.report` says of a store; read anew only when it has changed.

    `clock` and `own` are those of :class:`naer.logs.quality.Quality`.
    """
    known = kept(store.path)
    if known is not None and _still(known, _asked(store, own or {}), clock):
        found: dict[str, Any] = known["report"]
        return found
    quality = Quality(clock, own or {})
    with ThreadPoolExecutor(THREADS) as threads:
        done = 0
        for part in threads.map(lambda piece: _of_piece(piece, quality), store.pieces):
            quality.merge(part)
            done += part.events
            if progress is not None:
                progress(done, store.events)
    report = quality.report(_tell)
    keep(store, clock, own or {}, report)
    return report


def followed(
    before: Store, after: Store, clock: Instant, own: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """The report of a store after an append, from the one kept before it and what the append touched.

    None when there is none that it can be told from; nothing is kept.
    """
    known = kept(before.path)
    asked = _asked(before, own or {})
    if known is None or {name: known.get(name) for name in asked} != asked:
        return None
    added, gone = Quality(clock, own or {}), Quality(clock, own or {})
    names = {piece.name for piece in before.pieces}
    touched = [np.zeros(0, np.uint64)]
    told = [np.zeros(0, np.uint64)]
    for piece in after.pieces:
        if piece.name in names:
            continue
        if piece.added is None:
            chunk = piece.load(NEEDS)
            added.see(chunk, partial(_spots, piece, chunk))
        else:
            told.append(piece.keys)
            touched.append(_see_grown(piece, piece.added, added, gone))
    standing = {piece.name: piece for piece in after.pieces}
    grown = hashing.once(*told)
    for piece in before.pieces:
        places = _gone(piece, standing.get(piece.name))
        places = places[~hashing.isin(piece.keys[places], grown)]
        if len(places):
            cut = piece.cut(places)
            gone.see(piece.read(cut, NEEDS), lambda _: [])
            touched.append(cut.of_pathways(piece.paths))
    quality = Quality.of(known["report"], clock, own or {})
    if _ends(gone.earliest, quality.earliest, added.earliest, 1) or _ends(
        gone.latest, quality.latest, added.latest, -1
    ):
        return None
    _forget(quality, np.concatenate(touched))
    quality.remove(gone)
    quality.merge(Quality.of(added.report(_tell), clock, own or {}))
    future = sum(
        int(np.count_nonzero(piece.load(frozenset()).at > clock))
        for piece in after.pieces
        if piece.span[1] > clock
    )
    quality.found["future time"].events = future
    return quality.report()


def _see_grown(piece: Piece, events: NDArray[np.int64], added: Quality, gone: Quality) -> Hashes:
    """Count what a piece that only grew has now and had before `events`, where the two can differ.

    The hashes of the pathways that were looked at come back.
    """
    chunk = piece.load(NEEDS)
    near = _near(chunk, events, added.own)
    places = np.flatnonzero(near)
    now, pathways = without(chunk, np.flatnonzero(~near))
    with ThreadPoolExecutor(THREADS) as threads:
        seen = threads.submit(added.see, now, lambda some: _spots(piece, chunk, places[some]))
        gone.see(without(now, np.searchsorted(places, events))[0], lambda _: [])
        seen.result()
    return piece.paths[pathways]


def _near(chunk: Chunk, added: NDArray[np.int64], own: Mapping[str, str]) -> NDArray[np.bool_]:
    """Which events a check can find that it did not find before the events `added`, or no more.

    Those are of the same pathway, and where somebody died of the same component: no check looks further.
    """
    dying = [code for code, name in enumerate(chunk.kinds) if own.get(name, name) == "died"]
    of_deaths = np.searchsorted(chunk.pathways, np.flatnonzero(np.isin(chunk.kind, dying)), side="right") - 1
    dead = np.zeros(len(chunk.components) - 1, np.bool_)
    dead[np.searchsorted(chunk.components, of_deaths, side="right") - 1] = True
    pathways = np.repeat(dead, np.diff(chunk.components))
    pathways[np.searchsorted(chunk.pathways, added, side="right") - 1] = True
    return np.repeat(pathways, np.diff(chunk.pathways))


def _ends(gone: Instant | None, known: Instant | None, added: Instant | None, way: int) -> bool:
    """Whether the log's first (way 1) or last (way -1) time was that of events that are no more."""
    return gone is not None and gone == known and (added is None or way * added > way * gone)


def _gone(piece: Piece, now: Piece | None) -> NDArray[np.int64]:
    """The components of a piece that were in force and are no more."""
    return np.flatnonzero(piece.alive if now is None else piece.alive & ~now.alive)


def _forget(quality: Quality, touched: NDArray[np.uint64]) -> None:
    """Let go of the examples in these pathways, and of those that time may have overtaken."""
    touched = np.sort(touched)
    for name, one in quality.found.items():
        pathways = pl.Series([pathway for _, pathway in one.examples], dtype=pl.String)
        stays = ~hashing.isin(hashing.of_names(pathways), touched)
        one.examples = [
            example
            for example, still in zip(one.examples, stays.tolist(), strict=True)
            if still and name != "future time"
        ]


def keep(store: Store, clock: Instant, own: Mapping[str, str], report: Mapping[str, Any]) -> None:
    """Keep a report beside its store."""
    path = store.path / NAME
    draft = path.with_suffix(".draft")
    text = json.dumps(_asked(store, own) | {"clock": clock, "report": report}, ensure_ascii=False)
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def _asked(store: Store, own: Mapping[str, str]) -> dict[str, Any]:
    return {"digest": store.digest, "own": dict(sorted(own.items()))}


def _of_piece(piece: Piece, like: Quality) -> Quality:
    quality = Quality(like.clock, like.own)
    if len(piece):
        chunk = piece.load(NEEDS)
        quality.see(chunk, lambda places: _spots(piece, chunk, places))
    return quality


@dataclass(frozen=True, slots=True)
class _Spot:
    """An event: which component of a piece, and its place in it."""

    piece: Piece
    component: int
    place: int


def _spots(piece: Piece, chunk: Chunk, places: NDArray[np.int64]) -> list[_Spot]:
    pathways = np.searchsorted(chunk.pathways, places, side="right") - 1
    components = np.searchsorted(chunk.components, pathways, side="right") - 1
    within = places - chunk.pathways[chunk.components[components]]
    if piece.dead is not None:
        components = np.flatnonzero(piece.alive)[components]
    return [_Spot(piece, *one) for one in zip(components.tolist(), within.tolist(), strict=True)]


def _tell(spots: Sequence[_Spot]) -> list[tuple[EventId, str]]:
    """(id, pathway) of events; the names of a piece are loaded once."""
    told: dict[_Spot, tuple[EventId, str]] = {}
    for piece in dict.fromkeys(spot.piece for spot in spots):
        ours = [spot for spot in spots if spot.piece is piece]
        components = sorted({spot.component for spot in ours})
        chunk = piece.take(np.array(components), frozenset())
        assert chunk.naming is not None
        naming = chunk.naming()
        for spot in ours:
            place = int(chunk.pathways[chunk.components[components.index(spot.component)]]) + spot.place
            pathway = int(np.searchsorted(chunk.pathways, place, side="right")) - 1
            told[spot] = (naming.ids[place], naming.pathways[pathway])
    return [told[spot] for spot in spots]


def count(report: Mapping[str, Any], check: str) -> int:
    """Events that a check found."""
    return next((int(one["events"]) for one in report["checks"] if one["check"] == check), 0)


def kept(path: Path) -> dict[str, Any] | None:
    """What is kept beside the store at `path`: `report`, and the `digest` of the store it is of."""
    try:
        found = json.loads((path / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "report" in found else None


def _still(known: Mapping[str, Any], asked: Mapping[str, Any], clock: Instant) -> bool:
    """Whether the report kept is of this store, and time cannot have changed it."""
    if {name: known.get(name) for name in asked} != asked:
        return False
    return clock == known["clock"] or (clock > known["clock"] and not count(known["report"], "future time"))
