"""The addresses of the FHIR interface: each leads to reading, searching or taking in."""

from django.http import Http404, HttpRequest, HttpResponse

from naer.messages.fhir.elements import Element
from naer.site.fhir.answers import Refused, answer, api
from naer.site.fhir.caller import READ, WRITE, who
from naer.site.fhir.types import TYPES, Asked
from naer.site.fhir.writing import CREATES, DELETES, UPDATES
from naer.site.ui.requests import now_of


@api("GET", "HEAD")
def metadata(_: HttpRequest) -> HttpResponse:
    """The CapabilityStatement: open to everybody, as it says nothing about anybody."""
    return answer({"resourceType": "CapabilityStatement"})


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
    found = TYPES[name].shelf.read(asked, [key])
    if not found:
        raise Http404
    return answer(found[0].resource)


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
    _asked(request, name)
    body: Element = {"resourceType": "Bundle", "type": "searchset"}
    return answer(body)


def _unknown(name: str) -> Refused:
    del name  # said by nobody: it may be anything
    return Refused(404, "not-supported", "this server has no such type; /fhir/metadata lists those it has")
