"""Patient and CareTeam: a citizen, and the organisations around them."""

import datetime as dt
from collections.abc import Sequence

from naer.messages.fhir.elements import Element, concept, day, given, identifier, system

CPR = "urn:oid:1.2.208.176.1.2"
"""Danish person numbers."""
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
"""Norwegian birth numbers; `DNR` those given before one."""
DNR = "urn:oid:2.16.578.1.12.4.1.4.2"


def number_system(number: str) -> str:
    """The register that a person number is of, by its form: ten digits are Danish, eleven Norwegian.

    A Norwegian D number has 4 added to the day. What has another form is a replacement number.
    """
    if number.isascii() and number.isdecimal():
        if len(number) == 11:
            return DNR if number[0] in "4567" else FNR
        if len(number) == 10:
            return CPR
    return system("replacement-number")


def patient(
    key: str,
    *,
    number: str,
    name: str,
    born: dt.date | None,
    municipality: str,
    practice: Element | None,
    died: bool,
) -> Element:
    """A citizen. `municipality` is the code of residence, `practice` a reference to the general practice."""
    family, given_names = _parts(name)
    return given(
        {
            "resourceType": "Patient",
            "id": key,
            "identifier": [
                *([identifier(number_system(number), number, "official")] if number else []),
                identifier(system("citizen"), key, "usual"),
            ],
            "active": True,
            "name": [given({"text": name, "family": family, "given": given_names})] if name else None,
            "birthDate": day(born),
            "deceasedBoolean": True if died else None,
            "address": [{"use": "home", "district": municipality}] if municipality else None,
            "generalPractitioner": [practice] if practice else None,
        }
    )


def _parts(name: str) -> tuple[str, list[str]]:
    """Family name and given names, as far as a written name tells: the last word, and the rest."""
    words = name.split()
    return (words[-1], words[:-1]) if len(words) > 1 else ("", [])


def care_team(
    key: str, *, patient_reference: Element, members: Sequence[tuple[str, Element]], over: bool
) -> Element:
    """The organisations that care for a citizen now: (role, reference) pairs. `over`: the citizen died."""
    return given(
        {
            "resourceType": "CareTeam",
            "id": key,
            "status": "inactive" if over else "active",
            "category": [concept("http://loinc.org", "LA28865-6")],
            "subject": patient_reference,
            "participant": [
                {"role": [concept(system("role"), role)], "member": member} for role, member in members
            ],
        }
    )
