"""Counting everything: the operational log packed into a log store, and judged there by columns."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, astuple
from pathlib import Path

import polars as pl

from naer.agreement import Portfolio
from naer.columnar.rows import OBLIGATIONS
from naer.events.event import Event
from naer.events.instant import ZONES, Instant
from naer.history import replay
from naer.history.stored import StoredLog
from naer.indicators import stays
from naer.logs.store import ALL, Store, events_of_chunk, of_events
from naer.logs.store.batch import Batch
from naer.logs.store.sources_build import build
from naer.logs.store.sources_files import Stream
from naer.site import bulk
from naer.site.agreements.in_force import agreements
from naer.site.governance.counted import STAYS
from naer.site.pathways import archive
from naer.site.pathways.archive import Mark
from naer.site.pathways.models import Citizen
from naer.site.pathways.register import Register

Told = Callable[[int, int], None]
"""Hears how far it is: citizens read, of how many."""
Waits = dict[str, Instant]
"""Citizens with an event that is not reached yet, and when it is."""

LOG = "log"
"""The log store's folder, beside the tables."""
_TOGETHER = 50_000
"""Events in a batch, about."""
_ORGANISATIONS_SQL = 'SELECT "key", role, municipality, sor, gln FROM accounts_organisation'


def packed(folder: Path, mark: Mark, keys: list[str], real: Instant, told: Told | None) -> Store:
    """The log of the citizens `keys`, up to `mark`, as a new log store in `folder`."""
    path = folder / LOG
    stream = Stream("database", _batches(keys, told), asdict(mark))
    return build([], path, clock=real, streams=[stream], anew=path.exists())


def _batches(keys: list[str], told: Told | None) -> Iterator[Batch]:
    waiting: list[Event] = []
    for _, events in archive.linked(keys, told):
        waiting += events
        if len(waiting) >= _TOGETHER:
            yield of_events(waiting)
            waiting = []
    if waiting:
        yield of_events(waiting)


def obligations(store: Store, now: Instant) -> pl.DataFrame:
    """Every obligation that the agreements in force make of a store at `now`."""
    log, register = StoredLog(store), everybody()
    frames = [pl.DataFrame(schema=OBLIGATIONS)]
    for line in agreements().lines:
        found = replay(Portfolio((line,)), log, clock=now, now=now, register=register)
        frames += found.frames()
    return pl.concat(frames)


def everybody() -> Register:
    """The register of all organisations, and where all citizens belong."""
    register = Register()
    register.take(bulk.read([(_ORGANISATIONS_SQL, [])])[0], ())
    for key, municipality, practice in Citizen.objects.values_list("key", "municipality", "gp_id").iterator():
        register.residence_of[key] = municipality
        if practice:
            register.gp_of[key] = practice
    return register


def stayed(store: Store, now: Instant) -> tuple[pl.DataFrame, Waits]:
    """Every stay in a store at `now`, and who waits for what is not reached yet."""
    found: list[stays.Counted] = []
    waits: Waits = {}
    for piece in store.pieces:
        by_citizen: dict[str, list[Event]] = {}
        for event in events_of_chunk(piece.load(ALL)):
            if event.citizen is not None:
                by_citizen.setdefault(event.citizen, []).append(event)
        for citizen, events in by_citizen.items():
            events.sort(key=lambda event: event.order)
            seen = [event for event in events if event.at <= now]
            found += stays.count(citizen, seen, ZONES["DK"])
            if len(seen) < len(events):
                waits[citizen] = events[len(seen)].at
    return table(found), waits


def table(found: list[stays.Counted]) -> pl.DataFrame:
    """Stays as a table."""
    return pl.DataFrame([astuple(one) for one in found], schema=STAYS, orient="row")
