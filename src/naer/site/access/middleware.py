"""Pages about people are kept by no cache, neither the browser's nor one on the way."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class NoStore:
    """Adds `Cache-Control: no-store, private` to every answer that does not say otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response
