"""What comes in as a body: one resource as JSON, with numbers as exact as they were written."""

from decimal import Decimal

import msgspec
from django.http import HttpRequest

from naer.messages.fhir import outcome
from naer.messages.fhir.elements import Element
from naer.messages.fhir.shape import Fault
from naer.messages.medcom.document import too_deep
from naer.site.fhir.answers import JSON_TYPES, Refused

_decoder = msgspec.json.Decoder(float_hook=Decimal)


def resource(request: HttpRequest, kind: str) -> Element:
    """The resource in a request, which must be of type `kind`.

    Raises:
        Refused: 415 for another media type, 400 for what is no resource of the type.
    """
    if (request.content_type or "").lower() not in JSON_TYPES:
        raise Refused(415, "not-supported", "send application/fhir+json")
    found = parsed(request.body)
    if found.get("resourceType") != kind:
        raise Refused(400, "structure", f"the body must be a resource of type {kind}", "resourceType")
    return found


def parsed(data: bytes) -> Element:
    """A JSON object.

    Raises:
        Refused: 400 for anything else.
    """
    if too_deep(data):  # asked first: the decoder recurses, and a thread of the server has a small stack
        raise Refused(400, "structure", "the body is nested too deeply")
    try:
        found = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
        raise Refused(400, "structure", "the body is not JSON") from None
    if not isinstance(found, dict):
        raise Refused(400, "structure", "the body is no JSON object")
    return found


def refuse(faults: list[Fault], status: int = 422) -> None:
    """Refuse a resource that departs from its shape.

    Raises:
        Refused: with an issue for each, when there are any.
    """
    if faults:
        issues = tuple(outcome.issue("error", one.code, one.text, one.path) for one in faults)
        raise Refused(status, faults[0].code, faults[0].text, faults[0].path, issues=issues)
