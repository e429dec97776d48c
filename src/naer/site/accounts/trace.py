"""What is written down of sign-ins: about no citizen, and nothing that was typed."""

from naer.events.instant import Instant
from naer.site.access.trace import entry_of
from naer.site.accounts.models import User


def leave(user: User, action: str, subject: str, now: Instant) -> None:
    """Write down that `user` signed in or out, or was locked out; `action` is one of `access.actions`."""
    entry_of(user, "", action, subject, "", now).save()
