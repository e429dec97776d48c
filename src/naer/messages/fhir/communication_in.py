"""Communications that others write, to be sent: which elements are taken (FHIR R4, Communication)."""

from collections.abc import Mapping
from typing import Any

from naer.messages.fhir.elements import system
from naer.messages.fhir.shape import Fault, Shape, faults

PHONE = system("phone")
"""Extension with the telephone number of who wrote: MedCom wants one with every text."""
SHAPE: Shape = {
    "extension*": {"url!": "uri", "valueString": "string"},
    "status!": "preparation|in-progress",
    "category*": "CodeableConcept",
    "priority": "routine|urgent|asap|stat",
    "subject!": "Reference",
    "topic": "CodeableConcept",
    "inResponseTo*": "Reference",
    "recipient*": "Reference",
    "sender": "Reference",
    "payload!*": {"contentString": "string", "contentAttachment": "Attachment"},
}


def wrong(resource: Mapping[str, Any]) -> list[Fault]:
    """What of a Communication cannot be taken; empty when all can."""
    found = faults(resource, SHAPE)
    if found:
        return found
    for place, one in enumerate(resource["payload"]):
        path = f"Communication.payload[{place}]"
        if len(one) != 1:
            found.append(Fault("structure", "has one content", path))
        elif "contentAttachment" in one and not {"contentType", "data"} <= one["contentAttachment"].keys():
            found.append(Fault("required", "needs contentType and data", f"{path}.contentAttachment"))
    for place, one in enumerate(resource.get("extension", ())):
        if one["url"] != PHONE or "valueString" not in one:
            path = f"Communication.extension[{place}]"
            found.append(Fault("not-supported", f"{PHONE} with valueString is taken, no other", path))
    if not any("contentString" in one for one in resource["payload"]):
        found.append(Fault("required", "at least one contentString is needed", "Communication.payload"))
    for name in ("recipient", "inResponseTo"):
        if len(resource.get(name, ())) > 1:
            found.append(Fault("not-supported", "one is taken", f"Communication.{name}"))
    if not resource.get("recipient") and not resource.get("inResponseTo"):
        found.append(Fault("required", "recipient, or inResponseTo", "Communication.recipient"))
    return found
