"""Loading and writing whole batches of citizens: a few statements, whatever the size of the batch."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from naer.events.event import Event
from naer.site import bulk
from naer.site.pathways.stage import Stage
from naer.site.pathways.state import CaseRow, Identity, Owed, Place, State, Step

EVENT = {
    "id": "text",
    "pathway": "text",
    "citizen": "text",
    "kind": "text",
    "at": "bigint",
    "sent": "bigint",
    "received": "bigint",
    "organisation": "text",
    "municipality": "text",
    "attributes": "text",
    "source": "text",
    "changes": "text",
    "place": "integer",
    "previous": "text",
    "digest": "text",
}
OBLIGATION = {
    "citizen_id": "text",
    "agreement": "text",
    "clause": "text",
    "trigger": "text",
    "pathway": "text",
    "version": "date",
    "triggered_at": "bigint",
    "owed_by": "text",
    "owed_to": "text",
    "owed_by_role": "text",
    "owed_to_role": "text",
    "start": "bigint",
    "due": "bigint",
    "outcome": "text",
    "closed_by": "text",
    "closed_at": "bigint",
    "elapsed": "bigint",
    "paused": "bigint",
    "working": "bigint",
    "withdrawn": "boolean",
}
OBLIGATION_WRITTEN = OBLIGATION | {"updated": "bigint"}
"""As it is written: with when it changed, which no judging asks for."""
STEP = {
    "citizen_id": "text",
    "agreement": "text",
    "clause": "text",
    "trigger": "text",
    "step": "integer",
    "at": "bigint",
    "to": "text",
}
CITIZEN = {
    "key": "text",
    "status": "text",
    "status_since": "bigint",
    "wake": "bigint",
    "stage": "text",
    "stage_since": "bigint",
    "stage_plan": "bigint",
    "stage_hospital": "text",
}

_LOCK_SQL = 'SELECT "key" FROM pathways_citizen WHERE "key" {in} ORDER BY "key"'
_EVENT_SQL = "SELECT {} FROM pathways_loggedevent WHERE citizen {{in}} ORDER BY seq".format(  # noqa: S608
    ", ".join(f'"{name}"' for name in EVENT)
)
# Dates as text, truth as a number: what Django makes of such columns on SQLite is slow.
_PLAIN = {"date": 'CAST("{}" AS text)', "boolean": 'CAST("{}" AS integer)'}
_OWED_SQL = "SELECT {} FROM pathways_obligation WHERE citizen_id {{in}}".format(  # noqa: S608
    ", ".join(_PLAIN.get(kind, '"{}"').format(name) for name, kind in OBLIGATION.items())
)
_STEP_SQL = """
SELECT o.citizen_id, o.agreement, o.clause, o."trigger", s.step, s.id, s."at", s."to", s.fired_at
FROM pathways_escalationstep s JOIN pathways_obligation o ON o.id = s.obligation_id WHERE o.citizen_id {in}"""
CITIZEN_COLUMNS = (
    '"key", municipality, gp_id, status, status_since, wake, CAST(provisional AS integer), '
    "stage, stage_since, stage_plan, stage_hospital"
)
"""What is read of a citizen's own row, while it is locked."""
_CITIZEN_SQL = f'SELECT {CITIZEN_COLUMNS} FROM pathways_citizen WHERE "key" {{in}} ORDER BY "key"'  # noqa: S608
_CASE_SQL = """
SELECT citizen_id, municipality, kind, CAST(opened AS text), CAST(closed AS text)
FROM pathways_case WHERE citizen_id {in}"""
_FORMER_SQL = """
SELECT citizen_id, until, municipality, gp_id FROM pathways_former WHERE citizen_id {in} ORDER BY until"""

_UPSERT_OBLIGATION = "ON CONFLICT (citizen_id, agreement, clause, {}) DO UPDATE SET {}".format(
    '"trigger"', ", ".join(f'"{name}" = excluded."{name}"' for name in list(OBLIGATION_WRITTEN)[4:])
)
_UPSERT_STEP = """
INSERT INTO pathways_escalationstep (obligation_id, step, "at", "to")
SELECT o.id, given.step, given."at", given."to" FROM pathways_obligation o, {given}
WHERE o.citizen_id = given.citizen_id AND o.agreement = given.agreement
  AND o.clause = given.clause AND o."trigger" = given."trigger"
ON CONFLICT (obligation_id, step) DO UPDATE SET "at" = excluded."at", "to" = excluded."to"
WHERE pathways_escalationstep.fired_at IS NULL"""
_DROP_STEP = """
DELETE FROM pathways_escalationstep WHERE id IN (SELECT given.id FROM {given}) AND fired_at IS NULL"""
_MOVE_CITIZEN = """
UPDATE pathways_citizen SET status = given.status, status_since = given.status_since, wake = given.wake,
       stage = given.stage, stage_since = given.stage_since,
       stage_plan = given.stage_plan, stage_hospital = given.stage_hospital
FROM {given} WHERE pathways_citizen."key" = given."key" """

_attributes = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder(order="deterministic")


