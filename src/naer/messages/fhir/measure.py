"""Measure and MeasureReport: what is counted, and the counts of a month in a municipality."""

import datetime as dt
import hashlib

import msgspec

from naer.events.instant import Instant
from naer.messages.fhir.elements import ID, Element, concept, given, identifier, moment, system

SCORING = "http://terminology.hl7.org/CodeSystem/measure-scoring"
POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_ROOM = 48
"""Characters of a measure's id, so that a report's id has room for place and month."""


def measure_id(*names: str) -> str:
    """The id of a measure: its names with dots between, shortened with a digest where that is too long."""
    whole = ".".join(names)
    if len(whole) <= _ROOM and ID.fullmatch(whole):
        return whole
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-.") else "-" for sign in whole)
    return f"{plain[: _ROOM - 9]}.{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


class Defined(msgspec.Struct, frozen=True, kw_only=True):
    """What a measure counts, in words. `experimental`: its limit is not verified at the source."""

    id: str
    title: str
    counts: str
    out_of: str
    excluded: str
    careful: str
    experimental: bool = False


def measure(defined: Defined) -> Element:
    """The Measure: a proportion."""
    populations = (
        ("initial-population", "Every case."),
        ("denominator", defined.out_of),
        ("denominator-exclusion", defined.excluded),
        ("numerator", defined.counts),
    )
    return given(
        {
            "resourceType": "Measure",
            "id": defined.id,
            "url": canonical(defined.id),
            "title": defined.title,
            "status": "active",
            "experimental": defined.experimental,
            "description": defined.counts,
            "disclaimer": defined.careful,
            "scoring": concept(SCORING, "proportion"),
            "improvementNotation": concept(
                "http://terminology.hl7.org/CodeSystem/measure-improvement-notation",
                "increase" if "." in defined.id else "decrease",
            ),
            "group": [
                {
                    "population": [
                        {
                            "code": concept(POPULATION, code),
                            "criteria": {"language": "text/plain", "expression": words},
                        }
                        for code, words in populations
                    ]
                }
            ],
        }
    )


def canonical(key: str) -> str:
    """The canonical name of a measure."""
    return f"{system('Measure')}:{key}"


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of one month in one municipality; None is too few to be told.

    `last` is the last day of the month, `percent` the share, `at` when it was judged.
    """

    measure: str
    municipality: str
    reporter: Element | None
    first: dt.date
    last: dt.date
    denominator: int | None
    numerator: int | None
    excluded: int | None
    percent: float | None
    at: Instant


def report(counted: Counted) -> Element:
    """The MeasureReport; a count that would tell of too few people is not in it."""
    counts = (
        ("denominator", counted.denominator),
        ("denominator-exclusion", counted.excluded),
        ("numerator", counted.numerator),
    )
    population = [
        {"code": concept(POPULATION, code), "count": count} for code, count in counts if count is not None
    ]
    place = counted.municipality or "unknown"
    return given(
        {
            "resourceType": "MeasureReport",
            "id": f"{counted.measure}-{place}-{counted.first:%Y%m}",
            "identifier": [identifier(system("municipality"), place)],
            "status": "complete",
            "type": "summary",
            "measure": canonical(counted.measure),
            "date": moment(counted.at),
            "reporter": counted.reporter,
            "period": {"start": counted.first.isoformat(), "end": counted.last.isoformat()},
            "group": [
                given(
                    {
                        "population": population,
                        "measureScore": {
                            "value": round(counted.percent, 1),
                            "unit": "%",
                            "system": "http://unitsofmeasure.org",
                            "code": "%",
                        }
                        if counted.percent is not None
                        else None,
                    }
                )
                or {"code": {"text": "too few to be shown"}}
            ],
        }
    )
