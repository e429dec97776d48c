"""Counting: from the operational log to the tables that the pages of results read.

The first count packs the whole log into a log store and judges it by columns (`whole`). After that only
citizens with new events are judged again, and those who had an event in their future that is reached now.
Time alone changes nothing that is stored here: an open obligation becomes missing when it is read (see
`figures`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from naer.agreement import Obligation, evaluate
from naer.events.instant import ZONES, Instant
from naer.events.log import effective
from naer.history.manifest import agreement_files
from naer.history.tables import obligations as table_of
from naer.indicators import stays
from naer.messages.medcom.link import link
from naer.site.agreements.in_force import agreements
from naer.site.governance import whole
from naer.site.governance.counted import Count, State, empty, read, touch, write
from naer.site.governance.whole import Told, Waits
from naer.site.pathways import archive, live, store
from naer.site.pathways.archive import Mark
from naer.site.pathways.register import Register

FEW = 2000
"""Up to so many citizens are judged one by one; more of them, and everything is counted anew."""
_TOGETHER = 250
"""Citizens judged together."""


def count(folder: Path, now: Instant, real: Instant, told: Told | None = None) -> State:
    """Bring the count in `folder` up to date with the log, judged at `now`.

    `real` is when this is done. Whoever calls holds the lock of `follow`.
    """
    before = read(folder)
    if before is None or before.state.agreements != agreements_digest():
        return _anew(folder, now, real, told)
    try:
        mark, new = archive.since(before.state.mark)
    except ValueError:  # another database
        return _anew(folder, now, real, told)
    reached = {citizen for citizen, at in before.state.waits.items() if at <= now}
    touched = sorted(reached.union(new))
    if before.state.mark.seq == 0 or len(touched) > FEW:
        return _anew(folder, now, real, told)
    state = replace(before.state, mark=mark, now=now, counted=real)
    if not touched:
        touch(folder, state)
        return state
    return _follow(folder, before, state, touched, told)


def _anew(folder: Path, now: Instant, real: Instant, told: Told | None) -> State:
    """Count everything."""
    mark, keys = archive.since(Mark())
    owed, stayed = empty()
    waits: Waits = {}
    if mark.seq:
        log = whole.packed(folder, mark, keys, real, told)
        owed = whole.obligations(log, now)
        stayed, waits = whole.stayed(log, now)
    return write(folder, State(mark, agreements_digest(), now, real, waits), owed, stayed)


def _follow(folder: Path, before: Count, state: State, touched: list[str], told: Told | None) -> State:
    """Judge the citizens `touched` again and put their rows in the place of their old ones."""
    owed = [before.obligations.filter(~pl.col("citizen").is_in(touched))]
    stayed = [before.stays.filter(~pl.col("citizen").is_in(touched))]
    waits = {citizen: at for citizen, at in state.waits.items() if citizen not in set(touched)}
    for first in range(0, len(touched), _TOGETHER):
        some = touched[first : first + _TOGETHER]
        found, counted, later = _judge(some, state.now)
        owed.append(table_of(found))
        stayed.append(whole.table(counted))
        waits |= later
        if told is not None:
            told(first + len(some), len(touched))
    return write(folder, replace(state, waits=waits), pl.concat(owed), pl.concat(stayed))


def agreements_digest() -> str:
    """SHA-256 over the files of the agreements in force."""
    listing = "".join(f"{one['sha256']}  {one['name']}\n" for one in agreement_files(agreements()))
    return hashlib.sha256(listing.encode()).hexdigest()


def _judge(keys: Sequence[str], now: Instant) -> tuple[list[Obligation], list[stays.Counted], Waits]:
    """Obligations and stays of some citizens at `now`, and when their next future event is reached."""
    states = store.load(keys, locked=False)
    register = Register()
    register.know(states.values())
    owed: list[Obligation] = []
    counted: list[stays.Counted] = []
    later: Waits = {}
    for key, state in states.items():
        seen = effective(link(state.events), now)
        owed += evaluate(live.concerning(seen.events), seen.events, now, register)
        counted += stays.count(key, seen.events, ZONES["DK"])
        if seen.later:
            later[key] = seen.later[0].at
    return owed, counted, later
