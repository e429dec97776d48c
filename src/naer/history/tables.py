"""A replay as tables: one row for each obligation, each clause or group, each reason."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from naer.agreement import Obligation
from naer.columnar.rows import OBLIGATIONS
from naer.events.instant import MINUTE
from naer.history.contract import COUNTS
from naer.history.question import Replay

_MEASURES = ("share_kept", "median_hours", "p90_hours")


def obligations(found: Sequence[Obligation]) -> pl.DataFrame:
    """One row for each obligation."""
    return pl.DataFrame([_row(one) for one in found], schema=OBLIGATIONS, orient="row")


def obligations_of(result: Replay) -> pl.DataFrame:
    """One row for each obligation of a replay, by trigger (at, sent, id) and clause."""
    return pl.concat(result.frames())


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
    return pl.DataFrame(result.excluded, schema=schema)


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
