"""Provenance and AuditEvent: who said what we know, and who looked at it."""

import datetime as dt

import msgspec

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, coding, concept, given, moment, system

AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
AUDIT = "http://terminology.hl7.org/CodeSystem/audit-event-type"
SOURCE = "http://terminology.hl7.org/CodeSystem/security-source-type"
ACTIONS = {
    "receive": "C",
    "record": "C",
    "notify": "C",
    "send": "C",
    "enrol": "C",
    "demo-made": "C",
    "deliver": "E",
    "retried": "E",
    "resent": "E",
    "undo": "D",
}
"""Action in the trace → AuditEvent.action: created, executed, deleted. The rest read (`look…`) or changed."""
LOOK = "look"
"""What an action that reads begins with."""


def way(action: str) -> str:
    """C, R, U, D or E (http://hl7.org/fhir/audit-event-action)."""
    return "R" if action.startswith(LOOK) else ACTIONS.get(action, "U")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the event log, with what a Provenance says of it. `digest` seals the row in its chain."""

    key: int
    event: str
    kind: str
    at: Instant
    recorded: Instant
    target: Element
    patient: Element
    organisation: Element | None
    source: str
    changes: str
    digest: str


def provenance(row: Row) -> Element:
    """Who said that something happened, when, and in which message."""
    who = row.organisation or {"display": row.source or "unknown"}
    return given(
        {
            "resourceType": "Provenance",
            "id": str(row.key),
            "extension": [{"url": system("chain-digest"), "valueString": row.digest}],
            "target": [row.target, row.patient],
            "occurredDateTime": moment(row.at),
            "recorded": moment(row.recorded),
            "activity": concept(system("kind"), row.kind),
            "agent": [{"type": concept(AGENT, "author"), "who": who}],
            "entity": [
                {
                    "role": "source",
                    "what": {
                        "identifier": {"system": system("event"), "value": row.event},
                        "display": row.source or "unknown",
                    },
                },
                *(
                    [
                        {
                            "role": "revision",
                            "what": {"identifier": {"system": system("event"), "value": row.changes}},
                        }
                    ]
                    if row.changes
                    else []
                ),
            ],
        }
    )


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the access log."""

    key: int
    at: dt.datetime
    user: str
    name: str
    role: str
    organisation: Element | None
    patient: Element | None
    action: str
    words: str
    subject: str
    relation: str


def audit_event(look: Look) -> Element:
    """Who did what to whose record, and the care relation that allowed it."""
    who = given({"identifier": {"system": system("user"), "value": look.user}, "display": look.name})
    agents = [
        given(
            {
                "type": concept(system("user-role"), look.role) if look.role else None,
                "who": who,
                "requestor": True,
            }
        )
    ]
    if look.organisation is not None:
        agents.append({"who": look.organisation, "requestor": False})
    return given(
        {
            "resourceType": "AuditEvent",
            "id": str(look.key),
            "type": coding(AUDIT, "rest", "RESTful Operation"),
            "subtype": [coding(system("action"), look.action, look.words)],
            "action": way(look.action),
            "recorded": look.at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "outcome": "0",
            "purposeOfEvent": [concept(system("relation"), look.relation)] if look.relation else None,
            "agent": agents,
            "source": {"observer": {"display": "Naer"}, "type": [coding(SOURCE, "4")]},
            "entity": [given({"what": look.patient, "description": look.subject})]
            if look.patient is not None or look.subject
            else None,
        }
    )
