"""Counting: from the operational log to the tables that the pages of results read.

Only citizens with new events are judged again, and those who had an event in their future that is
reached now. Time alone changes nothing that is stored here: an open obligation becomes missing when it
is read (see `figures`).
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, replace
from pathlib import Path

import polars as pl

from naer.agreement import Obligation, evaluate
from naer.events.instant import ZONES, Instant
from naer.events.log import effective
from naer.history.manifest import agreement_files
from naer.history.tables import obligations as table_of
from naer.indicators import stays
from naer.messages.medcom.link import link
from naer.site import bulk
from naer.site.agreements.in_force import agreements
from naer.site.governance.counted import STAYS, Count, State, empty, read, touch, write
from naer.site.pathways import live, store
from naer.site.pathways.register import Register

Told = Callable[[int, int], None]
"""Hears how far it is: citizens counted, of how many."""

_TOGETHER = 250
"""Citizens judged together."""
_BACK = 10_000
"""So many rows behind the last one, a missing row may still come; before that it was rolled back."""

_ORIGIN_SQL = "SELECT digest FROM pathways_loggedevent ORDER BY seq LIMIT 1"
_NEW_SQL = "SELECT seq, citizen FROM pathways_loggedevent WHERE seq > %s ORDER BY seq"
_LATE_SQL = "SELECT seq, citizen FROM pathways_loggedevent WHERE seq {in}"


def count(folder: Path, now: Instant, real: Instant, told: Told | None = None) -> State:
    """Bring the count in `folder` up to date with the log, judged at `now`.

    `real` is when this is done. Whoever calls holds the lock of `follow`.
    """
    before = _usable(read(folder))
    state, touched = _read_log(before.state if before else None, now, real)
    if before is not None and not touched:
        kept = replace(state, obligations=before.state.obligations, stays=before.state.stays)
        touch(folder, kept)
        return kept
    owed, stayed = (before.obligations, before.stays) if before else empty()
    parts_owed = [owed.filter(~pl.col("citizen").is_in(touched))]
    parts_stayed = [stayed.filter(~pl.col("citizen").is_in(touched))]
    waits = {citizen: at for citizen, at in state.waits.items() if citizen not in set(touched)}
    for first in range(0, len(touched), _TOGETHER):
        some = touched[first : first + _TOGETHER]
        found, counted, later = _judge(some, now)
        parts_owed.append(table_of(found))
        parts_stayed.append(_stays(counted))
        waits |= later
        if told is not None:
            told(min(first + _TOGETHER, len(touched)), len(touched))
    stays_now = pl.concat(parts_stayed)
    whole = replace(state, waits=waits, citizens=stays_now["citizen"].n_unique())
    return write(folder, whole, pl.concat(parts_owed), stays_now)


def _usable(found: Count | None) -> Count | None:
    """A count of this database by these agreements; None makes a new one begin."""
    if found is None or found.state.agreements != agreements_digest() or found.state.origin != _origin():
        return None
    return found


def agreements_digest() -> str:
    """SHA-256 over the files of the agreements in force."""
    listing = "".join(f"{one['sha256']}  {one['name']}\n" for one in agreement_files(agreements()))
    return hashlib.sha256(listing.encode()).hexdigest()


def _origin() -> str:
    rows = bulk.read([(_ORIGIN_SQL, [])])[0]
    return str(rows[0][0]) if rows else ""


def _read_log(before: State | None, now: Instant, real: Instant) -> tuple[State, list[str]]:
    """What the log holds beyond the last count, and the citizens whom that concerns."""
    seq, gaps, events = (before.seq, before.gaps, before.events) if before else (0, (), 0)
    (rows,) = bulk.read([(_NEW_SQL, [seq])])
    if gaps:
        rows = bulk.read([(_LATE_SQL, [list(gaps)])])[0] + rows
    there = {row[0] for row in rows}
    newest = max(there | {seq})
    awaited = (*gaps, *range(max(seq, newest - _BACK) + 1, newest))
    waits = before.waits if before else {}
    touched = {row[1] for row in rows} | {citizen for citizen, at in waits.items() if at <= now}
    return State(
        origin=before.origin if before else _origin(),
        agreements=before.agreements if before else agreements_digest(),
        seq=newest,
        now=now,
        counted=real,
        events=events + len(rows),
        citizens=before.citizens if before else 0,
        gaps=tuple(one for one in awaited if one not in there and one > newest - _BACK),
        waits=dict(waits),
    ), sorted(touched)


def _judge(
    keys: Sequence[str], now: Instant
) -> tuple[list[Obligation], list[stays.Counted], dict[str, Instant]]:
    """Obligations and stays of some citizens at `now`, and when their next future event is reached."""
    states = store.load(keys, locked=False)
    register = Register()
    register.know(states.values())
    owed: list[Obligation] = []
    counted: list[stays.Counted] = []
    later: dict[str, Instant] = {}
    for key, state in states.items():
        seen = effective(link(state.events), now)
        owed += evaluate(live.concerning(seen.events), seen.events, now, register)
        counted += stays.count(key, seen.events, ZONES["DK"])
        if seen.later:
            later[key] = seen.later[0].at
    return owed, counted, later


def _stays(found: Iterable[stays.Counted]) -> pl.DataFrame:
    return pl.DataFrame([astuple(one) for one in found], schema=STAYS, orient="row")
