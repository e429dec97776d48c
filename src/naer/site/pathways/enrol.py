"""Putting organisations, citizens and their cases into the register."""

import datetime as dt
import re
from collections.abc import Callable

from django.db import transaction

from naer.messages.medcom import person_number
from naer.site.accounts.models import Organisation
from naer.site.pathways import numbers
from naer.site.pathways.models import Case, Citizen

MUNICIPALITY_CODE = re.compile(r"[0-9]{3,4}")
"""A municipality's code: three digits in Denmark, four in Norway."""

ALWAYS = dt.date(1900, 1, 1)
"""First day of a case whose beginning nobody knows."""


MAX_KIND = 40
"""Characters of a kind of case that the table has room for."""


class EnrolmentError(ValueError):
    """What was asked cannot be put into the register; the text says why, without a person number."""


def organisation(
    name: str, role: str, *, municipality: str = "", sor: str | None = None, gln: str | None = None
) -> tuple[Organisation, bool]:
    """The organisation with these ids, made or brought up to date; and whether it is new.

    Its key is the SOR id, else the location number, else the name.

    Raises:
        EnrolmentError: when the role is unknown, or another organisation has one of the ids.
    """
    if role not in Organisation.Role.values:
        raise EnrolmentError(f"role is {role!r}; write one of {', '.join(Organisation.Role.values)}")
    if role == Organisation.Role.MUNICIPALITY and not municipality:
        raise EnrolmentError("a municipality needs its code: --municipality CODE")
    key = (sor or gln or name)[:64]
    for number, text in (("sor", sor), ("gln", gln)):
        other = Organisation.objects.exclude(pk=key).filter(**{number: text}).first() if text else None
        if other is not None:
            raise EnrolmentError(f"{number.upper()} {text} belongs to {other.name} already")
    fields = {"name": name, "role": role, "municipality": municipality, "sor": sor, "gln": gln}
    return Organisation.objects.update_or_create(pk=key, defaults=fields)


def citizen(
    number: str,
    municipality: str,
    *,
    new_id: Callable[[], str],
    name: str = "",
    case: str | None = None,
    opened: dt.date | None = None,
    closed: dt.date | None = None,
) -> tuple[Citizen, bool]:
    """The citizen with a person number, made or brought up to date, with an active case; whether it is new.

    A case that is there already is not doubled; its days are brought up to date when they are given. A kind
    of case that is not in `legal_basis.KINDS` is kept, and gives no legal basis.

    Raises:
        EnrolmentError: when the number is none, the municipality no code, or the kind of case too long.
    """
    number = person_number.clean(number)
    if not person_number.has_shape(number):
        raise EnrolmentError("--id is not a person number: ten digits, the first six a date")
    if not MUNICIPALITY_CODE.fullmatch(municipality):
        raise EnrolmentError(
            "--municipality is not a municipality code: three digits as 851, or four as 5001"
        )
    if case is not None and not 0 < len(case) <= MAX_KIND:
        raise EnrolmentError(f"--case has {len(case)} characters; write 1 to {MAX_KIND}")
    with transaction.atomic():
        found, made = Citizen.objects.get_or_create(
            number_index=numbers.index(number),
            defaults={
                "key": new_id(),
                "number_cipher": numbers.seal(number),
                "municipality": municipality,
                "name": name,
            },
        )
        if not made:
            found.municipality = municipality
            found.name = name or found.name
            found.save(update_fields=["municipality", "name"])
        if case is not None:
            days = {"opened": opened, "closed": closed}
            Case.objects.update_or_create(
                citizen=found,
                municipality=municipality,
                kind=case,
                defaults={day: value for day, value in days.items() if value is not None},
                create_defaults={"opened": opened or ALWAYS, "closed": closed},
            )
    return found, made


def by_number(number: str) -> Citizen | None:
    """The citizen with a person number."""
    return Citizen.objects.filter(number_index=numbers.index(number)).first()
