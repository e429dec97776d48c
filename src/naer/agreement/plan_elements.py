"""The small elements of a FHIR resource: codings, durations, conditions, titles, and YAML as text."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from naer.agreement.conditions import Conditions
from naer.agreement.deadlines import Duration
from naer.agreement.language import Text, in_language

Element = dict[str, Any]
"""A FHIR element or resource as JSON has it."""

_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_UCUM = {"min": "min", "h": "h", "days": "d", "weeks": "wk", "months": "mo"}
_UNITS = {"min": "minute", "h": "hour", "days": "day", "weeks": "week", "months": "month"}


def duration(length: object) -> Element | None:
    """The FHIR Duration of a `within` or `ahead`; None for working time, clock times and `at once`."""
    if not isinstance(length, Duration) or length.unit not in _UCUM:
        return None
    return {
        "value": length.amount,
        "unit": _UNITS[length.unit],
        "system": "http://unitsofmeasure.org",
        "code": _UCUM[length.unit],
    }


def condition(kind: str, description: str, yaml: Element) -> Element:
    return {
        "kind": kind,
        "expression": {
            "description": capital(description),
            "language": "application/yaml",
            "expression": as_yaml(yaml).strip(),
        },
    }


def written(conditions: Conditions) -> Element:
    """Conditions as an agreement file writes them."""
    said: Element = {}
    for one in conditions:
        if one.operator == "in":
            said[one.attribute] = list(one.value)
        elif one.operator == "==":
            said[one.attribute] = one.value
        else:
            said.setdefault(one.attribute, {})[one.operator] = one.value
    return said


def coded(system: str, code: str) -> Element:
    return {"coding": [{"system": system, "code": code}]}


def given(element: Element) -> Element:
    """Without what is empty: FHIR has no empty elements."""
    return {key: value for key, value in element.items() if value not in (None, "", [], {})}


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def as_yaml(value: object) -> str:
    writer = YAML()
    writer.width = 4096
    out = StringIO()
    writer.dump(value, out)
    return out.getvalue()


def titled(text: Text, language: str, otherwise: str) -> tuple[str, Element | None]:
    """A title in the language, and its translations to the others."""
    own = in_language(text, language) or otherwise
    others = [
        {
            "url": _TRANSLATION,
            "extension": [
                {"url": "lang", "valueCode": language},
                {"url": "content", "valueString": content},
            ],
        }
        for language, content in text.items()
        if language and language != language
    ]
    return own, {"extension": others} if others else None
