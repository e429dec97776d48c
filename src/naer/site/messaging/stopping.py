"""Stopping a message that has not left, together with what it told: the record says nothing that nobody was
told."""

from collections.abc import Callable

from django.db import transaction

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import correcting, dead_letters, thread_marks, withdrawing
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.pathways import actions
from naer.site.pathways.models import LoggedEvent

NewId = Callable[[], str]


def take_back(user: User, message: OutgoingMessage, *, now: Instant, new_id: NewId) -> bool:
    """Stop a message that has not left yet; False when it has, or when a later one repeats it.

    The event that it told is cancelled, a correction that it told undone. Whoever only looks after the
    connections stops the message alone.

    Raises:
        PermissionDenied: when it is not the user's to decide on.
    """
    if message.citizen is None or not rules.relation(user, message.citizen, now, "undo"):
        return dead_letters.take_back(message, user, now=now)
    with transaction.atomic():
        if "take-back" not in dead_letters.possible(message):
            return False
        corrected = correcting.corrected_by(message, now)
        if corrected and withdrawing.telling(corrected, user).exclude(pk=message.pk).exists():
            if not dead_letters.take_back(message, user, now=now):
                return False
            correcting.revert(user, message, now=now, new_id=new_id)
            return True
        name = corrected or message.event
        told = LoggedEvent.objects.filter(id=name, citizen=message.citizen_id).order_by("seq").first()
        if told is not None and told.source == actions.PERSON:
            return withdrawing.undo(user, name, now=now, new_id=new_id) == "stopped"
        letter = StoredLetter.objects.filter(outgoing=message).first()
        if letter is not None and told is not None:
            return thread_marks.take_back(user, letter, now=now, new_id=new_id)
        return dead_letters.take_back(message, user, now=now)
