"""A letter as raw events of the log: one for each fact it says, before they are linked to others.

`naer.messages.linking` settles what they change and which pathway they belong to. Every event knows its
letter: attributes `letter` (message id), `content` (start of the content hash), `type`, and where there is
one `status` (unless new), `parent`, `root`, `thread` and `episode`.
"""

from collections.abc import Iterable
from typing import Any

from naer.events.event import Event, EventId
from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.messages.content import Fact, Letter
from naer.messages.envelope import Incoming
from naer.messages.medcom.carecommunication_codes import key

PLO, CARE_COMMUNICATION, XDIS, FHIR = "PLO", "CareCommunication", "XDIS", "FHIR"
SOURCES = frozenset({PLO, CARE_COMMUNICATION, XDIS, FHIR})
"""`Event.source` of every event made here, by family of standards."""

MARK = 12
"""Hex digits of the content hash that tell contents with one message id apart."""


def source(standard: str) -> str:
    """The family of a standard, as `Event.source`."""
    if standard.startswith("plo-"):
        return PLO
    if standard == "medcom-carecommunication":
        return CARE_COMMUNICATION
    return FHIR if standard.startswith("fhir") else XDIS


def events(
    incoming: Incoming,
    *,
    citizen: str,
    organisation: str | None,
    municipality: str | None,
    received: Instant,
    reused: bool = False,
) -> list[Event]:
    """The events of an accepted letter; none when it says nothing that Naer has a kind for.

    Their ids are the message id with `~` and the fact's suffix. When the id came before with other content
    (`reused`), the start of the content hash stands between, so that both are kept.
    """
    letter = incoming.letter
    if letter is None:
        return []
    mark = incoming.content_hash[:MARK]
    name = f"{letter.message_id}~{mark}" if reused else letter.message_id
    told = {**copy_of(incoming), "type": letter.type, **_line(letter)}
    return [
        Event(
            id=f"{name}~{fact.suffix}" if fact.suffix else name,
            pathway=f"{citizen}.{pathway(letter)}",
            citizen=citizen,
            kind=fact.kind,
            at=fact.at,
            sent=letter.sent,
            received=received,
            organisation=organisation,
            municipality=municipality,
            attributes=_attributes(fact) | told,
            source=source(incoming.standard),
        )
        for fact in _facts(letter)
    ]


def copy_of(incoming: Incoming) -> dict[str, str]:
    """Which letter an event is of, and which of its contents: what `names` tells them apart by."""
    return {"letter": incoming.message_id, "content": incoming.content_hash[:MARK]}


def pathway(letter: Letter) -> str:
    """What joins a letter to others by itself: its episode, else its thread, else the first of its line."""
    if letter.episode is not None:
        return letter.episode.key
    if letter.conversation is not None:
        return key(letter.conversation.thread)
    return letter.root or letter.message_id


def names(events: Iterable[Event]) -> dict[EventId, EventId]:
    """Id as stored → id that the content gives, for letters whose message id stood on different contents.

    The log is append-only, so the copy that came first was written down under the plain id. By S3 the first
    by (sent, content) is called by it, the others have the mark of their content, in any order of arrival.
    Where the plain id is another citizen's, it is taken by none of these.
    """
    letters: dict[str, dict[str, list[Event]]] = {}
    for event in events:
        if event.source in SOURCES and (mark := event.attributes.get("content")):
            copies = letters.setdefault(str(event.attributes["letter"]), {})
            copies.setdefault(str(mark), []).append(event)
    found: dict[EventId, EventId] = {}
    for letter, copies in letters.items():
        if len(copies) == 1:
            continue
        plain_is_here = any(_is_plain(letter, mark, said[0]) for mark, said in copies.items())
        first = min(copies, key=lambda mark: (copies[mark][0].sent_or_at, mark)) if plain_is_here else None
        for mark, said in copies.items():
            plain, marked = letter, f"{letter}~{mark}"
            for event in said:
                stored = str(event.id)
                suffix = stored.removeprefix(marked if stored.startswith(marked) else plain)
                name = (plain if mark == first else marked) + suffix
                if name != stored:
                    found[event.id] = name
    return found


def _is_plain(letter: str, mark: str, event: Event) -> bool:
    return not str(event.id).startswith(f"{letter}~{mark}")


def _facts(letter: Letter) -> tuple[Fact, ...]:
    """What it says; a change or withdrawal that says nothing itself is still told."""
    if letter.facts or letter.status not in ("cancel", "change"):
        return letter.facts
    kind = CANCELLED if letter.status == "cancel" else "correspondence"
    return (Fact(kind=kind, at=letter.sent),)


def _attributes(fact: Fact) -> dict[str, Any]:
    given: dict[str, Any] = dict(fact.attributes)
    if fact.precision != "instant":
        given["precision"] = fact.precision
    if fact.suffix:
        given["part"] = fact.suffix
    return given


def _line(letter: Letter) -> dict[str, Any]:
    """How it stands to other letters."""
    conversation = letter.conversation
    said = {
        "status": "" if letter.status == "new" else letter.status,
        "parent": letter.parent,
        "root": letter.root,
        "thread": key(conversation.thread) if conversation else "",
        "episode": letter.episode.key if letter.episode else "",
    }
    return {name: value for name, value in said.items() if value}
