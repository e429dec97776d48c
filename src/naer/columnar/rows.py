"""What was found in a chunk as a frame: one row for each obligation, with names."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from naer.agreement.language import Agreement, Clause, Party
from naer.agreement.register import Register
from naer.columnar import parties
from naer.columnar.found import MISSING, OUTCOMES, Found
from naer.columnar.plan import Plan
from naer.events.chunk import NONE, Chunk, Coded, Ints, Naming, pathway_of
from naer.events.instant import MINUTE

_TIME = pl.Datetime("us", "UTC")
OBLIGATIONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "agreement": pl.String, "version": pl.Date, "clause": pl.String, "verified": pl.Boolean,
    "partial": pl.Boolean, "trigger": pl.String, "trigger_kind": pl.String, "triggered_at": _TIME,
    "pathway": pl.String, "citizen": pl.String, "organisation": pl.String, "municipality": pl.String,
    "owed_by": pl.String, "owed_by_role": pl.String, "owed_to": pl.String, "owed_to_role": pl.String,
    "start": _TIME, "due": _TIME, "outcome": pl.String, "ended": pl.Boolean,
    "closed_by": pl.String, "closed_by_kind": pl.String, "closed_at": _TIME,
    "elapsed_minutes": pl.Float64, "paused_minutes": pl.Float64, "working_minutes": pl.Float64,
}  # fmt: skip
"""Columns of obligations.parquet. Times are UTC in microseconds; `trigger` and `closed_by` are event ids."""

ORDER: dict[str, pl.DataType | type[pl.DataType]] = {
    "_sent": pl.Int64, "_text": pl.Boolean, "_number": pl.Int64, "_clause": pl.Int32,
}  # fmt: skip
"""Columns beside them by which rows are put in order, see `in_order`."""

NEEDS = frozenset({"sent", "citizen", "organisation", "municipality"})
"""What `rows` reads beside what the plan needs; the names too."""

_EXACT = 2**53


def rows(plan: Plan, chunk: Chunk, found: Found, register: Register | None = None) -> pl.DataFrame:
    """The columns OBLIGATIONS and ORDER, in no particular order."""
    if chunk.naming is None:
        raise ValueError("the names of this log were not kept")
    naming = chunk.naming()
    trigger, closer = found.trigger, found.closer
    closed = closer >= 0
    pathway = pathway_of(chunk)[trigger]
    by_slot = _BySlot(plan, found)
    ids = naming.ids
    sent = chunk.at if chunk.sent is None else np.where(chunk.sent == NONE, chunk.at, chunk.sent)
    columns: dict[str, Any] = {
        "agreement": pl.repeat(plan.line.id, len(found), dtype=pl.String, eager=True),
        "version": _take([one.version for one in plan.versions], found.version, pl.Date),
        "clause": by_slot.of(pl.String, lambda clause: clause.id),
        "verified": by_slot.of(pl.Boolean, lambda clause: clause.verified),
        "partial": by_slot.of(pl.Boolean, lambda clause: clause.partial),
        "trigger": _ids(ids, trigger),
        "trigger_kind": _take(chunk.kinds, chunk.kind[trigger], pl.String),
        "triggered_at": _times(chunk.at[trigger]),
        "pathway": _take(naming.pathways, pathway, pl.String),
        "citizen": _citizens(chunk, naming, trigger, pathway),
        "organisation": _coded(chunk.organisation, trigger),
        "municipality": _coded(chunk.municipality, trigger),
        **party_columns(plan, chunk, found, register, "owed_by"),
        **party_columns(plan, chunk, found, register, "owed_to"),
        "start": _times(found.start),
        "due": _times(found.due),
        "outcome": _take(OUTCOMES, found.outcome, pl.String),
        "ended": pl.Series((found.outcome == MISSING) & closed),
        "closed_by": _ids(ids, closer),
        "closed_by_kind": _take(
            chunk.kinds, np.where(closed, chunk.kind[closer].astype(np.int64), -1), pl.String
        ),
        "closed_at": _times(np.where(closed, chunk.at[closer], NONE)),
        "elapsed_minutes": _minutes(found.elapsed),
        "paused_minutes": _minutes(found.paused),
        "working_minutes": _minutes(found.working),
        "_sent": pl.Series(sent[trigger]),
        **_order_of(ids, trigger),
        "_clause": by_slot.of(pl.Int32, lambda clause: list(plan.clause_ids).index(clause.id)),
    }
    return pl.DataFrame(columns, schema=OBLIGATIONS | ORDER)


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows by trigger in the order of S2 (at, sent, id), then by clause as the agreement has them."""
    order = ("triggered_at", "_sent", "_text", "_number", pl.col("trigger").cast(pl.Binary), "_clause")
    return frame.sort(*order).select(list(OBLIGATIONS))


