"""What a handed-over message brings back at once: a receipt in the partner's answer, and the local way in."""

from collections.abc import Callable

from naer.events.instant import Instant
from naer.messages import read
from naer.site.messaging.answer import Raw
from naer.site.messaging.transport import Again, Handed, Outcome, Parcel
from naer.site.pathways.actor import Process

NewId = Callable[[], str]
LOCAL, ANSWER = "local", "answer"
"""Channels: a message of this same installation, and a receipt that came in the answer to a message."""


def pass_on(parcel: Parcel, clock: Callable[[], Instant], new_id: NewId, actor: Process) -> Outcome:
    """Hand a message to an organisation of this installation: it comes in as any other message does."""
    from naer.site.messaging import intake

    raw = Raw(parcel.data, parcel.content_type, LOCAL)
    (answer,) = intake.receive([raw], now=clock(), new_id=new_id, actor=actor)
    if answer.acknowledgement == "transient-error":
        return Again("it could not be stored now")
    return Handed("taken in here", answer.body, answer.content_type)


def take(handed: Handed, clock: Callable[[], Instant], new_id: NewId, actor: Process) -> None:
    """Take in the receipt that came with the answer; what else a partner may have put there is dropped."""
    from naer.site.messaging import intake

    if read(handed.receipt, handed.receipt_type or None).response is None:
        return
    raw = Raw(handed.receipt, handed.receipt_type or None, ANSWER)
    intake.receive([raw], now=clock(), new_id=new_id, actor=actor)
