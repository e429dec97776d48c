"""Who asks, and when: what a view takes from a request."""

from django.http import HttpRequest

from naer.events.instant import Instant
from naer.site import clock
from naer.site.accounts.models import User
from naer.site.identity import new_id


def person(request: HttpRequest) -> User:
    """Who is signed in; the middleware lets nobody else through to a page that asks."""
    assert isinstance(request.user, User)
    return request.user


def now_of(request: HttpRequest) -> Instant:
    """The instant the request is answered at; the same throughout one request."""
    found = getattr(request, "naer_now", None)
    if found is None:
        found = clock.now()
        request.naer_now = found  # type: ignore[attr-defined]
    return int(found)


__all__ = ["new_id", "now_of", "person"]
