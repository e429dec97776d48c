"""CarePlan and Goal of an individual plan (R4): one plan for each person, goals in the citizen's words."""

from collections.abc import Sequence

import msgspec

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element, concept, given, moment, period, reference, system

KIND = "individual_plan_started"
"""The kind of event that tells of an individual plan: its category."""
LIFECYCLE = {"active": "active", "reached": "completed", "dropped": "cancelled"}
"""State of a goal → Goal.lifecycleStatus."""
PROGRESS = {"planned": "scheduled", "running": "in-progress", "done": "completed", "stopped": "stopped"}
"""State of an activity → CarePlan.activity.detail.status."""


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """Who does what, when; days as 2026-11-22."""

    state: str
    text: str
    who: str = ""
    often: str = ""
    starts: str = ""
    ends: str = ""
    performer: Element | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An individual plan as its participants share it; instants in microseconds."""

    key: str
    """The citizen's: there is one plan for each."""
    patient: Element
    agreed: bool
    started: Instant
    author: Element
    contributors: Sequence[Element] = ()
    goals: Sequence[int] = ()
    activities: Sequence[Activity] = ()
    sections: Sequence[tuple[int, str]] = ()
    """(number, 1 to 10; text)"""


def care_plan(plan: Plan) -> Element:
    """The plan: a draft until it is agreed for the first time."""
    return given(
        {
            "resourceType": "CarePlan",
            "id": f"plan-{plan.key}",
            "status": "active" if plan.agreed else "draft",
            "intent": "plan",
            "category": [concept(system("kind"), KIND)],
            "title": "Individual plan",
            "subject": plan.patient,
            "period": period(plan.started, None),
            "created": moment(plan.started),
            "author": plan.author,
            "contributor": list(plan.contributors),
            "careTeam": [reference("CareTeam", plan.key)],
            "goal": [reference("Goal", key) for key in plan.goals],
            "activity": [{"detail": _detail(one)} for one in plan.activities],
            "note": [{"text": f"{number}. {text}"} for number, text in plan.sections],
        }
    )


def _detail(one: Activity) -> Element:
    doer = given({"display": one.who})
    span = given({"start": one.starts, "end": one.ends})
    return given(
        {
            "status": PROGRESS[one.state],
            "scheduledString": one.often,
            "scheduledPeriod": None if one.often else span,
            "performer": [who for who in (one.performer, doer) if who],
            "description": one.text,
        }
    )


def goal(
    key: int,
    *,
    patient: Element,
    text: str,
    state: str,
    sign: str,
    due: str,
    since: str,
    source: Element | None,
) -> Element:
    """One goal; `sign` is how one sees that it is reached, `due` and `since` are days."""
    return given(
        {
            "resourceType": "Goal",
            "id": str(key),
            "lifecycleStatus": LIFECYCLE[state],
            "achievementStatus": concept("http://terminology.hl7.org/CodeSystem/goal-achievement", "achieved")
            if state == "reached"
            else None,
            "description": {"text": text},
            "subject": patient,
            "target": [{"dueDate": due}] if due else None,
            "statusDate": since,
            "expressedBy": source,
            "note": [{"text": sign}] if sign else None,
        }
    )
