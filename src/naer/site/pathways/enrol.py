"""Putting organisations, citizens and their cases into the register."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from naer.events.instant import Instant
from naer.messages import person_number
from naer.site.accounts.models import Address, Organisation
from naer.site.pathways import numbers
from naer.site.pathways.models import Case, Citizen, Former
from naer.site.pathways.register import her_id

MUNICIPALITY_CODE = re.compile(r"[0-9]{3,4}")
"""A municipality's code: three digits in Denmark, four in Norway."""

ALWAYS = dt.date(1900, 1, 1)
"""First day of a case whose beginning nobody knows."""


MAX_SERVICE = 20
"""Characters of a service's code."""

MAX_KIND = 40
"""Characters of a kind of case that the table has room for."""


MAX_NUMBER = 40
"""Characters of a number of a register that Naer does not know."""

HELP_NUMBERS = ("FHN", "HNR", "DUF")
"""Norwegian numbers of people without a birth number or D-number (list 8116)."""


class EnrolmentError(ValueError):
    """What was asked cannot be put into the register; the text says why, without a person number."""


HER = re.compile(r"[0-9]{1,10}")
"""An id in the Norwegian address register."""


@dataclass(frozen=True, slots=True)
class Her:
    """A HER id of an organisation, or of one of its services (`service`: its code in list 8663)."""

    number: str
    service: str = ""
    name: str = ""


def organisation(
    name: str,
    role: str,
    *,
    municipality: str = "",
    sor: str | None = None,
    gln: str | None = None,
    her: Sequence[Her] = (),
) -> tuple[Organisation, bool]:
    """The organisation with these ids, made or brought up to date; and whether it is new.

    Its key is the SOR id, else the location number, else `her:` and the first of its HER ids, else the name.
    HER ids are added to those that it has.

    Raises:
        EnrolmentError: when the role is unknown, a HER id is none, or another organisation has an id.
    """
    if role not in Organisation.Role.values:
        raise EnrolmentError(f"role is {role!r}; write one of {', '.join(Organisation.Role.values)}")
    if role == Organisation.Role.MUNICIPALITY and not municipality:
        raise EnrolmentError("a municipality needs its code: --municipality CODE")
    key = (sor or gln or (her_id(her[0].number) if her else name))[:64]
    for number, text in (("sor", sor), ("gln", gln)):
        other = Organisation.objects.exclude(pk=key).filter(**{number: text}).first() if text else None
        if other is not None:
            raise EnrolmentError(f"{number.upper()} {text} belongs to {other.name} already")
    for one in her:
        _check_address(key, one)
    fields = {"name": name, "role": role, "municipality": municipality, "sor": sor, "gln": gln}
    with transaction.atomic():
        found, made = Organisation.objects.update_or_create(pk=key, defaults=fields)
        for one in her:
            Address.objects.update_or_create(
                system=Address.System.HER,
                value=one.number,
                defaults={"organisation": found, "service": one.service, "name": one.name},
            )
    return found, made


def _check_address(key: str, one: Her) -> None:
    """Whether an organisation may have a HER id.

    Raises:
        EnrolmentError: when it is none, or another organisation's.
    """
    if not HER.fullmatch(one.number):
        raise EnrolmentError(f"HER id {one.number!r} is not a number of up to 10 digits")
    if len(one.service) > MAX_SERVICE:
        raise EnrolmentError(f"the service of HER id {one.number} has more than {MAX_SERVICE} characters")
    other = Address.objects.filter(system=Address.System.HER, value=one.number).exclude(organisation=key)
    if (taken := other.select_related("organisation").first()) is not None:
        raise EnrolmentError(f"HER {one.number} belongs to {taken.organisation.name} already")


