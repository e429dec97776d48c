"""Organization, Location and HealthcareService: the register, which everybody who may ask may see."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from naer.messages.fhir import organisations as resources
from naer.messages.fhir.elements import system, versioned
from naer.site.accounts.models import Address, Organisation
from naer.site.fhir import values
from naer.site.fhir.parameters import NOBODY, TEXTS, column, references, text_id, texts
from naer.site.fhir.parties import organisation_key
from naer.site.fhir.shelves import Rows
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, Wanted, by_name, register


def _rows(_: Asked, __: Query) -> QuerySet[Organisation]:
    return Organisation.objects.all()


def _places(_: Asked, __: Query) -> QuerySet[Organisation]:
    return Organisation.objects.exclude(municipality="")


def _services(_: Asked, __: Query) -> QuerySet[Address]:
    return Address.objects.exclude(service="").select_related("organisation")


def _organisations(rows: Sequence[Organisation], _: Asked) -> list[Found | None]:
    her: dict[str, list[str]] = {}
    known = Address.objects.filter(organisation__in=rows, service="", system=Address.System.HER)
    for key, value in known.order_by("pk").values_list("organisation_id", "value"):
        her.setdefault(key, []).append(value)
    return [
        Found(
            versioned(
                resources.organisation(
                    row.key,
                    name=row.name,
                    role=row.role,
                    municipality=row.municipality,
                    sor=row.sor,
                    gln=row.gln,
                    her=her.get(row.key, ()),
                )
            )
        )
        for row in rows
    ]


def _locations(rows: Sequence[Organisation], _: Asked) -> list[Found | None]:
    return [
        Found(versioned(resources.location(row.key, name=row.name, municipality=row.municipality)))
        for row in rows
    ]


def _made_services(rows: Sequence[Address], _: Asked) -> list[Found | None]:
    return [
        Found(
            versioned(
                resources.service(
                    str(row.pk),
                    name=row.name or row.service,
                    code=row.service,
                    her=row.value,
                    organisation_key=row.organisation_id,
                    owner=row.organisation.name,
                )
            )
        )
        for row in rows
    ]


def _identifier(_: Wanted, value: str, __: Asked) -> Q:
    token = values.token(value)
    if token.code is None:
        return NOBODY
    found = NOBODY
    if token.system in (None, system("organisation")):
        found |= Q(pk=token.code)
    if token.system in (None, resources.SOR):
        found |= Q(sor=token.code)
    if token.system in (None, resources.GLN):
        found |= Q(gln=token.code)
    if token.system in (None, resources.HER):
        addresses = Address.objects.filter(system=Address.System.HER, value=token.code)
        found |= Q(pk__in=addresses.values("organisation"))
    return found


NAME = Parameter("name", "string", "part of the name", texts("name"), modifiers=TEXTS)
UNKNOWN = Parameter(
    "_lastUpdated",
    "date",
    "not kept of the register: each is in every answer, except to eq",
    of=lambda _: [(None, None)],
)

register(
    ResourceType(
        "Organization",
        "Hospitals, municipalities and practices of the register.",
        Rows(_rows, _organisations, of_id=organisation_key, of_place=text_id),
        by_name(
            UNKNOWN,
            NAME,
            Parameter("identifier", "token", "SOR id, location number, HER id or Naer's key", _identifier),
            Parameter("type", "token", "hospital, municipality, gp, other", column("role", system("role"))),
            Parameter(
                "address",
                "string",
                "code of the municipality",
                lambda _, value, __: Q(municipality=values.plain(value)),
            ),
        ),
    )
)
register(
    ResourceType(
        "Location",
        "Where each organisation lies: the municipality.",
        Rows(_places, _locations, of_id=organisation_key, of_place=text_id),
        by_name(
            UNKNOWN,
            NAME,
            Parameter(
                "organization",
                "reference",
                "the organisation",
                references("pk", "Organization", key=organisation_key),
                targets=("Organization",),
            ),
            Parameter(
                "address",
                "string",
                "code of the municipality",
                lambda _, value, __: Q(municipality=values.plain(value)),
            ),
        ),
        {"organization": ("managingOrganization", ("Organization",))},
    )
)
register(
    ResourceType(
        "HealthcareService",
        "Services of organisations that have an address of their own (HER).",
        Rows(_services, _made_services),
        by_name(
            UNKNOWN,
            NAME,
            Parameter("identifier", "token", "HER id", column("value", resources.HER)),
            Parameter(
                "service-type",
                "token",
                "code of list 8663",
                column("service", "urn:oid:2.16.578.1.12.4.1.1.8663"),
            ),
            Parameter(
                "organization",
                "reference",
                "whose it is",
                references("organisation_id", "Organization", key=organisation_key),
                targets=("Organization",),
            ),
        ),
        {"organization": ("providedBy", ("Organization",))},
    )
)
