"""MedicationStatement: one medicine of a letter, as its sender said that it was used."""

import re

import msgspec

from naer.events.instant import Instant
from naer.messages.content import Scalar
from naer.messages.fhir.elements import Element, coding, given, moment, reference, system
from naer.messages.plo.times import point

ATC = "http://www.whocc.no/atc"
_CODED = ("form", "use", "multidose")
"""Codes of the letter that R4 has no element for here; they stand as extensions `urn:naer:medicine-…`."""
_PARTIAL = re.compile(r"\d{4}(-\d{2})?", re.ASCII)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a letter's medicines. `wrong`: its sender changed or cancelled the letter."""

    letter: int
    number: int
    row: dict[str, Scalar]
    patient: Element
    source: Element
    sent: Instant
    wrong: bool

    @property
    def id(self) -> str:
        """FHIR id: the letter, and which of its medicines."""
        return f"{self.letter}-{self.number}"


def medication_statement(said: Said) -> Element:
    """The medicine; its status is what it was when the letter was written."""
    row = {name: str(value) for name, value in said.row.items()}
    name, strength = row.get("name", ""), " ".join((row.get("strength", ""), row.get("unit", ""))).strip()
    atc = row.get("atc", "")
    drug = {"coding": [coding(ATC, atc)] if atc else None, "text": f"{name} {strength}".strip()}
    extensions = [
        {"url": system(f"medicine-{one}"), "valueString": row[one]} for one in _CODED if row.get(one)
    ]
    return given(
        {
            "resourceType": "MedicationStatement",
            "id": said.id,
            "extension": extensions,
            "status": _status(said, row),
            "medicationCodeableConcept": given(drug) or {"text": "not named in the letter"},
            "subject": said.patient,
            "effectivePeriod": given({"start": _date(row.get("from")), "end": _date(row.get("to"))}),
            "dateAsserted": moment(said.sent),
            "informationSource": said.source,
            "derivedFrom": [reference("Communication", said.letter)],
            "reasonCode": [{"text": row["for"]}] if row.get("for") else None,
            "note": [{"text": row["note"]}] if row.get("note") else None,
            "dosage": [{"text": row["dose"]}] if row.get("dose") else None,
        }
    )


def _status(said: Said, row: dict[str, str]) -> str:
    """completed or intended where the letter itself says that it was over, or yet to begin."""
    if said.wrong:
        return "entered-in-error"
    start, end = point(row.get("from", "")), point(row.get("to", ""))
    if end is not None and end.at < said.sent:
        return "completed"
    return "intended" if start is not None and start.at > said.sent else "active"


def _date(text: str | None) -> str | None:
    """A time as the letter has it, as FHIR writes one."""
    found = point(text or "")
    if found is None:
        return text if text and _PARTIAL.fullmatch(text) else None
    return moment(found.at) if found.precision == "instant" else (text or "")[:10]