def citizen(
    number: str,
    municipality: str,
    *,
    new_id: Callable[[], str],
    name: str = "",
    case: str | None = None,
    opened: dt.date | None = None,
    closed: dt.date | None = None,
    gp: str | None = None,
    moved: Instant | None = None,
    system: str = "",
) -> tuple[Citizen, bool]:
    """The citizen with a person number, made or brought up to date, with an active case; whether it is new.

    `system` is the register of a number that is no person number: FHN, HNR, DUF, or a URN.
    `gp` is the key of the practice; None leaves it. With `moved` another municipality or practice holds from
    that instant on, and what was owed before stays (S9); without it the register is put right from the start.

    A case that is there already is not doubled; its days are brought up to date when they are given. A kind
    of case that is not in `legal_basis.KINDS` is kept, and gives no legal basis. Somebody whom a message made
    known is in the register from here on.

    Raises:
        EnrolmentError: when the number is none, the municipality no code, the kind of case too long, the
            practice none, or a later move is known.
    """
    number = person_number.clean(number)
    system = "" if system in numbers.OFFICIAL else system
    _check_number(number, system)
    if not MUNICIPALITY_CODE.fullmatch(municipality):
        raise EnrolmentError(
            "--municipality is not a municipality code: three digits as 851, or four as 5001"
        )
    if case is not None and not 0 < len(case) <= MAX_KIND:
        raise EnrolmentError(f"--case has {len(case)} characters; write 1 to {MAX_KIND}")
    practice = _practice(gp) if gp else None
    with transaction.atomic():
        known = numbers.find(number, system)
        found, made = (
            (known, False)
            if known
            else Citizen.objects.get_or_create(
                number_index=numbers.index(number, system),
                defaults={
                    "key": new_id(),
                    "number_cipher": numbers.seal(number),
                    "number_system": system,
                    "municipality": municipality,
                    "name": name,
                    "gp": practice,
                },
            )
        )
        if not made:
            if moved is not None and not found.provisional:
                _move(found, municipality, practice, moved)
            found.provisional = False
            found.municipality = municipality
            found.name = name or found.name
            found.gp = practice or found.gp
            found.save(update_fields=["municipality", "name", "gp", "provisional"])
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


def _check_number(number: str, system: str) -> None:
    """Whether a number can be one of its register's.

    Raises:
        EnrolmentError: when it cannot, or the register is none.
    """
    if not system:
        if person_number.kind(number) in (None, "eCPR"):
            raise EnrolmentError(
                "--id is not a person number: ten digits in Denmark, eleven in Norway, the first six a date"
            )
    elif system in HELP_NUMBERS:
        if not person_number.is_possible(number, system):
            raise EnrolmentError(f"--id cannot be a number of {system}")
    elif not system.startswith("urn:") or len(system) > numbers.SYSTEM:
        known = ", ".join(HELP_NUMBERS)
        raise EnrolmentError(f"--system is {known}, or the URN of a register; without it CPR, FNR or DNR")
    elif not number.isalnum() or len(number) > MAX_NUMBER:
        raise EnrolmentError(f"--id is not 1 to {MAX_NUMBER} letters and digits")


def _practice(key: str) -> Organisation:
    found = Organisation.objects.filter(pk=key, role=Organisation.Role.GP).first()
    if found is None:
        raise EnrolmentError("--gp is not the key of a general practice; `naer organisation list` shows them")
    return found


def _move(citizen: Citizen, municipality: str, gp: Organisation | None, moved: Instant) -> None:
    """Write down where a citizen belonged until `moved`, when that is somewhere else."""
    if municipality == citizen.municipality and (gp is None or gp.pk == citizen.gp_id):
        return
    if Former.objects.filter(citizen=citizen, until__gte=moved).exists():
        raise EnrolmentError("the citizen moved or changed practice after that time already")
    Former.objects.create(
        citizen=citizen, until=moved, municipality=citizen.municipality, gp_id=citizen.gp_id
    )


def by_number(number: str) -> Citizen | None:
    """The citizen with a person number."""
    return numbers.find_typed(number)
