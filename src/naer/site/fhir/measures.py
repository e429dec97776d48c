"""Measure and MeasureReport: what the pages of results count, to those who may see results."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from naer.agreement import in_language
from naer.messages.fhir.elements import Element, versioned
from naer.messages.fhir.measure import Counted, Defined, canonical, measure, measure_id, report
from naer.messages.fhir.organisations import organisation_reference
from naer.site.access import rules
from naer.site.accounts.models import Organisation
from naer.site.agreements.clauses import language
from naer.site.agreements.in_force import agreements
from naer.site.fhir.organisations import UNKNOWN
from naer.site.fhir.parameters import TEXTS, codings, named, span, text
from naer.site.fhir.shelves import Listing
from naer.site.fhir.types import Asked, Found, Parameter, ResourceType, by_name, register

if TYPE_CHECKING:
    from naer.site.governance.counted import Count
    from naer.site.governance.figures import Share

DAYS_READY, READMITTED = "days-ready", "readmitted"
_MONTHS = "24"
"""The months that reports are made for: the last 24 whole ones."""


def _measures(asked: Asked) -> Sequence[Found]:
    if not rules.may(asked.caller.user, "results"):
        return ()
    return [Found(one) for one in _defined(language())]


@lru_cache(maxsize=4)
def _defined(lang: str) -> tuple[Element, ...]:
    from naer.site.governance import words

    kept = words.kept_definition()
    found = [
        Defined(
            id=measure_id(line.id, clause.id),
            title=in_language(clause.title, lang) or clause.id,
            counts=kept.counts,
            out_of=kept.out_of,
            excluded=kept.excluded,
            careful=kept.careful,
            experimental=not clause.verified,
        )
        for line in agreements().lines
        for clause in line.versions[-1].clauses
        if not clause.is_text
    ]
    others = ((DAYS_READY, words.waiting_definition()), (READMITTED, words.again_definition()))
    found += [
        Defined(
            id=key,
            title=definition.name,
            counts=definition.counts,
            out_of=definition.out_of,
            excluded=definition.excluded,
            careful=definition.careful,
        )
        for key, definition in others
    ]
    return tuple(versioned(measure(one)) for one in found)


def _reports(asked: Asked) -> Sequence[Found]:
    if not rules.may(asked.caller.user, "results"):
        return ()
    from naer.site.governance.counted import read, read_state

    state = read_state(settings.LOG_STORE)
    if state is None:
        return ()
    names = tuple(
        Organisation.objects.filter(role=Organisation.Role.MUNICIPALITY)
        .order_by("key")
        .values_list("municipality", "key", "name")
    )
    count = read(settings.LOG_STORE)
    return [] if count is None else [Found(one) for one in _counted(_Once(count), names)]


class _Once:
    """A count that equals another of the same files: what is made of it is made once."""

    def __init__(self, count: "Count") -> None:
        self.count = count
        self._name = (count.state.obligations, count.state.stays)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Once) and self._name == other._name

    def __hash__(self) -> int:
        return hash(self._name)


@lru_cache(maxsize=2)
def _counted(once: _Once, names: tuple[tuple[str, str, str], ...]) -> tuple[Element, ...]:
    """Every month of every municipality, judged at the instant of the count; few people are never told of."""
    from naer.site.governance import figures
    from naer.site.governance.period import period

    count = once.count
    now = count.state.now
    months = period(_MONTHS, now)
    reporters = {code: organisation_reference(key, name) for code, key, name in names}
    tables = {
        (DAYS_READY,): figures.days_ready(count),
        (READMITTED,): figures.readmitted(count, now),
    }
    found: dict[str, dict[tuple[str, dt.date], Share]] = {}
    kept = figures.within(figures.kept(count, now), months)
    for (agreement, clause, code, month), one in figures.shares(
        kept, "agreement", "clause", "municipality", "month"
    ).items():
        found.setdefault(measure_id(agreement, clause), {})[code or "", month] = one
    for (key,), table in tables.items():
        chosen = figures.within(table, months)
        for (code, month), one in figures.shares(chosen, "municipality", "month").items():
            found.setdefault(key, {})[code or "", month] = one
    return tuple(
        versioned(
            report(_one(key, code, month, share, reporters.get(code), now)),
            count.state.counted,
        )
        for key, groups in sorted(found.items())
        for (code, month), share in sorted(_covered(groups).items())
    )


def _covered(groups: "dict[tuple[str, dt.date], Share]") -> "dict[tuple[str, dt.date], Share]":
    """As the pages hide what would tell of few: places within the whole, months within a place."""
    from naer.site.governance import figures

    places: dict[str, dict[dt.date, Share]] = {}
    for (code, month), one in groups.items():
        places.setdefault(code, {})[month] = one
    wholes = figures.cover({code: figures.total(months.values()) for code, months in places.items()})
    found = {}
    for code, months in places.items():
        for month, one in figures.cover(months).items():
            if wholes[code].hidden and not one.hidden:
                one = _hidden(one)
            found[code, month] = one
    return found


def _hidden(share: "Share") -> "Share":
    from dataclasses import replace

    return replace(share, hidden=True)


def _one(key: str, code: str, month: dt.date, share: "Share", reporter: Element | None, now: int) -> Counted:
    from naer.indicators.disclosure import LEAST

    last = (month + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    shown = not share.hidden
    plain = shown and not share.rough
    few_left_out = 0 < share.left_out < LEAST
    return Counted(
        measure=key,
        municipality=code,
        reporter=reporter,
        first=month,
        last=last,
        denominator=share.denominator if shown else None,
        numerator=share.numerator if plain else None,
        excluded=share.left_out if shown and not few_left_out else None,
        percent=share.exact if plain else None,
        at=now,
    )


def _of_measure(resource: Element) -> list[Any]:
    """A report's measure as a reference to it, and by its canonical name."""
    name = str(resource["measure"])
    return [f"Measure/{name.removeprefix(canonical(''))}", name]


register(
    ResourceType(
        "Measure",
        "What the pages of results count: how each clause is kept, days ready, readmissions.",
        Listing(_measures),
        by_name(
            UNKNOWN,
            Parameter("url", "uri", "the canonical name", of=text("url")),
            Parameter("title", "string", "its title", of=text("title"), modifiers=TEXTS),
            Parameter("status", "token", "active", of=codings("status")),
        ),
    )
)
register(
    ResourceType(
        "MeasureReport",
        "The counts of each month in each municipality; what would tell of few people is left out.",
        Listing(_reports),
        by_name(
            Parameter("_lastUpdated", "date", "when it was counted", of=span("meta", "lastUpdated")),
            Parameter("measure", "reference", "the measure", of=_of_measure, targets=("Measure",)),
            Parameter("period", "date", "the month", of=span("period")),
            Parameter("date", "date", "when it was judged", of=span("date")),
            Parameter(
                "reporter",
                "reference",
                "the municipality",
                of=named("reporter"),
                targets=("Organization",),
            ),
            Parameter("identifier", "token", "code of the municipality", of=codings("identifier")),
            Parameter("status", "token", "complete", of=codings("status")),
        ),
        {"reporter": ("reporter", ("Organization",))},
    )
)
