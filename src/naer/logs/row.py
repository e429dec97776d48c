"""One row of a log becomes one event, or one line in the exclusion ledger (S35)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from naer.events.event import Event, EventId
from naer.events.instant import Instant, parse
from naer.logs.columns import TEXTS, Layout

Row = dict[str, Any]
"""Column → value. Text, numbers and truth values; None or an empty text is missing."""

Content = Row | str
"""A row as its reader has it: its columns, or the text that is no row, as it stands."""

EARLIEST = -62_135_510_400_000_000  # 0001-01-02T00:00Z: beyond these, local time cannot be told
LATEST = 253_402_297_199_999_999  # 9999-12-31T22:59:59.999999Z


class Exclusion(NamedTuple):
    """A row that is not in the log: the reason, the row's number in the log, its pathway if known."""

    reason: str
    row: int
    pathway: str | None


class Table(Protocol):
    """A log file as a reader gives it to :class:`Rows`."""

    instants: bool
    """True when a whole number in a time column is an instant already."""

    @property
    def names(self) -> Sequence[str]:
        """The columns, known before the first row (XES: seen so far)."""
        ...

    def rows(self, layout: Layout, /) -> Iterator[Content]:
        """Each row, or the text of one that cannot be read."""
        ...


class Rows:
    """Turns rows into events, in file order, and keeps what could not be turned.

    Rows without an id are numbered from 1 in file order, through all files of a log (S2).
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.count = 0
        self.exclusions: list[Exclusion] = []

    def events(self, rows: Iterable[Content], layout: Layout, *, instants: bool) -> Iterator[Event | None]:
        """The event of each row, None for an excluded one. `instants`: see :class:`Table`."""
        for row in rows:
            self.count += 1
            if isinstance(row, str):
                self.exclusions.append(Exclusion("unreadable", self.count, None))
                yield None
            else:
                yield self._event(row, layout.names, instants)

    def _event(self, row: Row, names: Mapping[str, tuple[str, ...]], instants: bool) -> Event | None:
        pathway = as_text(_take(row, names["pathway"]))
        kind = as_text(_take(row, names["kind"]))
        number = as_text(_take(row, names["id"]))
        key: EventId = self.count if number is None else number
        reasons = []
        if pathway is None:
            reasons.append("no pathway")
        at = sent = received = None
        try:
            at = self._time(_take(row, names["at"]), instants)
            if names["sent"]:
                sent = self._time(_take(row, names["sent"]), instants)
            if names["received"]:
                received = self._time(_take(row, names["received"]), instants)
            if at is None:
                reasons.append("no time")
        except (ValueError, OverflowError):
            reasons.append("unreadable")
        if kind is None and "unreadable" not in reasons:
            reasons.append("unreadable")
        if reasons or pathway is None or kind is None or at is None:
            self.exclusions.extend(Exclusion(reason, self.count, pathway) for reason in reasons)
            return None
        citizen, organisation, municipality, changes, source = [
            as_text(_take(row, columns)) if (columns := names[field]) else None for field in TEXTS
        ]
        return Event(
            id=key,
            pathway=pathway,
            kind=kind,
            at=at,
            citizen=citizen,
            sent=sent,
            received=received,
            organisation=organisation,
            municipality=municipality,
            attributes={name: value for name, value in row.items() if value is not None and value != ""},
            source=source or "",
            changes=changes,
        )

    def _time(self, value: Any, instants: bool) -> Instant | None:
        if value is None or value == "":
            return None
        if instants and type(value) is int:
            instant = value
        elif isinstance(value, str):
            if not value.strip():
                return None
            instant = parse(value, self.zone)
        else:
            raise ValueError(f"{value!r} is not a time")
        if not EARLIEST <= instant <= LATEST:
            raise ValueError(f"{value!r} is outside the years 1 to 9999")
        return instant


def _take(row: Row, names: tuple[str, ...]) -> Any:
    """The value of the first of these columns that has one; it is then no attribute any more."""
    if len(names) == 1:
        return row.pop(names[0], None)
    found = None
    for name in names:
        if name in row:
            value = row.pop(name)
            if found is None or found == "":
                found = value
    return found


def as_text(value: Any) -> str | None:
    """An id is text, always: numbers become their plain text, nothing is read as "missing" but missing."""
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
