"""Everything people write about a citizen: each appends an event, re-evaluates, and leaves its trace.

One transaction each. Access is checked here and nowhere later; `now` and `new_id` are the caller's.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from naer.agreement import Clause
from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.kinds import KINDS
from naer.events.log import CANCELLED
from naer.site import bulk
from naer.site.agreements.in_force import agreements
from naer.site.pathways import live, store
from naer.site.pathways.actor import ENTRY, Actor, Process, entry, organisation_of, permit
from naer.site.pathways.met_on import by_hand
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.pathways.register import Register
from naer.site.pathways.state import State

PERSON = "person"
"""`Event.source` of what people (and processes on their behalf) record."""

WAIVED = "waived"
NewId = Callable[[], str]
Said = tuple[str, Mapping[str, Any]]
"""A kind of event, and its attributes."""


class ActionRefusedError(ValueError):
    """What was asked makes no sense as things stand; the text says why and may be shown."""


def record_event(
    actor: Actor,
    citizen_key: str,
    pathway: str,
    kind: str,
    at: Instant,
    attributes: Mapping[str, Any],
    *,
    now: Instant,
    new_id: NewId,
) -> Event:
    """Record that something happened at `at` (microseconds). Without `pathway` it begins one of its own.

    Raises:
        ActionRefusedError: when the kind is unknown or has an action of its own, or lies after `now`.
        PermissionDenied: when no care relation allows it.
        Citizen.DoesNotExist: when there is no such citizen.
    """
    if kind not in KINDS or kind in (CANCELLED, WAIVED):
        raise ActionRefusedError(f"{kind!r} is no kind of event that is recorded like this")
    if at > now:
        raise ActionRefusedError("this lies in the future; record it when it has happened")

    def make(state: State) -> Event:
        return event_by(actor, state, pathway or f"{state.key}.{new_id()}", kind, at, attributes, now, new_id)

    return _write(actor, citizen_key, "record", kind, make, now)


def fulfil(
    actor: Actor,
    obligation_id: int,
    *,
    now: Instant,
    new_id: NewId,
    kind: str | None = None,
    at: Instant | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Event:
    """Record the delivery that meets an obligation; `kind` is one its clause asks for (default the first).

    Raises:
        ActionRefusedError: when the obligation is closed, or the kind does not meet it.
        PermissionDenied: when no care relation allows it, or the actor is no party to it.
        Obligation.DoesNotExist: when there is no such obligation.
    """
    owed = Obligation.objects.get(pk=obligation_id)
    clause = _clause(owed)
    pattern = next((one for one in clause.deliver if kind is None or kind in one.kinds), None)
    if pattern is None:
        raise ActionRefusedError(f"{kind!r} does not meet {owed.clause}")
    if (at or now) > now:
        raise ActionRefusedError("this lies in the future; record it when it has happened")
    _require_party(actor, owed, {owed.owed_by, owed.owed_to})
    given: dict[str, Any] = {one.attribute: one.value for one in pattern.where if one.operator == "=="}
    given |= {"answers": owed.trigger} | dict(attributes or {})

    def make(state: State) -> Event:
        _require_running(state, owed)
        if clause.match and clause.match not in given:
            trigger = next((event for event in state.events if event.id == owed.trigger), None)
            if trigger is not None and clause.match in trigger.attributes:
                given[clause.match] = trigger.attributes[clause.match]
        return event_by(actor, state, owed.pathway, kind or pattern.kinds[0], at or now, given, now, new_id)

    return _write(actor, owed.citizen_id, "fulfil", _name(owed), make, now)


def waive(
    actor: Actor, obligation_id: int, why: str, *, now: Instant, new_id: NewId, at: Instant | None = None
) -> Event:
    """Waive an obligation, from `at` (default now): the right of the party its clause names (S25).

    Raises:
        ActionRefusedError: when the obligation is closed, or no reason is given.
        PermissionDenied: when the clause gives the actor no right to.
        Obligation.DoesNotExist: when there is no such obligation.
    """
    owed = Obligation.objects.get(pk=obligation_id)
    if not why.strip():
        raise ActionRefusedError("a waiver needs a reason")
    rights = {"owed_by": {owed.owed_by}, "owed_to": {owed.owed_to}, "both": {owed.owed_by, owed.owed_to}}
    _require_party(actor, owed, rights.get(_clause(owed).waiver or "", set()))

    def make(state: State) -> Event:
        _require_running(state, owed)
        given = {"clause": owed.clause, "why": why.strip()}
        return event_by(actor, state, owed.pathway, WAIVED, at or now, given, now, new_id)

    return _write(actor, owed.citizen_id, "waive", _name(owed), make, now)


def undo(actor: Actor, event_id: str, *, now: Instant, new_id: NewId, why: str = "") -> Event:
    """Take back an event that somebody of the actor's organisation recorded.

    Raises:
        ActionRefusedError: when it was taken back already, or was not recorded by a person.
        PermissionDenied: when another organisation recorded it, or no care relation allows it.
        LoggedEvent.DoesNotExist: when there is no such event.
    """
    logged = LoggedEvent.objects.filter(id=event_id).order_by("seq").first()
    if logged is None:
        raise LoggedEvent.DoesNotExist
    if logged.source != PERSON or logged.kind == CANCELLED or not by_hand([logged.kind]):
        raise ActionRefusedError("only what a person recorded can be taken back here")
    if not isinstance(actor, Process) and logged.organisation != organisation_of(actor):
        raise PermissionDenied("recorded by another organisation")

    def make(state: State) -> Event:
        if all(event.id != event_id for event in live.log(state.events, now).events):
            raise ActionRefusedError("it was taken back already")
        given = {"why": why} if why else {}
        event = event_by(actor, state, logged.pathway, CANCELLED, now, given, now, new_id, changes=event_id)
        return event

    return _write(actor, logged.citizen, "undo", event_id, make, now)


def append(
    actor: Actor,
    citizen_key: str,
    make: Callable[[State], Sequence[Event]],
    *,
    now: Instant,
    action: str = "",
    subject: str = "",
    relation: str = "",
) -> list[Event]:
    """Append the events that `make` gives of the locked citizen, re-evaluate and trace, in one transaction.

    For what is told by a message: the caller has checked access, and says which relation allowed it; without
    an action it has left the trace already, in the same transaction. An event whose id stands in the log is
    not appended again.
    """
    with transaction.atomic():
        state = store.load([citizen_key])[citizen_key]
        known = {event.id for event in state.events}
        events = [event for event in make(state) if event.id not in known]
        for event in events:
            state.append(event)
        register = Register()
        register.know([state])
        live.judge(state, register, now)
        writes = bulk.Writes()
        store.save([state], writes)
        if action:
            trace = entry(actor, citizen_key, action, subject, relation, now)
            writes.insert("access_accessentry", ENTRY, [trace])
        writes.flush()
    return events


def say(
    actor: Actor,
    citizen_key: str,
    told: Sequence[Said],
    course: Callable[[State, str], str],
    *,
    action: str,
    subject: str,
    relation: str,
    now: Instant,
    new_id: NewId,
) -> list[Event]:
    """Append what `actor` says happened now; `course` gives the pathway of a kind. Else as `append`."""

    def make(state: State) -> list[Event]:
        return [
            event_by(actor, state, course(state, kind), kind, now, attributes, now, new_id)
            for kind, attributes in told
        ]

    return append(actor, citizen_key, make, now=now, action=action, subject=subject, relation=relation)


def _write(
    actor: Actor,
    citizen_key: str,
    action: str,
    subject: str,
    make: Callable[[State], Event],
    now: Instant,
) -> Event:
    """Check access, append the event that `make` gives, re-evaluate, and trace it, in one transaction."""
    with transaction.atomic():
        relation = permit(actor, Citizen.objects.get(pk=citizen_key), action, now)
        (event,) = append(
            actor,
            citizen_key,
            lambda state: [make(state)],
            action=action,
            subject=subject,
            relation=relation,
            now=now,
        )
    return event


def event_by(
    actor: Actor,
    state: State,
    pathway: str,
    kind: str,
    at: Instant,
    attributes: Mapping[str, Any],
    now: Instant,
    new_id: NewId,
    changes: str | None = None,
) -> Event:
    """What `actor` says happened at `at`, for their organisation, with their name in it."""
    return Event(
        id=new_id(),
        pathway=pathway,
        citizen=state.key,
        kind=kind,
        at=at,
        sent=now,
        received=now,
        organisation=organisation_of(actor),
        municipality=state.municipality,
        attributes={"by": actor.name} | dict(attributes),
        source=PERSON,
        changes=changes,
    )


def _clause(owed: Obligation) -> Clause:
    clause = agreements().clause(owed.agreement, owed.clause, owed.version)
    if clause is None:
        raise ActionRefusedError(f"{owed.agreement} has no clause {owed.clause} any more")
    return clause


def _require_party(actor: Actor, owed: Obligation, allowed: set[str]) -> None:
    if not isinstance(actor, Process) and organisation_of(actor) not in allowed:
        raise PermissionDenied(f"not a party that may do this to {owed.clause}")


def _require_running(state: State, owed: Obligation) -> None:
    """The obligation as it stands now that the citizen is locked."""
    held = next((kept for name, kept in state.owed.items() if name == _identity(owed)), None)
    if held is None or held.withdrawn or held.outcome:
        raise ActionRefusedError("it is closed already")


def _identity(owed: Obligation) -> tuple[str, str, str]:
    return (owed.agreement, owed.clause, owed.trigger)


def _name(owed: Obligation) -> str:
    """What the trace calls an obligation."""
    return f"{owed.agreement}/{owed.clause} {owed.trigger}"
