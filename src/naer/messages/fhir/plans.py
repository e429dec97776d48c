"""CarePlan and ServiceRequest: plans that were made, and what one party asked of another, from the log."""

import msgspec

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, concept, given, identifier, moment, period, reference, system

PLANS = {
    "treatment_plan": "The hospital's treatment plan",
    "care_forecast": "The hospital's forecast of the care needed after the stay",
    "care_plan": "Plan for the care around the citizen",
    "rehabilitation_plan": "Rehabilitation plan",
}
"""Kinds of event that are a plan → its title."""
REQUESTS = {
    "rehabilitation_plan": ("Rehabilitation after the stay", ("rehabilitation_started",)),
    "acute_referral": ("Care by the municipal acute function", ("acute_closing",)),
    "request": ("Information or an act", ("answer",)),
}
"""Kinds of event that ask for something → what for, and the kinds that say it was done."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An event that holds, or was cancelled (`wrong`), as a plan or request; `over` tells it is past.

    `key` is the row of the log; `event` the id of the event, `at` in microseconds.
    """

    key: int
    event: str
    kind: str
    at: Instant
    recorded: Instant
    patient: Element
    author: Element | None
    episode: int | None
    note: str = ""
    over: bool = False
    wrong: bool = False


def care_plan(said: Said) -> Element:
    """The plan; one that a later of its kind in the same pathway replaced is `revoked`."""
    return given(
        {
            "resourceType": "CarePlan",
            "id": str(said.key),
            "identifier": [identifier(system("event"), said.event)],
            "status": "entered-in-error" if said.wrong else "revoked" if said.over else "active",
            "intent": "plan",
            "category": [concept(system("kind"), said.kind)],
            "title": PLANS[said.kind],
            "description": said.note,
            "subject": said.patient,
            "period": period(said.at, None),
            "created": moment(said.recorded),
            "author": said.author,
        }
    )


def service_request(said: Said) -> Element:
    """What was asked for; `completed` once the log says that it was done."""
    return given(
        {
            "resourceType": "ServiceRequest",
            "id": str(said.key),
            "identifier": [identifier(system("event"), said.event)],
            "status": "entered-in-error" if said.wrong else "completed" if said.over else "active",
            "intent": "order",
            "category": [concept(system("kind"), said.kind)],
            "code": concept(system("kind"), said.kind, REQUESTS[said.kind][0]),
            "subject": said.patient,
            "occurrenceDateTime": moment(said.at),
            "authoredOn": moment(said.recorded),
            "requester": said.author,
            "note": [{"text": said.note}] if said.note else None,
            "supportingInfo": [reference("EpisodeOfCare", said.episode)] if said.episode else None,
        }
    )
