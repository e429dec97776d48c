"""Organization, Location and HealthcareService: the parties, where they lie, and the services they have."""

import hashlib
from collections.abc import Sequence

from naer.messages.fhir.elements import ID, Element, concept, given, identifier, reference, system

SOR = "urn:oid:1.2.208.176.1.1"
"""Danish register of health organisations (SOR ids)."""
GLN = "https://www.gs1.org/gln"
HER = "urn:oid:2.16.578.1.12.4.1.2"
"""Norwegian address register (HER ids)."""
NAMED = "n-"
"""What begins the id of an organisation whose key FHIR cannot have as an id."""


def organisation_id(key: str) -> str:
    """The FHIR id of an organisation with a key: the key itself where it can be one."""
    if ID.fullmatch(key) and not key.startswith(NAMED):
        return key
    return NAMED + hashlib.sha256(key.encode()).hexdigest()[:40]


def organisation_reference(key: str, name: str = "") -> Element:
    """A reference to an organisation of the register."""
    return reference("Organization", organisation_id(key), name)


def organisation(
    key: str,
    *,
    name: str,
    role: str,
    municipality: str,
    sor: str | None,
    gln: str | None,
    her: Sequence[str] = (),
) -> Element:
    """A party. `municipality` is the code of where it lies, or of itself."""
    known = [(SOR, sor), (GLN, gln), *((HER, one) for one in her)]
    return given(
        {
            "resourceType": "Organization",
            "id": organisation_id(key),
            "identifier": [
                identifier(system("organisation"), key),
                *(identifier(of, value) for of, value in known if value),
            ],
            "active": True,
            "type": [concept(system("role"), role)],
            "name": name,
            "address": [{"district": municipality}] if municipality else None,
        }
    )


def location(key: str, *, name: str, municipality: str) -> Element:
    """Where an organisation lies, as far as Naer knows: in which municipality."""
    return given(
        {
            "resourceType": "Location",
            "id": organisation_id(key),
            "status": "active",
            "name": name,
            "mode": "instance",
            "address": {"district": municipality} if municipality else None,
            "managingOrganization": organisation_reference(key, name),
        }
    )


def service(key: str, *, name: str, code: str, her: str, organisation_key: str, owner: str) -> Element:
    """A service of an organisation that messages can be sent to; `code` is of the Norwegian list 8663."""
    return given(
        {
            "resourceType": "HealthcareService",
            "id": key,
            "identifier": [identifier(HER, her)],
            "active": True,
            "providedBy": organisation_reference(organisation_key, owner),
            "type": [concept("urn:oid:2.16.578.1.12.4.1.1.8663", code)] if code else None,
            "name": name,
        }
    )
