"""What is strange about a log: times and orders that cannot be, kinds nobody knows, what is not said.

A finding changes nothing and leaves nothing out: the event is in the log, is judged, and is counted here
so that somebody asks the system it came from. What *is* left out stands in the ledger (S35).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naer.events.chunk import NONE, Chunk, pathway_of
from naer.events.event import EventId
from naer.events.instant import MINUTE, ZONES, Instant, parse, text
from naer.events.kinds import KINDS

NEEDS = frozenset({"sent", "received", "citizen", "municipality", "organisation"})
"""What of a stored log :meth:`Quality.see` looks at, besides time, kind and pathway."""

TOLERANCE_MINUTES = 10
"""Clocks of two systems may differ by this much; a forgotten time zone gives an hour or two."""

EARLY = parse("1970-01-02", ZONES["DK"])
"""Nobody kept such records electronically before; what stands there is a filler date."""

CHECKS: dict[str, str] = {
    "unknown kind": "Its kind is neither Naer's nor one that the agreement names, so no clause sees it: "
    "often an activity name that the agreement's `events:` forgot.",
    "future time": "It happened after the clock of the command. It is not seen until then (S5).",
    "filler date": "It happened before 2 January 1970, or in 9999: a date that stands for no date.",
    "sent before it happened": f"`sent` is more than {TOLERANCE_MINUTES} minutes before `at`: a time zone "
    "forgotten, or a plan told as a fact.",
    "received before sent": f"`received` is more than {TOLERANCE_MINUTES} minutes before `sent` (before `at` "
    "where `sent` is missing): a clock or a time zone is wrong.",
    "discharged before admitted": "A discharge earlier than the first admission of its pathway.",
    "discharged, never admitted": "A discharge in a pathway without `admitted` or `acute_ambulant`: the log "
    "begins in the middle of the stay, or the admission is missing.",
    "admitted while admitted": "An admission whose latest earlier event of the stay in its pathway is an "
    "admission too: a discharge is missing, or one stay was told twice under two ids.",
    "leave ended, never started": "A `leave_ended` in a pathway that has no `leave_started` up to then.",
    "after death": "An arrival, admission, leave or visit after the citizen died (after the death in the "
    "same pathway, where the citizen is not known).",
}
"""Every check and what it finds; `docs/reference/logs.md` says the same."""

MISSING = ("citizen", "municipality", "organisation", "sent", "received")
"""Parts of an event that may be missing, and whose absence is counted."""

EXAMPLES = 5
"""So many events of each check are named."""

_TOLERANCE = TOLERANCE_MINUTES * MINUTE
_FILLER = parse("9999-01-01", ZONES["DK"])
_STAY = ("admitted", "discharged", "died", "transferred")
_ALIVE = (
    "acute_ambulant", "admitted", "leave_started", "leave_ended", "home_visit", "follow_up_visit",
    "rehabilitation_contact",
)  # fmt: skip
_LATEST = np.iinfo(np.int64).max

_Places = NDArray[Any]

Spots = Callable[[NDArray[Any]], Sequence[Any]]
"""Whatever tells the events at some places of a chunk from all others, later."""
Telling = Callable[[Sequence[Any]], Sequence[tuple[EventId, str]]]
"""(id, pathway) of events by what :data:`Spots` gave."""


@dataclass(slots=True)
class Finding:
    """What one check found: events, and a few of them."""

    events: int = 0
    examples: list[Any] = field(default_factory=list)
    """As (id, pathway), or as `Spots` gave them."""


@dataclass(slots=True)
class Quality:
    """Counts over a log, chunk by chunk, in any order of chunks.

    `clock` is what "future" is measured from. `own` maps an activity name of the log to the kind it
    stands for (an agreement's `events:`); such names are known, and are checked as that kind.
    """

    clock: Instant
    own: Mapping[str, str] = field(default_factory=dict)
    events: int = 0
    pathways: int = 0
    earliest: Instant | None = None
    latest: Instant | None = None
    kinds: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    found: dict[str, Finding] = field(default_factory=lambda: {name: Finding() for name in CHECKS})

    def see(self, chunk: Chunk, spots: Spots | None = None) -> None:
        """Count a chunk loaded with `NEEDS`. With `spots` the names of events are left to `report`."""
        if not len(chunk):
            return
        self.events += len(chunk)
        self.pathways += len(chunk.pathways) - 1
        low, high = int(chunk.at.min()), int(chunk.at.max())
        self.earliest = low if self.earliest is None else min(self.earliest, low)
        self.latest = high if self.latest is None else max(self.latest, high)
        counts = np.bincount(chunk.kind, minlength=len(chunk.kinds))
        self.kinds.update({name: int(n) for name, n in zip(chunk.kinds, counts, strict=True) if n})
        self._see_missing(chunk)
        look = _Look(chunk, self.own)
        for check, places in self._findings(chunk, look):
            self._note(check, places, spots or _named(chunk))

    def merge(self, other: "Quality") -> None:
        """Take over what another one counted, of other chunks."""
        self.events += other.events
        self.pathways += other.pathways
        starts = [time for time in (self.earliest, other.earliest) if time is not None]
        ends = [time for time in (self.latest, other.latest) if time is not None]
        self.earliest, self.latest = min(starts, default=None), max(ends, default=None)
        self.kinds.update(other.kinds)
        self.missing.update(other.missing)
        for name, one in other.found.items():
            mine = self.found[name]
            mine.events += one.events
            mine.examples += one.examples[: EXAMPLES - len(mine.examples)]

    def remove(self, other: "Quality") -> None:
        """Give back what another one counted, of events that are no more; the span stays as it is."""
        self.events -= other.events
        self.pathways -= other.pathways
        self.kinds = self.kinds - other.kinds
        self.missing.subtract(other.missing)
        for name, one in other.found.items():
            self.found[name].events -= one.events

    @classmethod
    def of(cls, report: Mapping[str, Any], clock: Instant, own: Mapping[str, str]) -> "Quality":
        """The counts that a report was made from."""
        first, last = (
            None if report[name] is None else parse(report[name], ZONES["DK"]) for name in ("from", "to")
        )
        quality = cls(clock, own, report["events"], report["pathways"], first, last)
        quality.kinds.update(report["kinds"])
        quality.missing.update(report["without"])
        for one in report["checks"]:
            examples = [(example["id"], example["pathway"]) for example in one["examples"]]
            quality.found[one["check"]] = Finding(one["events"], examples)
        return quality

    def report(self, tell: Telling | None = None) -> dict[str, Any]:
        """The counts as plain values, for JSON; `tell` names what `spots` gave."""
        if tell is not None:
            told = iter(tell([spot for one in self.found.values() for spot in one.examples]))
            for one in self.found.values():
                one.examples = list(islice(told, len(one.examples)))
        return {
            "events": self.events,
            "pathways": self.pathways,
            "from": _shown(self.earliest),
            "to": _shown(self.latest),
            "kinds": dict(sorted(self.kinds.items(), key=lambda item: (-item[1], item[0]))),
            "unknown_kinds": {
                name: count for name, count in sorted(self.kinds.items()) if not _known(name, self.own)
            },
            "without": {name: self.missing[name] for name in MISSING},
            "checks": [
                {
                    "check": name,
                    "events": one.events,
                    "examples": [{"id": event, "pathway": pathway} for event, pathway in one.examples],
                }
                for name, one in self.found.items()
            ],
        }

    def _see_missing(self, chunk: Chunk) -> None:
        size = len(chunk)
        for name in ("municipality", "organisation"):
            coded = chunk.coded(name)
            self.missing[name] += size if coded is None else int(np.count_nonzero(coded.codes == 0))
        for name, times in (("sent", chunk.sent), ("received", chunk.received)):
            self.missing[name] += size if times is None else int(np.count_nonzero(times == NONE))
        if chunk.citizen_of_event is not None:
            self.missing["citizen"] += int(np.count_nonzero(chunk.citizen_of_event < 0))
        else:
            sizes = np.diff(chunk.pathways)
            self.missing["citizen"] += int(sizes[chunk.citizens == -1].sum())

    def _findings(self, chunk: Chunk, look: "_Look") -> Iterator[tuple[str, _Places]]:
        at = chunk.at
        unknown = [place for place, name in enumerate(chunk.kinds) if not _known(name, self.own)]
        if unknown:
            yield "unknown kind", look.places(np.array(unknown))
        yield "future time", np.flatnonzero(at > self.clock)
        yield "filler date", np.flatnonzero((at < EARLY) | (at >= _FILLER))
        sent = at
        if chunk.sent is not None:
            sent = np.where(chunk.sent == NONE, at, chunk.sent)
            yield "sent before it happened", np.flatnonzero(sent < at - _TOLERANCE)
        if chunk.received is not None:
            there = chunk.received != NONE
            yield "received before sent", np.flatnonzero(there & (chunk.received < sent - _TOLERANCE))
        yield from _orders(chunk, look)

    def _note(self, check: str, places: _Places, spots: Spots) -> None:
        one = self.found[check]
        one.events += len(places)
        wanted = places[: EXAMPLES - len(one.examples)]
        if len(wanted):
            one.examples += spots(wanted)


def _named(chunk: Chunk) -> Spots:
    """Events told by the chunk's own names."""

    def spots(places: _Places) -> list[tuple[EventId, str]]:
        if chunk.naming is None:
            return []
        naming = chunk.naming()
        pathways = np.searchsorted(chunk.pathways, places, side="right") - 1
        return [
            (naming.ids[place], naming.pathways[pathway])
            for place, pathway in zip(places.tolist(), pathways.tolist(), strict=True)
        ]

    return spots


class _Look:
    """Places of events in a chunk, by kind; kinds of an agreement's own count as what they stand for."""

    def __init__(self, chunk: Chunk, own: Mapping[str, str]) -> None:
        self._chunk = chunk
        self._pathways = pathway_of(chunk)
        self._codes: dict[str, list[int]] = {}
        for code, name in enumerate(chunk.kinds):
            self._codes.setdefault(own.get(name, name), []).append(code)

    def places(self, codes: _Places) -> _Places:
        """Where events of these kinds stand, in order."""
        if len(codes) == 1:
            return np.flatnonzero(self._chunk.kind == codes[0])
        wanted = np.zeros(len(self._chunk.kinds), dtype=bool)
        wanted[codes] = True
        return np.flatnonzero(wanted[self._chunk.kind])

    def of(self, *names: str) -> _Places:
        """Where events of kinds by name stand, in order."""
        codes = [code for name in names for code in self._codes.get(name, ())]
        return self.places(np.array(codes, dtype=np.int64)) if codes else np.empty(0, dtype=np.int64)

    def pathways(self, places: _Places) -> _Places:
        """The number of the pathway of each event."""
        return self._pathways[places]


def _orders(chunk: Chunk, look: _Look) -> Iterator[tuple[str, _Places]]:
    at = chunk.at
    admitted, discharged = look.of("admitted"), look.of("discharged")
    if len(discharged):
        stays = look.pathways(discharged)
        first = _first(chunk, look, admitted)[stays]
        yield "discharged before admitted", discharged[(first != _LATEST) & (at[discharged] < first)]
        started = _first(chunk, look, look.of("admitted", "acute_ambulant"))[stays]
        yield "discharged, never admitted", discharged[started == _LATEST]
    if len(admitted) > 1:
        yield "admitted while admitted", _again(chunk, look, look.of(*_STAY), admitted)
    ended = look.of("leave_ended")
    if len(ended):
        first = _first(chunk, look, look.of("leave_started"))[look.pathways(ended)]
        yield "leave ended, never started", ended[at[ended] < first]
    died = look.of("died")
    if len(died):
        alive = look.of(*_ALIVE)
        yield "after death", alive[at[alive] > _death(chunk, look, died, look.pathways(alive))]


def _first(chunk: Chunk, look: _Look, places: _Places) -> _Places:
    """For each pathway the time of the first of these events; the end of time where there is none."""
    first = np.full(len(chunk.pathways) - 1, _LATEST)
    pathways = look.pathways(places)
    heads = np.flatnonzero(np.diff(pathways, prepend=-1))
    first[pathways[heads]] = chunk.at[places[heads]]
    return first


def _again(chunk: Chunk, look: _Look, stay: _Places, admitted: _Places) -> _Places:
    """The admissions whose event of the stay before, in the same pathway, is an admission too."""
    among = np.zeros(len(chunk), bool)
    among[admitted] = True
    is_admission = among[stay]
    pathways = look.pathways(stay)
    twice = is_admission[1:] & is_admission[:-1] & (pathways[1:] == pathways[:-1])
    later: _Places = stay[1:][twice]
    return later


def _death(chunk: Chunk, look: _Look, died: _Places, pathways: _Places) -> _Places:
    """For each of some pathways when its citizen died; the end of time where nobody says so."""
    count = len(chunk.pathways) - 1
    person = np.where(chunk.citizens >= 0, chunk.citizens, -1 - np.arange(count))
    of_death = person[look.pathways(died)]
    order = np.lexsort((chunk.at[died], of_death))
    people, earliest = np.unique(of_death[order], return_index=True)
    times = chunk.at[died][order][earliest]
    wanted = person[pathways]
    spot = np.minimum(np.searchsorted(people, wanted), len(people) - 1)
    deaths: _Places = np.where(people[spot] == wanted, times[spot], _LATEST)
    return deaths


def _known(kind: str, own: Mapping[str, str]) -> bool:
    return kind in KINDS or kind in own


def _shown(instant: Instant | None) -> str | None:
    return None if instant is None else text(instant)
