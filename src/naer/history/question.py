"""What a replay is asked, and what it answers, whichever engine does the work."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from naer.agreement import Obligation, Portfolio, Register
from naer.agreement.portfolio import Line
from naer.agreement.report import Tally
from naer.events.instant import Instant
from naer.history.log import LeftOut

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[int, int], None]
"""Told now and then: events judged, events in all."""


class Question(msgspec.Struct, frozen=True):
    """The first agreement of a portfolio, run over a log and judged at `now`."""

    portfolio: Portfolio
    now: Instant
    """Microseconds since the epoch; what came later is not seen."""
    by: tuple[str, ...] = ()
    register: Register | None = None
    progress: Progress | None = None

    @property
    def line(self) -> Line:
        """The agreement that is run; overlays beside it only take from it what is theirs."""
        return self.portfolio.lines[0]

    def told(self, done: int, total: int) -> None:
        """Tell how far it is."""
        if self.progress is not None:
            self.progress(done, total)


class Answer(msgspec.Struct, frozen=True):
    """What an engine finds."""

    tallies: list[Tally]
    """One for each clause that is run, in the agreement's order."""
    groups: list[Tally]
    """One for each clause and group; empty unless `by` asks."""
    excluded: LeftOut
    """What the engine left out: after now, no version in force ... (S35)."""
    seen: int
    """Events up to now."""
    kinds: frozenset[str]
    attributes: frozenset[str]
    """What the log has of what the agreement may ask for."""
    frames: Callable[[], Iterator["pl.DataFrame"]]
    """Rows of obligations as in `columnar.rows`, in order; judged again where that takes less memory."""
    obligations: list[Obligation] | None = None
    """The obligations as objects; only the reference makes them."""


@dataclass(frozen=True)
class Replay:
    """What a replay found: how each clause was met, and what was left out."""

    agreement: str
    engine: str
    now: Instant
    zone: ZoneInfo
    tallies: list[Tally]
    by: tuple[str, ...]
    groups: list[Tally]
    excluded: LeftOut
    events: int
    """Effective events that were seen."""
    warnings: tuple[str, ...]
    undelivered: frozenset[str]
    """Clauses for which nothing that would fulfil them occurs in the log."""
    partial: frozenset[str]
    """Clauses of which not everything done is recorded: missing means not recorded, never a breach (S31)."""
    frames: Callable[[], Iterator["pl.DataFrame"]] = field(repr=False)
    """Every obligation: frames with the columns of `tables.OBLIGATIONS`, one after the other in order."""
    _objects: Sequence[Obligation] | None = field(default=None, repr=False)

    @property
    def obligations(self) -> Sequence[Obligation]:
        """Every obligation as an object, by trigger (S2) and clause; only from the reference engine.

        Raises:
            ValueError: from another engine; `tables.obligations_of` serves them all.
        """
        if self._objects is None:
            raise ValueError(f"the {self.engine} engine makes no objects; ask for a table of obligations")
        return self._objects

    @property
    def count(self) -> int:
        """How many obligations there are."""
        return sum(tally.triggered for tally in self.tallies)
