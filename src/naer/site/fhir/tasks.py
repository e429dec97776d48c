"""Task: obligations about the citizens that the caller may see, filtered and paged in the database."""

from collections.abc import Callable, Iterable, Sequence

from django.db.models import Q, QuerySet

from naer.messages.fhir.elements import system, versioned
from naer.messages.fhir.task import BUSINESS, Owed, task
from naer.site.agreements import clauses
from naer.site.fhir import values
from naer.site.fhir.identified import citizens, patient_parameter
from naer.site.fhir.parameters import (
    NOBODY,
    NOT,
    codes,
    column,
    instants,
    references,
)
from naer.site.fhir.parties import CITIZEN, Parties, about, organisation_key, patient
from naer.site.fhir.shelves import Rows
from naer.site.fhir.types import Asked, Found, Parameter, Query, ResourceType, Wanted, by_name, register
from naer.site.pathways.models import LoggedEvent, Obligation
from naer.site.sql import Where

TASK_STATUS = "http://hl7.org/fhir/task-status"


def _rows(asked: Asked, query: Query) -> QuerySet[Obligation]:
    """What was withdrawn is in no list (S29): it is found by id, by status, and by who follows changes."""
    found = about(Obligation.objects.all(), asked)
    if query.ids is not None or query.asks("_lastUpdated", "modified") or _asks_withdrawn(query):
        return found
    return found.filter(withdrawn=False)


def _asks_withdrawn(query: Query) -> bool:
    return any(
        one.parameter.name == "status" and any(value.endswith("entered-in-error") for value in one.values)
        for one in query.wanted
    )


def _made(rows: Sequence[Obligation], asked: Asked) -> list[Found | None]:
    parties = Parties(key for row in rows for key in (row.owed_by, row.owed_to))
    kinds = _kinds(rows)
    return [Found(_task(row, parties, kinds, asked), row.citizen_id) for row in rows]


def _task(
    row: Obligation, parties: Parties, kinds: dict[tuple[str, str], str], asked: Asked
) -> dict[str, object]:
    text = clauses.text(row.agreement, row.clause, row.version)
    owed = Owed(
        key=row.pk,
        agreement=row.agreement,
        version=row.version,
        clause=row.clause,
        title=text.title,
        state=_state(row, text.partial, asked),
        outcome=row.outcome,
        withdrawn=row.withdrawn,
        patient=patient(row.citizen_id),
        owner=parties.get(row.owed_by, row.owed_by_role, row.citizen_id),
        requester=parties.get(row.owed_to, row.owed_to_role, row.citizen_id),
        pathway=row.pathway,
        trigger_kind=kinds.get((row.citizen_id, row.trigger), ""),
        triggered=row.triggered_at,
        closing_kind=kinds.get((row.citizen_id, row.closed_by or ""), ""),
        closed=row.closed_at,
        start=row.start,
        due=row.due,
        updated=row.updated,
    )
    return versioned(task(owed), row.updated)


def _state(row: Obligation, partial: bool, asked: Asked) -> str:
    """As `ui.state`, by name: silence where not everything is recorded is no breach (S31)."""
    if row.outcome not in ("", "missing"):
        return row.outcome
    passed = row.due is not None and row.due < asked.now
    if passed and partial:
        return "not-recorded"
    if row.outcome == "missing":
        return "missing"
    return "overdue" if passed else "open"


def _kinds(rows: Iterable[Obligation]) -> dict[tuple[str, str], str]:
    """(citizen, event) → kind, of the events that opened and closed some obligations: one query."""
    ids = {row.trigger for row in rows} | {row.closed_by for row in rows if row.closed_by}
    events = LoggedEvent.objects.filter(id__in=ids, citizen__in={row.citizen_id for row in rows})
    return {(citizen, id_): kind for citizen, id_, kind in events.values_list("citizen", "id", "kind")}


