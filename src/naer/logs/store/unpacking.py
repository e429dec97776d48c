"""Events back from a chunk."""

from collections.abc import Iterator
from typing import Any

from naer.events.chunk import MIXED, NONE, Chunk, Coded, Ints, pathway_of
from naer.events.event import Event


def events_of_chunk(chunk: Chunk) -> Iterator[Event]:
    """The events of a chunk with its names, in its order."""
    if chunk.naming is None:
        raise ValueError("the chunk has no names")
    naming = chunk.naming()
    pathway = pathway_of(chunk)
    citizen = chunk.citizen_of_event if chunk.citizen_of_event is not None else chunk.citizens[pathway]
    assert MIXED not in citizen
    columns = {name: _values(coded) for name, coded in chunk.attributes.items()}
    municipality, organisation = _values(chunk.municipality), _values(chunk.organisation)
    sent, received = _times(chunk.sent), _times(chunk.received)
    sources = naming.sources
    for place, (at, kind, of, who) in enumerate(
        zip(chunk.at.tolist(), chunk.kind.tolist(), pathway.tolist(), citizen.tolist(), strict=True)
    ):
        yield Event(
            id=naming.ids[place],
            pathway=naming.pathways[of],
            kind=chunk.kinds[kind],
            at=at,
            citizen=None if who < 0 else naming.citizens[who],
            sent=sent[place] if sent else None,
            received=received[place] if received else None,
            organisation=organisation[place] if organisation else None,
            municipality=municipality[place] if municipality else None,
            attributes={name: column[place] for name, column in columns.items() if column[place] is not None},
            source=sources[place] if sources else "",
        )


def _values(coded: Coded | None) -> list[Any]:
    if coded is None:
        return []
    known = [None, *coded.values]
    return [known[code] for code in coded.codes.tolist()]


def _times(times: Ints | None) -> list[int | None]:
    return [] if times is None else [None if time == NONE else time for time in times.tolist()]
