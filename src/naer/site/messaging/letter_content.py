"""What a message says beside that something happened: notes, values, and further facts of the same time."""

from collections.abc import Mapping
from typing import Any

from naer.events.event import Event
from naer.messages.content import Fact, Scalar
from naer.messages.plo import types
from naer.site.messaging import letters
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.messaging.tellers import DENMARK, NORWAY, Teller
from naer.site.pathways.models import LoggedEvent

_CODED = {
    "patient_status": (types.PATIENT_STATUS, "Pasientstatus"),
    "expected_course": (types.EXPECTED_COURSE, "Forventet forløp"),
}
"""Attribute of a warning → its heading of list 9145: what § 8 asks for, beside the expected date."""
_HEADINGS = {DENMARK: "Bemærkning", NORWAY: ""}
"""What stands above a note: a Danish section has a title, a Norwegian one a code that this has not."""
_NOT_TOLD = frozenset({"by", "channel", "note", "answers", "service", *_CODED})
"""Attributes that a message says in its own places, or not at all."""

NOTICE, EXPECTED = "notice", "expected"
"""Suffixes of what is recorded with an event."""

Notes = tuple[tuple[str, str], ...]


def said(event: Event, country: str) -> dict[str, Scalar]:
    """The attributes that the fact of an event keeps in its message."""
    told = {name: value for name, value in event.attributes.items() if name not in _NOT_TOLD}
    if country == DENMARK and "answers" in event.attributes:
        told["answers"] = event.attributes["answers"]
    return told


def notes(event: Event, teller: Teller, country: str) -> tuple[Notes, Mapping[str, Scalar]]:
    """The texts for people with their headings, and the values that say what each is."""
    found: list[tuple[str, str]] = []
    details: dict[str, Scalar] = {}
    for name, (code, heading) in _CODED.items() if country == NORWAY else ():
        if name in teller.asks and event.attributes.get(name):
            found.append((heading, str(event.attributes[name])))
            details |= {f"note{len(found)}.code": code, f"note{len(found)}.list": types.HEADING_LIST}
    if "service" in teller.asks and event.attributes.get("service"):
        details["service1.name"] = str(event.attributes["service"])
    note = str(event.attributes.get("note", ""))
    if note and teller.takes_notes:
        found.append((_HEADINGS[country], note))
    return tuple(found), details


def brought(event: Event, teller: Teller) -> list[Fact]:
    """What the message says at the same time, and is recorded with it under the id that a reader gives it."""
    if teller.type == "LOG_UTSKREVET" and not teller.part:
        return [Fact(kind="discharge_notice", at=event.sent_or_at, suffix=NOTICE)]
    expected = event.attributes.get("expected_at")
    if "expected_at" not in teller.asks or not expected:
        return []
    attributes: dict[str, Scalar] = {"expected_at": str(expected), "estimate": True}
    return [Fact(kind="expected_ready", at=event.sent_or_at, attributes=attributes, suffix=EXPECTED)]


def repeated(event: Event, teller: Teller) -> list[Fact]:
    """The latest event of each kind that the message repeats, as far as the pathway has one."""
    found = []
    for kind in teller.also:
        sender = (event.organisation or "-") if teller.part else ""
        last = recorded(event.citizen or "", event.pathway, kind, sender)
        if last is not None:
            found.append(Fact(kind=kind, at=last.at, suffix=kind))
    return found


def recorded(citizen: str, pathway: str, kind: str, sender: str = "") -> LoggedEvent | None:
    """The latest event of a kind on a pathway, of an organisation where one is named."""
    known = LoggedEvent.objects.filter(citizen=citizen, pathway=pathway, kind=kind, changes=None)
    known = known.filter(organisation=sender) if sender else known
    return known.order_by("-at", "-seq").first()


def complete(attributes: Mapping[str, Any], teller: Teller) -> bool:
    """Whether a warning says all that § 8 asks."""
    return all(attributes.get(name) for name in teller.asks)


def earlier(citizen: str, pathway: str, sender: str, type: str) -> tuple[str, str]:
    """Ids of the latest message of a type that an organisation sent of a pathway, and of its first."""
    gone = OutgoingMessage.objects.filter(
        citizen=citizen, pathway=pathway, sender=sender or "-", type=type
    ).exclude(state=OutgoingMessage.State.GIVEN_UP)
    stored = StoredLetter.objects.filter(outgoing__in=gone).order_by("-sent", "-pk").first()
    if stored is None:
        return "", ""
    letter = letters.unpack(bytes(stored.content))
    return letter.message_id, letter.root or letter.message_id
