"""What a receiver says of a Norwegian message itself: that it is at fault, or that nobody is there.

DIALOG_AVVIK (HIS 1077; codes 8117) is no receipt, and no word about wrong health content. FRAVARSMELDING is
of PLO v1.5 only. Both refer to the message that came.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from naer.events.instant import Instant
from naer.messages.content import Conversation, Letter, Party, Segment
from naer.messages.medcom.segments import clean
from naer.messages.plo.types import TYPES
from naer.site.access import letters as access
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import composing, correspondence, drafts, letters
from naer.site.messaging.conversation_words import FAULT, FAULTS
from naer.site.messaging.models import Message, StoredLetter
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.models import LoggedEvent

ABSENCE = "FRAVARSMELDING"
ABOUT = tuple(one.standard for one in TYPES.values() if one.code not in (FAULT, ABSENCE))
"""The standards of the messages that either can be about."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came to the user's organisation, and why they may answer it."""

    row: StoredLetter
    letter: Letter
    relation: str


@dataclass(frozen=True, slots=True)
class Away:
    """That nobody is there: first and last day (None: not said), whether somebody else got it, a note."""

    since: dt.date | None = None
    until: dt.date | None = None
    passed_on: bool = False
    note: str = ""


def letter_of(user: User, message: Message) -> StoredLetter | None:
    """The letter of a message that came in, when remarks can be made about it by the user's organisation."""
    return _mine(user).filter(incoming=message.duplicate_of_id or message.pk).first()


def received(user: User, pk: int, now: Instant) -> Received:
    """The letter `pk` (its row) that came to the user's organisation, with the look written down.

    It may be answered because of a care relation, or because it was written to them.

    Raises:
        Http404: when there is none, or it is not theirs to answer: the answer does not tell which.
    """
    row = _mine(user).select_related("citizen").filter(pk=pk).first()
    if row is None:
        raise Http404
    relation = access.look(user, row, f"letter {pk}", now, "send")
    return Received(row, letters.unpack(bytes(row.content)), relation)


def report_fault(
    user: User, about: Received, code: str, text: str, *, phone: str = "", now: Instant, new_id: NewId
) -> StoredLetter:
    """Tell the sender of a message that it went to the wrong place, or lacks something (a code of 8117).

    Raises:
        ActionRefusedError: when the code is none, or the sender is nobody that can be written to.
        UnwritableError: when the standard cannot carry it; the text may be shown.
    """
    if code not in FAULTS:
        raise ActionRefusedError("a fault is one of " + ", ".join(FAULTS))
    _require_sender(about)
    message, root = new_id(), about.letter.root or about.letter.message_id
    body = clean(text) + (f"\n\nTelefon: {phone}" if phone else "")
    name, role = user.name, correspondence.NORWEGIAN_ROLES.get(user.role, "")
    said = Segment(id=new_id(), at=now, text=body, author=name, role=role)
    talk = Conversation(
        thread=root,
        activity="reply-message",
        segments=(said,),
        category=code,
        previous=about.letter.message_id,
    )
    letter = _answer(user, about, FAULT, message, now, conversation=talk)
    return _send(user, about, letter, {"fault": code}, now, new_id)


def tell_away(user: User, about: Received, away: Away, *, now: Instant, new_id: NewId) -> StoredLetter:
    """Tell the sender of a message that nobody is there to act on it, and whether it was passed on.

    Raises:
        ActionRefusedError: when it ends before it begins, or the sender is nobody that can be written to.
        UnwritableError: when the standard cannot carry it; the text may be shown.
    """
    if away.since and away.until and away.until < away.since:
        raise ActionRefusedError(_("It ends before it begins."))
    _require_sender(about)
    days = {"away_from": away.since, "away_to": away.until}
    details: dict[str, Any] = {"away": True, "forwarded": away.passed_on}
    details |= {name: day.isoformat() for name, day in days.items() if day is not None}
    if note := clean(away.note):
        details["away_note"] = note
    letter = _answer(user, about, ABSENCE, new_id(), now, details=details)
    return _send(user, about, letter, {}, now, new_id)


def made(user: User, row: StoredLetter) -> list[StoredLetter]:
    """The remarks that the user's organisation has made about a letter, oldest first."""
    found = StoredLetter.objects.filter(
        citizen=row.citizen_id, sender=user.organisation_id, type__in=(FAULT, ABSENCE), outgoing__isnull=False
    )
    about = found.filter(outgoing__answers=row.message_id)
    return list(about.select_related("outgoing").defer("content").order_by("pk"))


def _mine(user: User) -> QuerySet[StoredLetter]:
    return StoredLetter.objects.filter(
        ~Q(sender=user.organisation_id),
        receiver=user.organisation_id or "-",
        outgoing=None,
        standard__in=ABOUT,
    )


def _require_sender(about: Received) -> None:
    if not Organisation.objects.filter(pk=about.row.sender).exists():
        raise ActionRefusedError(_("The sender is in no register here, and cannot be written to. Call them."))


def _answer(user: User, about: Received, type: str, message: str, now: Instant, **more: Any) -> Letter:
    """A letter back to the sender, from the service that the message was for."""
    ours: Party = composing.party(correspondence.organisation_of(user))
    to = about.letter.receiver
    return Letter(
        type=type,
        version=TYPES[type].form().version,
        message_id=message,
        sent=now,
        sender=to if drafts.same(to, ours) else ours,
        receiver=about.letter.sender,
        person=about.letter.person,
        parent=about.letter.message_id,
        root=about.letter.root or about.letter.message_id,
        **more,
    )


def _send(
    user: User, about: Received, letter: Letter, said: Mapping[str, Any], now: Instant, new_id: NewId
) -> StoredLetter:
    told = LoggedEvent.objects.filter(citizen=about.row.citizen_id, id=about.letter.message_id)
    return correspondence.send(
        user,
        about.row.citizen,
        letter,
        about.row.sender,
        about.relation,
        told.values_list("pathway", flat=True).first() or "",
        now=now,
        new_id=new_id,
        said={"answers": about.letter.message_id, **said},
    )
