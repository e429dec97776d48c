"""Citizens by identifier: a person number of any register, or Naer's own key."""

import re
from collections.abc import Callable

from django.db.models import Q

from naer.messages.fhir import people
from naer.messages.fhir.elements import system
from naer.site.fhir import values
from naer.site.fhir.parameters import ALL, NOBODY, references
from naer.site.fhir.types import IDENTIFIER, Asked, Parameter, Wanted
from naer.site.pathways import numbers
from naer.site.pathways.models import Citizen

_NUMBER_SYSTEMS = (people.CPR, people.FNR, people.DNR, system("replacement-number"))
_SEPARATORS = re.compile(r"[-\s]")


def by_identifier(_: Wanted, value: str, __: Asked) -> Q:
    """A condition on citizens."""
    token = values.token(value)
    if token.code is None:
        return ALL if token.system in (*_NUMBER_SYSTEMS, system("citizen")) else NOBODY
    plain = _SEPARATORS.sub("", token.code)
    found = NOBODY
    if token.system in (None, *_NUMBER_SYSTEMS) and plain:
        found |= Q(number_index__in=numbers.typed(plain))
    if token.system in (None, system("citizen")):
        found |= Q(pk=token.code)
    return found


def citizens(field: str = "citizen_id") -> Callable[[Wanted, str, Asked], Q]:
    """A reference to the patient: by id, and with `:identifier` by what the Patient is identified by."""
    by_id = references(field, "Patient")

    def rows(wanted: Wanted, value: str, asked: Asked) -> Q:
        if wanted.modifier != IDENTIFIER:
            return by_id(wanted, value, asked)
        found = Citizen.objects.filter(by_identifier(wanted, value, asked)).values("pk")
        return Q(**{f"{field}__in": found})

    return rows


def patient_parameter(name: str, field: str = "citizen_id") -> Parameter:
    """The search parameter `patient`, or another name of it."""
    doc = "the citizen; `:identifier` is a person number, posted only"
    if name != "patient":
        doc = "as patient"
    known = frozenset({IDENTIFIER})
    return Parameter(name, "reference", doc, citizens(field), modifiers=known, targets=("Patient",))
