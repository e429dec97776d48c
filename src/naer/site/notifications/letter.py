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


def confirmation(user: User, code: str, page: str) -> Letter:
    """The e-mail that asks whether an address is the user's; `page`: where the code goes."""
    with translation.override(user.language or _BY_COUNTRY[settings.COUNTRY]):
        where = f"{page}?code={code}" if page else _("Sign in to Naer as you use to.")
        lines = [
            _("Somebody signed in to Naer gave this address as theirs. Was it you? Confirm it there:"),
            where,
            "",
            _("The code is %(code)s. It holds for three days.") % {"code": code},
            "",
            _("If it was not you, do nothing: nothing more is sent to you."),
        ]
        return Letter(_("Naer: confirm your e-mail address"), "\n".join(lines))


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
