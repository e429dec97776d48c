"""Limits as FHIR durations, as far as FHIR has them: it knows no working time and no clock times."""

from typing import Any

from naer.agreement.deadlines import Ahead, Duration, Within

_UCUM = {"min": "min", "h": "h", "days": "d", "weeks": "wk", "months": "mo"}
_UNITS = {"min": "minute", "h": "hour", "days": "day", "weeks": "week", "months": "month"}


def within(limit: Within | None) -> dict[str, Any] | None:
    """The Duration after the trigger; None for working time, clock times and `at once`."""
    return _duration(limit)


def ahead(length: Ahead | None) -> dict[str, Any] | None:
    """The Duration before the event; None for working days and clock times."""
    return _duration(length)


def _duration(length: object) -> dict[str, Any] | None:
    if not isinstance(length, Duration) or length.unit not in _UCUM:
        return None
    return {
        "value": length.amount,
        "unit": _UNITS[length.unit],
        "system": "http://unitsofmeasure.org",
        "code": _UCUM[length.unit],
    }
