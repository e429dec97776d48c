"""The event that a message left its sender: what agreements about receipts begin with."""

from naer.events.event import Event
from naer.events.instant import Instant
from naer.site.accounts.models import Organisation
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways import actions
from naer.site.pathways.actor import Process
from naer.site.pathways.state import State

KIND = "message_sent"
SUFFIX = "~sent"
SOURCE = "outbox"


def tell(row: OutgoingMessage, left: Instant, now: Instant) -> None:
    """Append `message_sent` to the pathway of a message that has just been handed over for the first time.

    Its time is when the message was written for a Norwegian one, whose 96 hours run from there (HITS 1168),
    else when it `left`. A message outside a pathway, or about nobody, makes no event.
    """
    if not row.citizen_id or not row.pathway or row.resends or not row.standard:
        return
    receiver = Organisation.objects.filter(pk=row.receiver).first()
    said = {"message": row.message_id, "to": receiver.role if receiver else "other"}

    def make(state: State) -> list[Event]:
        event = Event(
            id=row.message_id[: 128 - len(SUFFIX)] + SUFFIX,
            pathway=row.pathway,
            citizen=state.key,
            kind=KIND,
            at=row.created if row.standard.startswith("plo-") else left,
            sent=row.created,
            received=now,
            organisation=row.sender or None,
            municipality=state.municipality,
            attributes=said,
            source=SOURCE,
        )
        return [event]

    actions.append(Process(SOURCE), row.citizen_id, make, now=now)
