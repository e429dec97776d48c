"""The legal basis: which cases let a municipality keep a notification about a citizen, by law and date.

A hospital notifies for everybody. Automatic transfer without consent stands on Retssikkerhedsloven § 12 c
and needs an active case of one of these kinds; without one the content is deleted, and the answer is
still positive (handbook 3.7, rule 1).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from naer.site.pathways.state import CaseRow


@dataclass(frozen=True, slots=True)
class Basis:
    """One kind of case, the law it stands on, and the days on which that law gives a basis."""

    kind: str
    law: str
    first: dt.date | None = None
    last: dt.date | None = None
    verified: bool = True

    def on(self, day: dt.date) -> bool:
        """Whether it gives a basis on `day`; first and last are included."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


_ELDERLY_CARE = dt.date(2025, 7, 1)
_BEFORE = _ELDERLY_CARE - dt.timedelta(days=1)

CASES: tuple[Basis, ...] = (
    Basis("home-care", "Serviceloven kap. 16 (§ 83)", last=_BEFORE),
    Basis("home-care", "Ældreloven; Serviceloven kap. 16 (§ 83)", first=_ELDERLY_CARE, verified=False),
    Basis("home-nursing", "Sundhedsloven kap. 38 (§ 138)"),
    Basis("rehabilitation", "Sundhedsloven kap. 39 (§ 140); Serviceloven kap. 16 (§ 86)"),
    Basis("reablement", "Serviceloven kap. 16 (§ 83 a)", last=_BEFORE),
    Basis("reablement", "Ældreloven; Serviceloven kap. 16 (§ 83 a)", first=_ELDERLY_CARE, verified=False),
    Basis("social-support", "Serviceloven kap. 16 (§ 85)"),
    Basis("respite", "Serviceloven kap. 16 (§ 84)"),
    Basis("personal-assistance", "Serviceloven kap. 16 (§§ 95-96)"),
    Basis("preventive-visit", "Serviceloven § 79 a", last=_BEFORE),
    Basis("preventive-visit", "Ældreloven; Serviceloven § 79 a", first=_ELDERLY_CARE, verified=False),
    Basis("temporary-housing", "Serviceloven § 107"),
    Basis("long-term-housing", "Serviceloven § 108"),
)
"""Every kind of case that gives a basis. A kind has one row for each period with its own wording."""

KINDS = tuple(dict.fromkeys(basis.kind for basis in CASES))
"""The kinds, once each."""


def basis(cases: Iterable[CaseRow], municipality: str, day: dt.date) -> CaseRow | None:
    """The active case that lets `municipality` keep a notification on `day`; None when there is none."""
    kinds = lawful_kinds(day)
    for case in cases:
        active = case.opened <= day and (case.closed is None or day <= case.closed)
        if active and case.municipality == municipality and case.kind in kinds:
            return case
    return None


@lru_cache(maxsize=64)
def lawful_kinds(day: dt.date) -> frozenset[str]:
    """The kinds of case that give a basis on `day`."""
    return frozenset(basis.kind for basis in CASES if basis.on(day))
