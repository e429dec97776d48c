"""PlanDefinition: the agreements in force here, as public as the agreements themselves."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from naer.agreement.plan_action import fhir_id
from naer.agreement.plan_definition import plan_definition
from naer.events.instant import local_date
from naer.messages.fhir.elements import Element, versioned
from naer.site.agreements.clauses import language
from naer.site.agreements.in_force import agreements
from naer.site.fhir.organisations import UNKNOWN
from naer.site.fhir.parameters import NOT, TEXTS, coded, codings, span, text
from naer.site.fhir.shelves import Listing
from naer.site.fhir.types import Asked, Found, Parameter, ResourceType, by_name, register
from naer.site.ui.times import ZONE


def _listed(asked: Asked) -> Sequence[Found]:
    return [Found(one) for one in _definitions(language(), local_date(asked.now, ZONE))]


@lru_cache(maxsize=8)
def _definitions(lang: str, today: dt.date) -> tuple[Element, ...]:
    """Every version of every agreement; the one in force, or the newest, has the agreement's own id."""
    found = []
    for line in agreements().lines:
        present = line.at(today) or line.versions[-1]
        for version in line.versions:
            made = plan_definition(version, lang, today=today)
            if version is not present:
                made["id"] = fhir_id(f"{fhir_id(line.id)[:50]}.{made['version']}")
            found.append(versioned(made))
    return tuple(found)


register(
    ResourceType(
        "PlanDefinition",
        "Agreements in force here, every version, one action for each clause.",
        Listing(_listed),
        by_name(
            UNKNOWN,
            Parameter("url", "uri", "the canonical name", of=text("url")),
            Parameter("version", "token", "first day of the version", of=codings("version")),
            Parameter("name", "string", "its name", of=text("name"), modifiers=TEXTS),
            Parameter("title", "string", "its title", of=text("title"), modifiers=TEXTS),
            Parameter(
                "status",
                "token",
                "draft, active, retired",
                of=coded("http://hl7.org/fhir/publication-status", "status"),
                modifiers=NOT,
            ),
            Parameter("date", "date", "first day of the version", of=span("date")),
            Parameter("effective", "date", "the days it holds", of=span("effectivePeriod")),
            Parameter("jurisdiction", "token", "DK or NO", of=codings("jurisdiction")),
        ),
    )
)
