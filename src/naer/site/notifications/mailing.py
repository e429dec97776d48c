"""E-mail: who gets one now, and handing them to the mail server.

One e-mail tells of everything that is new. None leaves in quiet hours, none sooner than `GAP` after the
one before, and what was read meanwhile is in none. Two processes may run it: each e-mail is claimed.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import make_msgid

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max

from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, local
from naer.site.accounts.models import User
from naer.site.notifications import addresses
from naer.site.notifications.kinds import KINDS
from naer.site.notifications.letter import write
from naer.site.notifications.models import Mail, Notification, Preference
from naer.site.notifications.smtp import Server

GRACE = 3 * MINUTE
"""News waits this long for more, and for being read in the app."""
GAP = 30 * MINUTE
"""Between two e-mails to the same person."""
CLAIM = 10 * MINUTE
"""A try that has not ended after this long was cut off, and is made again."""
WAITS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
"""After the first tries; then every hour."""
GIVES_UP = DAY
_MOST = 500
"""E-mails in one turn."""
_log = structlog.get_logger("naer.mail")


@dataclass(frozen=True, slots=True)
class Mailed:
    """What a turn did."""

    made: int = 0
    sent: int = 0


def mail(now: Instant, server: Server | None, clock: Callable[[], Instant] | None = None) -> Mailed:
    """Make the e-mails that are due at `now`, and hand over what waits; without a server nothing is made."""
    if server is None:
        return Mailed()
    addresses.send(server, now)
    made = sum(_make(user, chosen, now) for user, chosen in _waiting(now))
    sent = 0
    waiting = Mail.objects.filter(state=Mail.State.WAITING, next_at__lte=now).order_by("next_at", "pk")
    for one in waiting.select_related("user")[:_MOST]:
        sent += _hand_over(one, server, clock() if clock else now)
    return Mailed(made, sent)


def quiet(chosen: Preference, now: Instant) -> bool:
    """Whether it is quiet now; quiet hours may run over midnight."""
    start, end = chosen.quiet_from, chosen.quiet_until
    minute = _minute(now)
    return start <= minute < end if start <= end else not end <= minute < start


def due(chosen: Preference, oldest: Instant, last: Instant | None, now: Instant) -> bool:
    """Whether somebody with news since `oldest`, and an e-mail `last`, gets one now."""
    if chosen.email == Preference.Email.NEVER or quiet(chosen, now):
        return False
    if chosen.email == Preference.Email.DAILY:
        today = local(now, ZONES["DK"]).date()
        mailed = last is not None and local(last, ZONES["DK"]).date() == today
        return _minute(now) >= chosen.daily_at and not mailed
    return oldest <= now - GRACE and (last is None or last <= now - GAP)


def _minute(now: Instant) -> int:
    moment = local(now, ZONES["DK"])
    return moment.hour * 60 + moment.minute


def _worth(chosen: Preference) -> list[str]:
    """The kinds that somebody is e-mailed about."""
    return [name for name, kind in KINDS.items() if kind.by_email and name not in chosen.muted.split()]


def _waiting(now: Instant) -> list[tuple[User, Preference]]:
    """Those with news that stands in no e-mail, and an address."""
    fresh = Notification.objects.filter(read=None, mail=None, at__gte=now - 7 * DAY)
    users = User.objects.filter(pk__in=fresh.values("user"), is_active=True).exclude(email="")
    chosen = Preference.objects.in_bulk(list(users.values_list("pk", flat=True)))
    pairs = [(user, chosen.get(user.pk) or Preference(user=user)) for user in users.order_by("pk")]
    return [
        (user, told) for user, told in pairs if told.email != Preference.Email.NEVER and not quiet(told, now)
    ]


def _make(user: User, chosen: Preference, now: Instant) -> int:
    """Make the e-mail to one person, if it is due; 1 when it was made."""
    with transaction.atomic():
        User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        news = Notification.objects.filter(user=user, read=None, mail=None, kind__in=_worth(chosen))
        oldest = news.order_by("at").values_list("at", flat=True).first()
        last = Mail.objects.filter(user=user, state__in=("waiting", "sent")).aggregate(last=Max("made"))[
            "last"
        ]
        if oldest is None or not due(chosen, oldest, last, now):
            return 0
        made = Mail.objects.create(user=user, made=now, next_at=now)
        news.update(mail=made)
    return 1


def _hand_over(one: Mail, server: Server, now: Instant) -> int:
    """Try one e-mail; 1 when the mail server took it."""
    held = Mail.objects.filter(pk=one.pk, state=Mail.State.WAITING, next_at=one.next_at)
    if not held.update(next_at=now + CLAIM, tries=one.tries + 1):
        return 0
    one.tries += 1
    kinds = list(one.tells.filter(read=None).values_list("kind", flat=True))
    if not kinds or not one.user.is_active or not one.user.email:
        return _close(one, Mail.State.DROPPED, now)
    try:
        server.send(_message(one, kinds))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return _failed(one, error, now)
    _close(one, Mail.State.SENT, now)
    return 1


def _message(one: Mail, kinds: list[str]) -> EmailMessage:
    """The e-mail; its id is the row's, so that one sent twice is known for the same."""
    letter = write(one.user, kinds)
    domain = settings.MAIL_FROM.rpartition("@")[2].rstrip("> ") or "naer.invalid"
    stable = make_msgid(domain=domain).rpartition("@")[2]
    headers = {
        "Message-ID": f"<naer-notification-{one.pk}-{one.made}@{stable}",
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(letter.subject, letter.text, settings.MAIL_FROM, [one.user.email], headers=headers)


def _failed(one: Mail, error: Exception, now: Instant) -> int:
    """Try again later, or never: an address that is refused stays refused."""
    code = _code(error)
    detail = f"{type(error).__name__} {code}".strip()
    final = isinstance(error, smtplib.SMTPRecipientsRefused | ValueError) and not 400 <= code < 500
    if final:
        return _close(one, Mail.State.REFUSED, now, detail)
    if now - one.made >= GIVES_UP:
        return _close(one, Mail.State.FAILED, now, detail)
    wait = WAITS[min(one.tries, len(WAITS)) - 1]
    Mail.objects.filter(pk=one.pk).update(next_at=now + wait, detail=detail)
    _log.warning("an e-mail was not taken; tried again", error=type(error).__name__, code=code)
    return 0


def _code(error: Exception) -> int:
    """The mail server's code; 0 when it said none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((answer[0] for answer in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _close(one: Mail, state: str, now: Instant, detail: str = "") -> int:
    Mail.objects.filter(pk=one.pk).update(state=state, closed=now, detail=detail)
    return 0
