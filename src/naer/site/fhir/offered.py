"""What the FHIR interface offers beside reading and searching, as CapabilityStatement and SMART tell it."""

from naer.messages.fhir.elements import Element, coding
from naer.site.fhir.types import TYPES
from naer.site.fhir.writing import CREATES, DELETES, UPDATES

_DEFINED = "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message"
_EXPORT = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/{}"

OPERATIONS: dict[str, list[Element]] = {
    "": [
        {"name": "process-message", "definition": _DEFINED},
        {"name": "export", "definition": _EXPORT.format("export")},
        {"name": "import", "definition": "urn:naer:operation:import"},
    ],
    "Patient": [{"name": "export", "definition": _EXPORT.format("patient-export")}],
    "Group": [{"name": "export", "definition": _EXPORT.format("group-export")}],
}
"""Operations of the whole system under "", those of a type under its name."""


def security(token_address: str) -> Element:
    """`rest.security` of the CapabilityStatement."""
    return {
        "extension": [
            {
                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                "extension": [{"url": "token", "valueUri": token_address}],
            }
        ],
        "service": [
            {
                "coding": [
                    coding("http://terminology.hl7.org/CodeSystem/restful-security-service", "SMART-on-FHIR")
                ]
            }
        ],
        "description": "Systems sign in as SMART backend services (private_key_jwt); people by session.",
    }


def offered_scopes() -> list[str]:
    """Every scope that means something here."""
    written = CREATES.keys() | UPDATES.keys() | DELETES.keys() | {"MessageHeader"}
    every = sorted(TYPES.keys() | written)
    found = ["system/*.read", "system/*.write", "system/*.*"]
    for name in every:
        found += [f"system/{name}.read"] if name in TYPES else []
        found += [f"system/{name}.write"] if name in written else []
    return found
