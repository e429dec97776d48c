"""Where systems sign in: the token address, and what tells of it (SMART App Launch 2.2, backend services)."""

import time
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from naer.site.fhir import keysets, scopes, tokens
from naer.site.fhir.answers import api
from naer.site.fhir.assertions import AssertionRefusedError, client
from naer.site.fhir.offered import offered_scopes
from naer.site.ui.requests import now_of

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MOST_FIELDS = 20


@api("GET", "HEAD", produces_json=False)
def configuration(request: HttpRequest) -> HttpResponse:
    """/fhir/.well-known/smart-configuration: open to everybody."""
    response = JsonResponse(
        {
            "token_endpoint": token_address(request),
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(keysets.ALGORITHMS),
            "scopes_supported": offered_scopes(),
            "capabilities": ["client-confidential-asymmetric", "permission-v1"],
        }
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


@api("POST", produces_json=False)
def token(request: HttpRequest) -> HttpResponse:
    """A token for a system that proves who it is; errors as RFC 6749 has them."""
    if request.content_type != "application/x-www-form-urlencoded":
        return _refused("invalid_request", "send application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(request.body.decode(), max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        return _refused("invalid_request", "the body cannot be read as a form")
    given = dict(pairs)
    if len(given) < len(pairs):
        return _refused("invalid_request", "a field stands there twice")
    if given.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "grant_type must be client_credentials")
    if given.get("client_assertion_type") != ASSERTION_TYPE or not given.get("client_assertion"):
        return _refused(
            "invalid_request", f"client_assertion and client_assertion_type {ASSERTION_TYPE} are needed"
        )
    try:
        found = client(given["client_assertion"], token_address(request), time.time_ns() // 1000)
    except AssertionRefusedError as error:
        return _refused("invalid_client", str(error), 401)
    allowed = scopes.granted(scopes.listed(given.get("scope", "")), scopes.listed(found.scopes))
    if not allowed:
        return _refused("invalid_scope", "scope names nothing that this system may ask for")
    made = tokens.issue(found, allowed, now_of(request))
    return _told(
        {
            "access_token": made,
            "token_type": "bearer",
            "expires_in": tokens.LASTS_S,
            "scope": " ".join(allowed),
        }
    )


def token_address(request: HttpRequest) -> str:
    """The absolute address of `token`: what an assertion is signed for."""
    return request.build_absolute_uri(reverse("fhir-token"))


def _refused(error: str, text: str, status: int = 400) -> HttpResponse:
    return _told({"error": error, "error_description": text}, status)


def _told(said: dict[str, object], status: int = 200) -> HttpResponse:
    response = JsonResponse(said, status=status)
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response
