"""Opening any log: a store, or files, which are read as events or packed into a store for the time being."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from naer.history.log import EventLog, Log

LARGE_BYTES = 2_000_000
"""Files of so many bytes are packed, smaller ones read as events: both give the same."""

Progress = Callable[[int, int], None]
"""Told now and then: bytes read, bytes in all."""


def open_log(
    path: str | Path,
    *,
    zone: ZoneInfo,
    columns: Mapping[str, str] | None = None,
    as_events: bool = False,
    progress: Progress | None = None,
) -> Log:
    """The log at `path`: a store, a file, or a folder of files; `columns` as for `naer.logs.read`.

    `as_events` reads files as events whatever their size, as the reference needs them.

    Raises:
        LogError: with what is wrong and what would be right.
    """
    place = Path(path)
    if is_store(place):
        from naer.history.stored import StoredLog
        from naer.logs.store.store import Store

        return StoredLog(Store.open(place))
    from naer.logs import files

    found = files.find(place)
    if as_events or sum(file.stat().st_size for file in found) < LARGE_BYTES:
        return _events(place, zone, columns or {}, progress)
    return _packed(place, found, zone, columns or {}, progress)


def _events(path: Path, zone: ZoneInfo, columns: Mapping[str, str], progress: Progress | None) -> EventLog:
    from naer.logs.read import read

    found = read(path, zone=zone, columns=columns, progress=progress)
    described = _described(path, found.format, found.digest, found.rows, found.columns)
    return EventLog(found.events, found.exclusions, described)


def _packed(
    root: Path,
    found: Sequence[Path],
    zone: ZoneInfo,
    columns: Mapping[str, str],
    progress: Progress | None,
) -> Log:
    from tempfile import TemporaryDirectory

    from naer.history.stored import StoredLog
    from naer.logs import files
    from naer.logs.store.build import Builder
    from naer.logs.store.sources import taken

    folder = TemporaryDirectory(prefix="naer-log-")
    total = sum(file.stat().st_size for file in found)
    form = files.form(found[0])
    used: Mapping[str, str] = {}
    before, rows = 0, 0
    with Builder(Path(folder.name) / "store") as build:
        for file in found:
            for part in taken(file, form, zone=zone, columns=columns, first=rows + 1):
                build.add(part.batch, part.excluded, part.rows)
                rows += part.rows
                used = used or part.columns
                if progress is not None:
                    progress(before + part.done, total)
            before += file.stat().st_size
        store = build.finish()
    return StoredLog(store, _described(root, form, files.digest(found, root), rows, used), folder)


def _described(path: Path, form: str, digest: str, rows: int, columns: Mapping[str, str]) -> dict[str, Any]:
    return {"path": str(path), "format": form, "sha256": digest, "rows": rows, "columns": dict(columns)}


def is_store(path: Path) -> bool:
    """Whether a log store is, or is being built, at a path."""
    return (path / "manifest.json").is_file() or (path / "build").is_dir()
