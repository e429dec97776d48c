"""The event that a message left its sender: what agreements about receipts begin with."""

from django.db import transaction

from naer.events.event import Event
from naer.events.instant import Instant
from naer.site import bulk
from naer.site.accounts.models import Organisation
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways import live, store
from naer.site.pathways.register import Register

KIND = "message_sent"
SUFFIX = "~sent"
SOURCE = "outbox"


def tell(row: OutgoingMessage, now: Instant) -> None:
    """Append `message_sent` to the pathway of a message that has just been handed over for the first time.

    Its time is when the message was written for a Norwegian one, whose 96 hours run from there (HITS 1168),
    else when it was handed over. A message outside a pathway, or about nobody, makes no event.
    """
    if not row.citizen_id or not row.pathway or row.resends or not row.standard:
        return
    with transaction.atomic():
        state = store.load([row.citizen_id])[row.citizen_id]
        event_id = row.message_id[: 128 - len(SUFFIX)] + SUFFIX
        if any(known.id == event_id for known in state.events):
            return
        receiver = Organisation.objects.filter(pk=row.receiver).first()
        at = row.created if row.standard.startswith("plo-") else now
        event = Event(
            id=event_id,
            pathway=row.pathway,
            citizen=row.citizen_id,
            kind=KIND,
            at=at,
            sent=row.created,
            received=now,
            organisation=row.sender or None,
            municipality=state.municipality,
            attributes={"message": row.message_id, "to": receiver.role if receiver else "other"},
            source=SOURCE,
        )
        state.append(event)
        register = Register()
        register.know([state])
        live.judge(state, register, now)
        writes = bulk.Writes()
        store.save([state], writes)
        writes.flush()
