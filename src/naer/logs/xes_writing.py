"""XES written: one trace for each pathway, so that what is read back is the same events.

Pathway, kind and time become `concept:name`, `concept:name` and `time:timestamp`, a text id
`identity:id`; everything else keeps its name. A number as id is a row's place in its file and is not
written: rows are numbered again when they are read. An attribute `case:NAME` that all events of a pathway
share goes to the trace. What XES cannot say is told in :class:`Written`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import IO, Any
from xml.sax.saxutils import quoteattr

from naer.events.event import Event
from naer.events.instant import text

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
 <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
 <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
 <global scope="trace">
  <string key="concept:name" value=""/>
 </global>
 <global scope="event">
  <string key="concept:name" value=""/>
  <date key="time:timestamp" value="1970-01-01T00:00:00Z"/>
 </global>
 <classifier name="Kind" keys="concept:name"/>
"""
_FIELDS = ("citizen", "organisation", "municipality", "source", "changes")
_TIMES = ("sent", "received")
_TAKEN = frozenset(
    {"concept:name", "time:timestamp", "identity:id", "id", "event_id", "case:concept:name", "case:citizen",
     "case:organisation", "case:municipality", *_FIELDS, *_TIMES}
)  # fmt: skip
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_TRACE = "case:"


@dataclass(slots=True)
class Written:
    """What was written, and what could not be said in XES."""

    events: int = 0
    pathways: int = 0
    replaced: int = 0
    """Texts with letters that XML does not have; those were replaced by U+FFFD."""
    renamed: int = 0
    """Attributes called as a part of the event is; they are written as `original:NAME`."""


def write(events: Iterable[Event], out: IO[bytes]) -> Written:
    """Write events that come pathway by pathway (:func:`by_pathway`), each in the order to keep."""
    writing = _Writing()
    out.write(_HEAD.encode())
    for pathway, group in groupby(events, key=lambda event: event.pathway):
        out.write(writing.trace(pathway, list(group)).encode())
    out.write(b"</log>\n")
    return writing.done


def by_pathway(events: Iterable[Event]) -> Iterator[Event]:
    """The events grouped by pathway, in the order in which pathways and events first came."""
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event.pathway, []).append(event)
    for group in groups.values():
        yield from group


class _Writing:
    def __init__(self) -> None:
        self.done = Written()

    def trace(self, pathway: str, events: Sequence[Event]) -> str:
        self.done.pathways += 1
        self.done.events += len(events)
        shared = _shared(events)
        lines = [" <trace>", self._attribute("concept:name", pathway, 2)]
        for name, value in shared.items():
            lines += self._attributes(name.removeprefix(_TRACE), value, 2)
        for event in events:
            lines += ["  <event>", *self._event(event, shared), "  </event>"]
        return "\n".join([*lines, " </trace>", ""])

    def _event(self, event: Event, shared: dict[str, Any]) -> Iterator[str]:
        yield self._attribute("concept:name", event.kind, 3)
        yield self._date("time:timestamp", event.at)
        if isinstance(event.id, str):
            yield self._attribute("identity:id", event.id, 3)
        for name in _TIMES:
            if (instant := getattr(event, name)) is not None:
                yield self._date(name, instant)
        for name in _FIELDS:
            value = getattr(event, name)
            if value not in (None, ""):
                yield self._attribute(name, str(value), 3)
        for name, value in event.attributes.items():
            if name in shared:
                continue
            if name in _TAKEN:
                self.done.renamed += 1
                name = f"original:{name}"
            yield from self._attributes(name, value, 3)

    def _attributes(self, name: str, value: Any, depth: int) -> Iterator[str]:
        """One line; a list is the same key once for each value."""
        for one in value if isinstance(value, list | tuple) else (value,):
            yield self._attribute(name, one, depth)

    def _attribute(self, name: str, value: Any, depth: int) -> str:
        kind, shown = _said(value)
        name, shown = self._clean(name), self._clean(shown)
        return f"{' ' * depth}<{kind} key={quoteattr(name, _ENTITIES)} value={quoteattr(shown, _ENTITIES)}/>"

    def _date(self, name: str, instant: int) -> str:
        return f'   <date key="{name}" value="{text(instant)}"/>'

    def _clean(self, said: str) -> str:
        clean, count = _NOT_XML.subn("\ufffd", said)
        self.done.replaced += bool(count)
        return clean


def _shared(events: Sequence[Event]) -> dict[str, Any]:
    """The attributes `case:NAME` that all events have alike."""
    first = events[0].attributes
    found = {
        name: value
        for name, value in first.items()
        if name.startswith(_TRACE) and name != _TRACE and name not in _TAKEN
    }
    for event in events:
        for name in list(found):
            other = event.attributes.get(name)
            if type(other) is not type(found[name]) or other != found[name]:
                del found[name]
    return found


def _said(value: Any) -> tuple[str, str]:
    """The XES type of a value, and the value as text."""
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    if isinstance(value, int):
        return "int", str(value)
    if isinstance(value, float):
        return "float", repr(value)
    return "string", str(value)
