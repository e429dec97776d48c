"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from naer.site.access import deviations, rules
from naer.site.accounts.models import User


def page(request: HttpRequest) -> dict[str, Any]:
    """The mode (for the strip that says what kind of data this is), the languages and the menu."""
    return {
        "mode": settings.MODE,
        "languages": settings.LANGUAGES,
        "here": request.get_full_path() if request.method == "GET" else request.path,
        "nav": _menu(request),
    }


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages `request.user` can use, the present one marked."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return []
    items = [
        ("today", _("Today")),
        *([("citizens", _("Citizens"))] if rules.sees_citizens(user) else []),
        *([("plans", _("Plans"))] if rules.sees_citizens(user, "edit-plan") else []),
        *([("discharge", _("On the way home"))] if rules.sees_citizens(user) else []),
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
        found.append({"address": address, "words": words, "here": here})
    return found
