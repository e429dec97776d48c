"""Taking back what a message told: one that has not left is stopped, one that has is cancelled by another.

Denmark: a message of the discharge family that is entered in error. Norway: status C with reference to the
first (handbook 3.2). Correspondence cannot be cancelled in either country: there somebody must write or call.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.messages.content import Letter
from naer.messages.plo.completion import complete
from naer.site.accounts.models import User
from naer.site.messaging import composing, dead_letters, letter_content, letters
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.pathways import actions
from naer.site.pathways.models import LoggedEvent

NewId = Callable[[], str]
Withdrawn = Literal["", "stopped", "cancelled", "told"]
"""What became of the message that told it: there was none; it never left; another cancels it; it stands."""

_CANCELLABLE = ("medcom-x", "medcom-g-gop", "plo-log-", "plo-helseoppl", "plo-inn", "plo-utskrivningsrapport")
"""Beginnings of the standards that have a cancellation."""

_SUFFIXES = (letter_content.NOTICE, letter_content.EXPECTED)
"""Ends of the ids of what is recorded with an event, see `letter_content.brought`."""


def told_by(event_id: str, user: User) -> OutgoingMessage | None:
    """The latest message of the user's organisation that tells an event, or corrects what told it, if one
    does and counts."""
    return telling(event_id, user).first()


def telling(event_id: str, user: User) -> QuerySet[OutgoingMessage]:
    """The messages that tell an event or correct it and count, the latest first."""
    found = OutgoingMessage.objects.filter(event__in=_versions(event_id), sender=user.organisation_id or "-")
    return found.exclude(state=OutgoingMessage.State.GIVEN_UP).order_by("-pk")


def _versions(event_id: str) -> list[str]:
    """The ids of an event and of those that correct it."""
    whose = LoggedEvent.objects.filter(id=event_id).values("citizen")
    corrections = LoggedEvent.objects.filter(citizen__in=whose, changes=event_id).exclude(kind=CANCELLED)
    return [event_id, *corrections.order_by("seq").values_list("id", flat=True)]


def undo(user: User, event_id: str, *, now: Instant, new_id: NewId) -> Withdrawn:
    """Take back an event that somebody of the user's organisation recorded, and the message that told it.

    Raises:
        UnwritableError: when the cancellation cannot be written; then nothing is changed.
        actions.ActionRefusedError, PermissionDenied, LoggedEvent.DoesNotExist: as `actions.undo`.
    """
    message_id = new_id()
    with transaction.atomic():
        actions.undo(user, event_id, now=now, new_id=lambda: message_id)
        for version in _versions(event_id):
            _undo_brought(user, version, message_id, now)
        stopped = [
            one
            for one in telling(event_id, user)
            if "take-back" in dead_letters.possible(one) and dead_letters.take_back(one, user, now=now)
        ]
        message = told_by(event_id, user)
        if message is None:
            return "stopped" if stopped else ""
        written = StoredLetter.objects.filter(outgoing=message).first()
        if written is None or not message.standard.startswith(_CANCELLABLE):
            return "told"
        letter = letters.unpack(bytes(written.content))
        corrects = message.event in _versions(event_id)[1:]
        if letter.status != "new" and not corrects:
            return "told"  # cancelling it would cancel the message that it adds to, or changes
        _cancel(user, message, letter, message_id, now=now, new_id=new_id)
        return "cancelled"


def _undo_brought(user: User, event_id: str, message_id: str, now: Instant) -> None:
    """Take back what the message of an event told besides."""
    for suffix in _SUFFIXES:
        brought = LoggedEvent.objects.filter(id=f"{event_id}~{suffix}", source=actions.PERSON, changes=None)
        if brought.exists():
            name = f"{message_id}~{suffix}"
            with suppress(actions.ActionRefusedError):  # a correction took it back already
                actions.undo(user, f"{event_id}~{suffix}", now=now, new_id=lambda name=name: name)  # type: ignore[misc]


def _cancel(
    user: User,
    message: OutgoingMessage,
    letter: Letter,
    message_id: str,
    *,
    now: Instant,
    new_id: NewId,
) -> None:
    """Write the message that withdraws `message`, as the one that is told by the event `message_id`."""
    assert message.citizen is not None
    whole = complete(letter) if message.standard.startswith("plo-") else letter
    withdrawal = msgspec.structs.replace(
        whole,
        message_id=message_id,
        sent=now,
        status="cancel",
        parent=letter.message_id,
        root=letter.root or letter.message_id,
        facts=(),
        notes=(),
    )
    outgoing = composing.send(
        withdrawal,
        message.standard,
        actor=user,
        citizen=message.citizen,
        receiver=message.receiver,
        now=now,
        new_id=new_id,
        event=message_id,
        pathway=message.pathway,
    )
    letters.keep(
        withdrawal,
        standard=message.standard,
        citizen=message.citizen,
        sender=message.sender,
        receiver=message.receiver,
        outgoing=outgoing,
        now=now,
    )
