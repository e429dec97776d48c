"""OCEL 2.0 in JSON: events that are about several objects, read as the pathways of one type of object.

The type of the pathway's object is a column, as is every other type: `pathway=admission,citizen=patient`.
An event about several objects of that type is one row, and so one event, in the pathway of each; its id is
then `event/object`. Objects of other types are attributes by their type's name: those the event names, else
those its pathway's object is related to. Qualifiers are `qualifier` for the pathway's object and
`TYPE.qualifier` for others. Attributes of the pathway's object become `case:NAME`, as in XES, with the
value they had when the event happened.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from naer.events.instant import Instant, parse
from naer.logs.columns import Layout
from naer.logs.error import LogError
from naer.logs.files import Source
from naer.logs.row import Row

OWN = ("id", "kind", "at")
"""Columns of the event itself."""


class _Named(msgspec.Struct):
    name: str
    value: Any = None
    time: str | None = None


class _Related(msgspec.Struct):
    id: str = msgspec.field(name="objectId")
    qualifier: str = ""


class _Thing(msgspec.Struct):
    id: str
    type: str
    attributes: list[_Named] = []
    relationships: list[_Related] = []


class _Happening(_Thing):
    time: str | None = None


class _Document(msgspec.Struct):
    events: list[_Happening]
    objects: list[_Thing]


class OcelTable:
    """One OCEL file, held in memory."""

    instants = False

    def __init__(self, source: Source, zone: ZoneInfo) -> None:
        self._zone = zone
        self._document = _read(source)
        self._objects = {thing.id: thing for thing in self._document.objects}
        self.types = list(dict.fromkeys(thing.type for thing in self._document.objects))
        """The types of object, in the order of the file."""
        self._taken = {*OWN, "qualifier", *self.types, *(f"{kind}.qualifier" for kind in self.types)}
        of_events = {named.name for event in self._document.events for named in event.attributes}
        of_objects = {named.name for thing in self._document.objects for named in thing.attributes}
        columns = [*OWN, *self.types, *sorted(map(self._attribute, of_events))]
        self.names = list(dict.fromkeys([*columns, *sorted(f"case:{name}" for name in of_objects)]))
        self._histories: dict[str, dict[str, list[tuple[Instant, Any]]]] = {}

    def rows(self, layout: Layout, /) -> Iterator[Row]:
        """Each event once for each of its pathway's objects; once without a pathway when it has none."""
        wanted = layout.names["pathway"]
        column = wanted[0] if wanted else ""
        for event in self._document.events:
            row: Row = {"id": event.id, "kind": event.type, "at": event.time}
            for named in event.attributes:
                row[self._attribute(named.name)] = named.value
            related = self._related(event)
            if column not in self.types:
                yield row | self._others(related, {}, "")
                continue
            own = related.pop(column, {})
            if not own:
                yield row | self._others(related, {}, "")
            for thing, qualifiers in own.items():
                more: Row = {column: thing}
                if len(own) > 1:
                    more["id"] = f"{event.id}/{thing}"
                if any(qualifiers):
                    more["qualifier"] = _one(qualifiers)
                about = self._objects[thing]
                others = self._others(related, self._related(about), column)
                yield row | more | others | self._values(about, event.time)

    def _attribute(self, name: str) -> str:
        """The column of an event's attribute; one that is called as another column gets a prefix."""
        return f"attribute.{name}" if name in self._taken else name

    def _related(self, thing: _Thing) -> dict[str, dict[str, list[str]]]:
        """The objects that an event or object names: type → id → qualifiers. Unknown ids are nothing."""
        found: dict[str, dict[str, list[str]]] = {}
        for one in thing.relationships:
            known = self._objects.get(one.id)
            if known is not None:
                found.setdefault(known.type, {}).setdefault(one.id, []).append(one.qualifier)
        return found

    def _others(
        self,
        named: dict[str, dict[str, list[str]]],
        inherited: dict[str, dict[str, list[str]]],
        pathway: str,
    ) -> Row:
        row: Row = {}
        for kind, things in (inherited | named).items():
            if kind == pathway:
                continue
            row[kind] = _one(list(things))
            qualifiers = [qualifier for held in things.values() for qualifier in held]
            if any(qualifiers):
                row[f"{kind}.qualifier"] = _one(qualifiers)
        return row

    def _values(self, thing: _Thing, time: str | None) -> Row:
        """What the object's attributes said at a time; at an unreadable one, what they said first."""
        history = self._histories.get(thing.id)
        if history is None:
            history = {}
            for named in thing.attributes:
                history.setdefault(named.name, []).append((self._instant(named.time), named.value))
            for values in history.values():
                values.sort(key=_when)
            self._histories[thing.id] = history
        at = self._instant(time)
        row: Row = {}
        for name, values in history.items():
            place = bisect_right(values, at, key=_when)
            row[f"case:{name}"] = values[max(place - 1, 0)][1]
        return row

    def _instant(self, text: str | None) -> Instant:
        try:
            return parse(text, self._zone) if text else 0
        except ValueError:
            return 0


def _when(value: tuple[Instant, Any]) -> Instant:
    return value[0]


def _one(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _read(source: Source) -> _Document:
    text = source.data.read()
    try:
        return msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"), type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        old = b'"ocel:events"' in text
        said = "it is OCEL 1.0; convert it to OCEL 2.0" if old else str(error)
        raise LogError(
            f"{source.path}: no OCEL 2.0 log in JSON, with `events` and `objects`: {said}"
        ) from None
