"""A replay as tables: one row for each obligation, each clause or group, each reason."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from naer.agreement import Obligation
from naer.agreement.report import OUTCOMES, Tally
from naer.events.instant import MINUTE
from naer.history.run import Replay

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

COUNTS = ("triggered", *OUTCOMES)
_MEASURES = ("share_kept", "median_hours", "p90_hours")


def obligations(found: Sequence[Obligation]) -> pl.DataFrame:
    """One row for each obligation."""
    return pl.DataFrame([_row(one) for one in found], schema=OBLIGATIONS, orient="row")


def clauses(result: Replay) -> pl.DataFrame:
    """One row for each clause; with `by` for each clause and group."""
    rows = [
        (tally.clause, *tally.group, *(getattr(tally, name) for name in (*COUNTS, *_MEASURES)))
        for tally in (result.groups if result.by else result.tallies)
    ]
    schema: dict[str, Any] = {"clause": pl.String, **dict.fromkeys(map(_group_column, result.by), pl.String)}
    schema |= dict.fromkeys(COUNTS, pl.Int64)
    schema |= dict.fromkeys(_MEASURES, pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def excluded(result: Replay) -> pl.DataFrame:
    """One row for each reason: events and pathways that were left out."""
    schema = {"reason": pl.String, "events": pl.Int64, "pathways": pl.Int64}
    return pl.DataFrame(result.excluded.rows(), schema=schema)


def contract(result: Replay, now: str) -> dict[str, Any]:
    """What `naer replay --json` prints; with `by` each clause also has its `groups`."""
    lines = []
    for tally in result.tallies:
        line = {"id": tally.clause, **_counts(tally)}
        if result.by:
            line["groups"] = [
                {"by": dict(zip(result.by, one.group, strict=True)), **_counts(one)}
                for one in result.groups
                if one.clause == tally.clause
            ]
        lines.append(line)
    return {
        "agreement": result.agreement,
        "now": now,
        "engine": result.engine,
        "clauses": lines,
        "excluded": result.excluded.rows(),
    }


def _counts(tally: Tally) -> dict[str, Any]:
    return {name: getattr(tally, name) for name in (*COUNTS, "median_hours", "p90_hours")}


def _group_column(name: str) -> str:
    """An attribute may be called like a count; its column then says that it is a group."""
    return f"by_{name}" if name in ("clause", *COUNTS, *_MEASURES) else name


def _row(one: Obligation) -> tuple[Any, ...]:
    trigger, closed = one.trigger, one.closed_by
    return (
        one.agreement, one.version, one.clause, one.verified,
        one.partial, str(trigger.id), trigger.kind, trigger.at,
        trigger.pathway, trigger.citizen, trigger.organisation, trigger.municipality,
        one.owed_by.key, one.owed_by.role, one.owed_to.key, one.owed_to.role,
        one.start, one.due, one.outcome, one.ended,
        str(closed.id) if closed else None, closed.kind if closed else None, closed.at if closed else None,
        _minutes(one.elapsed), _minutes(one.paused), _minutes(one.working),
    )  # fmt: skip


def _minutes(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / MINUTE
