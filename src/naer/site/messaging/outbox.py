"""The outbox: messages nobody is waiting for, written in the transaction that caused them, sent afterwards.

An acknowledgement is no part of it: it goes back in the answer to the message itself, and stands beside it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from naer.events.instant import Instant, text
from naer.site import bulk
from naer.site.messaging import record

OUTGOING = {
    "message_id": "text",
    "kind": "text",
    "sender": "text",
    "receiver": "text",
    "citizen_id": "text",
    "obligation": "text",
    "created": "bigint",
    "state": "text",
    "format": "text",
    "content": "bytea",
}
ESCALATION = "escalation"
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One fired step: whom it tells, about which obligation. `at` is when it was to be told, microseconds."""

    obligation_row: int
    step: int
    at: Instant
    to: str
    """owed_by, owed_to, owed_by.leader or owed_to.leader."""
    receiver: str
    citizen: str
    agreement: str
    clause: str
    trigger: str
    due: Instant | None


def remind(reminders: Iterable[Reminder], now: Instant, writes: bulk.Writes) -> None:
    """Put the notices into `writes`; the id names obligation and step, so that a second one is impossible."""
    writes.insert("messaging_outgoingmessage", OUTGOING, [_row(one, now) for one in reminders])


def _row(one: Reminder, now: Instant) -> bulk.Row:
    notice = {
        "agreement": one.agreement,
        "clause": one.clause,
        "trigger": one.trigger,
        "due": text(one.due) if one.due is not None else None,
        "to": one.to,
        "step": one.step,
    }
    return (
        f"escalation-{one.obligation_row}-{one.step}",
        ESCALATION,
        "",
        one.receiver,
        one.citizen,
        f"{one.agreement}/{one.clause} {one.trigger}",
        now,
        WAITING,
        "json",
        record.pack(json.dumps(notice).encode()),
    )


def acknowledge(message_ids: list[str], writes: bulk.Writes) -> None:
    """Mark messages of ours as acknowledged by their receivers."""
    writes.each(
        "UPDATE messaging_outgoingmessage SET state = 'acknowledged' FROM {given} "
        "WHERE messaging_outgoingmessage.message_id = given.message_id",
        {"message_id": "text"},
        [(one,) for one in message_ids],
    )
