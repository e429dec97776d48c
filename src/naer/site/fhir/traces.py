"""Provenance and AuditEvent: the event log, and who looked, about citizens that the caller may see."""

from collections.abc import Callable, Sequence

from django.db.models import Q, QuerySet

from naer.events.instant import from_datetime, utc
from naer.messages.fhir.elements import reference, system, versioned
from naer.messages.fhir.trace import ACTIONS, LOOK, Look, Row, audit_event, provenance
from naer.site.access.actions import ACTIONS as WORDS
from naer.site.access.actions import sentence
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import User
from naer.site.fhir import values
from naer.site.fhir.identified import patient_parameter
from naer.site.fhir.parameters import NOT, codes, column, compared, instants, references
from naer.site.fhir.parties import Parties, about, organisation_key, patient
from naer.site.fhir.shelves import Rows
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, Wanted, by_name, register
from naer.site.pathways.models import LoggedEvent


def _said(asked: Asked, _: Query) -> QuerySet[LoggedEvent]:
    return about(LoggedEvent.objects.all(), asked, "citizen")


def _provenances(rows: Sequence[LoggedEvent], _: Asked) -> list[Found | None]:
    parties = Parties(row.organisation for row in rows)
    first = {
        (citizen, pathway): seq
        for citizen, pathway, seq in LoggedEvent.objects.filter(
            citizen__in={row.citizen for row in rows}, place=1
        ).values_list("citizen", "pathway", "seq")
    }
    return [
        Found(
            versioned(
                provenance(
                    Row(
                        key=row.seq,
                        event=row.id,
                        kind=row.kind,
                        at=row.at,
                        recorded=row.received,
                        target=reference("EpisodeOfCare", first[row.citizen, row.pathway]),
                        patient=patient(row.citizen),
                        organisation=parties.known(row.organisation),
                        source=row.source,
                        changes=row.changes or "",
                        digest=row.digest,
                    )
                ),
                row.received,
            ),
            row.citizen,
        )
        for row in rows
    ]


def _episode(wanted: Wanted, value: str, asked: Asked) -> Q:
    """The rows of a pathway, or of a citizen."""
    named = values.target(value, asked.base, ("EpisodeOfCare", "Patient"))
    if named is None:
        return Q(pk__in=())
    kind, key = named[0] or wanted.modifier, named[1]
    if kind == "Patient" or not key.isdecimal() or len(key) > 18:
        return Q(citizen=key)
    first = about(LoggedEvent.objects.filter(seq=int(key), place=1), asked, "citizen")
    pathways = list(first.values_list("citizen", "pathway"))
    return Q(citizen=pathways[0][0], pathway=pathways[0][1]) if pathways else Q(pk__in=())


register(
    ResourceType(
        "Provenance",
        "Each row of the event log: who said what, when, in which message, sealed by the chain's digest.",
        Rows(_said, _provenances),
        by_name(
            Parameter("_lastUpdated", "date", "when Naer got it", instants("received")),
            Parameter(
                "target",
                "reference",
                "the pathway or citizen it is about",
                _episode,
                targets=("EpisodeOfCare", "Patient"),
            ),
            patient_parameter("patient", "citizen"),
            Parameter("recorded", "date", "when Naer got it", instants("received")),
            Parameter("when", "date", "when it happened", instants("at")),
            Parameter(
                "activity", "token", "the kind of event", column("kind", system("kind")), modifiers=NOT
            ),
            Parameter(
                "agent",
                "reference",
                "who said it",
                references("organisation", "Organization", key=organisation_key),
                targets=("Organization",),
            ),
        ),
        {
            "target": ("target", ("EpisodeOfCare", "Patient")),
            "patient": ("target", ("Patient",)),
            "agent": ("agent.who", ("Organization",)),
        },
    )
)


def _looks(asked: Asked, _: Query) -> QuerySet[AccessEntry]:
    return about(AccessEntry.objects.exclude(citizen=""), asked, "citizen")


def _audited(rows: Sequence[AccessEntry], _: Asked) -> list[Found | None]:
    parties = Parties(row.organisation for row in rows)
    people = {
        user.username: user.name for user in User.objects.filter(username__in={row.user for row in rows})
    }
    return [
        Found(
            versioned(
                audit_event(
                    Look(
                        key=row.pk,
                        at=row.at,
                        user=row.user,
                        name=people.get(row.user, row.user),
                        role=row.role,
                        organisation=parties.known(row.organisation),
                        patient=patient(row.citizen),
                        action=row.action,
                        words=sentence(row.action),
                        subject=row.subject,
                        relation=row.relation,
                    )
                ),
                from_datetime(row.at),
            ),
            row.citizen,
        )
        for row in rows
    ]


def _date(_: Wanted, value: str, asked: Asked) -> Q:
    return compared("at", values.date(value, asked.now), utc)


def _did(way: str) -> Callable[[Asked], Q]:
    reads = Q(action__startswith=LOOK)
    if way == "R":
        found = reads
    elif way == "U":
        found = ~reads & ~Q(action__in=list(ACTIONS))
    else:
        found = Q(action__in=[name for name, action in ACTIONS.items() if action == way])
    return lambda _: found


register(
    ResourceType(
        "AuditEvent",
        "The trace: who looked at or wrote about a citizen, and the care relation that allowed it.",
        Rows(_looks, _audited),
        by_name(
            Parameter("_lastUpdated", "date", "when it was done", _date),
            Parameter("date", "date", "when it was done", _date),
            patient_parameter("patient", "citizen"),
            patient_parameter("entity", "citizen"),
            Parameter(
                "agent",
                "reference",
                "the organisation of who did it",
                references("organisation", "Organization", key=organisation_key),
                targets=("Organization",),
            ),
            Parameter(
                "subtype",
                "token",
                f"what was done: {', '.join(WORDS)}",
                column("action", system("action")),
                modifiers=NOT,
            ),
            Parameter(
                "action",
                "token",
                "C, R, U, D or E",
                codes(
                    {way: _did(way) for way in "CRUDE"},
                    "http://hl7.org/fhir/audit-event-action",
                ),
            ),
        ),
        {
            "patient": ("entity.what", ("Patient",)),
            "entity": ("entity.what", ("Patient",)),
            "agent": ("agent.who", ("Organization",)),
        },
    )
)
