"""Which column of a log holds which part of an event."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from naer.logs.error import LogError

REQUIRED = ("pathway", "kind", "at")
TIMES = ("at", "sent", "received")
TEXTS = ("citizen", "organisation", "municipality", "changes", "source")
FIELDS = (*REQUIRED, "id", "sent", "received", *TEXTS)

COMMON: dict[str, tuple[str, ...]] = {
    "pathway": ("pathway", "case:concept:name", "case_id", "caseid", "case"),
    "kind": ("kind", "concept:name", "activity"),
    "at": ("at", "time:timestamp", "timestamp", "time"),
    "id": ("id", "event_id", "identity:id"),
    "sent": ("sent",),
    "received": ("received",),
    "citizen": ("citizen", "case:citizen"),
    "organisation": ("organisation", "case:organisation"),
    "municipality": ("municipality", "case:municipality"),
    "changes": ("changes",),
    "source": ("source",),
}
"""The names a column goes by when nobody says otherwise, best first."""

IN_XES = COMMON | {"pathway": ("case:concept:name",), "kind": ("concept:name",), "at": ("time:timestamp",)}
"""In XES the standard fixes the names; an attribute of the trace is written `case:NAME`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each part of an event is found: field → column names, the first that a row has counts."""

    names: Mapping[str, tuple[str, ...]]

    def used(self, available: Sequence[str]) -> dict[str, str]:
        """Field → column, for the manifest and for people."""
        found = {
            field: next((n for n in names if n in available), None) for field, names in self.names.items()
        }
        return {field: name for field, name in found.items() if name is not None}


def parse(text: str) -> dict[str, str]:
    """`pathway=case_id,kind=activity` as a mapping from field to column; `id=` means "no such column".

    Raises:
        LogError: for an unknown field or a part without "=".
    """
    mapping: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        field, equals, column = part.partition("=")
        if not equals:
            raise LogError(f"--columns: {part!r} is not FIELD=COLUMN, such as pathway=case_id")
        mapping[field.strip()] = column.strip()
    _known(mapping)
    return mapping


def find(available: Sequence[str], mapping: Mapping[str, str], where: str) -> Layout:
    """The layout of a table whose columns are known: what the mapping says, then the common names.

    Raises:
        LogError: when a mapped column is not there, or nothing serves as pathway, kind or time.
    """
    _known(mapping)
    for field, column in mapping.items():
        if column and column not in available:
            raise LogError(f"{where}: no column {column!r} (asked for as {field}); {_there(available)}")
    taken = set(mapping.values())
    free = {_plain(name): name for name in reversed(available) if name not in taken}
    names: dict[str, tuple[str, ...]] = {}
    for field in FIELDS:
        if field in mapping:
            found = mapping[field] or None
        else:
            found = next((free[name] for name in COMMON[field] if name in free), None)
        names[field] = (found,) if found else ()
    if available:
        require(REQUIRED, names, available, where)
    return Layout(names)


def in_xes(mapping: Mapping[str, str]) -> Layout:
    """The layout of an XES log, whose columns are known only at its end."""
    _known(mapping)
    taken = set(mapping.values())
    names: dict[str, tuple[str, ...]] = {}
    for field in FIELDS:
        if field in mapping:
            names[field] = (mapping[field],) if mapping[field] else ()
        else:
            names[field] = tuple(name for name in IN_XES[field] if name not in taken)
    return Layout(names)


def require(
    fields: Iterable[str], names: Mapping[str, tuple[str, ...]], available: Sequence[str], where: str
) -> None:
    """Raise a LogError unless each of `fields` has a column among `available`."""
    for field in fields:
        if not any(name in available for name in names[field]):
            raise LogError(
                f"{where}: no column for {field}; {_there(available)}; "
                f"say which it is with --columns {field}=COLUMN"
            )


def _known(mapping: Mapping[str, str]) -> None:
    for field in mapping:
        if field not in FIELDS:
            raise LogError(f"--columns: an event has no {field!r}; it has {', '.join(FIELDS)}")


def _there(available: Sequence[str]) -> str:
    return f"there is {', '.join(available)}" if available else "there are no columns"


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_")
