"""One header on different contents: which of a citizen's notifications has the plain id.

A sender's slip, and each of them counts as its own message. The log is append-only, so the copy that came
first was written down under the plain id. Whoever reads asks here: by S3 the first by (at, sent, content)
is called by its header, the others have a mark made of their content, in whatever order they came.
"""

from collections.abc import Iterable
from hashlib import sha256

from naer.events.event import Event, EventId
from naer.events.log import content
from naer.messages.medcom.events import SOURCE

_MARK = 12
"""Hex digits of the content's SHA-256 after the `~`."""


def names(events: Iterable[Event]) -> dict[EventId, EventId]:
    """Id as stored → id that the content gives, where they differ.

    Where the plain id is another citizen's, it is taken by none of these.
    """
    found: dict[EventId, EventId] = {}
    for header, copies in _reused(events).items():
        said = {event.id: (event.order[:2], content(event)) for event in copies}
        first = min(said.values()) if header in said else None
        for stored, (order, text) in said.items():
            mark = "" if (order, text) == first else f"~{sha256(text.encode()).hexdigest()[:_MARK]}"
            if stored != header + mark:
                found[stored] = header + mark
    return found


def _reused(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The notifications with a header that some of them were marked to share."""
    by_header: dict[str, list[Event]] = {}
    marked: set[str] = set()
    ours = [event for event in events if event.source == SOURCE]
    if not any(["~" in str(event.id) for event in ours]):  # noqa: C419 - nearly always; asked at every message
        return {}
    for event in ours:
        header = str(event.attributes.get("header", ""))
        by_header.setdefault(header, []).append(event)
        if event.id != header and str(event.id).startswith(f"{header}~"):
            marked.add(header)
    return {header: by_header[header] for header in sorted(marked) if len(by_header[header]) > 1}
