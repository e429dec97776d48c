"""Asking a provider of identities over HTTP(S): bounded in time and size, no redirects, TLS checked.

Nothing that the provider says gets into an error: it may hold a person.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from naer.site.accounts.providers import is_safe
from naer.site.messaging.deadline import bound

LONGEST = 1_000_000
"""Bytes of an answer that are read."""


class NoAnswerError(Exception):
    """The provider did not answer as it should; the text holds nothing that it said."""


def ask(
    address: str, *, form: Mapping[str, str] | None = None, bearer: str = "", seconds: float
) -> dict[str, Any]:
    """The JSON object at an address: got, or the answer to a form that is posted.

    Raises:
        NoAnswerError: when there is none, or its status is no success.
    """
    if not is_safe(address):
        raise NoAnswerError("an address of the provider is neither https nor on this machine")
    parts = urlsplit(address)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept": "application/json", "User-Agent": "Naer", "Connection": "close"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    body = None
    if form is not None:
        body = urlencode(form)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        link = _open(parts.scheme, parts.hostname or "", parts.port, seconds)
        try:
            with bound(link, seconds):
                link.request("GET" if body is None else "POST", path, body, headers)
                answer = link.getresponse()
                data = answer.read(LONGEST + 1)
        finally:
            link.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswerError(f"no answer: {type(error).__name__}") from None
    if not 200 <= answer.status < 300:
        raise NoAnswerError(f"HTTP {answer.status}")
    try:
        found = json.loads(data) if len(data) <= LONGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NoAnswerError("the answer is no JSON object")
    return found


def _open(scheme: str, host: str, port: int | None, seconds: float) -> Any:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
