"""The answer to a message, in the standard the message came in."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from naer.events.instant import Instant
from naer.messages.content import Party
from naer.messages.envelope import Incoming, Issue
from naer.messages.letter_events import FHIR, PLO, source
from naer.messages.medcom import acknowledgement
from naer.site.messaging.answer import Acknowledgement, Answer, Prepared
from naer.site.messaging.connections import WrongConnectionsError, choose
from naer.site.pathways.register import Organisation, her_id

OURSELVES = Party(name="Naer")
"""Who answers a message that named no receiver."""
XML = "application/xml; charset=utf-8"

HOSPITAL_NOTIFICATION = "medcom-hospitalnotification"
_MUNICIPALITY = "municipality"
_NOT_OURS = Issue(
    "MSG_Receiver_Identifier_UNKNOWN",
    "the receiver is not a municipality here",
    "MessageHeader.destination.receiver",
)
_NOT_HERE = Issue(
    "MSG_Receiver_Identifier_UNKNOWN",
    "the receiver is no organisation here",
    "MessageHeader.destination.receiver",
)
_NOT_IN_NORWAY = Issue("E21", "the receiver is no organisation here", "MsgHead.MsgInfo.Receiver")
_UNKNOWN = "UNKNOWN"
_TAKEN = Issue("informational", "the resources were taken in", "", "information")


def is_norwegian(incoming: Incoming) -> bool:
    """Whether a message is answered with an AppRec."""
    return source(incoming.standard) == PLO


def refusal(incoming: Incoming) -> Acknowledgement:
    """The word that refuses a message in its standard."""
    return "rejected" if is_norwegian(incoming) else "fatal-error"


def acceptance(incoming: Incoming) -> Acknowledgement:
    """The word that accepts it: in Norway with errors, when a part of it could not be used."""
    return "ok-with-errors" if incoming.partial and is_norwegian(incoming) else "ok"


def written(
    incoming: Incoming,
    word: Acknowledgement,
    issues: Sequence[Issue],
    *,
    now: Instant,
    new_id: Callable[[], str],
) -> tuple[bytes, str]:
    """The answer and its media type: an Acknowledgement or AppRec, else an OperationOutcome.

    A Norwegian message that cannot be stored now has no AppRec: it knows no "later", and a negative one may
    never become positive.
    """
    fhir = f"application/fhir+{incoming.format}; charset=utf-8"
    if not incoming.answerable or source(incoming.standard) == FHIR:
        said = list(issues) or ([_TAKEN] if word == "ok" else [])
        return acknowledgement.operation_outcome(said, incoming.format), fhir
    if word in ("ok", "fatal-error", "transient-error") and not is_norwegian(incoming):
        body = acknowledgement.write(
            incoming,
            answer=word,
            issues=issues,
            sender_fallback=OURSELVES,
            now=now,
            new_id=new_id,
        )
        return body, fhir
    if word == "transient-error":
        return acknowledgement.operation_outcome(issues, incoming.format), fhir
    from naer.messages.plo import apprec

    version = _receipt_version(incoming)
    body = apprec.write(incoming, answer=word, issues=issues, now=now, new_id=new_id, version=version)  # type: ignore[arg-type]
    return body, XML


def _receipt_version(incoming: Incoming) -> Literal["1.0", "1.1"]:
    """The version of the AppRec for a message, by what is agreed with its sender; looks at no database."""
    sender = incoming.sender
    if sender is None:
        return "1.1"
    numbers = {sender.her, sender.service} - {""}
    try:
        found = choose(incoming.standard, frozenset(numbers | {her_id(number) for number in numbers}))
    except WrongConnectionsError:
        return "1.1"
    return found.apprec if found is not None else "1.1"


def answer(
    message: Prepared,
    word: Acknowledgement,
    issues: list[Issue],
    *,
    now: Instant,
    new_id: Callable[[], str],
    **more: Any,
) -> Answer:
    """What became of a message, with its answer written."""
    incoming = message.incoming
    if message.thanks and word == acceptance(incoming):
        body = message.thanks
    elif incoming.response is not None and word == "ok":
        body = b""
    else:
        body, _ = written(incoming, word, issues, now=now, new_id=new_id)
    return Answer(
        acknowledgement=word,
        body=body,
        http_status=status(incoming, word),
        format=incoming.format,
        message_id=incoming.message_id,
        standard=incoming.standard,
        issues=issues,
        **named(incoming, word),
        **more,
    )


def named(incoming: Incoming, word: Acknowledgement) -> dict[str, Any]:
    """What an answer says of its message by name: type and version, or thread; and its own media type."""
    letter = incoming.letter
    if is_norwegian(incoming):
        name = incoming.standard.removeprefix("plo-").upper().replace("-", "_")
        return {
            "type": None if name == _UNKNOWN else name,
            "version": (letter.version or None) if letter else None,
            "media": XML if incoming.answerable and word != "transient-error" else "",
        }
    if letter is not None and letter.conversation is not None:
        return {"thread": letter.conversation.thread}
    return {}


def has_code(standard: str) -> bool:
    """Whether messages of a standard have a MedCom code, as STIN."""
    return standard == HOSPITAL_NOTIFICATION


def not_ours(incoming: Incoming, receiver: Organisation | None) -> list[Issue]:
    """Why a message is not for anybody here: a notification is for a municipality, a letter for anybody.

    Resources that a system writes (FHIR) have no receiver.
    """
    if incoming.notification is not None:
        return [] if receiver is not None and receiver.role == _MUNICIPALITY else [_NOT_OURS]
    if receiver is not None or source(incoming.standard) == FHIR:
        return []
    return [_NOT_IN_NORWAY if is_norwegian(incoming) else _NOT_HERE]


def status(incoming: Incoming, word: Acknowledgement) -> int:
    """The HTTP status: 200 when the answer says it all, 503 for later, 400 unreadable, 422 refused."""
    if word == "transient-error":
        return 503
    if incoming.response is not None:
        return 200 if word == "ok" else 422
    if source(incoming.standard) == FHIR:
        return 200 if word == "ok" else 422
    if incoming.answerable:
        return 200
    return 422 if incoming.standard or incoming.bundle_id else 400
