"""Task: an obligation, as who owes what to whom by when."""

import datetime as dt

import msgspec

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, concept, given, identifier, moment, period, system

STATUS = {
    "": "requested",
    "kept": "completed",
    "late": "completed",
    "released": "cancelled",
    "superseded": "cancelled",
    "missing": "failed",
}
"""Stored outcome of an obligation → Task.status; "" is one that runs."""
BUSINESS = system("obligation-state")
KIND = system("kind")
"""Kinds of event (docs/reference/events.md)."""


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """An obligation, with what a Task says of it. Instants are microseconds since the epoch.

    `state` is open, overdue, not-recorded, kept, late, released, superseded or missing. `owner` and
    `requester` are references; `trigger_kind` and `closing_kind` the kinds of the events that opened and
    closed it, "" when not known.
    """

    key: int
    agreement: str
    version: dt.date | None
    clause: str
    title: str
    state: str
    outcome: str
    withdrawn: bool
    patient: Element
    owner: Element
    requester: Element
    pathway: str
    trigger_kind: str
    triggered: Instant
    closing_kind: str
    closed: Instant | None
    start: Instant
    due: Instant | None
    updated: Instant | None


def task(owed: Owed) -> Element:
    """The Task. It says `requested` while it runs: nobody tells that work on it has begun."""
    plan = f"{system('PlanDefinition')}:{owed.agreement}"
    return given(
        {
            "resourceType": "Task",
            "id": str(owed.key),
            "identifier": [identifier(system("clause"), f"{owed.agreement}/{owed.clause}")],
            "instantiatesCanonical": f"{plan}|{owed.version}" if owed.version else plan,
            "groupIdentifier": identifier(system("pathway"), owed.pathway),
            "status": "entered-in-error" if owed.withdrawn else STATUS[owed.outcome],
            "businessStatus": concept(BUSINESS, owed.state),
            "intent": "order",
            "code": concept(system("clause"), f"{owed.agreement}/{owed.clause}", owed.title),
            "description": owed.title,
            "for": owed.patient,
            "executionPeriod": period(owed.start, owed.closed),
            "authoredOn": moment(owed.triggered),
            "lastModified": moment(owed.updated),
            "requester": owed.requester,
            "owner": owed.owner,
            "restriction": {"period": {"end": moment(owed.due)}} if owed.due is not None else None,
            "input": _told(owed.trigger_kind, owed.triggered),
            "output": _told(owed.closing_kind, owed.closed),
        }
    )


def _told(kind: str, at: Instant | None) -> list[Element]:
    """An event that opened or closed it: its kind, and when it happened."""
    if not kind or at is None:
        return []
    return [{"type": concept(KIND, kind), "valueDateTime": moment(at)}]
