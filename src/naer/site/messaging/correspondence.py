"""What people write in conversations: one begun, an answer, a forward.

Each stores the letter, lets it wait in the outbox, and appends the event that a message was written, in one
transaction. For a minute it can be taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from naer.events.event import Event
from naer.events.instant import MINUTE, Instant
from naer.messages.content import Letter, Party
from naer.messages.medcom.communication import TYPE as CARE_TYPE
from naer.messages.plo.types import ANSWER_ON_READY, TYPES
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import composing, dead_letters, drafts, letters, repeats, telling
from naer.site.messaging.conversation_words import ANSWER, CARE, FAULT, NOTE, REQUEST
from naer.site.messaging.drafts import Sending, Written
from naer.site.messaging.models import OutgoingMessage, StoredLetter, Thread
from naer.site.pathways import actions
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.courses import courses
from naer.site.pathways.models import Citizen, LoggedEvent

HOLD = MINUTE
"""How long what was written waits, so that it can be taken back; microseconds."""
DIALOGUE = "plo-dialog-helsefaglig"
"""The Norwegian standard that a conversation begins in, unless it is a request."""

CARRIED = frozenset({"by", "channel", "to", "thread", "category", "activity"})
"""Attributes of the event that say how a message went, and not what was said."""
_LOCK_SQL = 'SELECT "key" FROM pathways_citizen WHERE "key" {in}'

_KINDS = {REQUEST: "request", ANSWER: "answer", FAULT: "message_fault", "FRAVARSMELDING": "absence_notice"}
"""Type of message → kind of event, where it is not correspondence."""

ROLES: dict[str, str] = {
    User.Role.COORDINATOR: "visitator",
    User.Role.NURSE: "sygeplejerske",
    User.Role.DISCHARGE: "sygeplejerske",
    User.Role.GP: "speciallaegeipraksis",
}
"""Role of a user → what a CareCommunication says of who wrote (MedCom's list of roles; others as text)."""


NORWEGIAN_ROLES: dict[str, str] = {User.Role.GP: "6"}
"""Role of a user → list 9034, role towards the patient; nothing is said of those without a code there."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a new conversation is about: see `drafts.begin`."""

    category: str
    topic: str = ""
    priority: str = ""
    to_unit: str = ""
    from_unit: str = ""


class NoCommonStandardError(ActionRefusedError):
    """Two organisations have no kind of address in common."""


def standard_for(sender: Party, receiver: Party) -> str:
    """The standard that both can be addressed in: CareCommunication by SOR, dialogue by HER.

    Raises:
        NoCommonStandardError: when there is none.
    """
    if sender.sor and sender.gln and (receiver.sor or receiver.gln):
        return CARE
    if sender.her and receiver.her:
        return DIALOGUE
    raise NoCommonStandardError(
        _("%(receiver)s has no address that messages from %(sender)s can be sent to.")
        % {"receiver": receiver.name, "sender": sender.name}
    )


def begin(
    user: User,
    citizen: Citizen,
    receiver: str,
    written: Written,
    subject: Subject,
    *,
    pathway: str = "",
    now: Instant,
    new_id: NewId,
) -> StoredLetter:
    """Begin a conversation about a citizen with another organisation.

    Raises:
        ActionRefusedError: when the two have no standard in common.
        UnwritableError: when the standard cannot carry what was written; the text may be shown.
        PermissionDenied: when no care relation allows it.
    """
    relation = rules.require(user, citizen, "send", now)
    sending = Sending(composing.party(organisation_of(user)), composing.party(receiver), now, new_id)
    standard = standard_for(sending.sender, sending.receiver)
    letter = drafts.begin(
        signed(user, written, care=standard == CARE),
        sending,
        composing.person(citizen),
        standard=standard,
        category=subject.category,
        topic=subject.topic,
        priority=subject.priority,
        to_unit=subject.to_unit,
        from_unit=subject.from_unit,
        episode=telling.episode_of(citizen.key, pathway) if standard == CARE else None,
    )
    return send(user, citizen, letter, receiver, relation, pathway, now=now, new_id=new_id)


class MovedOnError(ActionRefusedError):
    """The message that was to be answered is not the latest any more, or another's than was meant."""


@transaction.atomic
def reply(
    user: User,
    thread: Thread,
    written: Written,
    *,
    answers: str | None = None,
    to: str | None = None,
    now: Instant,
    new_id: NewId,
) -> StoredLetter:
    """Answer the latest message of a conversation; what was unread counts as read.

    It quotes what was exchanged with the party that it goes to, and nothing of others: a conversation is
    named by those who write in it. With `answers` (message id) and `to` (organisation) it says what the
    writer took for the latest message, and for the other party.

    Raises:
        ActionRefusedError: when there is no message to answer.
        MovedOnError: when the latest message, or who the other party is, is not what the writer took it for.
        UnwritableError: as `begin`.
        PermissionDenied: when the conversation is not the user's to read.
    """
    relation = relation_to(user, thread, now)
    bulk.lock((_LOCK_SQL, [[thread.citizen_id]]))
    own = organisation_of(user)
    held = _standing(thread, own)
    if not held:
        raise ActionRefusedError(_("There is no message to answer."))
    row, last = _latest(held)
    receiver = row.receiver if row.sender == own else row.sender
    if answers not in (None, last.message_id) or to not in (None, receiver):
        raise MovedOnError(_("Something was written meanwhile. Read it, then send your reply."))
    held = [one for one in held if {one[0].sender, one[0].receiver} == {own, receiver}]
    sender = composing.party(organisation_of(user))
    sending = Sending(sender, drafts.partner([last], sender), now, new_id)
    mine = signed(user, written, care=last.type == CARE_TYPE)
    letter = drafts.reply([one for _, one in held], mine, sending)
    letters.mark_read(thread.key, organisation_of(user), by=user.get_username(), now=now)
    return send(user, thread.citizen, letter, receiver, relation, _pathway_of(held), now=now, new_id=new_id)


@transaction.atomic
def forward(
    user: User,
    thread: Thread,
    chosen: frozenset[str],
    receiver: str,
    written: Written,
    *,
    to_unit: str = "",
    now: Instant,
    new_id: NewId,
) -> StoredLetter:
    """Pass messages (ids) of a CareCommunication on, with their files, in a conversation of its own.

    Raises:
        ActionRefusedError: when nothing was chosen, or the receiver cannot get a CareCommunication.
        UnwritableError: as `begin`.
        PermissionDenied: when the conversation is not the user's to read.
    """
    relation = relation_to(user, thread, now)
    held = _standing(thread, organisation_of(user))
    if not held:
        raise ActionRefusedError(_("There is no message to forward."))
    sending = Sending(composing.party(organisation_of(user)), composing.party(receiver), now, new_id)
    if standard_for(sending.sender, sending.receiver) != CARE or any(row.standard != CARE for row, _ in held):
        raise NoCommonStandardError(_("Only a CareCommunication can be forwarded."))
    whole = [letters.whole(row, letter) for row, letter in held]
    try:
        letter = drafts.forward(whole, chosen, signed(user, written, care=True), sending, to_unit)
    except ValueError as error:
        raise ActionRefusedError(str(error)) from error
    return send(user, thread.citizen, letter, receiver, relation, _pathway_of(held), now=now, new_id=new_id)


def send(
    user: User,
    citizen: Citizen,
    letter: Letter,
    receiver: str,
    relation: str,
    pathway: str,
    *,
    now: Instant,
    new_id: NewId,
    kind: str = "",
    said: Mapping[str, Any] | None = None,
) -> StoredLetter:
    """Store it, let it wait in the outbox, and append the event that it was written.

    When the very same was sent moments ago, nothing is done: that is the letter.
    """
    care = letter.type == CARE_TYPE
    standard = CARE if care else TYPES[letter.type].standard
    course = pathway or next(iter(courses(citizen.key, now)), "") or f"{citizen.key}.{letter.message_id}"
    with transaction.atomic():
        bulk.lock((_LOCK_SQL, [[citizen.key]]))
        if (twice := repeats.just_sent(letter, citizen, organisation_of(user), receiver, now)) is not None:
            return twice
        outgoing = composing.send(
            letter,
            standard,
            actor=user,
            citizen=citizen,
            receiver=receiver,
            now=now,
            new_id=new_id,
            event=letter.message_id,
            pathway=course,
            hold=HOLD,
            relation=relation,
        )
        kept = letters.keep(
            letter,
            standard=standard,
            citizen=citizen,
            sender=organisation_of(user),
            receiver=receiver,
            outgoing=outgoing,
            now=now,
        )
        to = Organisation.objects.filter(pk=receiver).values_list("role", flat=True).first()
        attributes = _attributes(user, letter, to or "other") | dict(said or {})
        actions.append(
            user,
            citizen.key,
            lambda state: [
                Event(
                    id=letter.message_id,
                    pathway=course,
                    citizen=state.key,
                    kind=kind or _kind(letter),
                    at=now,
                    sent=now,
                    received=now,
                    organisation=organisation_of(user),
                    municipality=state.municipality,
                    attributes=attributes,
                    source=standard,
                )
            ],
            now=now,
        )
    return kept


def _kind(letter: Letter) -> str:
    """The kind of event that a message is: as the same message means where it comes in."""
    said = letter.conversation
    if letter.type == NOTE and said is not None and said.category == ANSWER_ON_READY:
        return "municipality_answer"
    return _KINDS.get(letter.type, "correspondence")


def _attributes(user: User, letter: Letter, to: str) -> dict[str, Any]:
    """What the event of a message that was written says of it: never its text."""
    conversation = letter.conversation
    said: dict[str, Any] = {"by": user.name, "channel": "message", "to": to}
    if letter.type == ANSWER and letter.parent:
        said["answers"] = letter.parent
    if letter.type == REQUEST and user.organisation is not None:
        said["asked_by"] = user.organisation.role
    if letter.type == CARE_TYPE and conversation is not None:
        said |= {"thread": conversation.thread, "category": conversation.category}
        said["activity"] = conversation.activity
    return said


def latest(held: Sequence[tuple[StoredLetter, Letter]]) -> str | None:
    """Id of the message that a reply answers, of the letters of a thread; None when there is none."""
    standing = [one for one in held if not dead_letters.never_left(one[0].outgoing)]
    return _latest(standing)[1].message_id if standing else None


def _latest(held: Sequence[tuple[StoredLetter, Letter]]) -> tuple[StoredLetter, Letter]:
    return max(held, key=lambda one: (one[1].sent, one[1].message_id))


def _standing(thread: Thread, organisation: str) -> list[tuple[StoredLetter, Letter]]:
    """What can be quoted: the letters of a thread but what its writers took back, or gave up unsent.

    What waits is locked until the commit, so that it is not taken back while something else quotes it.
    """
    waiting = StoredLetter.objects.filter(thread=thread, sender=organisation, outgoing__state="waiting")
    ids = list(waiting.values_list("outgoing_id", flat=True))
    list(OutgoingMessage.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    held = letters.of_thread(thread.key, organisation)
    return [(row, letter) for row, letter in held if not dead_letters.never_left(row.outgoing)]


def _pathway_of(held: Sequence[tuple[StoredLetter, Letter]]) -> str:
    """The pathway on which a conversation was first told of; empty when it was not."""
    ids = [row.message_id for row, _ in held]
    told = LoggedEvent.objects.filter(id__in=ids, citizen=held[0][0].citizen_id).order_by("seq").first()
    return told.pathway if told is not None else ""


def signed(user: User, written: Written, *, care: bool) -> Written:
    """What was written, with who wrote it."""
    role = ROLES.get(user.role, str(user.role)) if care else NORWEGIAN_ROLES.get(user.role, "")
    return replace(written, author=user.name, role=role)


def relation_to(user: User, thread: Thread, now: Instant) -> str:
    """Why the user may write in a conversation.

    Raises:
        PermissionDenied: when it is not theirs to read.
    """
    if not rules.threads(user, now).filter(pk=thread.pk).exists():
        raise PermissionDenied("the conversation is not theirs")
    return rules.thread_relation(user, thread, now)


def organisation_of(user: User) -> str:
    return user.organisation_id or ""
