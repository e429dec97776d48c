"""The message log: one row for each message that came in, with as much content as the law lets us keep."""

import msgspec

from naer.events.instant import Instant
from naer.messages.envelope import Issue
from naer.site import bulk, vault
from naer.site.messaging import squeezing
from naer.site.messaging.answer import Answer, Prepared

MESSAGE = {
    "message_id": "text",
    "bundle_id": "text",
    "content_hash": "text",
    "standard": "text",
    "code": "text",
    "format": "text",
    "channel": "text",
    "received": "bigint",
    "sent": "bigint",
    "sender": "text",
    "receiver": "text",
    "acknowledgement": "text",
    "issues": "jsonb",
    "flags": "jsonb",
    "duplicate_of_id": "bigint",
    "shown": "boolean",
    "stored": "boolean",
    "reason": "text",
    "citizen_id": "text",
    "pathway": "text",
    "event": "text",
    "content": "bytea",
    "answer": "bytea",
}
_PURPOSE = "message"


class Logged(msgspec.Struct, frozen=True):
    """One message with what was decided about it."""

    message: Prepared
    answer: Answer
    sender: str
    receiver: str
    reason: str = ""
    """Why its content was not kept: no-legal-basis, refused, duplicate, response; empty when it was."""
    duplicate_of: int | None = None
    flags: list[Issue] = []
    own_answer: bool = False
    """Whether a copy was answered by another receiver than the first one: in its own name."""


def write(logged: list[Logged], received: Instant, writes: bulk.Writes) -> None:
    """Put the rows into `writes`."""
    writes.insert("messaging_message", MESSAGE, [_row(one, received) for one in logged])


def pack(data: bytes) -> bytes:
    """Compressed and sealed."""
    return vault.seal(_PURPOSE, squeezing.squeeze(data))


def unpack(sealed: bytes) -> bytes:
    """What `pack` was given.

    Raises:
        vault.UnknownKeyError: when the key it was sealed with is gone.
    """
    return squeezing.expand(vault.unseal(_PURPOSE, sealed))


def issues_as_text(issues: list[Issue]) -> str:
    """JSON for the columns `issues` and `flags`."""
    return msgspec.json.encode(issues).decode() if issues else "[]"


def issues_from_text(text: str | list[dict[str, str]]) -> list[Issue]:
    """Issues as read: PostgreSQL gives JSON decoded, SQLite as text."""
    if isinstance(text, str):
        return msgspec.json.decode(text, type=list[Issue])
    return msgspec.convert(text, list[Issue])


def _row(one: Logged, received: Instant) -> bulk.Row:
    message, answer = one.message, one.answer
    incoming = message.incoming
    without_basis = one.reason == "no-legal-basis"
    return (
        incoming.message_id,
        incoming.bundle_id,
        incoming.content_hash,
        incoming.standard,
        _code(one) if answer.stored else "",
        incoming.format,
        message.channel,
        received,
        incoming.sent,
        one.sender,
        one.receiver,
        answer.acknowledgement,
        issues_as_text([issue for issue in answer.issues if issue.severity in ("error", "fatal")]),
        "[]" if without_basis else issues_as_text(one.flags),
        one.duplicate_of,
        answer.shown,
        answer.stored,
        one.reason,
        answer.citizen if answer.stored else None,
        (answer.pathway or "") if answer.stored else "",
        (answer.event or "") if answer.stored else "",
        message.content if answer.stored else None,
        _sealed(message, answer.body) if one.duplicate_of is None or one.own_answer else None,
    )


def _code(one: Logged) -> str:
    """A notification's code, a letter's own type."""
    letter = one.message.incoming.letter
    return one.answer.code or (letter.type[:40] if letter is not None else "")


def _sealed(message: Prepared, body: bytes) -> bytes | None:
    """The answer as it is stored."""
    if body is message.thanks:
        return message.answer or None
    return pack(body) if body else None
