"""The people of the demo who can be entered with one click. They have no passwords."""

from dataclasses import dataclass

from naer.demo.region import hospitals, municipalities, practices
from naer.site.accounts.models import Organisation, User


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in: user name, name, role and key of the organisation."""

    username: str
    first_name: str
    last_name: str
    role: User.Role
    organisation: str


def _people() -> list[Person]:
    codes = {party.municipality: party.key for party in municipalities()}
    first, second = hospitals()[:2]
    practice = next(party for party in practices() if party.municipality == "860")
    role = User.Role
    return [
        Person("mette", "Mette", "Lund", role.COORDINATOR, codes["851"]),
        Person("soren", "Søren", "Toft", role.COORDINATOR, codes["860"]),
        Person("lone", "Lone", "Vang", role.NURSE, codes["860"]),
        Person("camilla", "Camilla", "Friis", role.DISCHARGE, first.key),
        Person("jonas", "Jonas", "Ravn", role.DISCHARGE, second.key),
        Person("henrik", "Henrik", "Skov", role.GP, practice.key),
        Person("birgitte", "Birgitte", "Holm", role.DIRECTOR, codes["851"]),
        Person("ida", "Ida", "Dam", role.ADMINISTRATOR, codes["851"]),
    ]


def make() -> None:
    """Put the organisations and the people into the database."""
    Organisation.objects.bulk_create(
        Organisation(
            key=party.key,
            name=party.name,
            role=party.role,
            municipality=party.municipality,
            sor=party.key,
            gln=party.gln,
        )
        for party in [*municipalities(), *hospitals(), *practices()]
    )
    for person in _people():
        user = User(
            username=person.username,
            first_name=person.first_name,
            last_name=person.last_name,
            role=person.role,
            organisation_id=person.organisation,
            is_demo=True,
        )
        user.set_unusable_password()
        user.save()
