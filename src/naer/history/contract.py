"""What `naer replay --json` prints: the same from every engine, but for the engine's name."""

from typing import Any

from naer.agreement.report import OUTCOMES, Tally
from naer.history.question import Replay

COUNTS = ("triggered", *OUTCOMES)


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
        "excluded": result.excluded,
    }


def _counts(tally: Tally) -> dict[str, Any]:
    return {name: getattr(tally, name) for name in (*COUNTS, "median_hours", "p90_hours")}
