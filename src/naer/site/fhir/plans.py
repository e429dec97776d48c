"""CarePlan and ServiceRequest: individual plans, and plans and requests that the log tells of."""

from collections.abc import Sequence

from django.db.models import QuerySet

from naer.messages.fhir.elements import system, versioned
from naer.messages.fhir.plans import PLANS, REQUESTS, Said, care_plan, service_request
from naer.site.fhir.individual_plans import INDIVIDUAL, Plans
from naer.site.fhir.parameters import NOT, coded, column, instants, named
from naer.site.fhir.parties import patient
from naer.site.fhir.shelves import Rows, gaps
from naer.site.fhir.told import PATIENT, SUBJECT, UPDATED, Told, events
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, by_name, register
from naer.site.pathways.models import LoggedEvent


def _plan_rows(asked: Asked, query: Query) -> QuerySet[LoggedEvent]:
    return events(asked, query, kind__in=list(PLANS), changes=None)


def _request_rows(asked: Asked, query: Query) -> QuerySet[LoggedEvent]:
    return events(asked, query, kind__in=list(REQUESTS), changes=None)


@gaps
def _plans(rows: Sequence[LoggedEvent], asked: Asked) -> list[Found | None]:
    told = Told(rows, asked)
    found: list[Found | None] = []
    for row in rows:
        said = _said(row, told, over=(row.kind,))
        made = None if said is None else versioned(care_plan(said), told.updated(row.citizen))
        found.append(None if made is None else Found(made, row.citizen))
    return found


@gaps
def _requests(rows: Sequence[LoggedEvent], asked: Asked) -> list[Found | None]:
    told = Told(rows, asked)
    found: list[Found | None] = []
    for row in rows:
        said = _said(row, told, over=REQUESTS[row.kind][1])
        made = None if said is None else versioned(service_request(said), told.updated(row.citizen))
        found.append(None if made is None else Found(made, row.citizen))
    return found


def _said(row: LoggedEvent, told: Told, over: tuple[str, ...]) -> Said | None:
    """What a row says now; None before its time, or when its event came in another row first.

    It is past once an event of one of the kinds `over` follows in its pathway; an answer names its request.
    """
    entry = told.entry(row)
    if entry is None or not told.first(row) or entry.standing in ("later", "change", "waiting"):
        return None
    holding = told.history(row.citizen).events
    event = next((one for one in holding if one.id == row.id), entry.event)
    after = [
        one
        for one in holding
        if one.kind in over
        and one.pathway == event.pathway
        and one.order > event.order
        and (one.kind != "answer" or one.attributes.get("answers") in (None, "", row.id))
    ]
    note = event.attributes.get("note")
    return Said(
        key=row.seq,
        event=row.id,
        kind=row.kind,
        at=event.at,
        recorded=event.received or row.received,
        patient=patient(row.citizen),
        author=told.parties.known(event.organisation),
        episode=told.episodes.get((row.citizen, event.pathway)),
        note=note if isinstance(note, str) else "",
        over=bool(after),
        wrong=entry.standing == "cancelled",
    )


_INCLUDES = {"patient": ("subject", ("Patient",)), "subject": ("subject", ("Patient",))}
_CATEGORY = Parameter("category", "token", "the kind of event", column("kind", system("kind")), modifiers=NOT)
_IDENTIFIER = Parameter("identifier", "token", "id of the event", column("id", system("event")))

register(
    ResourceType(
        "CarePlan",
        "Individual plans, to those who take part (`plan-` and the citizen's id); plans that were made: "
        "treatment plan, care forecast, care plan, rehabilitation plan.",
        Plans({"log": Rows(_plan_rows, _plans), "plan": INDIVIDUAL}),
        by_name(
            UPDATED,
            PATIENT,
            SUBJECT,
            _CATEGORY,
            _IDENTIFIER,
            Parameter(
                "status",
                "token",
                "active, draft (not agreed yet), revoked (a later one replaced it), entered-in-error",
                of=coded("http://hl7.org/fhir/request-status", "status"),
                modifiers=NOT,
            ),
            Parameter("date", "date", "when it was made", instants("at")),
        ),
        _INCLUDES | {"author": ("author", ("Organization",))},
    )
)
register(
    ResourceType(
        "ServiceRequest",
        "What one party asked of another: rehabilitation, acute care, information.",
        Rows(_request_rows, _requests),
        by_name(
            UPDATED,
            PATIENT,
            SUBJECT,
            _CATEGORY,
            _IDENTIFIER,
            Parameter("code", "token", "the kind of event", column("kind", system("kind")), modifiers=NOT),
            Parameter(
                "status",
                "token",
                "active, completed, entered-in-error",
                of=coded("http://hl7.org/fhir/request-status", "status"),
                modifiers=NOT,
            ),
            Parameter("authored", "date", "when Naer got it", instants("received")),
            Parameter("occurrence", "date", "when it was asked", instants("at")),
            Parameter(
                "requester",
                "reference",
                "who asks",
                of=named("requester"),
                targets=("Organization",),
            ),
        ),
        _INCLUDES | {"requester": ("requester", ("Organization",))},
    )
)
