"""The quality of a whole store, kept beside it as long as the store stays as it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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
from naer.logs.store.change import Change, shares
from naer.logs.store.hashing import Hashes
from naer.logs.store.joining import joined
from naer.logs.store.section import Section
from naer.logs.store.sources_files import Progress
from naer.logs.store.store import Store

NAME = "quality.json"
THREADS = 2
MOST = 100_000
LARGE = 0.2
"""When more than this share of the events is touched, all is read anew; as many as MOST never matter."""


def survey(
    store: Store, clock: Instant, own: Mapping[str, str] | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """What :meth:`naer.logs.quality.Quality.report` says of a store.

    After an append it follows from the report that was kept, by what is touched; else it is read anew
    where the store has changed. `clock` and `own` are those of :class:`naer.logs.quality.Quality`.
    """
    known = kept(store.path)
    if known is not None and _still(known, _asked(store, own or {}), clock):
        found: dict[str, Any] = known["report"]
        return found
    report = followed(store, clock, own) or _read(store, clock, own or {}, progress)
    keep(store, clock, own or {}, report)
    return report


def _read(
    store: Store, clock: Instant, own: Mapping[str, str], progress: Progress | None = None
) -> dict[str, Any]:
    quality = Quality(clock, own)
    with ThreadPoolExecutor(THREADS) as threads:
        done = 0
        for part in threads.map(lambda section: _of_section(section, quality), store.sections):
            quality.merge(part)
            done += part.events
            if progress is not None:
                progress(done, store.events)
    return quality.report(partial(_tell, store))


def followed(store: Store, clock: Instant, own: Mapping[str, str] | None = None) -> dict[str, Any] | None:
    """The report of a store from the one kept of it before something was appended, and what that touched.

    None when there is none that it can be told from, or much is touched; nothing is kept.
    """
    known, asked = kept(store.path), _asked(store, own or {})
    if known is None or known.get("own") != asked["own"] or known.get("digest") == asked["digest"]:
        return None
    then = {digest: np.array(dead, np.int64) for digest, dead in known["standing"].items()}
    change = Change.since(store, then)
    if change is None or change.events > LARGE * store.events + MOST:
        return None
    added, gone = Quality(clock, own or {}), Quality(clock, own or {})
    touched = [np.zeros(0, np.uint64)]
    for keys in shares(change.grown):
        touched.append(_see_grown(change, keys, added, gone))
    for keys in shares(change.replaced):
        before, now = change.before(keys, NEEDS), store.slices(keys)
        if before is not None:
            gone.see(before.chunk, lambda _: [])
            touched.append(before.paths)
        if now:
            found = joined(now, NEEDS)
            added.see(found.chunk, partial(_spots, found.keys, found.chunk))
    quality = Quality.of(known["report"], clock, own or {})
    if _ends(gone.earliest, quality.earliest, added.earliest, 1) or _ends(
        gone.latest, quality.latest, added.latest, -1
    ):
        return None
    _forget(quality, np.concatenate(touched))
    quality.remove(gone)
    quality.merge(Quality.of(added.report(partial(_tell, store)), clock, own or {}))
    future = sum(
        int(np.count_nonzero(piece.load(frozenset()).at > clock))
        for piece in store.pieces
        if piece.span[1] > clock
    )
    quality.found["future time"].events = future
    return quality.report()


def _see_grown(change: Change, keys: Hashes, added: Quality, gone: Quality) -> Hashes:
    """Count what components that only grew have now and had before, where the two can differ.

    The hashes of the pathways that were looked at come back.
    """
    found, events = change.both(keys, NEEDS)
    chunk = found.chunk
    near = _near(chunk, events, added.own)
    places = np.flatnonzero(near)
    now, pathways = without(chunk, np.flatnonzero(~near))
    with ThreadPoolExecutor(THREADS) as threads:
        seen = threads.submit(added.see, now, lambda some: _spots(found.keys, chunk, places[some]))
        gone.see(without(now, np.searchsorted(places, events))[0], lambda _: [])
        seen.result()
    return found.paths[pathways]


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
    """Keep a report beside its store, if the disk takes it: without it the report is read anew."""
    path = store.path / NAME
    draft = path.with_suffix(".draft")
    standing = {piece: dead.tolist() for piece, dead in store.standing.items()}
    said = _asked(store, own) | {"clock": clock, "standing": standing, "report": report}
    with suppress(OSError):
        draft.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        os.replace(draft, path)


def _asked(store: Store, own: Mapping[str, str]) -> dict[str, Any]:
    return {"digest": store.digest, "own": dict(sorted(own.items()))}


def _of_section(section: Section, like: Quality) -> Quality:
    quality = Quality(like.clock, like.own)
    if len(section):
        chunk = section.load(NEEDS)
        quality.see(chunk, lambda places: _spots(section.keys, chunk, places))
    return quality


@dataclass(frozen=True, slots=True)
class _Spot:
    """An event: the key of its component, and its place in it."""

    key: int
    place: int


def _spots(keys: Hashes, chunk: Chunk, places: NDArray[np.int64]) -> list[_Spot]:
    pathways = np.searchsorted(chunk.pathways, places, side="right") - 1
    components = np.searchsorted(chunk.components, pathways, side="right") - 1
    within = places - chunk.pathways[chunk.components[components]]
    return [_Spot(*one) for one in zip(keys[components].tolist(), within.tolist(), strict=True)]


def _tell(store: Store, spots: Sequence[_Spot]) -> list[tuple[EventId, str]]:
    """(id, pathway) of events."""
    if not spots:
        return []
    keys = np.array(sorted({spot.key for spot in spots}), np.uint64)
    found = joined(store.slices(keys), frozenset())
    chunk = found.chunk
    assert chunk.naming is not None
    naming = chunk.naming()
    components = np.searchsorted(found.keys, np.array([spot.key for spot in spots], np.uint64))
    events = chunk.pathways[chunk.components[components]] + [spot.place for spot in spots]
    pathways = np.searchsorted(chunk.pathways, events, side="right") - 1
    return [
        (naming.ids[event], naming.pathways[pathway])
        for event, pathway in zip(events.tolist(), pathways.tolist(), strict=True)
    ]


def count(report: Mapping[str, Any], check: str) -> int:
    """Events that a check found."""
    return next((int(one["events"]) for one in report["checks"] if one["check"] == check), 0)


def kept(path: Path) -> dict[str, Any] | None:
    """What is kept beside the store at `path`: `report`, and the `digest` of the store it is of."""
    try:
        found = json.loads((path / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.keys() >= {"report", "standing"} else None


def current(store: Store, own: Mapping[str, str] | None = None) -> dict[str, Any] | None:
    """The report kept of a store as it is, whatever the clock was; None when there is none."""
    known, asked = kept(store.path), _asked(store, own or {})
    if known is None or {name: known.get(name) for name in asked} != asked:
        return None
    report: dict[str, Any] = known["report"]
    return report


def _still(known: Mapping[str, Any], asked: Mapping[str, Any], clock: Instant) -> bool:
    """Whether the report kept is of this store, and time cannot have changed it."""
    if {name: known.get(name) for name in asked} != asked:
        return False
    return clock == known["clock"] or (clock > known["clock"] and not count(known["report"], "future time"))
