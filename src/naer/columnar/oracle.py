"""The columnar driver's oracle: a plan carried out as Polars expressions over whole frames.

It says what `naer.columnar.evaluate` says, in another way: not one walk with a state, but for each
version of each clause a few columns, of which the most important are "the first such event from here
on" and "the latest before". It is what tests hold the kernel against, and what runs without numba.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from naer.agreement.language import Clause
from naer.agreement.register import Register
from naer.columnar.found import Found
from naer.columnar.oracle_calendar import clock_of, days_of
from naer.columnar.oracle_closing import Closings
from naer.columnar.oracle_deadlines import Deadlines
from naer.columnar.oracle_log import by_citizen, by_pathway, events_frame
from naer.columnar.oracle_opening import LeftOut, Triggers, with_jurisdiction
from naer.columnar.oracle_verdict import Verdicts
from naer.columnar.plan import Plan
from naer.events.chunk import NONE, Chunk
from naer.events.instant import DAY, Instant

USUAL = (1981, 2060)
"""The years that tables of days are made for; the rest is asked of the calendar, one value at a time."""


def evaluate(
    plan: Plan,
    chunk: Chunk,
    now: Instant | None,
    *,
    working: bool = True,
    register: Register | None = None,
) -> Found:
    """What the events of one chunk owe at `now` (microseconds; None judges after every due).

    `working` also works out the time inside opening hours.
    """
    left_out = LeftOut(np.zeros(len(chunk), np.uint8))
    if now is not None:
        left_out.add("after now", pl.Series(np.flatnonzero(chunk.at > now)))
    events = events_frame(chunk, now, plan.needs)
    events = with_jurisdiction(plan, by_pathway(chunk, events))
    logs = {"pathway": by_pathway(chunk, events)}
    if any(family.scope == "citizen" for family in plan.families):
        logs["citizen"] = by_citizen(chunk, events)
    years = _years(chunk)
    calendars = {number: _deadlines(slot.clause, years) for number, slot in enumerate(plan.slots)}
    asked = _Asked(now, working, register)
    found = [
        judged
        for number, family in enumerate(plan.families)
        for judged in _judged(Triggers(plan, number, logs[family.scope], calendars), left_out, asked)
    ]
    return _found(found, left_out)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an evaluation is asked."""

    now: Instant | None
    working: bool
    register: Register | None


def _judged(triggers: Triggers, left_out: LeftOut, asked: _Asked) -> list[pl.DataFrame]:
    """The obligations of one clause, a frame for each version."""
    plan, log = triggers.plan, triggers.log
    opened = dict(triggers.openings(left_out))
    restarting = [opened[slot]["place"] for slot in opened if plan.slots[slot].clause.repeat == "restart"]
    restarts = pl.concat([pl.Series(dtype=pl.Int64), *restarting]).sort()
    found = []
    for slot, frame in opened.items():
        clause, calendar = plan.slots[slot].clause, triggers.calendars[slot]
        if frame.height:
            closed = Closings(plan, clause, log, calendar, asked.register).closed(frame, restarts)
            judged = Verdicts(clause, log, calendar, asked.now).judged(closed, asked.working)
            closer = pl.lit(log.frame["row"]).gather(pl.col("closed")).alias("closer")
            found.append(judged.with_columns(closer, slot=pl.lit(slot)))
    return found


def _years(chunk: Chunk) -> tuple[int, int]:
    """The years of a chunk's events, as far as they are usual, with some before and after."""
    first, last = USUAL
    usual = chunk.at[(chunk.at >= (first - 1970) * 365 * DAY) & (chunk.at < (last - 1970) * 365 * DAY)]
    if not len(usual):
        return 2020, 2020
    years = [1970 + int(instant) // (365 * DAY) for instant in (usual.min(), usual.max())]
    return years[0] - 2, years[1] + 3


def _deadlines(clause: Clause, years: tuple[int, int]) -> Deadlines:
    return Deadlines(clause.calendar, days_of(clause.calendar, *years), clock_of(clause.calendar.country))


def _found(judged: list[pl.DataFrame], left_out: LeftOut) -> Found:
    """The frames as one set of columns."""
    columns = {
        "slot": pl.Int32, "version": pl.Int32, "row": pl.Int32, "closer": pl.Int32, "outcome": pl.UInt8,
        "start": pl.Int64, "due": pl.Int64, "elapsed": pl.Int64, "paused": pl.Int64, "working": pl.Int64,
    }  # fmt: skip
    frame = pl.concat(
        [
            pl.DataFrame(schema=columns),
            *(one.select(pl.col(n).cast(t) for n, t in columns.items()) for one in judged),
        ]
    )
    frame = frame.with_columns(
        pl.col("closer").fill_null(-1), pl.col("due", "elapsed", "working").fill_null(NONE)
    )
    values = {name: frame[name].to_numpy() for name in columns}
    values["trigger"] = values.pop("row")
    return Found(**values, left_out=left_out.bits)
