"""Pages about people are kept by no cache, the browser's or another; the log learns where they went."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from naer.site.access.whence import coming_from
from naer.site.accounts.caller import address


class NoStore:
    """Adds `Cache-Control: no-store, private` to every answer that does not say otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with coming_from(address(request)):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response
