"""Sessions: what begins one, and how long it lasts.

Signing in gives a new session key and a new token for forms. A session ends ten hours after it began, after
`NAER_IDLE_MINUTES` without anything done, when the user is closed, and when password, role, organisation or
citizen of the user change (`User._get_session_auth_hash`).
"""

from typing import Literal

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest

from naer.events.instant import MINUTE, SECOND, Instant
from naer.site.accounts import trace
from naer.site.accounts.models import User

_BEGAN, _ACTIVE, _HOW = "naer_began", "naer_active", "naer_how"
_NOTED_EVERY = 5 * MINUTE
"""Activity is written down no oftener, and at the end of a session is that much too old at most."""

Ended = Literal["", "age", "idle"]


def begin(request: HttpRequest, user: User, how: str, now: Instant) -> None:
    """Sign `user` in: the session gets a new key, and what another person left in it is gone.

    `how` is password, demo or the name of a provider.
    """
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[_BEGAN] = request.session[_ACTIVE] = now
    request.session[_HOW] = how
    trace.leave(user, "signed-in", how, now)


def end(request: HttpRequest, now: Instant) -> str:
    """Sign out whoever is signed in; says how they had signed in."""
    how = str(request.session.get(_HOW, ""))
    if isinstance(request.user, User):
        trace.leave(request.user, "signed-out", "", now)
    logout(request)
    return how


def ended(request: HttpRequest, now: Instant) -> Ended:
    """Why the session is to end now; empty while it may go on. A page that asks for news is no activity."""
    began, active = request.session.get(_BEGAN), request.session.get(_ACTIVE)
    if not isinstance(began, int) or not isinstance(active, int):
        return ""
    if now - began > settings.SESSION_COOKIE_AGE * SECOND:
        return "age"
    if settings.IDLE_MINUTES and now - active > settings.IDLE_MINUTES * MINUTE:
        return "idle"
    if now - active > _NOTED_EVERY and not (request.method == "GET" and request.headers.get("HX-Request")):
        request.session[_ACTIVE] = now
    return ""
