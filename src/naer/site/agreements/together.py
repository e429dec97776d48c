"""Which municipalities share a regional agreement: those that one in force names beside one another."""

import datetime as dt

from naer.agreement.language import Agreement
from naer.site.agreements.in_force import agreements


def together(municipality: str, day: dt.date) -> frozenset[str]:
    """The codes of the municipalities under one regional agreement with this one, itself among them.

    An agreement of the whole country names none, and brings nobody together.
    """
    found = {municipality} - {""}
    for line in agreements().lines:
        for agreement in line.versions:
            named = _named(agreement)
            if municipality in named and agreement.in_force(day):
                found |= named
    return frozenset(found)


def _named(agreement: Agreement) -> set[str]:
    """The municipalities that an agreement names as those it applies to."""
    named: set[str] = set()
    for condition in agreement.applies:
        if condition.attribute == "municipality" and condition.operator in ("in", "=="):
            values = condition.value if condition.operator == "in" else [condition.value]
            named |= {str(value) for value in values}
    return named
