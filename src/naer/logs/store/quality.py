"""The quality of a whole store, kept beside it as long as the store stays as it is."""

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naer.events.chunk import Chunk
from naer.events.event import EventId
from naer.events.instant import Instant
from naer.logs.quality import NEEDS, Quality
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
    path = store.path / NAME
    asked = {"digest": store.digest, "own": dict(sorted((own or {}).items()))}
    known = kept(store.path)
    if known is not None and _still(known, asked, clock):
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
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asked | {"clock": clock, "report": report}, ensure_ascii=False))
    os.replace(draft, path)
    return report


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
        alive = np.setdiff1d(np.arange(len(chunk.components) - 1 + len(piece.dead)), piece.dead)
        components = alive[components]
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