def _party(field: str) -> Callable[[Wanted, str, Asked], Q]:
    """An organisation by reference; the citizen, who can be a party too, by a reference to a Patient."""
    organisations = references(field, "Organization", key=organisation_key)

    def rows(wanted: Wanted, value: str, asked: Asked) -> Q:
        if values.plain(value).removeprefix(asked.base + "/").startswith("Patient/"):
            return Q(**{field: CITIZEN}) & citizens()(wanted, value, asked)
        return organisations(wanted, value, asked)

    return rows


def _clause(_: Wanted, value: str, __: Asked) -> Q:
    """`agreement/clause`, with or without its system."""
    token = values.token(value)
    if token.system not in (None, system("clause")) or token.code is None:
        return NOBODY
    agreement, _mark, clause = token.code.partition("/")
    return Q(agreement=agreement, clause=clause) if clause else Q(agreement=agreement)


def _outcome(*outcomes: str) -> Callable[[Asked], Q]:
    return lambda _: Q(outcome__in=outcomes, withdrawn=False)


def _partial() -> Q:
    """Those whose silence is no breach, because not everything done is recorded (S31)."""
    return Q(Where(lambda *of: clauses.among(*of, clauses.partial()), "agreement", "clause"))


STATES: dict[str, Callable[[Asked], Q]] = {
    "open": lambda asked: Q(outcome="") & ~_due_passed(asked),
    "overdue": lambda asked: Q(outcome="") & _due_passed(asked) & ~_partial(),
    "not-recorded": lambda asked: Q(outcome__in=("", "missing")) & _due_passed(asked) & _partial(),
    "missing": lambda asked: Q(outcome="missing") & ~(_due_passed(asked) & _partial()),
    "kept": lambda _: Q(outcome="kept"),
    "late": lambda _: Q(outcome="late"),
    "released": lambda _: Q(outcome="released"),
    "superseded": lambda _: Q(outcome="superseded"),
}
"""businessStatus → the obligations in it, at the instant of the request."""


def _due_passed(asked: Asked) -> Q:
    """NOT must hold for rows without a due time too."""
    return Q(due__isnull=False, due__lt=asked.now)


TASK = ResourceType(
    "Task",
    "Obligations: who owes what to whom by when. Fulfil one by PUT with an output.",
    Rows(_rows, _made),
    by_name(
        Parameter("_lastUpdated", "date", "when it last changed", instants("updated")),
        Parameter("modified", "date", "as _lastUpdated", instants("updated")),
        patient_parameter("patient"),
        patient_parameter("subject"),
        Parameter(
            "owner", "reference", "who owes it", _party("owed_by"), targets=("Organization", "Patient")
        ),
        Parameter(
            "requester",
            "reference",
            "who it is owed to",
            _party("owed_to"),
            targets=("Organization", "Patient"),
        ),
        Parameter(
            "status",
            "token",
            "requested (runs), completed, cancelled, failed, entered-in-error (its cause was cancelled)",
            codes(
                {
                    "requested": _outcome(""),
                    "completed": _outcome("kept", "late"),
                    "cancelled": _outcome("released", "superseded"),
                    "failed": _outcome("missing"),
                    "entered-in-error": lambda _: Q(withdrawn=True),
                },
                TASK_STATUS,
            ),
            modifiers=NOT,
        ),
        Parameter(
            "business-status",
            "token",
            "open, overdue, not-recorded, kept, late, released, superseded, missing: at this instant",
            codes(STATES, BUSINESS),
            modifiers=NOT,
        ),
        Parameter("code", "token", "agreement/clause, or the agreement alone", _clause, modifiers=NOT),
        Parameter("identifier", "token", "as code", _clause),
        Parameter("group-identifier", "token", "the pathway", column("pathway", system("pathway"))),
        Parameter("authored-on", "date", "when what opened it happened", instants("triggered_at")),
        Parameter("due", "date", "when it is due (Naer's own parameter)", instants("due")),
    ),
    {
        "patient": ("for", ("Patient",)),
        "subject": ("for", ("Patient",)),
        "owner": ("owner", ("Organization", "Patient")),
        "requester": ("requester", ("Organization", "Patient")),
    },
)

register(TASK)
