"""EpisodeOfCare and Encounter: pathways and stays, as each citizen's log has them now.

A row of the log stands for each: the first of a pathway, and the one that first told of a stay. So their
ids stay the same, whatever comes later; one whose events were all cancelled is `entered-in-error`.
"""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from naer.events.event import Event, EventId
from naer.messages.fhir import stay as stays
from naer.messages.fhir.elements import system, versioned
from naer.messages.fhir.stay import Span
from naer.messages.medcom.status import Stay
from naer.site.access import rules
from naer.site.fhir import values
from naer.site.fhir.parameters import ALL, NOT, coded, codings, column, named, span
from naer.site.fhir.parties import patient
from naer.site.fhir.shelves import Rows, gaps
from naer.site.fhir.told import PATIENT, SUBJECT, UPDATED, Told, events
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, Wanted, by_name, register
from naer.site.pathways.history import History
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation

_STARTS = ("admitted", "acute_ambulant")


# ------------------------------------------------------------------ pathways


def _pathways(asked: Asked, query: Query) -> QuerySet[LoggedEvent]:
    return events(asked, query, place=1)


def _episodes(rows: Sequence[LoggedEvent], asked: Asked) -> list[Found | None]:
    told = Told(rows, asked)
    keys = {row.citizen for row in rows}
    running = set(
        Obligation.objects.filter(citizen__in=keys, outcome="", withdrawn=False).values_list(
            "citizen_id", "pathway"
        )
    )
    found: list[Found | None] = []
    for row in rows:
        history = told.history(row.citizen)
        holding = history.of(row.pathway)
        runs = (row.citizen, row.pathway) in running or any(
            one.pathway == row.pathway and one.end is None for one in history.stays
        )
        status = "entered-in-error" if not holding else "active" if runs else "finished"
        made = stays.episode(
            row.seq,
            pathway=row.pathway,
            patient=patient(row.citizen),
            status=status,
            span=Span(holding[0].at if holding else row.at, holding[-1].at if holding and not runs else None),
            organisation=told.parties.known(holding[0].organisation if holding else row.organisation),
        )
        found.append(Found(versioned(made, told.updated(row.citizen)), row.citizen))
    return found


# ------------------------------------------------------------------ stays


def _stay_rows(asked: Asked, query: Query) -> QuerySet[LoggedEvent]:
    return events(asked, query, kind__in=rules.STAY_KINDS, changes=None)


@gaps
def _encounters(rows: Sequence[LoggedEvent], asked: Asked) -> list[Found | None]:
    told = Told(rows, asked)
    begun = {key: _begun(history) for key, history in told.histories.items()}
    return [_encounter(row, begun.get(row.citizen, {}), told) for row in rows]


def _encounter(row: LoggedEvent, begun: dict[EventId, Stay], told: Told) -> Found | None:
    if not told.first(row):
        return None
    stay = begun.get(row.id)
    entry = told.entry(row)
    if stay is None:
        if entry is None or entry.standing != "cancelled" or row.kind not in _STARTS:
            return None
        said = stays.Stay(kind=row.kind, span=Span(entry.event.at, None), wrong=True)
        hospital, pathway = entry.event.organisation, entry.event.pathway
    else:
        away = [Span(*leave) for leave in stay.leaves]
        said = stays.Stay(kind=stay.kind, span=Span(stay.start, stay.end), leaves=away, died=stay.died)
        hospital, pathway = stay.hospital, stay.pathway
    made = stays.encounter(
        row.seq,
        stay=said,
        patient=patient(row.citizen),
        episode_key=told.episodes.get((row.citizen, pathway)),
        hospital=told.parties.known(hospital),
    )
    return Found(versioned(made, told.updated(row.citizen)), row.citizen)


def _begun(history: History) -> dict[EventId, Stay]:
    """The event that first told of each stay."""
    found: dict[EventId, Stay] = {}
    rest = iter([event for event in history.events if event.kind in rules.STAY_KINDS])
    for stay in history.stays:
        first = next((event for event in rest if _tells(event, stay)), None)
        if first is None:
            break
        found[first.id] = stay
    return found


def _tells(event: Event, stay: Stay) -> bool:
    if event.pathway != stay.pathway:
        return False
    if event.kind in _STARTS:
        return stay.start == event.at
    said = event.attributes.get("stay_start")
    return stay.start == (said if isinstance(said, int) else None)


# ------------------------------------------------------------------ what they are found by


def _inside(wanted: Wanted, value: str, _: Asked) -> Q:
    """Stays that run are looked for among those who are in hospital; the resource itself decides."""
    code = values.token(value).code
    if wanted.modifier == "" and code in ("in-progress", "onleave"):
        return Q(citizen__in=Citizen.objects.filter(status__in=rules.IN_HOSPITAL).values("pk"))
    return ALL


def _running(wanted: Wanted, value: str, _: Asked) -> Q:
    """Pathways that run are looked for among those with a stay or an obligation that does."""
    if wanted.modifier != "" or values.token(value).code != "active":
        return ALL
    owed = Obligation.objects.filter(
        citizen=OuterRef("citizen"), pathway=OuterRef("pathway"), outcome="", withdrawn=False
    )
    return Exists(owed) | Q(citizen__in=Citizen.objects.filter(status__in=rules.IN_HOSPITAL).values("pk"))


EPISODE = ResourceType(
    "EpisodeOfCare",
    "Pathways: everything that belongs to one course, from the first event on.",
    Rows(_pathways, _episodes),
    by_name(
        UPDATED,
        PATIENT,
        Parameter("identifier", "token", "the pathway", column("pathway", system("pathway"))),
        Parameter(
            "status",
            "token",
            "active, finished, entered-in-error",
            _running,
            of=coded("http://hl7.org/fhir/episode-of-care-status", "status"),
            modifiers=NOT,
        ),
        Parameter("date", "date", "from the first event to the last", of=span("period")),
        Parameter(
            "organization",
            "reference",
            "who told of it first",
            of=named("managingOrganization"),
            targets=("Organization",),
        ),
    ),
    {
        "patient": ("patient", ("Patient",)),
        "organization": ("managingOrganization", ("Organization",)),
    },
)

ENCOUNTER = ResourceType(
    "Encounter",
    "Stays at hospitals, admitted or acute ambulant, with leaves.",
    Rows(_stay_rows, _encounters),
    by_name(
        UPDATED,
        PATIENT,
        SUBJECT,
        Parameter(
            "status",
            "token",
            "in-progress, onleave, finished, entered-in-error",
            _inside,
            of=coded("http://hl7.org/fhir/encounter-status", "status"),
            modifiers=NOT,
        ),
        Parameter("class", "token", "IMP, EMER", of=codings("class"), modifiers=NOT),
        Parameter("date", "date", "the time of the stay", of=span("period")),
        Parameter(
            "service-provider",
            "reference",
            "the hospital",
            of=named("serviceProvider"),
            targets=("Organization",),
        ),
        Parameter(
            "episode-of-care",
            "reference",
            "the pathway",
            of=named("episodeOfCare"),
            targets=("EpisodeOfCare",),
        ),
    ),
    {
        "patient": ("subject", ("Patient",)),
        "subject": ("subject", ("Patient",)),
        "service-provider": ("serviceProvider", ("Organization",)),
        "episode-of-care": ("episodeOfCare", ("EpisodeOfCare",)),
    },
)

register(EPISODE)
register(ENCOUNTER)
