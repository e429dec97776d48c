"""What somebody was told, as a list, and how they want to be told."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import NoReverseMatch

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.notifications.kinds import KINDS
from naer.site.notifications.models import Mail, Notification, Preference

MANY = 99
"""More than this is not counted for the bell."""


@dataclass(frozen=True, slots=True)
class Row:
    """One notification, ready to be shown."""

    notification: Notification
    sentence: str
    address: str
    """Empty when the reader may not see what it leads to any more."""
    name: str
    """The citizen's, when the reader may see them."""


def unread(user: User) -> int:
    """How many are new, `MANY` + 1 at most."""
    return Notification.objects.filter(user=user, read=None)[: MANY + 1].count()


def told(user: User, every: bool) -> QuerySet[Notification]:
    """What the user was told, newest first; only what is new unless `every`."""
    found = Notification.objects.filter(user=user)
    return (found if every else found.filter(read=None)).order_by("-at", "-pk")


def rows(user: User, page: Iterable[Notification], now: Instant) -> list[Row]:
    """A page of them: who they are about is asked once."""
    listed = list(page)
    near = user.role in (User.Role.CITIZEN, User.Role.RELATIVE)  # they see a page of their own
    keys = {one.citizen_id for one in listed if one.citizen_id}
    names = rules.among_visible(user, keys, now, "own-page" if near else "look")
    return [
        Row(
            one,
            str(KINDS[one.kind].sentence) if one.kind in KINDS else one.kind,
            _address(one) if one.citizen_id is None or one.citizen_id in names or _party(one) else "",
            names.get(one.citizen_id or "", ""),
        )
        for one in listed
    ]


def _party(one: Notification) -> bool:
    """Whether what it leads to is seen by other rules than the citizen's page."""
    return one.kind.startswith("deviation")


def _address(one: Notification) -> str:
    kind = KINDS.get(one.kind)
    try:
        return kind.where(one.citizen_id or "", one.obligation_id, one.subject) if kind else ""
    except NoReverseMatch:
        return ""


def preference(user: User) -> Preference:
    """How the user wants to be told: as they said, else the defaults."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


def last_mail(user: User) -> Mail | None:
    """The e-mail that was made last, to tell the user when their address is refused."""
    return Mail.objects.filter(user=user).order_by("-made", "-pk").first()
