"""A short way in for systems: POST /messages/ needs no session, language or form protection."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from naer.messages.envelope import Issue
from naer.messages.medcom import acknowledgement
from naer.site.messaging import views

ADDRESS = "/messages/"
FOREIGN = frozenset({"cross-site", "same-site"})
"""What a browser says of a request that another site's page makes; no system says anything."""


class Door:
    """Middleware behind the security one: hands messages straight to their view; all else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path_info != ADDRESS:
            return self.get_response(request)
        request.get_host()  # refused when it is none of ours: another name may lead a browser here
        if request.headers.get("Sec-Fetch-Site") in FOREIGN:
            refusal = Issue("forbidden", "a page of another site may not send messages")
            body = acknowledgement.operation_outcome([refusal])
            return HttpResponse(body, status=403, content_type="application/fhir+json; charset=utf-8")
        response = views.messages(request)
        response.headers["Cache-Control"] = "no-store"
        return response
