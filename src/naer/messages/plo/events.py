"""What a Norwegian message says as events of the log: raw, before `link` ties it to the others."""

from typing import Any

from naer.events.event import Event
from naer.events.instant import Instant
from naer.messages.content import Letter
from naer.messages.envelope import Incoming

SOURCE = "PLO"
"""`Event.source` of every event made here; `link` leaves all others alone."""


def events(
    incoming: Incoming,
    citizen: str | None,
    organisation: str | None,
    municipality: str | None,
    received: Instant,
    reused: bool = False,
) -> list[Event]:
    """The events of an accepted message, one for each fact; none for a message that tells nothing.

    Their ids are the message's id, with `~suffix` for all but the main one. When that id came before with
    other content (`reused`), the first 12 characters of the content hash are put between, so that both are
    kept; the attribute `content` has them always. Each event is on a pathway of its own line of versions,
    `citizen.first message`: `link` finds the stay.

    Raises:
        ValueError: when the message is no letter.
    """
    letter = incoming.letter
    if letter is None:
        raise ValueError("only an accepted letter becomes events")
    mark = f"~{incoming.content_hash[:12]}" if reused else ""
    about = _about(letter) | {"content": incoming.content_hash[:12]}
    return [
        Event(
            id=letter.message_id + mark + (f"~{fact.suffix}" if fact.suffix else ""),
            pathway=f"{citizen}.{_first(letter)}",
            kind=fact.kind,
            at=fact.at,
            citizen=citizen,
            sent=letter.sent,
            received=received,
            organisation=organisation,
            municipality=municipality,
            attributes={
                **fact.attributes,
                **about,
                **({"precision": "day"} if fact.precision == "day" else {}),
            },
            source=SOURCE,
            changes=(letter.parent or letter.root or "unknown") if fact.kind == "cancelled" else None,
        )
        for fact in letter.facts
    ]


def _first(letter: Letter) -> str:
    """The first message of its line: a dialogue message, and a new one, begins its own."""
    return letter.message_id if letter.status == "new" else letter.root or letter.parent or letter.message_id


def _about(letter: Letter) -> dict[str, Any]:
    """Which message it was, and what it says of others; what is empty is left out."""
    said = {
        "message": letter.message_id,
        "type": letter.type,
        "version": letter.version,
        "status": letter.status,
        "parent": letter.parent,
        "root": letter.root,
    }
    return {name: value for name, value in said.items() if value}
