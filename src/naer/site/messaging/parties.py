"""Organisations and citizens as messages name them."""

from naer.messages.content import Party, Person
from naer.messages.medcom.codes import CPR
from naer.messages.person_number import is_d_number
from naer.site.accounts.models import Organisation
from naer.site.pathways import numbers
from naer.site.pathways.models import Citizen

_NORWEGIAN_LENGTH = 11


def party(key: str, service: str = "") -> Party:
    """An organisation by its key, with the ids it has; with `service` (list 8663) that of the service.

    Raises:
        Organisation.DoesNotExist: when it is not in the register.
    """
    known = Organisation.objects.prefetch_related("addresses").get(pk=key)
    addresses = sorted(known.addresses.all(), key=lambda one: one.pk)
    whole = next((one for one in addresses if not one.service), None)
    part = next((one for one in addresses if service and one.service == service), None)
    return Party(
        sor=known.sor or "",
        gln=known.gln or "",
        name=known.name,
        her=whole.value if whole else "",
        service=part.value if part else "",
        service_name=part.name if part else "",
    )


def person(citizen: Citizen) -> Person:
    """A citizen as a message names one; the number is unsealed for it.

    Raises:
        naer.site.vault.UnknownKeyError: when the key it was sealed with is gone.
    """
    number = numbers.unseal(bytes(citizen.number_cipher)).replace("-", "").replace(" ", "")
    *given, family = citizen.name.split() or [""]
    return Person(
        number=number,
        system=citizen.number_system or _system(number),
        family=family,
        given=tuple(given),
        born=citizen.born.isoformat() if citizen.born else "",
    )


def _system(number: str) -> str:
    """The register that gave a number: Denmark's CPR, or in Norway birth numbers and D-numbers."""
    if len(number) != _NORWEGIAN_LENGTH or not number.isdigit():
        return CPR
    return "DNR" if is_d_number(number) else "FNR"
