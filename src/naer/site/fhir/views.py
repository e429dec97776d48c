"""The addresses of the FHIR interface: each leads to reading, searching or taking in."""

from django.http import Http404, HttpRequest, HttpResponse

from naer.site.fhir import capability, searching
from naer.site.fhir.answers import Refused, answer, api
from naer.site.fhir.asking import asked_for
from naer.site.fhir.caller import READ, WRITE, who
from naer.site.fhir.registry import TYPES
from naer.site.fhir.types import Asked
from naer.site.fhir.writing import CREATES, DELETES, UPDATES
from naer.site.ui.requests import now_of


@api("GET", "HEAD")
def metadata(request: HttpRequest) -> HttpResponse:
    """The CapabilityStatement: open to everybody, as it says nothing about anybody."""
    token_address = request.build_absolute_uri("/fhir/oauth/token")
    return answer(capability.statement(base(request), token_address, now_of(request)))


@api("GET", "HEAD", "POST")
def kind(request: HttpRequest, name: str) -> HttpResponse:
    """/fhir/Type: GET searches, POST creates."""
    if request.method == "POST":
        create = CREATES.get(name)
        if create is None:
            raise (
                _unknown(name)
                if name not in TYPES
                else Refused(405, "not-supported", "nothing is created here")
            )
        caller = who(request)
        caller.require(name, WRITE)
        return create(request, caller)
    return _searched(request, name)


@api("GET", "HEAD", "POST")
def search(request: HttpRequest, name: str) -> HttpResponse:
    """/fhir/Type/_search: as GET /fhir/Type, with parameters in the body, where no log keeps them."""
    return _searched(request, name)


@api("GET", "HEAD", "PUT", "DELETE")
def resource(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """/fhir/Type/id: GET reads, PUT changes, DELETE removes."""
    if request.method in ("PUT", "DELETE"):
        change = (UPDATES if request.method == "PUT" else DELETES).get(name)
        if change is None:
            raise Refused(405, "not-supported", "resources of this type are not changed here")
        caller = who(request)
        caller.require(name, WRITE)
        return change(request, caller, key)
    asked = _asked(request, name)
    found = searching.read(asked, TYPES[name], key)
    if found is None:
        raise Http404
    version = str(found.resource.get("meta", {}).get("versionId", ""))
    tag = {"ETag": f'W/"{version}"'} if version else {}
    if version and request.headers.get("If-None-Match") in (tag["ETag"], f'"{version}"'):
        return HttpResponse(status=304, headers=tag)
    return answer(found.resource, headers=tag)


@api("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001
    """Any other address under /fhir."""
    raise Refused(404, "not-found", "there is no such address; /fhir/metadata says what there is")


def _asked(request: HttpRequest, name: str) -> Asked:
    """Who asks for resources of a type.

    Raises:
        Refused: 404 for an unknown type, 401 or 403 for somebody who may not ask.
    """
    if name not in TYPES:
        raise _unknown(name)
    caller = who(request)
    caller.require(name, READ)
    return Asked(caller, now_of(request), base(request))


def base(request: HttpRequest) -> str:
    """The absolute address of the interface, as the request named the site."""
    return request.build_absolute_uri("/fhir")


def _searched(request: HttpRequest, name: str) -> HttpResponse:
    asked = _asked(request, name)
    search = asked_for(request, TYPES[name], asked)
    return answer(searching.bundle(asked, TYPES[name], search))


def _unknown(name: str) -> Refused:
    del name  # said by nobody: it may be anything
    return Refused(404, "not-supported", "this server has no such type; /fhir/metadata lists those it has")
