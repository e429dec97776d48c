"""Reading and searching: the resources, what they include, the Bundle, and the trace of who was looked at."""

from collections.abc import Iterable, Sequence

from naer.messages.fhir import outcome
from naer.messages.fhir.elements import ID, Element, given
from naer.site.access import rules
from naer.site.fhir.asking import Search
from naer.site.fhir.caller import READ
from naer.site.fhir.parameters import at
from naer.site.fhir.types import TYPES, Asked, Found, ResourceType

MUST = frozenset({"resourceType", "id", "meta"})
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


def read(asked: Asked, kind: ResourceType, key: str) -> Found | None:
    """One resource, with the look at its citizen written down; None when there is none to be seen."""
    found = kind.shelf.read(asked, [key]) if ID.fullmatch(key) else []
    _trace(asked, found, f"{kind.name}/{key}")
    return found[0] if found else None


def bundle(asked: Asked, kind: ResourceType, search: Search) -> Element:
    """A page of what meets a search, with what it includes; every citizen in it is written into the trace."""
    address = f"{asked.base}/{kind.name}"
    answer: Element = {"resourceType": "Bundle", "type": "searchset"}
    if search.only_count:
        answer["total"] = kind.shelf.count(asked, search.query)
        return answer | {"link": search.links(address, None)}
    page = kind.shelf.find(asked, search.query, search.after, search.count)
    included = _included(asked, kind, search, page.found)
    _trace(asked, [*page.found, *included], f"{kind.name} search")
    if search.total:
        answer["total"] = kind.shelf.count(asked, search.query)
    entries = [_entry(asked, one.resource, "match", search.elements) for one in page.found]
    entries += [_entry(asked, one.resource, "include") for one in included]
    if search.ignored:
        text = f"not known for this type, and left out of the search: {', '.join(search.ignored)}"
        told = outcome.outcome(outcome.issue("warning", "not-supported", text))
        entries.append({"resource": told, "search": {"mode": "outcome"}})
    return answer | given({"link": search.links(address, page.next), "entry": entries})


def _entry(asked: Asked, resource: Element, mode: str, elements: frozenset[str] = frozenset()) -> Element:
    name = f"{asked.base}/{resource['resourceType']}/{resource['id']}"
    shown = _part(resource, elements) if elements else resource
    return {"fullUrl": name, "resource": shown, "search": {"mode": mode}}


def _part(resource: Element, elements: frozenset[str]) -> Element:
    """A resource with some of its elements, and marked so."""
    wanted = elements | MUST | MANDATORY.get(resource["resourceType"], frozenset())
    part = {name: value for name, value in resource.items() if name in wanted}
    return part | {"meta": {**resource.get("meta", {}), "tag": [SUBSETTED]}}


MANDATORY: dict[str, frozenset[str]] = {
    "AuditEvent": frozenset({"type", "recorded", "agent", "source"}),
    "CarePlan": frozenset({"status", "intent", "subject"}),
    "Communication": frozenset({"status"}),
    "Encounter": frozenset({"status", "class"}),
    "EpisodeOfCare": frozenset({"status", "patient"}),
    "Measure": frozenset({"status"}),
    "MeasureReport": frozenset({"status", "type", "measure", "period"}),
    "Observation": frozenset({"status", "code"}),
    "PlanDefinition": frozenset({"status"}),
    "Provenance": frozenset({"target", "recorded", "agent"}),
    "ServiceRequest": frozenset({"status", "intent", "subject"}),
    "Task": frozenset({"status", "intent"}),
}
"""Elements that a resource must have (FHIR R4): `_elements` never takes them away."""


def _included(asked: Asked, kind: ResourceType, search: Search, found: Sequence[Found]) -> list[Found]:
    """What the references of a page name, as far as the caller may see it; each once."""
    wanted: dict[str, dict[str, None]] = {}
    for name in search.includes:
        element, kinds = kind.includes[name]
        for reference in _references(found, element):
            target, _, key = reference.partition("/")
            if target in kinds:
                wanted.setdefault(target, {})[key] = None
    added: list[Found] = []
    for target, keys in wanted.items():
        if target in TYPES and asked.caller.allowed(target, READ):
            added += TYPES[target].shelf.read(asked, list(keys))
    here = {(one.resource["resourceType"], one.resource["id"]) for one in found}
    return [one for one in added if (one.resource["resourceType"], one.resource["id"]) not in here]


def _references(found: Iterable[Found], element: str) -> Iterable[str]:
    path = element.split(".")
    for one in found:
        for value in at(one.resource, *path):
            if isinstance(value, dict) and isinstance(value.get("reference"), str):
                yield value["reference"]


def _trace(asked: Asked, found: Sequence[Found], subject: str) -> None:
    rules.looked_at(asked.caller.user, {one.citizen for one in found if one.citizen}, subject, asked.now)
