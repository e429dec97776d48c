"""The quality of a whole store, kept beside it as long as the store stays as it is."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from naer.events.instant import Instant
from naer.logs.quality import NEEDS, Quality
from naer.logs.store.sources_files import Progress
from naer.logs.store.store import Store

NAME = "quality.json"


def survey(
    store: Store, clock: Instant, own: Mapping[str, str] | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """What :meth:`naer.logs.quality.Quality.report` says of a store; read anew only when it has changed.

    `clock` and `own` are those of :class:`naer.logs.quality.Quality`.
    """
    path = store.path / NAME
    asked = {"digest": store.digest, "own": dict(sorted((own or {}).items()))}
    known = _known(path, asked, clock)
    if known is not None:
        return known
    quality = Quality(clock, own or {})
    done = 0
    for piece in store.pieces:
        quality.see(piece.load(NEEDS))
        done += len(piece)
        if progress is not None:
            progress(done, store.events)
    report = quality.report()
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asked | {"clock": clock, "report": report}, ensure_ascii=False))
    os.replace(draft, path)
    return report


def count(report: Mapping[str, Any], check: str) -> int:
    """Events that a check found."""
    return next((int(one["events"]) for one in report["checks"] if one["check"] == check), 0)


def _known(path: Path, asked: Mapping[str, Any], clock: Instant) -> dict[str, Any] | None:
    """The report kept, when it is of this store and time cannot have changed it."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if {name: kept.get(name) for name in asked} != asked:
        return None
    report: dict[str, Any] = kept["report"]
    settled = not count(report, "future time") and clock >= kept["clock"]
    return report if settled or clock == kept["clock"] else None
