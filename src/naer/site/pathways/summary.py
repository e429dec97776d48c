"""A citizen in one object: status, stays, what is owed, and the notifications."""

from collections.abc import Iterator
from typing import Any

from naer.events.event import Event
from naer.events.instant import Instant, text
from naer.messages.linking import link
from naer.messages.medcom.status import status, stays
from naer.site.messaging.models import Message
from naer.site.pathways import enrol, live, store
from naer.site.pathways.models import Obligation

NOBODY: dict[str, Any] = {
    "status": "none",
    "since": None,
    "stays": [],
    "notifications": [],
    "obligations": [],
}
"""What is said of a citizen who is not known."""


def of_number(number: str, now: Instant) -> dict[str, Any] | None:
    """The citizen with a person number as things stand at `now`; None when there is none."""
    citizen = enrol.by_number(number)
    if citizen is None:
        return None
    state = store.load([citizen.key], locked=False)[citizen.key]
    events = live.log(state.events, now).events
    stands, since = status(events)
    return {
        "citizen": citizen.key,
        "municipality": citizen.municipality,
        "cases": [{"municipality": case.municipality, "kind": case.kind} for case in state.cases],
        "status": stands,
        "since": _text(since),
        "stays": [
            {
                "start": _text(stay.start),
                "end": _text(stay.end),
                "kind": stay.kind,
                "hospital": stay.hospital,
                "pathway": stay.pathway,
                "leaves": [{"start": _text(start), "end": _text(end)} for start, end in stay.leaves],
                "died": stay.died,
            }
            for stay in stays(events)
        ],
        "notifications": [
            {
                "message_id": message.message_id,
                "code": str(event.attributes["code"]),
                "received": text(message.received),
                "sent": _text(message.sent),
                "pathway": event.pathway,
            }
            for message, event in _notifications(citizen.key, state.events)
        ],
        "obligations": [
            {
                "agreement": owed.agreement,
                "clause": owed.clause,
                "trigger": owed.trigger,
                "pathway": owed.pathway,
                "owed_by": owed.owed_by,
                "owed_to": owed.owed_to,
                "due": _text(owed.due),
                "outcome": owed.outcome or ("missing" if owed.due is not None and owed.due < now else "open"),
            }
            for owed in Obligation.objects.filter(citizen=citizen, withdrawn=False).order_by("start", "id")
        ],
    }


def _notifications(citizen: str, events: list[Event]) -> Iterator[tuple[Message, Event]]:
    """The notifications (HospitalNotification), as sent, each with its event as the whole log settles it.

    Those that correct a known one are left out. The order in which the messages came changes nothing.
    """
    linked = {str(event.id): event for event in link(events)}
    kept = Message.objects.filter(citizen_id=citizen, stored=True, duplicate_of=None)
    for message in kept.order_by("sent", "message_id", "content_hash"):
        event = linked.get(message.event)
        if event is not None and "code" in event.attributes and not _silent(event, linked):
            yield message, event


def _silent(event: Event, linked: dict[str, Event]) -> bool:
    return str(event.attributes["code"]).startswith("RE_") and str(event.changes) in linked


def _text(instant: Instant | None) -> str | None:
    return None if instant is None else text(instant)
