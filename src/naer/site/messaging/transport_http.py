"""HTTP and HTTPS: a message is posted to the partner's address; mutual TLS is a matter of settings.

The partner's certificate and name are always checked. Redirects are not followed, an answer is read up to
a bound, and what it says never gets into errors or logs: it may hold a citizen.
"""

import http.client
import os
import ssl
from typing import Any
from urllib.parse import urlsplit

from naer.messages import read
from naer.site.messaging.connections import Connection
from naer.site.messaging.deadline import bound
from naer.site.messaging.transport import Again, Handed, Never, Outcome, Parcel

LONGEST_ANSWER = 5_000_000
"""Bytes of an answer that are read."""

_STEPS = 3
"""Connecting, sending and answering may each take as long as the connection says."""

REFUSALS = frozenset({400, 406, 409, 410, 411, 413, 414, 415, 422})
"""Statuses that say that this message is not taken like this, however often it comes."""


def post(parcel: Parcel, connection: Connection) -> Outcome:
    """Post the message; a receipt in the body of the answer is handed on."""
    headers = {"Content-Type": parcel.content_type, "User-Agent": "Naer", "Connection": "close"}
    if connection.token_variable:
        token = os.environ.get(connection.token_variable, "")
        if not token:
            return Again(f"{connection.token_variable} is not set: the token is missing")
        headers["Authorization"] = f"Bearer {token}"
    parts = urlsplit(connection.address)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        link = _open(connection, parts.scheme, parts.hostname or "", parts.port)
    except (OSError, ValueError) as error:
        return Again(f"the certificate or key cannot be used: {_words(error)}")
    try:
        with bound(link, _STEPS * connection.timeout_s):
            link.request("POST", path, parcel.data, headers)
            answer = link.getresponse()
            body = answer.read(LONGEST_ANSWER + 1)
    except ssl.SSLCertVerificationError as error:
        return Again(f"the partner's certificate is not trusted: {error.verify_message}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Again(f"no answer: {_words(error)}")
    finally:
        link.close()
    return _judged(answer, body, parcel)


def _open(connection: Connection, scheme: str, host: str, port: int | None) -> Any:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=connection.timeout_s)
    context = ssl.create_default_context(cafile=connection.authority or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if connection.certificate:
        context.load_cert_chain(connection.certificate, connection.key or None, password="")
    return http.client.HTTPSConnection(host, port, timeout=connection.timeout_s, context=context)


def _judged(answer: http.client.HTTPResponse, body: bytes, parcel: Parcel) -> Outcome:
    status, content_type = answer.status, answer.headers.get("Content-Type", "")
    receipt = body if body.strip() and len(body) <= LONGEST_ANSWER and _may_hold(content_type) else b""
    if (200 <= status < 300 or status in REFUSALS) and receipt and _answers(parcel, receipt, content_type):
        return Handed(f"HTTP {status}, with a receipt", receipt, content_type)
    if 200 <= status < 300:
        return Handed(f"HTTP {status}")
    if status in REFUSALS:
        return Never(f"the partner's system does not take it: HTTP {status}")
    return Again(f"the partner's system answered HTTP {status}")


def _answers(parcel: Parcel, receipt: bytes, content_type: str) -> bool:
    """Whether what came back is a receipt for this very message: then it says more than the status."""
    said = read(receipt, content_type).response
    return said is not None and said.message_id == parcel.message_id


def _may_hold(content_type: str) -> bool:
    """Whether an answer of this type can be a receipt, and not a page for people."""
    return "json" in content_type or ("xml" in content_type and "xhtml" not in content_type)


def _words(error: BaseException) -> str:
    """What went wrong, without anything the partner's system said."""
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or 'failed'}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
