"""Signs people out whose session is too old or idle, and says so on the page that follows."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from naer.site import clock
from naer.site.accounts import sessions


class SessionLimits:
    """Asks at each request of somebody signed in whether the session may go on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and (why := sessions.ended(request, clock.real())):
            logout(request)
            messages.info(request, _WORDS[why]())
        return self.get_response(request)


_WORDS: dict[str, Callable[[], str]] = {
    "idle": lambda: _("You were signed out because nothing was done for a while. Sign in again."),
    "age": lambda: _("You were signed out because your sign-in is many hours old. Sign in again."),
}
