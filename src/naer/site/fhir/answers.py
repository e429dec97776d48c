"""Answers of the FHIR interface: resources and OperationOutcomes as JSON; and the frame of every view."""

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any, Concatenate

import msgspec
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from naer.messages.fhir import outcome
from naer.messages.fhir.elements import Element, encoded

JSON = "application/fhir+json; charset=utf-8"
JSON_TYPES = frozenset({"application/fhir+json", "application/json", "text/json", "application/json+fhir"})
"""Media types that mean JSON."""
_ANY = frozenset({"*/*", "application/*", ""})

_log = logging.getLogger("django.request")


class Refused(Exception):
    """A request that is answered with an OperationOutcome.

    `code` is one of the HL7 issue types (invalid, not-found, forbidden, not-supported, login …); `text`
    says what is wrong and what would be right, without repeating what was sent.
    """

    def __init__(
        self,
        status: int,
        code: str,
        text: str,
        expression: str = "",
        headers: Mapping[str, str] | None = None,
        issues: tuple[Element, ...] = (),
    ) -> None:
        super().__init__(text)
        self.status = status
        self.issues = issues or (outcome.issue("error", code, text, expression),)
        self.headers = dict(headers or {})


def answer(body: Element, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A resource as JSON."""
    response = HttpResponse(encoded(body), status=status, content_type=JSON)
    for name, value in (headers or {}).items():
        response[name] = value
    patch_vary_headers(response, ["Accept", "Authorization", "Cookie"])
    return response


def refusal(refused: Refused) -> HttpResponse:
    """The answer to a request that is refused."""
    return answer(outcome.outcome(*refused.issues), refused.status, refused.headers)


type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def api[**P](*methods: str, produces_json: bool = True) -> Callable[[View[P]], View[P]]:
    """The frame of a view of the FHIR interface: the methods it has, JSON wanted, and every error an outcome.

    Views in it are open to requests without a session (`caller.who` decides) and check form protection
    themselves, through `caller.who`.
    """

    def framed(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def called(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                if request.method not in methods:
                    allowed = {"Allow": ", ".join(methods)}
                    raise Refused(405, "not-supported", "this address has other methods", headers=allowed)
                if produces_json:
                    _wants_json(request)
                return _spaced(request, view(request, *args, **kwargs))
            except Refused as refused:
                return refusal(refused)
            except Http404:
                return refusal(Refused(404, "not-found", "there is nothing at this address that you may see"))
            except PermissionDenied:
                return refusal(Refused(403, "forbidden", "your role and care relations do not allow this"))
            except RequestDataTooBig:  # a SuspiciousOperation too
                return refusal(Refused(413, "too-long", "the body is larger than 5 MB"))
            except (SuspiciousOperation, BadRequest):
                return refusal(Refused(400, "structure", "the request cannot be read: see its form and size"))
            except UnreadablePostError:
                return refusal(Refused(400, "structure", "the body broke off"))
            except Exception:
                _log.exception("FHIR request failed", extra={"request": request, "status_code": 500})
                return refusal(Refused(500, "exception", "Naer failed; the failure is in its log"))

        called.login_required = False  # type: ignore[attr-defined]
        return csrf_exempt(called)

    return framed


def _spaced(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """With `_pretty=true`, JSON with line breaks, for people."""
    if request.GET.get("_pretty") == "true" and response["Content-Type"] == JSON and response.content:
        response.content = msgspec.json.format(response.content, indent=2)
    return response


def _wants_json(request: HttpRequest) -> None:
    """Refuse a request that asks for anything but JSON.

    Raises:
        Refused: 406.
    """
    formats: Any = request.GET.getlist("_format")
    wanted = formats[-1].partition(";")[0].strip().replace(" ", "+") if formats else ""
    if wanted:
        if wanted == "json" or wanted in JSON_TYPES:
            return
        raise Refused(406, "not-supported", "_format: this server writes application/fhir+json only")
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("Accept", "").split(",")]
    if any(part in JSON_TYPES or part in _ANY or part == "text/html" for part in accepted):
        return
    raise Refused(406, "not-supported", "Accept: this server writes application/fhir+json only")
