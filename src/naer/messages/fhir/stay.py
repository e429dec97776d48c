"""EpisodeOfCare and Encounter: a pathway, and a stay at a hospital within it."""

from collections.abc import Sequence

import msgspec

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, coding, concept, given, identifier, period, reference, system

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CLASSES = {"acute_ambulant": "EMER", "admitted": "IMP"}
DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"


class Span(msgspec.Struct, frozen=True):
    """From and to, microseconds since the epoch; None is not known, or not ended."""

    start: Instant | None
    end: Instant | None


def episode(
    key: int, *, pathway: str, patient: Element, status: str, span: Span, organisation: Element | None
) -> Element:
    """A pathway. `status` is active, finished or entered-in-error; `organisation` opened it."""
    return given(
        {
            "resourceType": "EpisodeOfCare",
            "id": str(key),
            "identifier": [identifier(system("pathway"), pathway)],
            "status": status,
            "patient": patient,
            "managingOrganization": organisation,
            "period": period(span.start, span.end),
        }
    )


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """A stay: `kind` admitted or acute_ambulant; `leaves` the times away; `wrong`: it was cancelled."""

    kind: str
    span: Span
    leaves: Sequence[Span] = ()
    died: bool = False
    wrong: bool = False


def encounter(
    key: int, *, stay: Stay, patient: Element, episode_key: int | None, hospital: Element | None
) -> Element:
    """A stay at a hospital."""
    return given(
        {
            "resourceType": "Encounter",
            "id": str(key),
            "status": _status(stay),
            "statusHistory": [
                {"status": "onleave", "period": period(leave.start, leave.end)}
                for leave in stay.leaves
                if leave.start is not None or leave.end is not None
            ],
            "class": coding(ACT, CLASSES.get(stay.kind, "IMP")),
            "subject": patient,
            "episodeOfCare": [reference("EpisodeOfCare", episode_key)] if episode_key else None,
            "period": period(stay.span.start, stay.span.end),
            "hospitalization": {"dischargeDisposition": concept(DISPOSITION, "exp")} if stay.died else None,
            "serviceProvider": hospital,
        }
    )


def _status(stay: Stay) -> str:
    if stay.wrong:
        return "entered-in-error"
    if stay.span.end is not None:
        return "finished"
    return "onleave" if stay.leaves and stay.leaves[-1].end is None else "in-progress"
