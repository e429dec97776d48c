"""An address that e-mails go to is its owner's: a code is sent there, and whoever gave it types it in.

Until then nothing else goes there, and e-mails go on to the address before it.
"""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from naer.events.instant import DAY, HOUR, MINUTE, Instant
from naer.site.accounts.models import User
from naer.site.notifications import letter
from naer.site.notifications.actions import seen, tell
from naer.site.notifications.models import Mail, Notification, Unconfirmed
from naer.site.notifications.smtp import Server

HOLDS = 3 * DAY
"""So long a code can be used, in microseconds."""
GAP = 5 * MINUTE
"""Between two codes that one person has sent: addresses of others are not to be pestered."""
_CODE = 10
"""Characters of a code: 40 bits, for one who is signed in."""
_TRIES = 5
_MOST = 100
"""Codes in one turn."""
KIND = "address"
"""The kind of news that tells that a code was sent."""
_log = structlog.get_logger("naer.mail")


def give(user: User, address: str, now: Instant) -> bool:
    """Keep the address that e-mails are to go to; whether it waits to be confirmed. An empty one is none."""
    with transaction.atomic():
        before = Unconfirmed.objects.select_for_update().filter(user=user).first()
        if before is not None and before.address == address and now - before.since < HOLDS:
            return True
        if address in ("", user.email):
            Unconfirmed.objects.filter(user=user).delete()
            if user.email != address:
                _use(user, "")
            return False
        last = Notification.objects.filter(user=user, kind=KIND).aggregate(last=Max("at"))["last"]
        first = max(now, (last or 0) + GAP)
        fresh = {"address": address, "since": now, "next_at": first, "tries": 0, "sent": None}
        Unconfirmed.objects.update_or_create(user=user, defaults=fresh)
        tell([user], KIND, f"address {now}", now=now, subject=KIND)
    return True


def waiting(user: User, now: Instant) -> Unconfirmed | None:
    """The user's address that waits to be confirmed, while its code can be used."""
    return Unconfirmed.objects.filter(user=user, since__gt=now - HOLDS).first()


def confirm(user: User, code: str, now: Instant) -> bool:
    """Whether `code` is the one that was sent to the user's address; then e-mails go there from now on."""
    with transaction.atomic():
        waits = Unconfirmed.objects.select_for_update().filter(user=user, since__gt=now - HOLDS).first()
        if waits is None or not constant_time_compare(_code(waits), code.strip().lower()):
            return False
        _use(user, waits.address)
        waits.delete()
        seen(user, KIND, KIND, now)
    return True


def send(server: Server, now: Instant) -> int:
    """Send the codes that wait; how many the mail server took."""
    due = Unconfirmed.objects.filter(next_at__lte=now, since__gt=now - HOLDS, tries__lt=_TRIES)
    page = due.select_related("user").order_by("next_at", "pk")[:_MOST]
    return sum(_send(one, server, now) for one in page)


def refused(one: Unconfirmed) -> bool:
    """Whether the mail server would not take the address."""
    return one.sent is None and one.tries >= _TRIES


def _send(one: Unconfirmed, server: Server, now: Instant) -> int:
    held = Unconfirmed.objects.filter(pk=one.pk, since=one.since, next_at=one.next_at)
    if not held.update(next_at=now + HOUR, tries=one.tries + 1) or not one.user.is_active:
        return 0
    base = settings.URL.rstrip("/")
    page = f"{base}{reverse('notification-confirm')}" if base else ""
    text = letter.confirmation(one.user, _code(one), page)
    try:
        server.send(
            EmailMessage(
                text.subject,
                text.text,
                settings.MAIL_FROM,
                [one.address],
                headers={"Auto-Submitted": "auto-generated"},
            )
        )
    except (smtplib.SMTPException, OSError, ValueError) as error:
        final = isinstance(error, smtplib.SMTPRecipientsRefused | ValueError)
        Unconfirmed.objects.filter(pk=one.pk, since=one.since).update(
            tries=_TRIES if final else one.tries + 1, next_at=now + 5 * MINUTE
        )
        _log.warning("a code was not taken", error=type(error).__name__)
        return 0
    Unconfirmed.objects.filter(pk=one.pk, since=one.since).update(sent=now, next_at=None)
    return 1


def _code(one: Unconfirmed) -> str:
    """Made from what is stored and the secret key: nothing that could be read stands in the database."""
    basis = f"{one.user_id}\0{one.address}\0{one.since}"
    return salted_hmac("naer.site.notifications.addresses", basis, algorithm="sha256").hexdigest()[:_CODE]


def _use(user: User, address: str) -> None:
    User.objects.filter(pk=user.pk).update(email=address)
    user.email = address
    Mail.objects.filter(user=user, state=Mail.State.REFUSED).update(state=Mail.State.DROPPED)
