"""Counting: from the operational log to the tables that the pages of results read.

The log is packed into a log store, which follows it, and judged there by columns. Only the components of
citizens with new events are judged again, and of those who had an event in their future that is reached
now. Time alone changes nothing that is stored here: an open obligation becomes missing when it is read
(see `figures`).
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import polars as pl

from naer.events.instant import Instant
from naer.history.manifest import agreement_files
from naer.history.stored import StoredLog
from naer.logs.store.sources_files import Progress
from naer.site.agreements.in_force import agreements
from naer.site.governance import judged
from naer.site.governance.counted import Count, State, empty, read, touch, write
from naer.site.governance.packed import packed
from naer.site.pathways import archive
from naer.site.pathways.archive import Mark


def count(folder: Path, now: Instant, real: Instant, told: Progress | None = None) -> State:
    """Bring the count in `folder` up to date with the log, judged at `now`.

    `real` is when this is done; `told` hears citizens read, of how many. Whoever calls holds the lock of
    `follow`.
    """
    before = read(folder)
    if before is None or before.state.mark.seq == 0 or before.state.agreements != agreements_digest():
        return _anew(folder, now, real, told)
    try:
        mark, new = archive.since(before.state.mark)
    except ValueError:  # another database
        return _anew(folder, now, real, told)
    reached = {citizen for citizen, at in before.state.waits.items() if at <= now}
    touched = sorted(reached.union(new))
    state = replace(before.state, mark=mark, now=now, counted=real)
    if not touched:
        touch(folder, state)
        return state
    return _follow(folder, before, state, touched, told)


def _anew(folder: Path, now: Instant, real: Instant, told: Progress | None) -> State:
    """Count everything."""
    mark, _ = archive.since(Mark())
    owed, stayed = empty()
    waits: judged.Waits = {}
    if mark.seq:
        store = packed(folder, real, told)
        owed = judged.obligations(StoredLog(store), now)
        stayed, waits = judged.stayed(judged.whole(store), now)
    return write(folder, State(mark, agreements_digest(), now, real, waits), owed, stayed)


def _follow(folder: Path, before: Count, state: State, touched: list[str], told: Progress | None) -> State:
    """Judge the citizens `touched` again and put their rows in the place of their old ones."""
    store = packed(folder, state.counted, told)
    log, around = judged.around(store, touched)
    others = ~pl.col("citizen").is_in(sorted(around.union(touched)))
    owed = judged.obligations(log, state.now, around)
    stayed, later = judged.stayed((part.chunk for part in log.parts), state.now)
    waits = {citizen: at for citizen, at in state.waits.items() if citizen not in around} | later
    return write(
        folder,
        replace(state, waits=waits),
        pl.concat([before.obligations.filter(others), owed]),
        pl.concat([before.stays.filter(others), stayed]),
    )


def agreements_digest() -> str:
    """SHA-256 over the files of the agreements in force."""
    listing = "".join(f"{one['sha256']}  {one['name']}\n" for one in agreement_files(agreements()))
    return hashlib.sha256(listing.encode()).hexdigest()
