"""Communication: a letter that came in or went out, and the texts that it brought."""

from collections.abc import Sequence

import msgspec

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, concept, given, identifier, moment, system

STATES = {
    "": "completed",
    "waiting": "preparation",
    "sent": "in-progress",
    "late": "in-progress",
    "acknowledged": "completed",
    "refused": "not-done",
    "failed": "on-hold",
    "given-up": "stopped",
}
"""State in the outbox → Communication.status; "" is a letter that came in."""
PRIORITIES = {"routine": "routine", "asap": "asap", "urgent": "urgent", "stat": "stat"}


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One letter. `state` is that of the outbox, "" for one that came in; `title` is its topic.

    `texts` are what it brought itself, not what it quotes; empty for who is no party to it.
    """

    key: int
    message_id: str
    standard: str
    type: str
    state: str
    reason: str
    patient: Element
    sender: Element
    receiver: Element
    sent: Instant
    received: Instant | None
    thread: str = ""
    category: str = ""
    title: str = ""
    priority: str = ""
    texts: Sequence[str] = ()
    attachments: Sequence[tuple[str, str]] = ()
    """(content type, title) of each; what is in them is not given out here."""


def communication(sent: Sent) -> Element:
    """The Communication."""
    payload: list[Element] = [{"contentString": text} for text in sent.texts if text.strip()]
    payload += [
        {"contentAttachment": one}
        for kind, title in sent.attachments
        if (one := given({"contentType": kind, "title": title}))
    ]
    return given(
        {
            "resourceType": "Communication",
            "id": str(sent.key),
            "identifier": [
                identifier(system("message"), sent.message_id),
                *([identifier(system("thread"), sent.thread)] if sent.thread else []),
            ],
            "status": STATES[sent.state],
            "statusReason": {"text": sent.reason} if sent.reason else None,
            "category": [
                concept(system("standard"), sent.standard),
                concept(system("message-type"), sent.type),
                *([concept(system("category"), sent.category)] if sent.category else []),
            ],
            "priority": PRIORITIES.get(sent.priority.lower()),
            "subject": sent.patient,
            "topic": {"text": sent.title} if sent.title.strip() else None,
            "sent": moment(sent.sent),
            "received": moment(sent.received),
            "recipient": [sent.receiver] if sent.receiver else None,
            "sender": sent.sender,
            "payload": payload,
        }
    )
