"""Individual plans and their goals as CarePlan and Goal: what those who take part in a plan share."""

from collections.abc import Callable, Sequence

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from naer.events.instant import ZONES, local_date
from naer.messages.fhir.elements import Element, versioned
from naer.messages.fhir.individual_plan import KIND, LIFECYCLE, Activity, Plan, care_plan, goal
from naer.messages.fhir.organisations import organisation_reference
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.fhir.identified import patient_parameter
from naer.site.fhir.parameters import NOT, codes, instants, text_id
from naer.site.fhir.parties import Parties, patient
from naer.site.fhir.shelves import Rows, Several
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, by_name, register
from naer.site.plans import models
from naer.site.plans.wording import Wording, unseal

_PREFIX = "plan"


class Plans(Several):
    """Plans that events tell of, by the row of the event; individual ones, by `plan-` and the citizen."""

    @staticmethod
    def _ids(name: str, ids: Sequence[str]) -> list[str]:
        mine = [one for one in ids if one.startswith(f"{_PREFIX}-")]
        return [one[len(_PREFIX) + 1 :] for one in mine] if name == _PREFIX else [*set(ids) - set(mine)]


def seen(asked: Asked) -> QuerySet[models.Plan]:
    """The open plans that the caller takes part in."""
    visible = rules.visible_citizens(asked.caller.user, asked.now, "look-plan")
    return models.Plan.objects.filter(citizen__in=visible, ended=None)


def _rows(asked: Asked, _: Query) -> QuerySet[models.Plan]:
    """With the columns that the search parameters of CarePlan ask for."""
    written = models.PartVersion.objects.filter(part__plan=OuterRef("pk")).order_by().values("part__plan")
    said = models.Consent.objects.filter(plan=OuterRef("pk")).order_by().values("plan")
    moments = [
        F("started"),
        Coalesce("agreed", Value(0)),
        Coalesce(Subquery(written.annotate(last=Max("at")).values("last")), Value(0)),
        Coalesce(Subquery(said.annotate(last=Max("given")).values("last")), Value(0)),
        Coalesce(Subquery(said.annotate(last=Max("withdrawn")).values("last")), Value(0)),
    ]
    return seen(asked).annotate(changed=Greatest(*moments), kind=Value(KIND), id=Value(""), at=F("started"))


def _made(rows: Sequence[models.Plan], _: Asked) -> list[Found | None]:
    keys = [row.pk for row in rows]
    parts = list(_parts().filter(plan__in=keys))
    wordings = _wordings(parts)
    taking = models.Participant.objects.filter(plan__in=keys, active=True, organisation__isnull=False)
    around = list(taking.select_related("organisation").order_by("pk"))
    parties = Parties([*(row.responsible_id for row in rows), *(part.owner for part in parts)])
    found: list[Found | None] = []
    for row in rows:
        mine = [part for part in parts if part.plan_id == row.pk]
        plan = Plan(
            key=row.pk,
            patient=patient(row.pk),
            agreed=row.version > 0,
            started=row.started,
            author=parties.get(row.responsible_id),
            contributors=[
                organisation_reference(one.organisation.key, one.organisation.name)
                for one in around
                if one.plan_id == row.pk and one.organisation is not None
            ],
            goals=[part.pk for part in mine if part.kind == models.Part.Kind.GOAL],
            activities=[
                _activity(part, wordings[part.pk], parties)
                for part in mine
                if part.kind == models.Part.Kind.ACTIVITY
            ],
            sections=[
                (part.section, wordings[part.pk].get("text", ""))
                for part in mine
                if part.kind == models.Part.Kind.SECTION
            ],
        )
        changed = row.changed  # type: ignore[attr-defined]
        found.append(Found(versioned(care_plan(plan), changed), row.pk))
    return found


def _parts() -> QuerySet[models.Part]:
    """What everybody who takes part shares; no organisation's own."""
    return models.Part.objects.filter(only_for=None, removed=False).order_by("section", "pk")


def _wordings(parts: Sequence[models.Part]) -> dict[int, Wording]:
    """Part → what it says now, in one query."""
    rows = models.PartVersion.objects.filter(part__in=parts, number=F("part__version"))
    return {row.part_id: unseal(bytes(row.content)) for row in rows}


def _activity(part: models.Part, said: Wording, parties: Parties) -> Activity:
    return Activity(
        state=part.state,
        text=said.get("text", ""),
        who=said.get("who", ""),
        often=said.get("often", ""),
        starts=said.get("starts", ""),
        ends=said.get("ends", ""),
        performer=parties.known(part.owner),
    )


def _goal_rows(asked: Asked, _: Query) -> QuerySet[models.Part]:
    newest = models.PartVersion.objects.filter(part=OuterRef("pk"), number=OuterRef("version")).values("at")
    rows = _parts().filter(kind=models.Part.Kind.GOAL, plan__in=seen(asked))
    return rows.annotate(changed=Subquery(newest[:1])).order_by()


def _goals(rows: Sequence[models.Part], _: Asked) -> list[Found | None]:
    wordings = _wordings(rows)
    first = models.PartVersion.objects.filter(part__in=rows, number=1).values_list("part", "by")
    users = dict(first)
    own = set(
        User.objects.filter(username__in=users.values(), role=User.Role.CITIZEN).values_list(
            "username", flat=True
        )
    )
    found: list[Found | None] = []
    for row in rows:
        said, who = wordings[row.pk], patient(row.plan_id)
        changed = row.changed  # type: ignore[attr-defined]
        made = goal(
            row.pk,
            patient=who,
            text=said.get("text", ""),
            state=row.state,
            sign=said.get("sign", ""),
            due=said.get("ends", ""),
            since=local_date(changed, ZONES["DK"]).isoformat(),
            source=who if users.get(row.pk) in own else None,
        )
        found.append(Found(versioned(made, changed), row.plan_id))
    return found


def coordinators(keys: Sequence[str], asked: Asked) -> dict[str, list[tuple[str, Element]]]:
    """Citizen → coordinators and care team as (role, member), for the plans that the caller takes part in."""
    visible = rules.visible_citizens(asked.caller.user, asked.now, "look-plan").filter(pk__in=keys)
    running = models.Coordinator.objects.filter(citizen__in=visible, started__isnull=False, ended=None)
    found: dict[str, list[tuple[str, Element]]] = {}
    for one in running.select_related("user").order_by("pk"):
        name = one.user.name
        role = "coordinator" if one.kind == models.Coordinator.Kind.MAIN else "childrens-coordinator"
        found.setdefault(one.citizen_id, []).append((role, {"type": "Practitioner", "display": name}))
    return found


INDIVIDUAL = Rows(_rows, _made, of_id=text_id, of_place=text_id)
"""Individual plans, by citizen."""


def _held(state: str) -> Callable[[Asked], Q]:
    return lambda _: Q(state=state)


register(
    ResourceType(
        "Goal",
        "Goals of individual plans, in the citizen's own words; to those who take part in the plan.",
        Rows(_goal_rows, _goals),
        by_name(
            Parameter("_lastUpdated", "date", "when it was last written", instants("changed")),
            patient_parameter("patient", "plan_id"),
            patient_parameter("subject", "plan_id"),
            Parameter(
                "lifecycle-status",
                "token",
                "active, completed, cancelled",
                codes(
                    {code: _held(name) for name, code in LIFECYCLE.items()},
                    "http://hl7.org/fhir/goal-status",
                ),
                modifiers=NOT,
            ),
        ),
        {"patient": ("subject", ("Patient",)), "subject": ("subject", ("Patient",))},
    )
)
