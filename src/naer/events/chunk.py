"""A piece of a log as columns: what the kernel walks, whoever packed it.

A chunk holds whole components: a component is all pathways that share a citizen, directly or through
a pathway with events of several (S28). Nothing outside a component can change what it owes, so chunks
may be judged in any order and on any machine.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from naer.events.event import EventId

NONE = -(2**63)
"""No time, in a column of instants."""

MIXED = -2
"""In `Chunk.citizens`: the pathway's events do not all name the same citizen."""

Ints = NDArray[Any]


class Coded(msgspec.Struct, frozen=True):
    """A column as codes: 0 is missing, code c is `values[c - 1]`. Values differ, if only by type (1, "1")."""

    codes: Ints
    """Unsigned integers, one for each event."""
    values: Sequence[Any]


class Naming(msgspec.Struct, frozen=True):
    """The texts that no judgement needs, only a reader: one id for each event, names for the rest."""

    ids: Sequence[EventId]
    pathways: Sequence[str]
    """One for each pathway, in the order of `Chunk.pathways`."""
    citizens: Sequence[str]
    """By the code of `Chunk.citizens`."""
    sources: Sequence[str] | None = None
    """One for each event; None when no event says where it came from."""


class Chunk(msgspec.Struct, frozen=True):
    """n events of p pathways of c components, ordered by component, pathway and S2 (at, sent, id)."""

    at: Ints
    """int64[n], microseconds since the epoch, UTC."""
    kind: Ints
    """Unsigned integers [n]: places in `kinds`."""
    kinds: Sequence[str]
    pathways: Ints
    """int64[p + 1]: where each pathway's events begin; the last is n."""
    components: Ints
    """int64[c + 1]: where each component's pathways begin; the last is p."""
    citizens: Ints
    """int32[p]: the citizen's code, -1 without citizen, MIXED when its events differ."""
    citizen_of_event: Ints | None = None
    """int32[n] with the same codes (never MIXED); None while no pathway is MIXED."""
    tie: Ints | None = None
    """Unsigned integers [n]: the order by (sent, id) among events of one component with the same `at`;
    None when no two events of different pathways in one component have the same `at`."""
    sent: Ints | None = None
    """int64[n], NONE where missing; None when no event has it."""
    received: Ints | None = None
    """int64[n], NONE where missing; None when no event has it."""
    municipality: Coded | None = None
    organisation: Coded | None = None
    attributes: Mapping[str, Coded] = msgspec.field(default_factory=dict)
    """The attributes that were asked for and occur in the chunk."""
    naming: Callable[[], Naming] | None = None
    """Loads the names; None when they were not kept."""

    def __len__(self) -> int:
        return len(self.at)

    def coded(self, name: str) -> Coded | None:
        """A column that conditions may ask for: an attribute, `organisation` or `municipality`."""
        if name == "organisation":
            return self.organisation
        return self.municipality if name == "municipality" else self.attributes.get(name)


def without(chunk: Chunk, events: Ints) -> tuple[Chunk, Ints]:
    """The chunk less the events at some places, and bool[p]: which of its pathways have any left.

    A component that is left empty goes, as a pathway does. Names are not kept.
    """
    stays = np.ones(len(chunk), np.bool_)
    stays[events] = False
    pathways, there = _fewer(chunk.pathways, stays)
    components, _ = _fewer(chunk.components, there)

    def coded(column: Coded | None) -> Coded | None:
        return None if column is None else Coded(column.codes[stays], column.values)

    def some(column: Ints | None) -> Ints | None:
        return None if column is None else column[stays]

    fewer = Chunk(
        at=chunk.at[stays],
        kind=chunk.kind[stays],
        kinds=chunk.kinds,
        pathways=pathways,
        components=components,
        citizens=chunk.citizens[there],
        citizen_of_event=some(chunk.citizen_of_event),
        tie=some(chunk.tie),
        sent=some(chunk.sent),
        received=some(chunk.received),
        municipality=coded(chunk.municipality),
        organisation=coded(chunk.organisation),
        attributes={
            name: Coded(column.codes[stays], column.values) for name, column in chunk.attributes.items()
        },
    )
    return fewer, there


def _fewer(begins: Ints, stays: Ints) -> tuple[Ints, Ints]:
    """Where runs begin among the members that stay, and bool: which runs have any."""
    upto = np.append(0, np.cumsum(stays))[begins]
    there: Ints = upto[1:] > upto[:-1]
    return np.append(upto[:-1][there], upto[-1]), there


def pathway_of(chunk: Chunk) -> Ints:
    """int64[n]: the number of each event's pathway."""
    return np.repeat(np.arange(len(chunk.pathways) - 1), np.diff(chunk.pathways))
