"""What every peer is asked: the clauses of bench/agreements/national.yaml as plain values.

The parent process checks that they say what the agreement says. Nothing is imported here, so that a
peer pays for itself only.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Clause(NamedTuple):
    """After `trigger`, `delivery` is owed within so many hours, unless one of `releases` comes first."""

    id: str
    trigger: str
    delivery: str
    hours: int
    releases: tuple[str, ...]
    scope: str = "pathway"

    @property
    def kinds(self) -> tuple[str, ...]:
        """All it looks at."""
        return (self.trigger, *self.closers)

    @property
    def closers(self) -> tuple[str, ...]:
        """What may end it."""
        return (self.delivery, *self.releases)

    @property
    def microseconds(self) -> int:
        """The time allowed."""
        return self.hours * 3_600_000_000


CLAUSES = (
    Clause("admission-report", "admitted", "admission_report", 24, ("discharged", "died")),
    Clause("care-forecast", "admitted", "care_forecast", 48, ("discharged", "died")),
    Clause("municipality-answer", "ready_for_discharge", "municipality_answer", 4, ("discharged", "died")),
    Clause("discharge-when-ready", "ready_for_discharge", "discharged", 24, ("died",)),
    Clause("discharge-report", "discharged", "discharge_report", 12, ("died",)),
    Clause("epicrisis", "discharged", "epicrisis", 72, ("died",)),
    Clause("rehabilitation", "rehabilitation_plan", "rehabilitation_contact", 168, ("died",)),
    Clause("home-visit", "discharged", "home_visit", 168, ("died",)),
)
READMISSION = Clause("readmission", "discharged", "admitted", 720, ("died",), "citizen")
COLUMNS = ("pathway", "citizen", "kind", "at", "municipality")
COUNTS = ("triggered", "kept", "late", "missing", "open", "released")
FIGURES = ("clause", "municipality", *COUNTS, "median", "p90")
"""One row for each clause and municipality; median and p90 in microseconds, None when there are none."""


def save(path: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of FIGURES; readmission may leave its quantiles out."""
    Path(path).write_text(json.dumps([list(row) for row in rows]), encoding="utf-8")