class _BySlot:
    """Values that depend on the slot alone."""

    def __init__(self, plan: Plan, found: Found) -> None:
        self._clauses, self._slots = [slot.clause for slot in plan.slots], found.slot

    def of(self, kind: type[pl.DataType], value: Callable[[Clause], object]) -> pl.Series:
        return _take([value(clause) for clause in self._clauses], self._slots, kind)


def _take(values: Sequence[object], places: Ints, kind: type[pl.DataType]) -> pl.Series:
    """The value at each place, null where the place is negative."""
    table = values if isinstance(values, pl.Series) else pl.Series(list(values), dtype=kind, strict=False)
    chosen = pl.Series(places.astype(np.int64))
    if not len(table):
        return pl.Series([None] * len(chosen), dtype=kind)
    return table.gather(chosen.set(chosen < 0, None))


def _coded(column: Coded | None, places: Ints) -> pl.Series:
    if column is None:
        return pl.Series([None] * len(places), dtype=pl.String)
    return _take(column.values, column.codes[places].astype(np.int64) - 1, pl.String)


def _citizens(chunk: Chunk, naming: Naming, trigger: Ints, pathway: Ints) -> pl.Series:
    of_event = chunk.citizen_of_event
    return _take(
        naming.citizens, chunk.citizens[pathway] if of_event is None else of_event[trigger], pl.String
    )


def _ids(ids: Sequence[object], places: Ints) -> pl.Series:
    """Event ids as text."""
    if isinstance(ids, np.ndarray | pl.Series):
        return _take(pl.Series(ids), places, pl.String).cast(pl.String)
    return pl.Series([None if place < 0 else str(ids[place]) for place in places.tolist()], dtype=pl.String)


def _order_of(ids: Sequence[object], places: Ints) -> dict[str, pl.Series]:
    """Whether each id is text, and its number when it is none."""
    if isinstance(ids, np.ndarray) or (isinstance(ids, pl.Series) and ids.dtype.is_integer()):
        numbers = pl.Series(np.asarray(ids)[places].astype(np.int64))
        return {"_text": pl.repeat(False, len(places), eager=True), "_number": numbers}
    if isinstance(ids, pl.Series):
        zeros = pl.Series(np.zeros(len(places), np.int64))
        return {"_text": pl.repeat(True, len(places), eager=True), "_number": zeros}
    chosen = [ids[place] for place in places.tolist()]
    return {
        "_text": pl.Series([not isinstance(one, int) for one in chosen], dtype=pl.Boolean),
        "_number": pl.Series([one if isinstance(one, int) else 0 for one in chosen], dtype=pl.Int64),
    }


def party_columns(
    plan: Plan, chunk: Chunk, found: Found, register: Register | None, side: str
) -> dict[str, pl.Series]:
    """Who owes, or is owed, and in which role."""
    known: dict[Party | None, int] = {}
    which = [
        known.setdefault(party_of(slot.clause, agreement, side), len(known))
        for slot in plan.slots
        for agreement in plan.versions
    ]
    of_row = np.asarray(which or [0], np.int32)[found.slot * len(plan.versions) + found.version]
    keys = pl.Series([None] * len(found), dtype=pl.String)
    for number, party in enumerate(known):
        mine = np.flatnonzero(of_row == number)
        if len(mine):
            places = found.trigger[mine]
            resolved = parties.resolve(chunk, party, register, places)
            keys = keys.scatter(mine, _take(resolved.names, resolved.codes[places], pl.String))
    roles = [party.role if party else "" for party in known]
    return {side: keys, f"{side}_role": _take(roles, of_row, pl.String)}


def party_of(clause: Clause, agreement: Agreement, side: str) -> Party | None:
    name = clause.owed_by if side == "owed_by" else clause.owed_to
    return agreement.parties.get(name) if name else None


def _times(instants: Ints) -> pl.Series:
    found = pl.Series(instants)
    return found.set(found == NONE, None).cast(_TIME)


def _minutes(microseconds: Ints) -> pl.Series:
    """Minutes, rounded once; null where there is no time."""
    there = microseconds != NONE
    if np.where(there, microseconds, 0).max(initial=0) >= _EXACT:
        exact = [one / MINUTE if one != NONE else None for one in microseconds.tolist()]
        return pl.Series(exact, dtype=pl.Float64)
    found = pl.Series(microseconds / MINUTE)
    return found.set(pl.Series(~there), None)
