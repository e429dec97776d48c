"""The clock's turn: what happens because time passed, and not because a message came.

May be run late, twice, or by two processes at once: citizens are locked while they are worked on, a
step is marked in the transaction that tells of it, and an anchor covers what the one before did not.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from naer.events import chain
from naer.events.instant import HOUR, Instant, from_datetime, utc
from naer.site import bulk
from naer.site.access import seal
from naer.site.messaging import outbox
from naer.site.messaging.outbox import Reminder
from naer.site.pathways import live, store
from naer.site.pathways.register import Register

CHUNK = 200
"""Citizens in one transaction."""

ANCHOR_EVERY = HOUR

_AWAKE_SQL = 'SELECT "key" FROM pathways_citizen WHERE wake <= %s AND "key" > %s ORDER BY "key" LIMIT %s'
_DUE_SQL = """
SELECT DISTINCT o.citizen_id
FROM pathways_escalationstep s JOIN pathways_obligation o ON o.id = s.obligation_id
WHERE s.fired_at IS NULL AND s."at" <= %s AND o.outcome = '' AND NOT o.withdrawn AND o.citizen_id > %s
ORDER BY o.citizen_id LIMIT %s"""
_STEPS_SQL = """
SELECT s.id, o.id, s.step, s."at", s."to", o.owed_by, o.owed_to, o.citizen_id,
       o.agreement, o.clause, o."trigger", o.due
FROM pathways_escalationstep s JOIN pathways_obligation o ON o.id = s.obligation_id
JOIN pathways_citizen c ON c."key" = o.citizen_id
WHERE o.citizen_id {in} AND s.fired_at IS NULL AND s."at" <= %s AND o.outcome = '' AND NOT o.withdrawn
  AND (c.wake IS NULL OR c.wake > %s)
ORDER BY s."at", o.id, s.step"""
_FIRED = """
UPDATE pathways_escalationstep SET fired_at = given.fired_at FROM {given}
WHERE pathways_escalationstep.id = given.id AND pathways_escalationstep.fired_at IS NULL"""
_LAST_ANCHOR_SQL = 'SELECT seq, digest, chains, "at" FROM pathways_anchor ORDER BY id DESC LIMIT 1'
HEADS_SQL = """
SELECT pathway, place, digest
FROM (
    SELECT pathway, place, digest, row_number() OVER (PARTITION BY pathway ORDER BY place DESC) AS back
    FROM pathways_loggedevent WHERE seq > %s AND seq <= %s
) grown WHERE back = 1"""
"""Heads of the chains that grew between two places of the log."""
OPENED_SQL = "SELECT count(*) FROM pathways_loggedevent WHERE place = 1 AND seq > %s AND seq <= %s"


@dataclass(slots=True)
class Ticked:
    """What a turn did: citizens judged again, steps fired, and whether an anchor was set."""

    judged: int = 0
    fired: int = 0
    anchored: bool = False


def tick(now: Instant, *, anchor_every: Instant = ANCHOR_EVERY) -> Ticked:
    """Do everything that is due at `now` (microseconds)."""
    done = Ticked()
    last = ""
    while keys := _keys(_AWAKE_SQL, now, last):
        done.judged += rejudge(keys, now)
        last = keys[-1]
    last = ""
    while keys := _keys(_DUE_SQL, now, last):
        done.fired += _fire(keys, now)
        last = keys[-1]
    done.anchored = _anchor(now, anchor_every)
    seal.seal(now, anchor_every)
    return done


def rejudge(keys: list[str], now: Instant) -> int:
    """Judge citizens again at `now` and store the difference; how many there were."""
    with transaction.atomic():
        states = store.load(keys)
        register = Register()
        register.know(states.values())
        for state in states.values():
            live.judge(state, register, now)
        writes = bulk.Writes()
        store.save(list(states.values()), writes)
        writes.flush()
    return len(states)


def _keys(sql: str, now: Instant, after: str) -> list[str]:
    """Citizens with something to do, after the key `after`."""
    (rows,) = bulk.read([(sql, [now, after, CHUNK])])
    return [row[0] for row in rows]


def _fire(keys: list[str], now: Instant) -> int:
    """Fire the steps of some citizens that have come due, each once (S32)."""
    with transaction.atomic():
        store.lock(keys)
        (rows,) = bulk.read([(_STEPS_SQL, [keys, now, now])])
        writes = bulk.Writes()
        writes.each(_FIRED, {"id": "bigint", "fired_at": "bigint"}, [(row[0], now) for row in rows])
        outbox.remind([_reminder(row) for row in rows], now, writes)
        writes.flush()
    return len(rows)


def _reminder(row: bulk.Row) -> Reminder:
    _, obligation, step, at, to, owed_by, owed_to, citizen, agreement, clause, trigger, due = row
    receiver = owed_by if to.startswith("owed_by") else owed_to
    return Reminder(obligation, step, at, to, receiver, citizen, agreement, clause, trigger, due)


def _anchor(now: Instant, every: Instant) -> bool:
    """Set an anchor over the chains that grew, when the last one is old enough."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            bulk.run("LOCK TABLE pathways_anchor IN EXCLUSIVE MODE")
            bulk.run("LOCK TABLE pathways_loggedevent IN SHARE MODE")
        last = bulk.read([(_LAST_ANCHOR_SQL, [])])[0]
        seq, previous, chains, at = last[0] if last else (0, chain.ORIGIN, 0, None)
        newest = bulk.read([("SELECT COALESCE(max(seq), 0) FROM pathways_loggedevent", [])])[0][0][0]
        if newest <= seq or (at is not None and now - from_datetime(bulk.moment(at)) < every):
            return False
        (heads,) = bulk.read([(HEADS_SQL, [seq, newest])])
        opened = bulk.read([(OPENED_SQL, [seq, newest])])[0][0][0]
        writes = bulk.Writes()
        writes.insert(
            "pathways_anchor",
            {"at": "timestamptz", "seq": "bigint", "chains": "bigint", "digest": "text"},
            [(utc(now), newest, chains + opened, chain.anchor(previous, heads))],
        )
        writes.flush()
    return True
