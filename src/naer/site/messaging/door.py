"""A short way in for systems: POST /messages/ needs no session, language or form protection."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from naer.site.messaging import views

ADDRESS = "/messages/"


class Door:
    """Middleware that stands behind the security one and hands messages straight to their view; all else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path_info != ADDRESS:
            return self.get_response(request)
        response = views.messages(request)
        response.headers["Cache-Control"] = "no-store"
        return response
