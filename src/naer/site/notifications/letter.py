"""What stands in an e-mail: how much is new and where to read it. Nothing about anybody's health, no name."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from naer.site.accounts.models import User
from naer.site.notifications.kinds import KINDS

_BY_COUNTRY = {"DK": "da", "NO": "nb"}


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and text, in the reader's language."""

    subject: str
    text: str


def write(user: User, kinds: Iterable[str]) -> Letter:
    """The e-mail to `user` about news of some kinds, one entry for each piece of news."""
    counted = Counter(kinds)
    count = counted.total()
    with translation.override(user.language or _BY_COUNTRY[settings.COUNTRY]):
        subject = ngettext("Naer: %(count)s new thing", "Naer: %(count)s new things", count)
        lines = [
            f"- {KINDS[kind].sentence}" + (f" ({number})" if number > 1 else "")
            for kind, number in counted.most_common()
            if kind in KINDS
        ]
        base = settings.URL.rstrip("/")
        where = f"{base}{reverse('notifications')}" if base else _("Sign in to Naer as you use to.")
        text = "\n".join(
            [
                *lines,
                "",
                _("Read more in Naer:"),
                where,
                "",
                _("E-mails from Naer never say who it is about. There you choose what is told, and when."),
            ]
        )
        return Letter(subject % {"count": count}, text)
