"""Files into a store, batch by batch, with a journal of what each gave, so that a build can go on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from naer.events.instant import Instant
from naer.logs.row import Exclusion
from naer.logs.store.batch import Batch
from naer.logs.store.sources import Taken, fault, taken
from naer.logs.store.sources_files import File, Progress, Read, Stream

SHOWN = 1_000
"""So many broken rows of each file are kept with what stood in them; the others by number and reason."""

REJECTED = "rejected.ndjson"
"""In the store's folder: one line for each row that is no event."""

_JOURNAL = "batches.ndjson"


class Taker(Protocol):
    """A build or an append: takes batches, and knows how many it has on disk already."""

    batches: int

    def add(self, batch: Batch, excluded: Sequence[Exclusion] = (), rows_read: int | None = None) -> None:
        """Take a batch."""
        ...


class Journal:
    """What each batch of an unfinished build gave, in the folder `work`; it outlives an interruption."""

    def __init__(self, work: Path, batches: int) -> None:
        self._work = work
        work.mkdir(parents=True, exist_ok=True)
        self._lines: list[dict[str, Any]] = []
        path = work / _JOURNAL
        if path.exists():
            with path.open(encoding="utf-8", newline="\n") as lines:
                self._lines = [json.loads(line) for line in islice(lines, batches)]
        self._out = path.open("w", encoding="utf-8")
        self._out.writelines(_line(one) for one in self._lines)
        self._out.flush()

    def of(self, file: int) -> list[dict[str, Any]]:
        """The batches of a file."""
        return [one for one in self._lines if one["file"] == file]

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, entry: dict[str, Any], rejected: Sequence[Mapping[str, Any]]) -> None:
        """Note a batch and the rows that were left out of it; before the build takes it."""
        number = len(self._lines)
        part = self._work / f"rejected-{number}.ndjson"
        if rejected:
            lines = "".join(_line(one) for one in rejected)
            part.write_text(lines, encoding="utf-8", errors="backslashreplace")  # no UTF-8: as \udce5
        else:
            part.unlink(missing_ok=True)
        self._lines.append(entry)
        self._out.write(_line(entry))
        self._out.flush()

    def rejected(self) -> Iterator[str]:
        """The lines of all batches' rejected rows, in order."""
        for number in range(len(self._lines)):
            part = self._work / f"rejected-{number}.ndjson"
            if part.exists():
                yield part.read_text(encoding="utf-8")

    def close(self) -> None:
        """Nothing more is noted."""
        self._out.close()


def take(
    files: Sequence[File],
    into: Taker,
    journal: Journal,
    *,
    zone: ZoneInfo,
    columns: Mapping[str, str],
    first: int = 1,
    progress: Progress | None = None,
) -> list[Read]:
    """Give the batches of all files to a build that has the first `into.batches` of them already.

    Rows are numbered from `first`, through all files. What was made of each file comes back.

    Raises:
        LogError: as :func:`naer.logs.store.sources.taken`.
    """
    total = sum(file.bytes for file in files)
    before = 0
    reads = []
    for number, file in enumerate(files):
        read = Read(file.source, str(file.path.resolve()), file.form, file.bytes, file.sha256, first=first)
        known = journal.of(number)
        shown = sum(one["shown"] for one in known)
        if not (known and known[-1]["last"]):
            parts = taken(file.path, file.form, zone=zone, columns=columns, first=first, skip=len(known))
            for part, last in _with_last(parts):
                entry, rejected = _entry(part, file, number, zone, SHOWN - shown, first)
                entry["last"] = last
                shown += entry["shown"]
                journal.add(entry, rejected)
                into.add(part.batch, part.excluded, part.rows)
                if progress is not None:
                    progress(before + part.done, total)
        for entry in journal.of(number):
            read.rows += entry["rows"]
            read.events += entry["events"]
            read.rejected += entry["rejected"]
            read.numbered |= entry["numbered"]
            read.columns = read.columns or entry["columns"]
            for reason, count in entry["left_out"].items():
                read.left_out[reason] = read.left_out.get(reason, 0) + count
        first += read.rows
        before += file.bytes
        reads.append(read)
    return reads


def drain(stream: Stream, into: Taker) -> Read:
    """Give a stream to a build, from its beginning."""
    read = Read(stream.name, stream.name, stream.name, 0, "")
    for batch in stream.batches:
        into.add(batch, (), 0)
        read.events += len(batch)
    return read


def taken_now(command: str, clock: Instant, reads: Sequence[Read]) -> dict[str, Any]:
    """A build or an append as the book keeps it."""
    return {
        "command": command,
        "clock": clock,
        "rows": sum(read.rows for read in reads),
        "files": [asdict(read) for read in reads],
    }


def _with_last(parts: Iterator[Taken]) -> Iterator[tuple[Taken, bool]]:
    """Each part, and whether it is the last."""
    waiting: Taken | None = None
    for part in parts:
        if waiting is not None:
            yield waiting, False
        waiting = part
    if waiting is not None:
        yield waiting, True


def _entry(
    part: Taken, file: File, number: int, zone: ZoneInfo, room: int, first: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A line for the journal, and one for each row that was left out."""
    reasons: dict[int, list[str]] = {}
    pathways: dict[int, str | None] = {}
    counts: dict[str, int] = {}
    for reason, row, pathway in part.excluded:
        reasons.setdefault(row, []).append(reason)
        pathways[row] = pathway
        counts[reason] = counts.get(reason, 0) + 1
    shown = list(reasons)[: max(room, 0)]
    contents = part.content(shown) if shown else {}
    rejected: list[dict[str, Any]] = []
    for row, why in reasons.items():
        line: dict[str, Any] = {
            "file": str(file.path), "row": row - first + 1, "number": row, "reasons": why,
            "pathway": pathways[row],
        }  # fmt: skip
        if row in contents:
            line |= {"why": fault(contents[row], part.layout, zone), "content": contents[row]}
        rejected.append(line)
    frame = part.batch.frame
    entry = {
        "file": number,
        "rows": part.rows,
        "events": len(part.batch),
        "numbered": "row" in frame.columns and frame["row"].null_count() < len(frame)
        and ("id" not in frame.columns or frame["id"].has_nulls()),
        "rejected": len(rejected),
        "left_out": counts,
        "shown": len(shown),
        "columns": dict(part.columns),
    }  # fmt: skip
    return entry, rejected


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) + "\n"
