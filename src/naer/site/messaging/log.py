"""The message log: which messages somebody may see, and how much of each."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from naer.events.instant import Instant
from naer.site.access import letters, rules
from naer.site.accounts.models import User
from naer.site.messaging.models import Message

OFFICES = frozenset({User.Role.ADMINISTRATOR.value, User.Role.INTEGRATION.value})
"""Roles that watch the traffic itself: every envelope, and no citizen."""

ANSWERS = ("ok", "fatal-error", "transient-error")
_NORWEGIAN = {"ok": ("ok-with-errors",), "fatal-error": ("rejected",)}
"""What an AppRec calls the same."""
CHANNELS = ("http", "upload", "command", "demo", "local", "answer", "folder")


def visible(user: User, now: Instant) -> QuerySet[Message]:
    """The messages `user` may see, newest first.

    Those about citizens they may see, those written to their organisation, and the bare envelopes to and
    from it; an office sees every envelope.
    """
    found = Message.objects.defer("content", "answer").order_by("-received", "-pk")
    if not rules.may(user, "message-log"):
        return found.none()
    if user.role in OFFICES:
        return found
    related = Q(citizen__in=rules.visible_citizens(user, now))
    own = Q(citizen=None) & (Q(receiver=user.organisation_id) | Q(sender=user.organisation_id))
    written = Exists(letters.addressed(user, now).filter(incoming=OuterRef("pk")))
    return found.filter(related | own | written)


def filtered(messages: QuerySet[Message], given: dict[str, str]) -> QuerySet[Message]:
    """Narrowed by answer, channel and what became of the content; what is not understood is left out."""
    if (answer := given.get("answer", "")) in ANSWERS:
        messages = messages.filter(acknowledgement__in=[answer, *_NORWEGIAN.get(answer, ())])
    if given.get("channel") in CHANNELS:
        messages = messages.filter(channel=given["channel"])
    match given.get("content"):
        case "kept":
            messages = messages.filter(stored=True)
        case "deleted":
            messages = messages.filter(stored=False)
        case "flagged":
            messages = messages.exclude(flags=[])
    return messages


def named(user: User) -> bool:
    """Whether the log names citizens: to those in care, whose log holds only what is theirs to read."""
    return user.role not in OFFICES


def may_open(user: User, message: Message, now: Instant) -> bool:
    """Whether `user` may see which citizen a message is about."""
    return message.citizen is not None and rules.may_see(user, message.citizen, now)


def findings(raw: Any) -> list[dict[str, str]]:
    """Issues or flags as stored, as dictionaries with text for every key."""
    return [{key: str(one.get(key, "")) for key in ("code", "text", "path", "severity")} for one in raw or []]
