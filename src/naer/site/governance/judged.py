"""What a log store means: every obligation by the agreements in force, every stay."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import polars as pl

from naer.agreement import Portfolio
from naer.columnar.rows import OBLIGATIONS
from naer.events.chunk import Chunk
from naer.events.event import Event
from naer.events.instant import ZONES, Instant
from naer.history import Log, replay
from naer.history.log import LeftOut
from naer.indicators import stays
from naer.logs.store import ALL, Store, events_of_chunk, hashing
from naer.logs.store.joining import joined
from naer.site import bulk
from naer.site.agreements.in_force import agreements
from naer.site.governance.counted import STAYS
from naer.site.pathways.models import Citizen
from naer.site.pathways.register import Register

Waits = dict[str, Instant]
"""Citizens with an event that is not reached yet, and when it is."""

_BELONG_SQL = 'SELECT "key", municipality, gp_id FROM pathways_citizen WHERE "key" {in}'
_ORGANISATIONS_SQL = 'SELECT "key", role, municipality, sor, gln FROM accounts_organisation'


@dataclass(frozen=True, slots=True)
class Part:
    """Whole components of one piece of a store, in memory."""

    chunk: Chunk

    def load(self, _: frozenset[str]) -> Chunk:
        """All columns, whatever is needed."""
        return self.chunk

    def __len__(self) -> int:
        return len(self.chunk)


@dataclass(frozen=True, slots=True)
class Parts:
    """Some of a store, as a log to be replayed."""

    parts: tuple[Part, ...]

    @property
    def described(self) -> Mapping[str, Any]:
        """Nothing: it is not told about."""
        return {}

    @property
    def excluded(self) -> LeftOut:
        """Nothing: a store's ledger is of the whole."""
        return []

    def latest(self, _: Instant) -> Instant | None:
        """Not asked: the instant is given."""
        return None

    def events(self) -> Sequence[Event]:
        """As events, in the order of S2."""
        found = [event for part in self.parts for event in events_of_chunk(part.chunk)]
        return sorted(found, key=lambda event: event.order)

    def pieces(self) -> Sequence[Part]:
        """One for each piece that holds any."""
        return self.parts


def around(store: Store, citizens: Sequence[str]) -> tuple[Parts, set[str]]:
    """The components of some citizens, and every citizen in them."""
    keys = hashing.once(store.links.resolve(hashing.of_names(pl.Series(citizens, dtype=pl.String))))
    slices = store.slices(keys)
    if not slices:
        return Parts(()), set()
    chunk = joined(slices, ALL).chunk
    assert chunk.naming is not None
    return Parts((Part(chunk),)), {name for name in chunk.naming().citizens if name}


def obligations(log: Log, now: Instant, citizens: Collection[str] | None = None) -> pl.DataFrame:
    """Every obligation that the agreements in force make of a log about `citizens` (None: all) at `now`."""
    register = known(citizens)
    frames = [pl.DataFrame(schema=OBLIGATIONS)]
    for line in agreements().lines:
        found = replay(Portfolio((line,)), log, clock=now, now=now, register=register)
        frames += found.frames()
    return pl.concat(frames)


def known(citizens: Collection[str] | None = None) -> Register:
    """The register of all organisations, and where some citizens belong, or all of them."""
    register = Register()
    register.take(bulk.read([(_ORGANISATIONS_SQL, [])])[0], ())
    belong = Citizen.objects.values_list("key", "municipality", "gp_id")
    rows = bulk.read([(_BELONG_SQL, [sorted(citizens)])])[0] if citizens is not None else belong.iterator()
    for key, municipality, practice in rows:
        register.residence_of[key] = municipality
        if practice:
            register.gp_of[key] = practice
    return register


def stayed(chunks: Iterator[Chunk], now: Instant) -> tuple[pl.DataFrame, Waits]:
    """Every stay in chunks of whole components at `now`, and who waits for what is not reached yet."""
    found: list[stays.Counted] = []
    waits: Waits = {}
    for chunk in chunks:
        by_citizen: dict[str, list[Event]] = {}
        for event in events_of_chunk(chunk):
            if event.citizen is not None:
                by_citizen.setdefault(event.citizen, []).append(event)
        for citizen, events in by_citizen.items():
            events.sort(key=lambda event: event.order)
            seen = [event for event in events if event.at <= now]
            found += stays.count(citizen, seen, ZONES["DK"])
            if len(seen) < len(events):
                waits[citizen] = events[len(seen)].at
    return pl.DataFrame([astuple(one) for one in found], schema=STAYS, orient="row"), waits


def whole(store: Store) -> Iterator[Chunk]:
    """All of a store, section by section."""
    return (section.load(ALL) for section in store.sections)
