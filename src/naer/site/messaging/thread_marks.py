"""What is done to what stands in a conversation: read, unread, taken back before it leaves."""

import msgspec
from django.db import transaction

from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import dead_letters, letters
from naer.site.messaging.correspondence import organisation_of, relation_to
from naer.site.messaging.models import StoredLetter, Thread, ThreadParty
from naer.site.pathways import actions
from naer.site.pathways.actions import NewId


def take_back(user: User, letter: StoredLetter, *, now: Instant, new_id: NewId) -> bool:
    """Stop a message of one's own organisation before it leaves; False when it has left.

    It stays in the conversation, marked as never sent, and its event is cancelled.

    Raises:
        PermissionDenied: when it is not the user's to take back.
    """
    if letter.outgoing is None:
        return False
    if letter.thread is not None:
        relation = relation_to(user, letter.thread, now)
    else:
        relation = rules.require(user, letter.citizen, "undo", now)
    with transaction.atomic():
        if not dead_letters.take_back(letter.outgoing, user, now=now):
            return False
        actions.append(
            user,
            letter.citizen_id,
            lambda state: [
                msgspec.structs.replace(
                    one,
                    id=new_id(),
                    kind=CANCELLED,
                    at=now,
                    sent=now,
                    received=now,
                    attributes={"by": user.name},
                    changes=one.id,
                )
                for one in state.events
                if one.id == letter.message_id
            ],
            action="undo",
            subject=letter.message_id,
            relation=relation,
            now=now,
        )
    return True


def mark_read(user: User, thread: Thread, *, now: Instant) -> int:
    """Everything in a conversation is read by the user's organisation; how many letters were not.

    Raises:
        PermissionDenied: when the conversation is not the user's to read.
    """
    relation_to(user, thread, now)
    return letters.mark_read(thread.key, organisation_of(user), by=user.get_username(), now=now)


def mark_unread(user: User, thread: Thread, *, now: Instant) -> bool:
    """The newest message to the user's organisation is unread again; False when there is none.

    Raises:
        PermissionDenied: when the conversation is not the user's to read.
    """
    relation_to(user, thread, now)
    came = StoredLetter.objects.filter(thread=thread, receiver=organisation_of(user), outgoing=None)
    newest = came.order_by("-sent", "-pk").first()
    if newest is None:
        return False
    with transaction.atomic():
        newest.read, newest.read_by = None, ""
        newest.save(update_fields=["read", "read_by"])
        ThreadParty.objects.filter(thread=thread, organisation=organisation_of(user)).update(
            unread=came.filter(read=None).count()
        )
    return True
