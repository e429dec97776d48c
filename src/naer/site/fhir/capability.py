"""CapabilityStatement: what the interface can do, as the registry of types says."""

from importlib.metadata import version

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, given, moment
from naer.site.fhir import offered
from naer.site.fhir.types import TYPES, ResourceType
from naer.site.fhir.writing import CREATES, DELETES, UPDATES


def statement(base: str, token_address: str, now: Instant) -> Element:
    """The resource; it tells nothing of what is stored."""
    names = sorted(TYPES.keys() | CREATES.keys() | UPDATES.keys() | DELETES.keys())
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": moment(now),
        "kind": "instance",
        "software": {"name": "Naer", "version": version("naer")},
        "implementation": {"description": "Naer", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            given(
                {
                    "mode": "server",
                    "documentation": "docs/reference/fhir.md",
                    "security": offered.security(token_address),
                    "resource": [_resource(name) for name in names],
                    "searchParam": [{"name": "_id", "type": "token"}],
                    "operation": offered.OPERATIONS.get("", []),
                }
            )
        ],
    }


def _resource(name: str) -> Element:
    kind = TYPES.get(name)
    ways = []
    if kind is not None:
        ways += ["read", "search-type"]
    for way, table in (("create", CREATES), ("update", UPDATES), ("delete", DELETES)):
        if name in table:
            ways.append(way)
    return given(
        {
            "type": name,
            "documentation": kind.doc if kind is not None else "",
            "interaction": [{"code": way} for way in ways],
            "versioning": "no-version",
            "searchInclude": [f"{name}:{one}" for one in kind.includes] if kind is not None else [],
            "searchParam": _parameters(kind) if kind is not None else [],
            "operation": offered.OPERATIONS.get(name, []),
        }
    )


def _parameters(kind: ResourceType) -> list[Element]:
    own = [{"name": one.name, "type": one.type, "documentation": one.doc} for one in kind.parameters.values()]
    return [{"name": "_id", "type": "token", "documentation": "the id"}, *own]
