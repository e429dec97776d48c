"""The outbox: messages nobody is waiting for, written in the transaction that caused them, sent afterwards.

An acknowledgement is no part of it: it goes back in the answer to the message itself, and stands beside it.
"""

import json
from collections.abc import Iterable

import msgspec

from naer.events.instant import Instant, text
from naer.messages.envelope import Issue
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


class Reminder(msgspec.Struct, frozen=True):
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


class Receipt(msgspec.Struct, frozen=True):
    """What a receipt says about a message of ours; `sender` is the organisation key of who sent it."""

    message_id: str
    word: str
    """ok, fatal-error or transient-error; AppRec 1 and 3 are ok, 2 is fatal-error."""
    receipt: str = ""
    """Message id of the receipt itself."""
    sender: str = ""
    issues: tuple[Issue, ...] = ()


STRENGTH = {"transient-error": 0, "fatal-error": 1, "ok": 2}
"""Which of several answers to one message stands."""

RECEIPT = {
    "message_id": "text",
    "word": "text",
    "receipt": "text",
    "sender": "text",
    "issues": "jsonb",
    "now": "bigint",
}
_ANSWERED = """
UPDATE messaging_outgoingmessage SET
    answered = given.now, answered_with = given.word, issues = given.issues, next_attempt = NULL,
    answer_id = (SELECT max(m.id) FROM messaging_message m WHERE m.message_id = given.receipt),
    state = CASE WHEN given.word = 'ok' THEN 'acknowledged'
                 WHEN messaging_outgoingmessage.state = 'given-up' THEN 'given-up' ELSE 'refused' END
FROM {given}
WHERE messaging_outgoingmessage.message_id = given.message_id
  AND messaging_outgoingmessage.kind <> 'escalation'
  AND (messaging_outgoingmessage.answered_with IN ('', 'transient-error')
       OR (messaging_outgoingmessage.answered_with = 'fatal-error' AND given.word = 'ok'))
  AND (messaging_outgoingmessage.receiver = given.sender OR NOT EXISTS (
        SELECT 1 FROM messaging_outgoingmessage other
        WHERE other.message_id = given.message_id AND other.id <> messaging_outgoingmessage.id))"""


def take_receipts(receipts: Iterable[Receipt], now: Instant, writes: bulk.Writes) -> None:
    """Put what receipts say into `writes`, behind what is there: the receipts themselves are stored before.

    The strongest answer stands, in whatever order they come: a positive one, also a late one and for a
    message somebody has given up; else a refusal; "not now" (transient) is the weakest. A message to several
    receivers has one receipt from each, told apart by who sent it.
    """
    strongest: dict[tuple[str, str], Receipt] = {}
    for one in receipts:
        known = strongest.setdefault((one.message_id, one.sender), one)
        if STRENGTH.get(one.word, 0) > STRENGTH.get(known.word, 0):
            strongest[one.message_id, one.sender] = one
    rows = [
        (one.message_id, one.word, one.receipt, one.sender, record.issues_as_text(list(one.issues)), now)
        for one in strongest.values()
    ]
    if rows:
        writes.then()
        writes.each(_ANSWERED, RECEIPT, rows)
