"""What every write in a plan does: ask the one door, add events to the log, say who wrote."""

from collections.abc import Sequence

from naer.events.event import Event
from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.agreements.in_force import agreements
from naer.site.pathways import actions
from naer.site.pathways.actions import ActionRefusedError, NewId, Said
from naer.site.pathways.actor import Actor, Process, leave_trace, permit
from naer.site.pathways.models import Citizen
from naer.site.pathways.state import State
from naer.site.plans.models import COURSE, Plan

WAYS = ("oral", "written", "guardian")
"""How a citizen says something to somebody who writes it down."""
OWN = "own"
"""How a citizen says something who is signed in."""


def plan_of(citizen_key: str) -> Plan:
    """The plan of a citizen, locked until the commit.

    Raises:
        Plan.DoesNotExist: when there is none.
    """
    return Plan.objects.select_for_update(of=("self",)).select_related("citizen").get(pk=citizen_key)


def require_open(plan: Plan) -> None:
    """Nothing is written in a plan that has ended.

    Raises:
        ActionRefusedError: when it has.
    """
    if plan.ended is not None:
        raise ActionRefusedError("the plan has ended")


def require_alive(citizen: Citizen) -> None:
    """Nothing new is begun for somebody who has died.

    Raises:
        ActionRefusedError: when they have.
    """
    if citizen.status == "deceased":
        raise ActionRefusedError("the citizen has died")


def is_citizen(actor: Actor) -> bool:
    """Whether the citizen themselves acts."""
    return isinstance(actor, User) and actor.role == User.Role.CITIZEN


def asked(actor: Actor, action: str, own: str) -> str:
    """The action to ask the rules for: `own` when the citizen themselves acts."""
    return own if is_citizen(actor) else action


def way(actor: Actor, how: str) -> str:
    """How the citizen said it.

    Raises:
        ActionRefusedError: when nobody can say it like that.
    """
    found = OWN if is_citizen(actor) else how
    if found not in (*WAYS, OWN) or (found == OWN and not is_citizen(actor)):
        raise ActionRefusedError(f"{how!r} is no way in which a citizen says something")
    return found


def trace(actor: Actor, citizen: Citizen, action: str, subject: str, now: Instant) -> None:
    """Check that `actor` may do `action`, and write it into the access log.

    Raises:
        PermissionDenied: when no relation allows it.
    """
    if isinstance(actor, Process):
        leave_trace(actor, citizen.key, action, subject, now)
    else:
        rules.look(actor, citizen, action, subject, now)


def say(
    actor: Actor,
    citizen: Citizen,
    action: str,
    subject: str,
    told: Sequence[Said],
    *,
    now: Instant,
    new_id: NewId,
) -> list[Event]:
    """Check that `actor` may do `action`, append what is told to the log, and leave the trace.

    Raises:
        PermissionDenied: when no relation allows it.
    """
    relation = permit(actor, citizen, action, now)
    return actions.say(
        actor, citizen.key, told, course,
        action=action, subject=subject, relation=relation, now=now, new_id=new_id,
    )  # fmt: skip


def course(state: State, kind: str) -> str:
    """The pathway of an event about the plan: that of something owed which it meets, else the plan's own."""
    for identity, owed in state.owed.items():
        if owed.outcome or owed.withdrawn or not owed.pathway:
            continue
        clause = agreements().clause(identity.agreement, identity.clause, owed.version)
        if clause is not None and any(kind in pattern.kinds for pattern in clause.deliver):
            return owed.pathway
    return f"{state.key}{COURSE}"


def name_of(actor: Actor) -> tuple[str, str, str]:
    """User name, full name and organisation of who writes, for a version."""
    if isinstance(actor, Process):
        return actor.name, actor.name, actor.organisation
    return actor.get_username(), actor.name, actor.organisation_id or ""
