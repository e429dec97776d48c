"""Rows as the JSON API says them (`shapes`): times as text, citizens to those who may be told of them."""

from typing import Any

from naer.events.instant import Instant, text
from naer.site.accounts.models import User
from naer.site.api.shapes import Finding
from naer.site.messaging import log, outgoing_words
from naer.site.messaging.models import Message, OutgoingMessage
from naer.site.pathways.models import Obligation


def _time(instant: Instant | None) -> str | None:
    return None if instant is None else text(instant)


def _findings(raw: Any) -> list[Finding]:
    return [Finding(**one) for one in log.findings(raw)]


def message_in(one: Message, user: User) -> dict[str, Any]:
    named = log.named(user)
    return {
        "id": one.pk,
        "message_id": one.message_id,
        "standard": one.standard,
        "code": one.code,
        "received": text(one.received),
        "sent": _time(one.sent),
        "sender": one.sender,
        "receiver": one.receiver,
        "channel": one.channel,
        "acknowledgement": one.acknowledgement,
        "issues": _findings(one.issues),
        "flags": _findings(one.flags),
        "duplicate": one.duplicate_of_id is not None,
        "stored": one.stored,
        "citizen": one.citizen_id if named else None,
        "pathway": (one.pathway or None) if named else None,
    }


def message_out(one: OutgoingMessage, user: User, now: Instant) -> dict[str, Any]:
    named, told = log.named(user), outgoing_words.explained(one, now, one.closed_by)
    return {
        "id": one.pk,
        "message_id": one.message_id,
        "standard": one.standard,
        "type": one.type,
        "state": one.state,
        "reason": told.reason,
        "todo": told.todo,
        "sender": one.sender,
        "receiver": one.receiver,
        "created": text(one.created),
        "sent": _time(one.sent),
        "receipt_due": _time(one.due),
        "attempts": one.attempts,
        "next_attempt": _time(one.next_attempt),
        "last_error": one.last_error,
        "obligation": one.obligation,
        "citizen": one.citizen_id if named else None,
        "pathway": (one.pathway or None) if named else None,
    }


def obligation(one: Obligation, now: Instant) -> dict[str, Any]:
    return {
        "id": one.pk,
        "agreement": one.agreement,
        "clause": one.clause,
        "trigger": one.trigger,
        "citizen": one.citizen_id,
        "pathway": one.pathway,
        "owed_by": one.owed_by,
        "owed_to": one.owed_to,
        "start": text(one.start),
        "due": _time(one.due),
        "outcome": one.outcome,
        "overdue": one.due is not None and one.due < now,
    }
