"""The small elements of FHIR R4 resources: codings, references, identifiers, instants (Datatypes)."""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from naer.events.instant import Instant, utc

Element = dict[str, Any]
"""A FHIR element or resource as JSON has it."""

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
"""What FHIR allows as an id."""
BASE = "urn:naer"
"""What Naer's own code systems and identifiers begin with."""

_encoder = msgspec.json.Encoder(decimal_format="number")


def given(element: Mapping[str, Any]) -> Element:
    """Without what is empty: FHIR has no empty elements."""
    return {key: value for key, value in element.items() if value not in (None, "", [], {}, ())}


def system(name: str) -> str:
    """The URI of a code system or identifier of Naer's own: `urn:naer:clause`."""
    return f"{BASE}:{name}"


def coding(of: str, code: str, display: str = "") -> Element:
    """A Coding; `of` is the URI of the code system."""
    return given({"system": of, "code": code, "display": display})


def concept(of: str, code: str, text: str = "") -> Element:
    """A CodeableConcept with one coding."""
    return given({"coding": [coding(of, code)], "text": text})


def identifier(of: str, value: str, use: str = "") -> Element:
    """An Identifier; `of` is the URI of its system."""
    return given({"use": use, "system": of, "value": value})


def reference(kind: str, key: object, display: str = "") -> Element:
    """A Reference to a resource of this server: `Patient/…`."""
    return given({"reference": f"{kind}/{key}", "display": display})


def moment(at: Instant | None) -> str | None:
    """An instant (µs) as FHIR writes one, in UTC with milliseconds; None stays None."""
    if at is None:
        return None
    return utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(date: dt.date | None) -> str | None:
    """A date as FHIR writes one."""
    return None if date is None else date.isoformat()


def period(start: Instant | None, end: Instant | None) -> Element:
    """A Period; empty when neither end is known."""
    return given({"start": moment(start), "end": moment(end)})


def encoded(value: object) -> bytes:
    """As JSON."""
    return _encoder.encode(value)


def versioned(resource: Element, updated: Instant | None = None) -> Element:
    """The resource with `meta`: when it last changed, where known, and a version that its content decides."""
    version = hashlib.sha256(encoded(resource)).hexdigest()[:16]
    meta = given({"versionId": version, "lastUpdated": moment(updated), **resource.get("meta", {})})
    head = {key: resource[key] for key in ("resourceType", "id") if key in resource}
    rest = {key: value for key, value in resource.items() if key not in head and key != "meta"}
    return head | {"meta": meta} | rest
