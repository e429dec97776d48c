"""Whether a resource that came in has the shape that FHIR R4 gives it: elements, types, cardinality.

A shape names every element that is taken: `name!` must be there, `name*` is a list. Its type is a primitive
("dateTime"), a choice of codes ("final|amended"), a datatype ("CodeableConcept") or a shape of its own. What
a shape does not name is refused, so that nothing is dropped silently.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

Shape = Mapping[str, "str | Shape"]
MOST_FAULTS = 20
"""So many faults are told of one resource."""
_DEEPEST = 12
_LONGEST = 1_000_000


class Fault(msgspec.Struct, frozen=True):
    """One departure: an HL7 issue type, what is wrong without repeating a value, and where."""

    code: str
    text: str
    path: str


_YEAR = r"\d{4}"
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = r"(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?"
_ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_TEXTS: dict[str, re.Pattern[str]] = {
    "string": re.compile(r"(?s)(?=.*\S)[^\x00-\x08\x0b\x0c\x0e-\x1f]+"),
    "markdown": re.compile(r"(?s)(?=.*\S)[^\x00-\x08\x0b\x0c\x0e-\x1f]+"),
    "code": re.compile(r"[^\s\x00-\x1f]+( [^\s\x00-\x1f]+)*"),
    "id": re.compile(r"[A-Za-z0-9\-.]{1,64}"),
    "uri": re.compile(r"[^\s\x00-\x1f]+"),
    "date": re.compile(rf"{_YEAR}(-{_MONTH}(-{_DAY})?)?"),
    "dateTime": re.compile(rf"{_YEAR}(-{_MONTH}(-{_DAY}(T{_CLOCK}{_ZONE})?)?)?"),
    "instant": re.compile(rf"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}"),
    "time": re.compile(_CLOCK),
    "base64Binary": re.compile(r"[A-Za-z0-9+/]+={0,2}"),
}

DATATYPES: dict[str, Shape] = {
    "Meta": {
        "versionId": "id",
        "lastUpdated": "instant",
        "source": "uri",
        "profile*": "uri",
        "security*": "Coding",
        "tag*": "Coding",
    },
    "Narrative": {"status!": "generated|extensions|additional|empty", "div!": "string"},
    "Coding": {
        "system": "uri",
        "version": "string",
        "code": "code",
        "display": "string",
        "userSelected": "boolean",
    },
    "CodeableConcept": {"coding*": "Coding", "text": "string"},
    "Identifier": {
        "use": "usual|official|temp|secondary|old",
        "type": "CodeableConcept",
        "system": "uri",
        "value": "string",
        "period": "Period",
        "assigner": "Reference",
    },
    "Reference": {"reference": "string", "type": "uri", "display": "string", "identifier": "Identifier"},
    "Period": {"start": "dateTime", "end": "dateTime"},
    "Quantity": {
        "value": "decimal",
        "comparator": "<|<=|>=|>",
        "unit": "string",
        "system": "uri",
        "code": "code",
    },
    "SimpleQuantity": {"value": "decimal", "unit": "string", "system": "uri", "code": "code"},
    "Range": {"low": "SimpleQuantity", "high": "SimpleQuantity"},
    "Ratio": {"numerator": "Quantity", "denominator": "Quantity"},
    "Annotation": {
        "authorReference": "Reference",
        "authorString": "string",
        "time": "dateTime",
        "text!": "markdown",
    },
    "Attachment": {
        "contentType": "code",
        "language": "code",
        "data": "base64Binary",
        "url": "uri",
        "size": "positive",
        "hash": "base64Binary",
        "title": "string",
        "creation": "dateTime",
    },
}
RESOURCE: Shape = {
    "resourceType!": "code",
    "id": "id",
    "meta": "Meta",
    "text": "Narrative",
    "language": "code",
}
"""What every resource may have."""


def faults(resource: object, shape: Shape) -> list[Fault]:
    """Where a resource departs from a shape; at most `MOST_FAULTS`."""
    kind = resource.get("resourceType", "") if isinstance(resource, dict) else ""
    found: list[Fault] = []
    for fault in _element(resource, {**RESOURCE, **shape}, kind if isinstance(kind, str) else "", 0):
        found.append(fault)
        if len(found) == MOST_FAULTS:
            break
    return found


def _element(value: object, shape: Shape, path: str, depth: int) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault("structure", "an object is needed", path)
        return
    if depth > _DEEPEST:
        yield Fault("structure", "the resource is nested too deeply", path)
        return
    if not value:
        yield Fault("structure", "an element must not be empty", path)
    known = set()
    for name, of in shape.items():
        bare = name.rstrip("!*")
        known.add(bare)
        if bare in value:
            yield from _value(value[bare], of, f"{path}.{bare}", "*" in name, depth)
        elif "!" in name:
            yield Fault("required", "is missing", f"{path}.{bare}")
    if not known.issuperset(value):
        yield Fault("not-supported", "holds an element that is not taken here", path)


def _value(value: object, of: str | Shape, path: str, many: bool, depth: int) -> Iterator[Fault]:
    if not many:
        yield from _one(value, of, path, depth)
    elif not isinstance(value, list) or not value:
        yield Fault("structure", "a list with something in it is needed", path)
    else:
        for place, one in enumerate(value):
            yield from _one(one, of, f"{path}[{place}]", depth)


def _one(value: object, of: str | Shape, path: str, depth: int) -> Iterator[Fault]:
    if not isinstance(of, str):
        yield from _element(value, of, path, depth + 1)
    elif of in DATATYPES:
        yield from _element(value, DATATYPES[of], path, depth + 1)
    elif not _is(value, of):
        yield Fault("value", f"is no {_words(of)}", path)


def _is(value: Any, of: str) -> bool:
    """Whether a value is of a primitive type, or one of some codes."""
    match of:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31
        case "positive":
            return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
        case "decimal":
            return _is_decimal(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return False
    pattern = _TEXTS.get(of)
    return pattern.fullmatch(value) is not None if pattern else value in of.split("|")


def _is_decimal(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    return exact.is_finite() and len(exact.as_tuple().digits) <= 60 and abs(exact.adjusted()) <= 60


def _words(of: str) -> str:
    return f"code of {of.replace('|', ', ')}" if "|" in of else of
