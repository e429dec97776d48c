"""Putting organisations, citizens and their cases into the register."""

import datetime as dt
import re
from collections.abc import Callable

from django.db import transaction

from naer.events.instant import Instant
from naer.messages.medcom import person_number
from naer.site.accounts.models import Organisation
from naer.site.pathways import numbers
from naer.site.pathways.models import Case, Citizen, Former

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
    gp: str | None = None,
    moved: Instant | None = None,
) -> tuple[Citizen, bool]:
    """The citizen with a person number, made or brought up to date, with an active case; whether it is new.

    `gp` is the key of the practice; None leaves it. With `moved` another municipality or practice holds from
    that instant on, and what was owed before stays (S9); without it the register is put right from the start.

    A case that is there already is not doubled; its days are brought up to date when they are given. A kind
    of case that is not in `legal_basis.KINDS` is kept, and gives no legal basis.

    Raises:
        EnrolmentError: when the number is none, the municipality no code, the kind of case too long, the
            practice none, or a later move is known.
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
    practice = _practice(gp) if gp else None
    with transaction.atomic():
        found, made = Citizen.objects.get_or_create(
            number_index=numbers.index(number),
            defaults={
                "key": new_id(),
                "number_cipher": numbers.seal(number),
                "municipality": municipality,
                "name": name,
                "gp": practice,
            },
        )
        if not made:
            if moved is not None:
                _move(found, municipality, practice, moved)
            found.municipality = municipality
            found.name = name or found.name
            found.gp = practice or found.gp
            found.save(update_fields=["municipality", "name", "gp"])
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
    return Citizen.objects.filter(number_index=numbers.index(number)).first()
