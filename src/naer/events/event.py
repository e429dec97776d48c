"""One fact about one pathway."""

from collections.abc import Mapping
from typing import Any

import msgspec

from naer.events.instant import Instant

EventId = str | int
"""Text from the message; a number only for rows of a file that has no ids (S2)."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One fact: who, what, when, and how we know.

    `at` is when it happened, `sent` when its sender wrote it, `received` when Naer got it, each in
    microseconds since the epoch (UTC). `changes` names the event that this one corrects, or removes
    when `kind` is "cancelled". `organisation` and `municipality` are register keys.
    """

    id: EventId
    pathway: str
    kind: str
    at: Instant
    citizen: str | None = None
    sent: Instant | None = None
    received: Instant | None = None
    organisation: str | None = None
    municipality: str | None = None
    attributes: Mapping[str, Any] = {}
    source: str = ""
    changes: EventId | None = None

    @property
    def order(self) -> tuple[Instant, Instant, int, int, str]:
        """The place in the log: (at, sent, id); numbers compare as numbers, ids as text (S2)."""
        sent = self.at if self.sent is None else self.sent
        if isinstance(self.id, int):
            return (self.at, sent, 0, self.id, "")
        return (self.at, sent, 1, 0, self.id)

    @property
    def sent_or_at(self) -> Instant:
        """When it was written; a missing `sent` counts as `at` (S2)."""
        return self.at if self.sent is None else self.sent
