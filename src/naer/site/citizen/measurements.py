"""What a citizen measures themselves: kept as FHIR observations, so that the record systems can read them.

A measurement is never judged here: no colour, no advice. Codes are LOINC, units UCUM, as FHIR's vital signs
profile has them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Window
from django.db.models.functions import RowNumber

from naer.events.instant import Instant, utc
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.fhir.models import StoredObservation
from naer.site.messaging.record import pack, unpack
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
VITAL_SIGNS = "http://terminology.hl7.org/CodeSystem/observation-category"
NEWEST = 12
"""Measurements of one kind that a page shows."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that people measure at home; the limits only catch slips of the finger."""

    name: str
    loinc: str
    unit: str
    """UCUM code."""
    shown: str
    """The unit as people write it."""
    low: Decimal
    high: Decimal


def _kind(name: str, loinc: str, unit: str, shown: str, low: int, high: int) -> Kind:
    return Kind(name, loinc, unit, shown, Decimal(low), Decimal(high))


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind("weight", "29463-7", "kg", "kg", 2, 400),
        _kind("systolic", "8480-6", "mm[Hg]", "mmHg", 40, 300),
        _kind("diastolic", "8462-4", "mm[Hg]", "mmHg", 20, 200),
        _kind("pulse", "8867-4", "/min", "/min", 20, 300),
        _kind("temperature", "8310-5", "Cel", "°C", 25, 45),
        _kind("saturation", "2708-6", "%", "%", 30, 100),
    )
}
"""Name → kind, in the order a page offers them."""
_BY_CODE = {f"{LOINC}|{kind.loinc}": kind for kind in KINDS.values()}


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement."""

    at: Instant
    value: Decimal
    own: bool
    """Whether the citizen or somebody near them wrote it; else an organisation did."""


@dataclass(frozen=True, slots=True)
class Series:
    """The newest measurements of one kind, oldest first."""

    kind: Kind
    measured: tuple[Measured, ...]

    @property
    def last(self) -> Measured:
        return self.measured[-1]


def add(
    user: User,
    citizen: Citizen,
    kind: str,
    value: Decimal,
    at: Instant,
    *,
    now: Instant,
    new_id: Callable[[], str],
) -> StoredObservation:
    """Keep what the citizen measured at `at`.

    Raises:
        ActionRefusedError: when the kind is unknown, the value cannot be, or `at` lies after `now`.
        PermissionDenied: when `user` may not measure for `citizen`.
    """
    found = KINDS.get(kind)
    if found is None:
        raise ActionRefusedError(f"{kind!r} is nothing that is measured here")
    if not found.low <= value <= found.high:
        raise ActionRefusedError(f"{value} {found.shown} cannot be right")
    if at > now:
        raise ActionRefusedError("this lies in the future")
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": VITAL_SIGNS, "code": "vital-signs"}]}],
        "code": {"coding": [{"system": LOINC, "code": found.loinc}]},
        "subject": {"reference": f"Patient/{citizen.key}"},
        "effectiveDateTime": utc(at).isoformat(),
        "performer": [{"reference": f"Patient/{citizen.key}"}],
        "valueQuantity": {
            "value": float(value),
            "unit": found.shown,
            "system": UCUM,
            "code": found.unit,
        },
    }
    with transaction.atomic():
        rules.look(user, citizen, "own-measurement", found.name, now)
        return StoredObservation.objects.create(
            key=new_id(),
            citizen=citizen,
            at=at,
            stored=now,
            by=user.get_username(),
            code=f"{LOINC}|{found.loinc}",
            content=pack(msgspec.json.encode(resource)),
        )


def series(citizen: Citizen) -> list[Series]:
    """The newest measurements of each kind that has any: one query. The caller has asked the one door."""
    newest = Window(RowNumber(), partition_by="code", order_by=("-at", "-key"))
    rows = StoredObservation.objects.filter(citizen=citizen, code__in=_BY_CODE).annotate(place=newest)
    found: dict[str, list[Measured]] = {}
    for row in rows.filter(place__lte=NEWEST).order_by("-at", "-key"):
        value = _value(row)
        if value is not None:
            found.setdefault(row.code, []).append(Measured(row.at, value, not row.organisation))
    return [Series(kind, tuple(reversed(found[code]))) for code, kind in _BY_CODE.items() if found.get(code)]


def _value(row: StoredObservation) -> Decimal | None:
    """The number of an observation; None for one that holds no number."""
    quantity = msgspec.json.decode(unpack(bytes(row.content))).get("valueQuantity", {})
    value = quantity.get("value")
    return Decimal(str(value)) if isinstance(value, int | float) else None
