"""More data than the law allows in a HospitalNotification: found, flagged and taken out before storing."""

from typing import Any

import msgspec

from naer.messages.medcom.document import Tree
from naer.messages.medcom.findings import Findings

FORBIDDEN = {
    "Encounter": frozenset(
        """
    diagnosis reasonCode reasonReference type serviceType priority location
    hospitalization contained
    """.split()  # noqa: SIM905
    ),
    "Patient": frozenset(("contained",)),
}
"""Elements a HospitalNotification may not carry, by resource type."""

EXPECTED = frozenset(
    """
    MessageHeader Patient Encounter Organization Provenance Practitioner PractitionerRole
    """.split()  # noqa: SIM905
)
"""Resources it may carry."""


def trimmed(tree: Tree, findings: Findings) -> bytes | None:
    """An accepted message as JSON without what it may not carry, each flagged; None for nothing surplus."""
    if not any(map(_has_surplus, tree["entry"])):
        return None
    kept = []
    for entry in tree["entry"]:
        resource = entry["resource"]
        kind = resource["resourceType"]
        if kind not in EXPECTED:
            findings.flag(
                "business-rule", "More data than allowed: a resource of another type.", "Bundle.entry"
            )
            continue
        surplus = sorted(FORBIDDEN[kind] & resource.keys()) if kind in FORBIDDEN else []
        for name in surplus:
            findings.flag("business-rule", "More data than allowed; it is not kept.", f"{kind}.{name}")
        if surplus:
            entry = {**entry, "resource": _without(resource, {*surplus, "text"})}
        kept.append(entry)
    return msgspec.json.encode({**tree, "entry": kept})


def _has_surplus(entry: Tree) -> bool:
    resource = entry["resource"]
    kind = resource["resourceType"]
    return kind not in EXPECTED or (kind in FORBIDDEN and not FORBIDDEN[kind].isdisjoint(resource))


def _without(resource: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in names}
