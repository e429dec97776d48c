"""Events as a chunk: for logs that fit in memory, for tests, and for one citizen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from naer.events.chunk import MIXED, NONE, Chunk, Coded, Ints, Naming
from naer.events.event import Event
from naer.events.instant import Instant


def pack(events: Iterable[Event]) -> Chunk:
    """One chunk of effective events, given in any order, with all their attributes and names.

    Components and pathways stand in the order of their first event.
    """
    log = sorted(events, key=lambda event: event.order)
    component = components(log)
    rank = {pathway: number for number, pathway in enumerate(dict.fromkeys(event.pathway for event in log))}
    log.sort(key=lambda event: (component[event.pathway], rank[event.pathway]))
    firsts = [
        place for place, event in enumerate(log) if not place or log[place - 1].pathway != event.pathway
    ]
    pathways = np.array([*firsts, len(log)], np.int64)
    names = [log[place].pathway for place in firsts]
    of_component = [component[name] for name in names]
    starts = [place for place, one in enumerate(of_component) if not place or of_component[place - 1] != one]
    citizens = {name: code for code, name in enumerate(dict.fromkeys(e.citizen for e in log if e.citizen))}
    of_event = np.array([citizens[event.citizen] if event.citizen else -1 for event in log], np.int32)
    of_pathway = np.array(
        [
            of_event[begin] if (of_event[begin:end] == of_event[begin]).all() else MIXED
            for begin, end in pairwise(pathways)
        ],
        np.int32,
    )
    kinds = {kind: code for code, kind in enumerate(dict.fromkeys(event.kind for event in log))}
    attributes = dict.fromkeys(name for event in log for name in event.attributes)
    naming = Naming(
        [event.id for event in log],
        names,
        list(citizens),
        [event.source for event in log] if any(event.source for event in log) else None,
    )
    return Chunk(
        at=np.array([event.at for event in log], np.int64),
        kind=np.array([kinds[event.kind] for event in log], np.uint16),
        kinds=list(kinds),
        pathways=pathways,
        components=np.array([*starts, len(names)], np.int64),
        citizens=of_pathway,
        citizen_of_event=of_event if (of_pathway == MIXED).any() else None,
        tie=_ties(log, [component[event.pathway] for event in log]),
        sent=_times(log, lambda event: event.sent),
        received=_times(log, lambda event: event.received),
        municipality=coded([event.municipality for event in log]),
        organisation=coded([event.organisation for event in log]),
        attributes={name: coded([event.attributes.get(name) for event in log]) for name in attributes},
        naming=lambda: naming,
    )


def components(events: Iterable[Event]) -> Mapping[str, int]:
    """The component of each pathway: those linked by a citizen have one number (S28)."""
    above: dict[tuple[str, str], tuple[str, str]] = {}

    def root(one: tuple[str, str]) -> tuple[str, str]:
        while (parent := above.setdefault(one, one)) != one:
            above[one] = one = above.setdefault(parent, parent)
        return one

    pairs = dict.fromkeys((event.pathway, event.citizen) for event in events)
    for pathway, citizen in pairs:
        ours = root(("pathway", pathway))
        if citizen:
            above[ours] = root(("citizen", citizen))
    numbers: dict[tuple[str, str], int] = {}
    return {
        pathway: numbers.setdefault(root(("pathway", pathway)), len(numbers))
        for pathway in dict.fromkeys(pathway for pathway, _ in pairs)
    }


def coded(values: Sequence[Any]) -> Coded:
    """A column of JSON values as codes."""
    known: dict[tuple[type, object], int] = {}
    found: list[Any] = []
    codes = np.zeros(len(values), np.uint32)
    for place, value in enumerate(values):
        if value is None:
            continue
        key = (type(value), value if isinstance(value, str | int | float) else repr(value))
        code = known.get(key)
        if code is None:
            found.append(value)
            code = known[key] = len(found)
        codes[place] = code
    return Coded(codes, found)


def _times(log: Sequence[Event], of: Callable[[Event], Instant | None]) -> Ints | None:
    found = [of(event) for event in log]
    if all(time is None for time in found):
        return None
    return np.array([NONE if time is None else time for time in found], np.int64)


def _ties(log: Sequence[Event], component: Sequence[int]) -> Ints | None:
    """The order by (sent, id) among events of one component at one instant."""
    places = sorted(range(len(log)), key=lambda place: (component[place], log[place].order))
    ties = np.zeros(len(log), np.uint32)
    for _, same in groupby(places, key=lambda place: (component[place], log[place].at)):
        for rank, place in enumerate(same):
            ties[place] = rank
    return ties if ties.any() else None


def unpack(chunk: Chunk, begin: int, end: int) -> list[Event]:
    """The events of the places `begin` to `end`, as they stand; attributes as far as they were loaded.

    Without names an event's id is its place, and a pathway or citizen is called by its number.
    """
    naming = chunk.naming() if chunk.naming else None
    pathway = int(np.searchsorted(chunk.pathways, begin, side="right")) - 1
    found = []
    for place in range(begin, end):
        while place >= chunk.pathways[pathway + 1]:
            pathway += 1
        said = {
            name: value
            for name, column in chunk.attributes.items()
            if (value := _value(column, place)) is not None
        }
        citizen = int(chunk.citizens[pathway])
        if citizen == MIXED and chunk.citizen_of_event is not None:
            citizen = int(chunk.citizen_of_event[place])
        found.append(
            Event(
                id=naming.ids[place] if naming else place,
                pathway=naming.pathways[pathway] if naming else str(pathway),
                kind=chunk.kinds[int(chunk.kind[place])],
                at=int(chunk.at[place]),
                citizen=None if citizen < 0 else naming.citizens[citizen] if naming else str(citizen),
                sent=_instant(chunk.sent, place),
                received=_instant(chunk.received, place),
                organisation=_value(chunk.organisation, place),
                municipality=_value(chunk.municipality, place),
                attributes=said,
                source=naming.sources[place] if naming and naming.sources else "",
            )
        )
    return found


def _value(column: Coded | None, place: int) -> Any:
    code = 0 if column is None else int(column.codes[place])
    return column.values[code - 1] if column is not None and code else None


def _instant(column: Ints | None, place: int) -> Instant | None:
    if column is None or column[place] == NONE:
        return None
    return int(column[place])
