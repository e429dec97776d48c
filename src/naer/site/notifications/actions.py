"""Telling people something, once; that they have read it; and how they want to be told."""

from collections.abc import Iterable

from django.db.models import Q

from naer.events.instant import DAY, Instant
from naer.site.accounts.models import User
from naer.site.notifications.kinds import KINDS
from naer.site.notifications.models import Notification, Preference
from naer.site.pathways.models import Citizen, Obligation

KEPT = 90 * DAY
"""What was read longer ago is forgotten, in microseconds."""


def tell(
    users: Iterable[User],
    kind: str,
    thing: str,
    *,
    now: Instant,
    citizen: Citizen | None = None,
    obligation: Obligation | None = None,
    subject: str = "",
) -> None:
    """Tell some people of `thing`; who was told of it before is not told again.

    The caller has made sure that they may see what it leads to; the page asks again.

    Raises:
        KeyError: when the kind is none of `KINDS`.
    """
    KINDS[kind]
    Notification.objects.bulk_create(
        (
            Notification(
                user=user,
                kind=kind,
                thing=thing[:150],
                at=now,
                citizen=citizen,
                obligation=obligation,
                subject=subject,
            )
            for user in users
            if user.is_active
        ),
        ignore_conflicts=True,
    )


def read(user: User, now: Instant, pk: int | None = None) -> int:
    """Mark one of the user's own as read, or all of them; how many were new."""
    own = Notification.objects.filter(user=user, read=None)
    return (own if pk is None else own.filter(pk=pk)).update(read=now)


def seen(user: User, kind_begins: str, subject: str, now: Instant) -> None:
    """The user opened what some notifications lead to: they are read."""
    Notification.objects.filter(user=user, kind__startswith=kind_begins, subject=subject, read=None).update(
        read=now
    )


def settle(now: Instant) -> int:
    """Mark as read what nobody waits for any more, and forget what was read long ago; how many were settled.

    An escalation is settled when the obligation is closed, or when somebody noted it.
    """
    over = Q(obligation__withdrawn=True) | (Q(obligation__isnull=False) & ~Q(obligation__outcome=""))
    settled = Notification.objects.filter(over, read=None).values_list("pk", flat=True)
    count = Notification.objects.filter(pk__in=list(settled[:10_000])).update(read=now)
    Notification.objects.filter(read__lt=now - KEPT).delete()
    return count


def noted(things: Iterable[str], now: Instant) -> None:
    """Somebody noted an escalation for the organisation: nobody there needs to any more."""
    Notification.objects.filter(thing__in=list(things), read=None).update(read=now)


def prefer(user: User, chosen: Preference) -> None:
    """Keep how the user wants to be told."""
    chosen.user = user
    chosen.save()
