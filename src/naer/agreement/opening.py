"""What opens an obligation: triggers and where their clocks start (S6, S10, S11, S19 to S21, S26)."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from naer.agreement import deadlines
from naer.agreement.conditions import ANYTHING, all_hold, attribute
from naer.agreement.indexed import IndexedLog
from naer.agreement.language import Agreement, Anchor, Clause, Since, any_matches
from naer.agreement.portfolio import Jurisdiction, Rule
from naer.events.event import Event
from naer.events.instant import HOUR, Instant, from_datetime, parse
from naer.events.log import Ledger

EARLIEST, LATEST = (from_datetime(dt.datetime(year, 1, 1, tzinfo=dt.UTC)) for year in (1800, 2301))
"""A time in an attribute outside these is a slip of the pen (0001-01-01, 9999-12-31): it is unknown."""

NO_VERSION, OUTSIDE = "no version in force", "outside the agreement"
START_UNKNOWN, NO_MATCH = "start unknown", "no match value"


class Opening(msgspec.Struct, frozen=True):
    """An obligation that a trigger opened: its place in the log, the clause that judges it, its start."""

    place: int
    trigger: Event
    agreement: Agreement
    clause: Clause
    start: Instant


def openings(rule: Rule, log: IndexedLog, jurisdiction: Jurisdiction, excluded: Ledger) -> list[Opening]:
    """Every trigger of a clause that opens an obligation, in log order; the others go to `excluded`."""
    line, clause_id, scope, kinds, *_ = rule
    found: list[Opening] = []
    seen = False
    for place in log.of_kinds(kinds):
        event = log.events[place]
        agreement, applies = jurisdiction.of(line, event)
        if agreement is None:
            versions = (one for one in line.versions_of(clause_id) if one.scope == scope)
            if any(matches(clause, log, place) for clause in versions):
                excluded.add(NO_VERSION, event.id, event.pathway)
            continue
        clause = agreement.run.get(clause_id)
        if clause is None or clause.scope != scope or not matches(clause, log, place):
            continue
        if not applies:
            excluded.add(OUTSIDE, event.id, event.pathway)
            continue
        if (line.overlays and jurisdiction.covered(line, event)) or (seen and clause.repeat == "first"):
            continue
        seen = True
        if clause.match and event.attributes is not ANYTHING and attribute(event, clause.match) is None:
            excluded.add(NO_MATCH, event.id, event.pathway)
            continue
        start = starting(clause, log, place)
        if start is None:
            excluded.add(START_UNKNOWN, event.id, event.pathway)
            continue
        found.append(Opening(place, event, agreement, clause, start))
    return found


def matches(clause: Clause, log: IndexedLog, place: int) -> bool:
    """Whether the event is a trigger: `after`, `where`, `when`, and `since` unless judged later (S19)."""
    event = log.events[place]
    if not any_matches(clause.triggers, event) or (clause.where and not all_hold(clause.where, event)):
        return False
    if clause.when and clause.calendar.is_open(event.at) is not (clause.when == "open"):
        return False
    if clause.since is None or (clause.after and clause.before):
        return True
    return long_enough(clause, clause.since, log, place)


def long_enough(clause: Clause, since: Since, log: IndexedLog, place: int) -> bool:
    """Whether the time from the earlier event to the one at `place` meets `since` (S21)."""
    origin = log.preceding(since.last, place) if since.last else _first_after_reset(since, log, place)
    if origin is None:
        return False
    begin, end = log.events[origin].at, log.events[place].at
    if since.length.unit == "working hours":
        measured, limit = clause.calendar.working_time(begin, end), since.length.amount * HOUR
    else:
        try:
            measured, limit = end, deadlines.add(begin, since.length, clause.calendar)
        except (OverflowError, ValueError):  # beyond the last year: it never comes
            measured, limit = end, end + 1
    return {
        "over": measured > limit,
        "at least": measured >= limit,
        "under": measured < limit,
        "at most": measured <= limit,
    }[since.operator]


def _first_after_reset(since: Since, log: IndexedLog, place: int) -> int | None:
    """The first `first` event after the latest `reset` event, both before `place`."""
    reset = log.preceding(since.reset, place) if since.reset else None
    first = log.following(since.first, -1 if reset is None else reset) if since.first else None
    return first if first is not None and first < place else None


def starting(clause: Clause, log: IndexedLog, place: int) -> Instant | None:
    """When the clock starts: the latest of the known anchors, moved to an opening if so agreed (S11)."""
    known = [time for one in clause.anchors if (time := _anchored(one, clause, log, place)) is not None]
    if not known:
        return None
    return clause.calendar.next_opening(max(known)) if clause.next_opening else max(known)


def _anchored(anchor: Anchor, clause: Clause, log: IndexedLog, place: int) -> Instant | None:
    if anchor.last is not None:
        earlier = log.preceding(anchor.last, place)
        if earlier is None:
            return None
        place = earlier
    event = log.events[place]
    if anchor.attribute is not None:
        return written_time(attribute(event, anchor.attribute), clause.calendar.zone)
    if anchor.time == "received":
        return event.received
    return event.sent_or_at if anchor.time == "sent" else event.at


def written_time(value: object, zone: ZoneInfo) -> Instant | None:
    """The time an attribute names; None when it names none, or a year that no deadline can lie in."""
    if value is None:
        return None
    try:
        found = parse(str(value), zone)
    except ValueError:
        return None
    return found if EARLIEST <= found < LATEST else None
