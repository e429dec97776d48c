"""Observations that others write: which elements are taken (FHIR R4, Observation)."""

from collections.abc import Mapping
from typing import Any

from naer.messages.fhir.shape import Fault, Shape, faults

STATUS = "registered|preliminary|final|amended|corrected|cancelled|entered-in-error|unknown"

_VALUE: Shape = {
    "valueQuantity": "Quantity",
    "valueCodeableConcept": "CodeableConcept",
    "valueString": "string",
    "valueBoolean": "boolean",
    "valueInteger": "integer",
    "valueRange": "Range",
    "valueRatio": "Ratio",
    "valueTime": "time",
    "valueDateTime": "dateTime",
    "valuePeriod": "Period",
    "dataAbsentReason": "CodeableConcept",
    "interpretation*": "CodeableConcept",
}
_RANGE: Shape = {
    "low": "SimpleQuantity",
    "high": "SimpleQuantity",
    "type": "CodeableConcept",
    "appliesTo*": "CodeableConcept",
    "age": "Range",
    "text": "string",
}
SHAPE: Shape = {
    "identifier*": "Identifier",
    "basedOn*": "Reference",
    "partOf*": "Reference",
    "status!": STATUS,
    "category*": "CodeableConcept",
    "code!": "CodeableConcept",
    "subject!": "Reference",
    "focus*": "Reference",
    "encounter": "Reference",
    "effectiveDateTime": "dateTime",
    "effectivePeriod": "Period",
    "effectiveInstant": "instant",
    "issued": "instant",
    "performer*": "Reference",
    **_VALUE,
    "note*": "Annotation",
    "bodySite": "CodeableConcept",
    "method": "CodeableConcept",
    "device": "Reference",
    "referenceRange*": _RANGE,
    "hasMember*": "Reference",
    "derivedFrom*": "Reference",
    "component*": {"code!": "CodeableConcept", **_VALUE, "referenceRange*": _RANGE},
}


def wrong(resource: Mapping[str, Any]) -> list[Fault]:
    """What of an Observation cannot be taken; empty when all can."""
    found = faults(resource, SHAPE)
    if found:
        return found
    for path, element in _with_values(resource):
        values = [name for name in element if name.startswith("value")]
        if len(values) > 1:
            found.append(Fault("invariant", "has more than one value", path))
        if values and "dataAbsentReason" in element:
            found.append(Fault("invariant", "has a value and a reason why there is none (obs-6)", path))
        if not element["code"]:
            found.append(Fault("required", "is empty", f"{path}.code"))
    if sum(name.startswith("effective") for name in resource) > 1:
        found.append(Fault("invariant", "has more than one effective time", "Observation"))
    for place, one in enumerate(resource.get("referenceRange", ())):
        if not one.keys() & {"low", "high", "text"}:
            path = f"Observation.referenceRange[{place}]"
            found.append(Fault("invariant", "needs low, high or text (obs-3)", path))
    return found


def _with_values(resource: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    parts = [("Observation", resource)]
    for place, one in enumerate(resource.get("component", ())):
        parts.append((f"Observation.component[{place}]", one))
    return parts
