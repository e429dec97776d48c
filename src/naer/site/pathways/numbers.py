"""Person numbers at rest: sealed, and found by a keyed hash. Nothing else stores or shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from naer.messages import person_number
from naer.messages.medcom.carecommunication_codes import NATIONAL_REPLACEMENT
from naer.site import vault

if TYPE_CHECKING:  # whoever prepares messages needs the indices, and has no models
    from django.db.models import QuerySet

    from naer.site.pathways.models import Citizen

OFFICIAL = frozenset({"", "urn:oid:1.2.208.176.1.2", "CPR", "FNR", "DNR"})
"""Registers whose numbers tell persons apart by themselves: the Danish and the Norwegian one."""

SYSTEM = 200
"""Characters of the name of a register that are stored."""


def index(number: str, system: str = "") -> str:
    """The blind index that a person number is stored with, written with or without its hyphen.

    Numbers of other registers (replacement and help numbers) are told apart by their `system`.
    """
    return indices(number, system)[0]


def indices(number: str, system: str = "") -> tuple[str, ...]:
    """Every blind index that a person number may be found by: one, and more while keys are replaced."""
    plain = number.replace("-", "").replace(" ", "").upper()
    return vault.indices("person number", plain if system in OFFICIAL else f"{system} {plain}")


def typed(text: str) -> tuple[str, ...]:
    """Every index of what somebody wrote without saying its register, the likeliest first.

    Help numbers of Norway and national replacement numbers of Denmark are among them where it can be one;
    replacement numbers of a region are not.
    """
    number = person_number.clean(text)
    found = list(indices(number))
    for system in ("FHN", "HNR", "DUF"):
        if person_number.is_possible(number, system):
            found += indices(number, system)
    if person_number.is_replacement(number):
        found += indices(number, NATIONAL_REPLACEMENT)
    return tuple(found)


def asked_as(found: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Of what `indices` says of some numbers: every index → the one by the first key."""
    return {one: every[0] for every in found for one in every}


def told_apart_by(system: str) -> str:
    """What is stored of the register that gave a number: nothing when the number tells it by itself."""
    return "" if system in OFFICIAL else system[:SYSTEM]


def seal(number: str) -> bytes:
    """The person number, encrypted."""
    return vault.seal("person number", number.encode())


def unseal(sealed: bytes) -> str:
    """The person number.

    Raises:
        vault.UnknownKeyError: when the key it was sealed with is gone.
    """
    return vault.unseal("person number", sealed).decode()


def find_typed(text: str) -> Citizen | None:
    """The citizen with the number that somebody wrote."""
    from naer.site.pathways.models import Citizen

    return likeliest(Citizen.objects.all(), text)


def likeliest(among: QuerySet[Citizen], text: str) -> Citizen | None:
    """Whom of `among` somebody meant who wrote a number without saying its register."""
    wanted = typed(text)
    found = among.filter(number_index__in=wanted)
    return min(found, key=lambda citizen: wanted.index(citizen.number_index), default=None)


def find(number: str, system: str = "") -> Citizen | None:
    """The citizen with a person number."""
    from naer.site.pathways.models import Citizen

    return Citizen.objects.filter(number_index__in=indices(number, system)).first()
