"""The chain that shows when the log has been tampered with.

Each event's digest covers its content and the digest before it in its pathway, so a changed, removed
or inserted row breaks every digest after it. An anchor covers the heads of the chains that grew since
the anchor before it, and that anchor's digest, so that a cut-off end or a rewritten chain is found too.
"""

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from naer.events.event import Event

ORIGIN = "0" * 64
"""What the first event of a pathway, and the first anchor, are chained to."""

_ENCODER = msgspec.json.Encoder(order="deterministic")

Head = tuple[str, int, str]
"""(pathway, number of events in its chain, digest of the last)."""


def canonical(event: Event) -> bytes:
    """The one text of an event: a JSON array in fixed order, attributes sorted by name.

    Raises:
        TypeError: when an attribute is nothing that JSON can hold.
    """
    return _ENCODER.encode(
        (
            event.id,
            event.pathway,
            event.citizen,
            event.kind,
            event.at,
            event.sent,
            event.received,
            event.organisation,
            event.municipality,
            event.attributes,
            event.source,
            event.changes,
        )
    )


def digest(previous: str, event: Event) -> str:
    """SHA-256 (64 hex digits) of an event chained to the digest `previous` in its pathway."""
    return sha256(previous.encode("ascii") + b"\n" + canonical(event)).hexdigest()


def anchor(previous: str, heads: Iterable[Head]) -> str:
    """SHA-256 (64 hex digits) over chain heads, in any order, chained to the anchor `previous`."""
    covered = sha256(previous.encode("ascii"))
    for head in sorted(heads):
        covered.update(b"\n" + _ENCODER.encode(head))
    return covered.hexdigest()
