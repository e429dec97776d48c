"""Taking in one resource: the same by POST, by PUT and by an import, one transaction each."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element
from naer.site.fhir import bodies
from naer.site.fhir.answers import Refused, answer
from naer.site.fhir.caller import Caller
from naer.site.fhir.writing import CREATES, UPDATES
from naer.site.ui.requests import new_id, now_of


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, when, and under which address the interface lies.

    `key` is the id in the address of a PUT; `match` the version that it must still have, "" for any.
    """

    caller: Caller
    now: Instant
    base: str
    new_id: Callable[[], str]
    key: str = ""
    match: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: the resource as it stands, and whether it is new."""

    resource: Element
    new: bool = True


Take = Callable[[Element, Writing], Written]
"""Raises `Refused` (or PermissionDenied, Http404) when it cannot be taken; nothing is stored then."""

TAKERS: dict[str, Take] = {}
"""Type → what takes a resource of it in, new or changed."""


def creates(kind: str, take: Take, *, imported: bool = True) -> None:
    """Let POST /fhir/kind, and imports unless said otherwise, take resources in."""

    def create(request: HttpRequest, caller: Caller) -> HttpResponse:
        return _told(request, kind, take(bodies.resource(request, kind), _writing(request, caller)))

    if imported:
        TAKERS[kind] = take
    CREATES[kind] = create


def updates(kind: str, take: Take, *, imported: bool = True) -> None:
    """Let PUT /fhir/kind/id take resources in, and imports: there the id is in the resource."""

    def update(request: HttpRequest, caller: Caller, key: str) -> HttpResponse:
        body = bodies.resource(request, kind)
        if body.get("id") != key:
            raise Refused(400, "value", "id: must be the one in the address", f"{kind}.id")
        writing = replace(_writing(request, caller), key=key, match=_match(request))
        return _told(request, kind, take(body, writing))

    if imported:
        TAKERS.setdefault(kind, take)
    UPDATES[kind] = update


def require_version(writing: Writing, current: Element) -> None:
    """Check that what is changed is what the writer has seen.

    Raises:
        Refused: 412.
    """
    if writing.match and writing.match != current.get("meta", {}).get("versionId"):
        raise Refused(412, "conflict", "If-Match: it has changed since; read it again")


def target(reference: object, kind: str, writing: Writing, path: str) -> str:
    """The id in a reference to a resource of this server.

    Raises:
        Refused: 422 when it is none.
    """
    text = reference.get("reference") if isinstance(reference, dict) else None
    if isinstance(text, str):
        text = text.removeprefix(f"{writing.base}/")
        left, _, right = text.partition("/")
        if left == kind and right and "/" not in right and "\0" not in right:
            return right
    raise Refused(422, "value", f"must be a reference {kind}/id to a resource of this server", path)


def _writing(request: HttpRequest, caller: Caller) -> Writing:
    return Writing(caller, now_of(request), request.build_absolute_uri("/fhir"), new_id)


def _match(request: HttpRequest) -> str:
    given = request.headers.get("If-Match", "").strip()
    return given.removeprefix("W/").strip('"')


def _told(request: HttpRequest, kind: str, written: Written) -> HttpResponse:
    resource = written.resource
    meta = resource.get("meta", {})
    address = request.build_absolute_uri(f"/fhir/{kind}/{resource['id']}")
    headers = {"Location": address} if written.new else {}
    if "versionId" in meta:
        headers["ETag"] = f'W/"{meta["versionId"]}"'
    return answer(resource, 201 if written.new else 200, headers)
