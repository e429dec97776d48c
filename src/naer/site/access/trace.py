"""One entry of the access log: who did what about whom, why, when and from where."""

from naer.events.instant import Instant, utc
from naer.site.access.actions import purpose
from naer.site.access.models import AccessEntry
from naer.site.access.whence import whence
from naer.site.accounts.models import User


def entry_of(user: User, citizen: str, action: str, subject: str, relation: str, now: Instant) -> AccessEntry:
    """The entry, not stored yet."""
    return AccessEntry(
        at=utc(now),
        user=user.get_username(),
        organisation=user.organisation_id or "",
        role=user.role,
        citizen=citizen,
        action=action,
        subject=subject[:200],
        relation=relation,
        purpose=purpose(action),
        whence=whence(),
    )
