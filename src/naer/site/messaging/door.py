"""The address that systems post messages to, `POST /messages/`, answered before Django hears of it.

A message needs no session, language or form protection, and Django's way to a view and back takes half as
long as reading one. All else goes on to the site; so does a message that comes by a name which is not ours,
or not by https where that is asked, to be refused or redirected as any request is.
"""

import secrets
from contextlib import suppress
from http.client import responses
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.middleware.security import SecurityMiddleware

from naer.messages.envelope import Issue
from naer.messages.medcom import acknowledgement
from naer.site import clock
from naer.site.identity import new_id
from naer.site.messaging import gate
from naer.site.messaging.answer import Raw
from naer.site.pathways.actor import Process

ADDRESS = "/messages/"
FOREIGN = frozenset({"cross-site", "same-site"})
"""What a browser says of a request that another site's page makes; no system says anything."""
MEDIA_TYPES = frozenset(
    {
        "application/fhir+json",
        "application/fhir+xml",
        "application/json",
        "application/xml",
        "text/json",
        "text/xml",
        "application/octet-stream",
        "",
    }
)
PACKED = frozenset({"gzip", "x-gzip", "deflate", "compress", "br", "zstd"})
"""Codings of a body that the intake does not unpack: a few bytes could be a gigabyte."""

_READ_AWAY, _PIECE = 50 * 1024 * 1024, 1024 * 1024
"""Bytes of a message that is too large to read and forget; and at a time."""
_log = structlog.get_logger("naer.intake")


class _Reply(NamedTuple):
    """What goes back."""

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


class Door:
    """The site with this address before it, as a WSGI application."""

    def __init__(self, site: WSGIApplication) -> None:
        self._site = site
        self._headers = _of_every_answer()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        """Answer a message; hand all else on."""
        here = environ["REQUEST_METHOD"] == "POST" and environ.get("PATH_INFO") == ADDRESS
        if not here or not _secure(environ) or not _by_our_name(environ):
            return self._site(environ, start_response)
        reply = _replied(environ)
        headers = [("Content-Type", reply.content_type), *self._headers, *reply.headers]
        start_response(f"{reply.status} {responses[reply.status]}", headers)
        return [reply.body]


def _of_every_answer() -> list[tuple[str, str]]:
    """The headers that the site has on every answer, and that nobody keeps this one."""
    request, response = HttpRequest(), HttpResponse()
    request.META["HTTP_X_FORWARDED_PROTO"] = "https"  # where that is asked, nothing else is answered here
    del response.headers["Content-Type"]
    SecurityMiddleware(lambda _: response).process_response(request, response)
    return [*response.items(), ("Cache-Control", "no-store")]


def _secure(environ: WSGIEnvironment) -> bool:
    """Whether it came by https, to us or to the server in front; or that is not asked."""
    if not settings.HTTPS:
        return True
    said = str(environ.get("HTTP_X_FORWARDED_PROTO", environ["wsgi.url_scheme"]))
    return said.partition(",")[0].strip() == "https"


def _by_our_name(environ: WSGIEnvironment) -> bool:
    """Whether the sender calls us by a name of ours: another may lead a browser here."""
    name, _ = split_domain_port(str(environ.get("HTTP_HOST", environ["SERVER_NAME"])))
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS)


def _replied(environ: WSGIEnvironment) -> _Reply:
    """One message from a system: the answer is an Acknowledgement, or an OperationOutcome."""
    media = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    written = "xml" if "xml" in media else "json"
    if environ.get("HTTP_SEC_FETCH_SITE") in FOREIGN:
        return _outcome(403, "forbidden", "a page of another site may not send messages", "json")
    if not _welcome(environ):
        text = "send Authorization: Bearer with the token of this installation"
        return _outcome(401, "login", text, written, ("WWW-Authenticate", "Bearer"))
    if media not in MEDIA_TYPES:
        return _outcome(415, "not-supported", "send application/fhir+json or application/fhir+xml", "json")
    if environ.get("HTTP_CONTENT_ENCODING", "").strip().lower() in PACKED:
        return _outcome(415, "not-supported", "send the message as it is, without Content-Encoding", written)
    length = _length(environ)
    if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        _read_away(environ, length)
        return _outcome(413, "too-long", "the message is larger than 5 MB", written)
    try:
        data = environ["wsgi.input"].read(length)
    except OSError:
        return _outcome(400, "structure", "the message broke off", written)
    raw = Raw(data, media or None, "http", _handed_to(environ))
    try:
        answer = gate.receive(raw, now=clock.now(), new_id=new_id, actor=Process("http"))
    except Exception as error:
        _log.error("message not taken in", error=type(error).__name__, exc_info=error)
        return _outcome(500, "transient", "the message could not be stored; send it again later", written)
    return _Reply(answer.http_status, answer.body, answer.content_type)


def _length(environ: WSGIEnvironment) -> int:
    """Bytes of the message as its sender says; 0 where that is no number."""
    said = environ.get("CONTENT_LENGTH", "")
    return int(said[:20]) if said.isascii() and said.isdecimal() else 0  # its beginning: too long in any case


def _read_away(environ: WSGIEnvironment, length: int) -> None:
    """Let the sender finish, within bounds: one who is cut off while sending never sees the answer."""
    left = min(length, _READ_AWAY)
    with suppress(OSError):
        while left > 0 and (piece := environ["wsgi.input"].read(min(left, _PIECE))):
            left -= len(piece)


def _handed_to(environ: WSGIEnvironment) -> str:
    """For which of its receivers a message is, when its sender says so: `?to=`."""
    asked = environ.get("QUERY_STRING", "")
    return parse_qs(asked).get("to", [""])[-1][:64] if asked else ""


def _welcome(environ: WSGIEnvironment) -> bool:
    """Whether the sender may post: by token, or from this very machine in demo mode."""
    if settings.INTAKE_TOKEN:
        given = environ.get("HTTP_AUTHORIZATION", "")
        wanted = f"Bearer {settings.INTAKE_TOKEN}"
        return secrets.compare_digest(given.encode(errors="surrogatepass"), wanted.encode())
    return settings.MODE == "demo" and _from_here(environ)


def _from_here(environ: WSGIEnvironment) -> bool:
    if "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ:
        return False
    try:
        return ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _outcome(status: int, code: str, text: str, written: str, *headers: tuple[str, str]) -> _Reply:
    body = acknowledgement.operation_outcome([Issue(code, text)], "xml" if written == "xml" else "json")
    return _Reply(status, body, f"application/fhir+{written}; charset=utf-8", headers)
