"""A system that sends messages to the site, by the way that a server hands them on: WSGI."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import RequestFactory

from naer.site.messaging.door import Door


class Sender(RequestFactory):
    """Makes a request and gives the answer to it."""

    def request(self, **request: Any) -> HttpResponse:  # type: ignore[override]
        """What the site answers."""
        told: list[Any] = []
        body = Door(WSGIHandler())(self._base_environ(**request), lambda *start: told.extend(start))
        status, headers = told[:2]
        return HttpResponse(b"".join(body), status=int(status.split()[0]), headers=dict(headers))
