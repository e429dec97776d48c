"""Who acts: somebody signed in, or a process of Naer's own; and the trace of what they did."""

from dataclasses import dataclass

from naer.events.instant import Instant, utc
from naer.site import bulk
from naer.site.access import rules
from naer.site.access.actions import purpose
from naer.site.access.whence import whence
from naer.site.accounts.models import User
from naer.site.pathways.models import Citizen

ENTRY = {
    "at": "timestamptz",
    "user": "text",
    "organisation": "text",
    "role": "text",
    "citizen": "text",
    "action": "text",
    "subject": "text",
    "relation": "text",
    "purpose": "text",
    "whence": "text",
}
"""Columns of access_accessentry."""

AUTOMATIC = "system"
"""The relation of a process: nobody looked (`access.actions.RELATIONS`)."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that acts by itself: the intake, the clock, the demo's municipal record.

    With `organisation` it acts on behalf of that organisation.
    """

    name: str
    organisation: str = ""


Actor = User | Process


def organisation_of(actor: Actor) -> str | None:
    """Key of the organisation that `actor` acts for."""
    if isinstance(actor, Process):
        return actor.organisation or None
    return actor.organisation_id


def permit(actor: Actor, citizen: Citizen, action: str, now: Instant) -> str:
    """The care relation that allows `action`; a process needs none.

    Raises:
        PermissionDenied: when no care relation allows it.
    """
    return AUTOMATIC if isinstance(actor, Process) else rules.require(actor, citizen, action, now)


def entry(actor: Actor, citizen: str, action: str, subject: str, relation: str, now: Instant) -> bulk.Row:
    """One row of `ENTRY`: who did what to whose record, and what allowed it."""
    if isinstance(actor, Process):
        name, organisation, role, address = actor.name, actor.organisation, "", ""
    else:
        name, organisation, role = actor.get_username(), actor.organisation_id or "", actor.role
        address = whence()
    why = purpose(action)
    return (utc(now), name, organisation, role, citizen, action, subject[:200], relation, why, address)


def leave_trace(process: Process, citizen: str, action: str, subject: str, now: Instant) -> None:
    """Write down what a process, or whoever ran it, did about a citizen: for commands that store no event."""
    writes = bulk.Writes()
    writes.insert("access_accessentry", ENTRY, [entry(process, citizen, action, subject, AUTOMATIC, now)])
    writes.flush()
