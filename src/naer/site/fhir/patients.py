"""Patient and CareTeam: the citizens the caller may see, and who cares for them now."""

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from naer.events.instant import Instant, from_datetime, utc
from naer.messages.fhir import people
from naer.messages.fhir.elements import versioned
from naer.site.access import rules
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation
from naer.site.fhir import values
from naer.site.fhir.identified import by_identifier, patient_parameter
from naer.site.fhir.individual_plans import coordinators
from naer.site.fhir.parameters import (
    TEXTS,
    codes,
    compared,
    references,
    text_id,
    texts,
)
from naer.site.fhir.parties import Parties, organisation_key, patient
from naer.site.fhir.shelves import Rows
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, Wanted, by_name, register
from naer.site.pathways import numbers
from naer.site.pathways.models import Citizen, LoggedEvent


def changed_by_trace(field: str = "pk") -> Subquery:
    """When something was last written about a citizen: every write leaves its trace."""
    written = AccessEntry.objects.filter(citizen=OuterRef(field)).exclude(action__startswith="look")
    return Subquery(written.order_by("-at").values("at")[:1])


def _rows(asked: Asked, _: Query) -> QuerySet[Citizen]:
    seen = rules.visible_citizens(asked.caller.user, asked.now)
    return seen.select_related("gp").annotate(changed=changed_by_trace())


def _changed(row: Any) -> Instant | None:
    """When something was last written about a citizen, or their status changed as its time came."""
    written = from_datetime(row.changed) if row.changed is not None else None
    return max((at for at in (written, row.status_since) if at is not None), default=None)


def _patients(rows: Sequence[Citizen], _: Asked) -> list[Found | None]:
    parties = Parties(row.gp_id for row in rows)
    return [
        Found(
            versioned(
                people.patient(
                    row.key,
                    number=numbers.unseal(bytes(row.number_cipher)),
                    name=row.name,
                    born=row.born,
                    municipality=row.municipality,
                    practice=parties.known(row.gp_id),
                    died=row.status == "deceased",
                ),
                _changed(row),
            ),
            row.key,
        )
        for row in rows
    ]


def _teams(rows: Sequence[Citizen], asked: Asked) -> list[Found | None]:
    """The municipality of residence, the practice, and the hospital that last told of a stay that runs; the
    coordinators, for those who take part in the plan."""
    named = coordinators([row.key for row in rows], asked)
    codes_ = {row.municipality for row in rows}
    at_home = dict(
        Organisation.objects.filter(role=Organisation.Role.MUNICIPALITY, municipality__in=codes_).values_list(
            "municipality", "key"
        )
    )
    inside = [row.key for row in rows if row.status in rules.IN_HOSPITAL]
    told = LoggedEvent.objects.filter(citizen__in=inside, kind__in=rules.STAY_KINDS).order_by("at", "seq")
    hospitals = dict(told.exclude(organisation=None).values_list("citizen", "organisation"))
    parties = Parties([*at_home.values(), *hospitals.values(), *(row.gp_id for row in rows)])
    found: list[Found | None] = []
    for row in rows:
        around = (
            ("municipality", at_home.get(row.municipality)),
            ("gp", row.gp_id),
            ("hospital", hospitals.get(row.key)),
        )
        members = [(role, known) for role, key in around if (known := parties.known(key)) is not None]
        members += named.get(row.key, [])
        team = people.care_team(
            row.key, patient_reference=patient(row.key), members=members, over=row.status == "deceased"
        )
        found.append(Found(versioned(team, _changed(row)), row.key))
    return found


def _birth_date(_: Wanted, value: str, asked: Asked) -> Q:
    found = values.date(value, asked.now)

    def day(at: Instant) -> object:
        return values.local_day(at)

    return compared("born", found, day)


def last_updated(_: Wanted, value: str, asked: Asked) -> Q:
    """`_lastUpdated`, on the annotation `changed` and on the status."""
    date = values.date(value, asked.now)
    return compared("changed", date, utc) | compared("status_since", date, lambda at: at)


def _flag(field: str) -> Parameter:
    status = Q(status="deceased")
    known = {"true": lambda _: status, "false": lambda _: ~status}
    return Parameter(field, "token", "true or false", codes(known, "http://hl7.org/fhir/special-values"))


UPDATED = Parameter("_lastUpdated", "date", "when something was last written about the citizen", last_updated)

PATIENT = ResourceType(
    "Patient",
    "Citizens with a care relation to the caller's organisation.",
    Rows(_rows, _patients, of_id=text_id, of_place=text_id),
    by_name(
        UPDATED,
        Parameter("identifier", "token", "person number, or Naer's key", by_identifier, private=True),
        Parameter("name", "string", "part of the name", texts("name"), modifiers=TEXTS, private=True),
        Parameter("family", "string", "as name", texts("name"), modifiers=TEXTS, private=True),
        Parameter("given", "string", "as name", texts("name"), modifiers=TEXTS, private=True),
        Parameter("birthdate", "date", "day of birth", _birth_date, private=True),
        Parameter(
            "general-practitioner",
            "reference",
            "the general practice",
            references("gp_id", "Organization", key=organisation_key),
            targets=("Organization",),
        ),
        _flag("deceased"),
    ),
    {"general-practitioner": ("generalPractitioner", ("Organization",))},
)

CARE_TEAM = ResourceType(
    "CareTeam",
    "The municipality, practice and hospital around a citizen now, and the coordinators, to those "
    "who take part in the plan; one for each.",
    Rows(_rows, _teams, of_id=text_id, of_place=text_id),
    by_name(
        UPDATED,
        patient_parameter("patient", "pk"),
        patient_parameter("subject", "pk"),
        Parameter(
            "status",
            "token",
            "active; inactive when the citizen has died",
            codes(
                {
                    "active": lambda _: ~Q(status="deceased"),
                    "inactive": lambda _: Q(status="deceased"),
                },
                "http://hl7.org/fhir/care-team-status",
            ),
        ),
    ),
    {
        "patient": ("subject", ("Patient",)),
        "subject": ("subject", ("Patient",)),
        "participant": ("participant.member", ("Organization",)),
    },
)

register(PATIENT)
register(CARE_TEAM)