def load(keys: Iterable[str], *, locked: bool = True) -> dict[str, State]:
    """Everything about the citizens `keys`; when `locked`, nobody else changes them until the commit."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    if locked:
        return take(bulk.lock((_CITIZEN_SQL, [wanted])), bulk.read(queries(wanted)))
    citizens, *about = bulk.read([(_CITIZEN_SQL, [wanted]), *queries(wanted)])
    return take(citizens, about)


def told(keys: Iterable[str]) -> dict[str, State]:
    """Citizens with their events and where they belong, not what they are owed: nothing is locked."""
    wanted = [sorted(set(keys))]
    asked = [_CITIZEN_SQL, _CASE_SQL, _FORMER_SQL, _EVENT_SQL]
    citizens, *about = bulk.read([(sql, wanted) for sql in asked])
    return take(citizens, (*about, [], []))


def queries(keys: list[str]) -> list[bulk.Query]:
    """What to ask about citizens beside their own rows; `take` reads the answers."""
    return [(sql, [keys]) for sql in (_CASE_SQL, _FORMER_SQL, _EVENT_SQL, _OWED_SQL, _STEP_SQL)]


def logs(keys: Iterable[str]) -> dict[str, list[Event]]:
    """The raw events of citizens, in the order they were written: one query, nothing is locked."""
    found: dict[str, list[Event]] = {key: [] for key in sorted(set(keys))}
    if found:
        for row in bulk.read([(_EVENT_SQL, [list(found)])])[0]:
            found[row[2]].append(decode(row))
    return found


def take(citizens: Iterable[bulk.Row], about: Sequence[list[bulk.Row]]) -> dict[str, State]:
    """The citizens by key, from rows of `CITIZEN_COLUMNS` and the answers to `queries`."""
    cases, former, events, owed, steps = about
    states = {}
    for key, municipality, gp, status, since, wake, provisional, *stage in citizens:
        states[key] = State(key, municipality, gp, status, since, wake, bool(provisional), Stage._make(stage))
    for key, municipality, kind, opened, closed in cases:
        states[key].cases.append(CaseRow(municipality, kind, bulk.day(opened), bulk.day(closed)))  # type: ignore[arg-type]
    for key, *place in former:
        states[key].former.append(Place(*place))
    for row in events:
        state = states[row[2]]
        event = decode(row)
        state.events.append(event)
        place, digest = row[12], row[14]
        if place > state.heads.get(event.pathway, (0, ""))[0]:
            state.heads[event.pathway] = (place, digest)
    for row in owed:
        states[row[0]].owed[Identity(*row[1:4])] = Owed._make(
            (row[4], bulk.day(row[5]), *row[6:19], bool(row[19]))
        )
    for key, agreement, clause, trigger, number, row_id, at, to, fired_at in steps:
        identity = Identity(agreement, clause, trigger)
        states[key].steps[identity, number] = Step(row_id, at, to, fired_at)
    return states


def lock(keys: Iterable[str]) -> None:
    """Keep everybody else from changing the citizens `keys` until the commit."""
    bulk.lock((_LOCK_SQL, [sorted(set(keys))]))


def save(states: Sequence[State], writes: bulk.Writes) -> None:
    """Put what changed in `states` into `writes`."""
    writes.insert("pathways_loggedevent", EVENT, _event_rows(states))
    writes.insert(
        "pathways_obligation",
        OBLIGATION_WRITTEN,
        (
            (state.key, *identity, *owed, state.judged)
            for state in states
            for identity, owed in state.changed.items()
        ),
        _UPSERT_OBLIGATION,
    )
    writes.each(
        _MOVE_CITIZEN,
        CITIZEN,
        (
            (state.key, state.status, state.status_since, state.wake, *state.stage)
            for state in states
            if state.moved or state.staged
        ),
    )
    writes.each(_DROP_STEP, {"id": "bigint"}, ((row,) for state in states for row in state.dropped_steps))
    writes.then()  # steps are found by their obligations
    writes.each(
        _UPSERT_STEP,
        STEP,
        (
            (state.key, *identity, number, step.at, step.to)
            for state in states
            for (identity, number), step in state.moved_steps.items()
        ),
    )


def decode(row: bulk.Row) -> Event:
    """An event from a row of `EVENT` columns."""
    return Event(
        id=row[0],
        pathway=row[1],
        citizen=row[2],
        kind=row[3],
        at=row[4],
        sent=row[5],
        received=row[6],
        organisation=row[7],
        municipality=row[8],
        attributes=_attributes.decode(row[9]),
        source=row[10],
        changes=row[11],
    )


def _event_rows(states: Sequence[State]) -> Iterable[bulk.Row]:
    for state in states:
        for event, place, previous, digest in state.appended:
            yield (
                event.id,
                event.pathway,
                event.citizen,
                event.kind,
                event.at,
                event.sent,
                event.received,
                event.organisation,
                event.municipality,
                _encoder.encode(event.attributes).decode(),
                event.source,
                event.changes,
                place,
                previous,
                digest,
            )
