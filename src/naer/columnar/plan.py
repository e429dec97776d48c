"""An agreement compiled: every version of every clause as one slot, and what its events are.

A plan holds no event and no table of days; those are made for each chunk from what is written here.
`compile` makes plans, `classes` turns a chunk's events into classes, the kernel and the Polars oracle
carry them out.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import msgspec

from naer.agreement.conditions import Conditions
from naer.agreement.language import Agreement, Clause
from naer.agreement.portfolio import Line
from naer.events.instant import Instant


class Family(msgspec.Struct, frozen=True):
    """One clause through all versions, in one scope: they share `repeat` (S19)."""

    clause: str
    scope: Literal["pathway", "citizen"]
    slots: tuple[int, ...]


class Slot(msgspec.Struct, frozen=True):
    """One version of one clause, as `Clause` says it; versions that changed nothing in it share a slot."""

    family: int
    clause: Clause


class Era(msgspec.Struct, frozen=True):
    """A time without a change of version, from `begins` (microseconds) to the next era."""

    begins: Instant
    version: int | None
    """The place in `Plan.versions`; None in a gap."""
    overlays: tuple[Conditions, ...]
    """What each overlay in force then applies to: where one does, the agreement itself does not."""


class Plan(msgspec.Struct, frozen=True):
    """One agreement, ready to run over any number of chunks."""

    line: Line
    versions: tuple[Agreement, ...]
    families: tuple[Family, ...]
    slots: tuple[Slot, ...]
    eras: tuple[Era, ...]
    """In order of time; the first begins before every event."""
    slot_of: tuple[tuple[int, ...], ...]
    """[family][version]: the slot that judges, -1 where that version has no such clause to run."""
    needs: frozenset[str]
    """Columns it reads besides `at`, `kind` and the pathways: sent, received, tie, citizen, municipality,
    organisation, and attributes by name."""

    @property
    def clause_ids(self) -> Sequence[str]:
        """The clauses that are run, in the agreement's order."""
        return list(self.line.triggers)

    def version_date(self, version: int) -> dt.date | None:
        """The `valid: from` of a version's own file."""
        return self.versions[version].version
