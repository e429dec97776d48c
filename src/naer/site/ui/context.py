"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from naer.site.access import deviations, rules
from naer.site.accounts.models import Organisation, User
from naer.site.notifications import queries as notifications

_SELDOM = frozenset({"agreements", "plans", "access-log"})
"""Pages that wait behind one word where the menu is a line."""


def page(request: HttpRequest) -> dict[str, Any]:
    """The mode (for the strip that says what kind of data this is), the languages and the menu."""
    nav = _menu(request)
    more = [item for item in nav if item.get("seldom")]
    return {
        "mode": settings.MODE,
        "languages": settings.LANGUAGES,
        "here": request.get_full_path() if request.method == "GET" else request.path,
        "nav": nav,
        "nav_more": more,
        "nav_more_here": any(item["here"] for item in more),
        "unread": _unread(request),
    }


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages `request.user` can use, the present one marked."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return []
    if user.role in (User.Role.CITIZEN, User.Role.RELATIVE):
        return _own_menu(request, user)
    items = [
        ("today", _("Today")),
        *([("citizens", _("Citizens"))] if rules.sees_citizens(user) else []),
        *([("plans", _("Plans"))] if rules.sees_citizens(user, "edit-plan") else []),
        *([_way_home(user)] if rules.sees_citizens(user, "look-discharge") else []),
        ("agreements", _("Agreements")),
    ]
    if rules.may(user, "results"):
        items.append(("results", _("Results")))
    if rules.may(user, "deviations"):
        reads = deviations.may(user, "look-deviation")
        items.append(("deviations" if reads else "deviation-counts", _("Deviations")))
    if rules.may(user, "requests"):
        items.append(("requests", _("Requests")))
    if rules.converses(user):
        items.append(("conversations", _("Conversations")))
    if rules.may(user, "message-log"):
        items.append(("messages", _("Messages")))
    if rules.may(user, "access-review"):
        items.append(("access-log", _("Access")))
    found = []
    for name, words in items:
        address = reverse(name)
        here = request.path == address if name == "today" else request.path.startswith(address)
        found.append({"address": address, "words": words, "here": here, "seldom": name in _SELDOM})
    return found


def _unread(request: HttpRequest) -> int:
    """How many notifications of the reader's are new."""
    user = getattr(request, "user", None)
    return notifications.unread(user) if isinstance(user, User) else 0


def _own_menu(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """The pages of a citizen, or of somebody they let in."""
    if user.role == User.Role.RELATIVE or not user.citizen_id:
        items = [(reverse("own"), _("People near me"))]
    else:
        items = [
            (reverse("own-page", args=[user.citizen_id]), _("My page")),
            (reverse("plan", args=[user.citizen_id]), _("My plan")),
            (reverse("own-log", args=[user.citizen_id]), _("Who has seen my data")),
            (reverse("own-sharing", args=[user.citizen_id]), _("What I share")),
        ]
    return [{"address": address, "words": words, "here": request.path == address} for address, words in items]


def _way_home(user: User) -> tuple[str, str]:
    """The page of those on the way home: a practice has one of its own."""
    practice = user.organisation is not None and user.organisation.role == Organisation.Role.GP
    return ("practice", _("My patients")) if practice else ("discharge", _("On the way home"))
