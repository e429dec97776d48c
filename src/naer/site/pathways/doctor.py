"""Is what is stored what it should be? Guards, chains and anchors of the log, its keys, obligations."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection

from naer.events import chain
from naer.events.instant import Instant
from naer.site import append_only, bulk, rotation
from naer.site.access import seal
from naer.site.pathways import live, store
from naer.site.pathways.register import Register
from naer.site.pathways.state import State
from naer.site.pathways.tick import HEADS_SQL, OPENED_SQL, rejudge

PAGE = 5000
CITIZENS = 500
MOST = 100
"""Findings told in full; the rest are counted."""

_EVENTS_SQL = (
    "SELECT {}, seq FROM pathways_loggedevent WHERE (pathway, place) > (%s, %s) ORDER BY {} LIMIT {}"
)
_ANCHORS_SQL = "SELECT id, seq, chains, digest FROM pathways_anchor ORDER BY id"
_CITIZENS_SQL = 'SELECT "key" FROM pathways_citizen WHERE "key" > %s ORDER BY "key" LIMIT %s'

Progress = Callable[[str, int], None]
"""Told what is being looked at, and how many of it are done."""


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found wrong."""

    events: int = 0
    chains: int = 0
    anchors: int = 0
    anchor: str = ""
    """Digest of the newest anchor: kept elsewhere, it shows later whether the whole log was written anew."""
    citizens: int = 0
    obligations: int = 0
    repaired: int = 0
    findings: list[str] = field(default_factory=list)
    more: int = 0
    """Findings beyond the first `MOST`."""
    differing: list[str] = field(default_factory=list)
    """Citizens whose stored state is not what their log says."""

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def find(self, text: str) -> None:
        """Note a finding; it never holds a person number."""
        if len(self.findings) < MOST:
            self.findings.append(text)
        else:
            self.more += 1


def examine(
    now: Instant, *, repair: bool = False, noted: Iterable[str] = (), progress: Progress | None = None
) -> Report:
    """Look at everything. With `repair`, stored obligations that differ from the log are written anew.

    `noted` are digests of anchors that were kept elsewhere; each must still be here. The chain has no
    secret: who may write everything can make a new one that fits, but not with the old anchors in it.
    The log itself is never repaired.
    """
    report = Report()
    progress = progress or _silently
    for trigger in append_only.missing():
        report.find(f"trigger {trigger} is gone: the table can be changed")
    _chains(report, progress)
    _anchors(report, noted)
    for finding in seal.findings():
        report.find(finding)
    for name, rows in rotation.unreadable().items():
        report.find(f"{rows} of {name} are sealed with a key that NAER_NUMBER_KEY does not hold")
    _obligations(report, now, progress)
    if repair and report.differing:
        for start in range(0, len(report.differing), CITIZENS):
            report.repaired += rejudge(report.differing[start : start + CITIZENS], now)
    return report


def _silently(what: str, done: int) -> None:
    """Tell nobody."""


def _chains(report: Report, progress: Progress) -> None:
    """Every chain from its first event: no gap, no fork, no changed row."""
    pathway, place, digest, citizen = "", 0, chain.ORIGIN, ""
    for row in _events():
        event, stored_place, previous, stored_digest = store.decode(row), row[12], row[13], row[14]
        report.events += 1
        if event.pathway != pathway:
            pathway, place, digest, citizen = event.pathway, 0, chain.ORIGIN, row[2]
            report.chains += 1
        where = f"event {event.id} ({pathway}, place {stored_place})"
        if stored_place != place + 1:
            report.find(f"{where}: {stored_place - place - 1} events before it are gone")
        elif previous != digest:
            report.find(f"{where}: not chained to the event before it")
        if chain.digest(previous, event) != stored_digest:
            report.find(f"{where}: its content is not what was written")
        if row[2] != citizen:
            report.find(f"{where}: another citizen than the events before it")
        place, digest = stored_place, stored_digest
        if report.events % PAGE == 0:
            progress("events", report.events)
    progress("events", report.events)


def _events() -> Iterator[bulk.Row]:
    """All events by chain, a page at a time."""
    columns = ", ".join(f'"{name}"' for name in store.EVENT)
    pathway, place = "", 0
    order = 'pathway COLLATE "C", place' if connection.vendor == "postgresql" else "pathway, place"
    sql = _EVENTS_SQL.format(columns, order, PAGE)
    if connection.vendor == "postgresql":
        sql = sql.replace("(pathway, place) >", '(pathway COLLATE "C", place) >')
    while True:
        (rows,) = bulk.read([(sql, [pathway, place])])
        yield from rows
        if len(rows) < PAGE:
            return
        pathway, place = rows[-1][1], rows[-1][12]


def _anchors(report: Report, noted: Iterable[str]) -> None:
    """Every anchor: the heads it covered are still there, and it is chained to the one before."""
    gone = set(noted)
    previous, seq, chains = chain.ORIGIN, 0, 0
    for row_id, newest, total, digest in bulk.read([(_ANCHORS_SQL, [])])[0]:
        report.anchors += 1
        heads = bulk.read([(HEADS_SQL, [seq, newest])])[0]
        opened = bulk.read([(OPENED_SQL, [seq, newest])])[0][0][0]
        chains += opened
        if chain.anchor(previous, heads) != digest or chains != total:
            report.find(f"anchor {row_id}: the log up to event {newest} is not what it was when it was set")
        previous, seq, chains = digest, newest, total
        gone.discard(digest)
        report.anchor = digest
    for digest in sorted(gone):
        report.find(
            f"anchor {digest[:16]}…, noted elsewhere, is not here: the log was cut off or written anew"
        )


def _obligations(report: Report, now: Instant, progress: Progress) -> None:
    """Every citizen judged again in memory must come out as stored."""
    last = ""
    while True:
        (rows,) = bulk.read([(_CITIZENS_SQL, [last, CITIZENS])])
        if not rows:
            return
        keys = [row[0] for row in rows]
        last = keys[-1]
        states = store.load(keys, locked=False)
        register = Register()
        register.know(states.values())
        for state in states.values():
            _compare(report, state, register, now)
        progress("citizens", report.citizens)


def _compare(report: Report, state: State, register: Register, now: Instant) -> None:
    """Judge at the last instant for which the stored state can hold: the clock's turn may be due."""
    report.citizens += 1
    report.obligations += len(state.owed)
    live.judge(state, register, now if state.wake is None else min(now, state.wake - 1))
    if state.moved:
        report.find(f"citizen {state.key}: status is not what the log says")
    if state.staged:
        report.find(f"citizen {state.key}: stage is not what the log says")
    for identity in state.changed:
        report.find(
            f"citizen {state.key}: {identity.clause} opened by {identity.trigger} differs from the log"
        )
    if state.moved_steps or state.dropped_steps:
        report.find(f"citizen {state.key}: escalation steps differ from the log")
    if state.moved or state.staged or state.changed or state.moved_steps or state.dropped_steps:
        report.differing.append(state.key)
