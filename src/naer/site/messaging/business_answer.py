"""The business answer to a message out: what the receiver said to it, beside the receipt that it arrived.

Sent, transported, acknowledged and answered are four marks: a receipt never says that anybody will do what
was asked (handbook Norway, Denmark).
"""

import json
from dataclasses import dataclass

from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.messages.content import Letter
from naer.site.messaging import letters
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.pathways.models import LoggedEvent
from naer.site.ui import words


@dataclass(frozen=True, slots=True)
class BusinessAnswer:
    """What was answered and when; `incoming` is the row of the message it came in, 0 for none."""

    what: str
    at: Instant
    incoming: int = 0


def first(message: OutgoingMessage) -> BusinessAnswer | None:
    """The first letter to the sender that refers to the message, else the first event that answers it."""
    if message.citizen_id is None:
        return None
    came = StoredLetter.objects.filter(
        citizen=message.citizen_id, receiver=message.sender, outgoing=None, stored__gte=message.created
    )
    for row in came.exclude(sender=message.sender).order_by("sent", "pk"):
        letter = letters.unpack(bytes(row.content))
        if message.message_id in _refers(letter):
            told = LoggedEvent.objects.filter(citizen=row.citizen_id, id=row.message_id).first()
            what = words.kind(told.kind) if told is not None else words.code(row.type)
            return BusinessAnswer(what, row.sent, row.incoming_id or 0)
    return _told(message)


def _refers(letter: Letter) -> set[str]:
    """Ids of the messages that a letter is a direct answer to."""
    said = letter.conversation
    return {letter.parent, said.previous if said is not None else ""} - {""}


def _told(message: OutgoingMessage) -> BusinessAnswer | None:
    """An event of somebody else that answers the message or what it told, and was not cancelled."""
    ids = {message.message_id, message.event} - {""}
    events = LoggedEvent.objects.filter(citizen=message.citizen_id)
    gone = set(events.filter(kind=CANCELLED).values_list("changes", flat=True))
    others = events.filter(attributes__contains='"answers":').exclude(organisation=message.sender)
    for event in others.exclude(kind=CANCELLED).order_by("seq"):
        if event.id not in gone and json.loads(event.attributes).get("answers") in ids:
            return BusinessAnswer(words.kind(event.kind), event.sent or event.at)
    return None
