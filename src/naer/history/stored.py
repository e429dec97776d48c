"""A log store on disk as a log to be replayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from naer.events.event import Event
from naer.events.instant import Instant
from naer.history.log import LeftOut, Piece, described
from naer.logs.store.store import Store

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory


@dataclass(frozen=True)
class StoredLog:
    """A store; nothing of it is read before an engine asks."""

    store: Store
    made_from: Mapping[str, Any] | None = None
    """What is told of a store that was made for this replay only."""
    folder: "TemporaryDirectory[str] | None" = None
    """Where such a store lies; it goes when the log goes."""

    def __repr__(self) -> str:
        """How many events, from when to when: never the events, which are about citizens."""
        spans = [piece.span for piece in self.store.pieces]
        span = (min(one for one, _ in spans), max(one for _, one in spans)) if spans else None
        return described(self.store.events, span, self.described.get("format"))

    @property
    def described(self) -> Mapping[str, Any]:
        """Where it is, and the digest of its content."""
        store = self.store
        return self.made_from or {
            "path": str(store.path),
            "format": "store",
            "sha256": store.digest,
            "events": store.events,
        }

    @property
    def country(self) -> str | None:
        """The country that it was built for; None where that is not known."""
        country: str | None = self.store.manifest.provenance.get("book", {}).get("country")
        return country

    @cached_property
    def excluded(self) -> LeftOut:
        """What its build left out."""
        return self.store.ledger()

    def latest(self, clock: Instant) -> Instant | None:
        """The latest event's time up to the clock."""
        return self.store.latest(clock)

    def events(self) -> Sequence[Event]:
        """The whole log in memory; for small stores and for checking."""
        return sorted(self.store.read_events(), key=lambda event: event.order)

    def pieces(self) -> Sequence[Piece]:
        """The store's sections."""
        return self.store.sections
