"""Reading a log: any format, a file or a folder, into events and exclusions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zlib import error as ZlibError
from zoneinfo import ZoneInfo

from naer.events.event import Event
from naer.logs import columns as column_names
from naer.logs import files
from naer.logs.csv import CsvTable
from naer.logs.error import LogError
from naer.logs.ndjson import NdjsonTable
from naer.logs.ocel import OcelTable
from naer.logs.parquet import ParquetTable
from naer.logs.row import Exclusion, Rows, Table

Progress = Callable[[int, int], None]
"""Told now and then: bytes read, bytes in all."""

_TELL_EVERY = 5_000


@dataclass(frozen=True, slots=True)
class ReadLog:
    """A log as read: events in file order (not yet effective), what was left out, and where from."""

    events: list[Event]
    exclusions: list[Exclusion]
    digest: str
    """SHA-256 of the file, or of the folder's listing of SHA-256 sums."""
    rows: int
    format: str
    columns: dict[str, str] = field(default_factory=dict)
    """Field → the column it was read from (of the first file)."""


def read(
    path: str | Path,
    *,
    zone: ZoneInfo,
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ReadLog:
    """Read the log at `path`: CSV, Parquet, NDJSON, XES, OCEL, or a folder of files of one of these.

    `zone` is the zone of times written without an offset. `columns` maps event fields to column
    names (:data:`naer.logs.columns.FIELDS`); what it leaves out is found by the common names, and a
    column that is no field is an attribute. A row that cannot be an event is an exclusion: without
    pathway `no pathway`; without a time `no time`; without a kind, with a time that cannot be read or
    broken in itself `unreadable`.

    Raises:
        LogError: no such file, unknown format, a column not found, a file broken as a whole.
    """
    root = Path(path)
    found = files.find(root)
    form = files.form(found[0])
    mapping = dict(columns or {})
    total = sum(file.stat().st_size for file in found)
    before = 0
    rows = Rows(zone)
    events: list[Event] = []
    used: dict[str, str] = {}
    for file in found:
        source = files.Source(file)
        try:
            table = table_of(form, source, zone)
            layout = (
                column_names.in_xes(mapping)
                if form == "xes"
                else column_names.find(table.names, mapping, str(file))
            )
            stream = rows.events(table.rows(layout), layout, instants=table.instants)
            for number, event in enumerate(stream):
                if event is not None:
                    events.append(event)
                if progress is not None and number % _TELL_EVERY == 0:
                    progress(before + source.done, total)
            if form == "xes" and table.names:
                wanted = {"kind", "at", *(name for name, column in mapping.items() if column)}
                column_names.require(sorted(wanted), layout.names, table.names, str(file))
            used = used or layout.used(table.names)
        except (EOFError, OSError, ZlibError, UnicodeDecodeError) as error:
            raise LogError(f"{file}: the file is broken or cannot be opened: {error}") from None
        finally:
            source.close()
        before += file.stat().st_size
    if progress is not None:
        progress(total, total)
    return ReadLog(events, rows.exclusions, files.digest(found, root), rows.count, form, used)


def table_of(form: str, source: files.Source, zone: ZoneInfo) -> Table:
    """The reader of a format.

    Raises:
        LogError: a file broken as a whole.
    """
    if form == "csv":
        return CsvTable(source)
    if form == "ndjson":
        return NdjsonTable(source)
    if form == "ocel":
        return OcelTable(source, zone)
    if form == "parquet":
        return ParquetTable(source, zone)
    from naer.logs.xes import XesTable  # it needs lxml, which no other format does

    return XesTable(source)
