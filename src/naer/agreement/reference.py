"""The meaning of an agreement: plain Python, one citizen at a time, written to be read.

This module is the specification (S9 to S32). The live driver calls it on every message, and faster
drivers are tested against it. It looks at one obligation at a time: what opened it, the first event
that closes it, and how that stands against due.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from naer.agreement import deadlines
from naer.agreement.conditions import ANYTHING, all_hold, attribute
from naer.agreement.deadlines import ELAPSED, Duration
from naer.agreement.language import Agreement, Anchor, Clause, Pattern, Since, Step, any_matches
from naer.agreement.obligation import Escalation, Obligation, ResolvedParty
from naer.agreement.pauses import Interval, intervals, moved, paused_time, paused_working
from naer.agreement.portfolio import Line, Portfolio
from naer.agreement.register import NoRegister, Register, resolve
from naer.events.event import Event
from naer.events.instant import Instant, local_date, parse
from naer.events.log import Ledger

WAIVED = "waived"
NO_VERSION, OUTSIDE = "no version in force", "outside the agreement"
START_UNKNOWN, NO_MATCH = "start unknown", "no match value"


def evaluate(
    portfolio: Portfolio,
    events: Sequence[Event],
    now: Instant | None,
    register: Register | None = None,
    excluded: Ledger | None = None,
) -> list[Obligation]:
    """Every obligation of one citizen at `now` (microseconds; None judges after every due).

    `events` are the citizen's effective events of all pathways up to `now`, in the order of S2
    (`naer.events.log.effective`). Triggers that open nothing are counted in `excluded`.
    """
    register = register or NoRegister()
    excluded = excluded if excluded is not None else Ledger()
    pathways: dict[str, list[Event]] = {}
    for event in events:
        pathways.setdefault(event.pathway, []).append(event)
    kinds = {event.kind for event in events}
    found: list[Obligation] = []

    def read(line: Line, clause_id: str, scope: str, log: Sequence[Event]) -> Iterator[Obligation]:
        return _Log(line, clause_id, scope, log, pathways, now, register, excluded).judge()

    for line in portfolio.lines:
        if line.overlays and all(line.covered(event) for event in events):
            continue
        for clause_id, activities in line.triggers.items():
            if activities.isdisjoint(kinds):
                continue
            scopes = line.scopes[clause_id]
            if "pathway" in scopes:
                for log in pathways.values():
                    found.extend(
                        _Log(line, clause_id, "pathway", log, pathways, now, register, excluded).judge()
                    )
            if "citizen" in scopes:
                found.extend(
                    _Log(line, clause_id, "citizen", events, pathways, now, register, excluded).judge()
                )
    return found


@dataclass(slots=True)
class _Opening:
    """An obligation that a trigger opened: its place in the log, the clause that judges it, its start."""

    index: int
    trigger: Event
    agreement: Agreement
    clause: Clause
    start: Instant


@dataclass(slots=True)
class _Closing:
    """The first event that ends the waiting: a delivery, a release, a waiver, or a new start."""

    index: int
    event: Event
    how: str


@dataclass(slots=True)
class _Log:
    """One clause, in all its versions, read against one log (a pathway's, or a citizen's)."""

    line: Line
    clause_id: str
    scope: str
    log: Sequence[Event]
    pathways: dict[str, list[Event]]
    now: Instant | None
    register: Register
    excluded: Ledger

    def judge(self) -> Iterator[Obligation]:
        openings = list(self.openings())
        restarts = [opening for opening in openings if opening.clause.repeat == "restart"]
        for opening in openings:
            yield self.obligation(opening, self.closing(opening, restarts))

    # Opening (S6, S10, S11, S19 to S21, S26)

    def openings(self) -> Iterator[_Opening]:
        """Every trigger that opens an obligation, in log order."""
        activities = self.line.triggers[self.clause_id]
        seen = False
        for index, event in enumerate(self.log):
            if event.kind not in activities:
                continue
            agreement = self.line.at(local_date(event.at, self.line.zone))
            if agreement is None:
                if any(
                    self.matches(clause, index, event) for clause in self.line.versions_of(self.clause_id)
                ):
                    self.leave_out(NO_VERSION, event)
                continue
            clause = agreement.clause(self.clause_id)
            if clause is None or clause.is_text or clause.scope != self.scope:
                continue
            if not self.matches(clause, index, event):
                continue
            if not all_hold(agreement.applies, event):
                self.leave_out(OUTSIDE, event)
                continue
            if self.line.covered(event) or (seen and clause.repeat == "first"):
                continue
            seen = True
            if clause.match and event.attributes is not ANYTHING and attribute(event, clause.match) is None:
                self.leave_out(NO_MATCH, event)
                continue
            start = self.start(clause, index, event)
            if start is None:
                self.leave_out(START_UNKNOWN, event)
                continue
            yield _Opening(index, event, agreement, clause, start)

    def leave_out(self, reason: str, event: Event) -> None:
        self.excluded.add(reason, event.id, event.pathway)

    def matches(self, clause: Clause, index: int, event: Event) -> bool:
        """Whether the event is a trigger: `after`, `where`, `when`, and `since` unless judged later."""
        if not any_matches(clause.triggers, event) or not all_hold(clause.where, event):
            return False
        if clause.when and clause.calendar.is_open(event.at) is not (clause.when == "open"):
            return False
        judged_later = clause.after and clause.before
        return not clause.since or bool(judged_later) or self.long_enough(clause, clause.since, index)

    def long_enough(self, clause: Clause, since: Since, index: int) -> bool:
        """Whether the time from the earlier event to the one at `index` meets `since` (S21)."""
        origin = self.latest(since.last, index) if since.last else self.first_after_reset(since, index)
        if origin is None:
            return False
        limit = deadlines.add(origin.at, since.length, clause.calendar)
        measured = self.log[index].at
        return {
            "over": measured > limit,
            "at least": measured >= limit,
            "under": measured < limit,
            "at most": measured <= limit,
        }[since.operator]

    def latest(self, pattern: Pattern, index: int) -> Event | None:
        """The latest event of a pattern before `index`."""
        return next((event for event in reversed(self.log[:index]) if pattern.matches(event)), None)

    def first_after_reset(self, since: Since, index: int) -> Event | None:
        """The first `first` event after the latest `reset` event, both before `index`."""
        found = None
        for event in self.log[:index]:
            if since.reset and since.reset.matches(event):
                found = None
            if found is None and since.first and since.first.matches(event):
                found = event
        return found

    def start(self, clause: Clause, index: int, trigger: Event) -> Instant | None:
        """When the clock starts: the latest of the known anchors, moved to an opening if so agreed (S11)."""
        known = [
            time for anchor in clause.anchors if (time := self.anchor(anchor, index, trigger)) is not None
        ]
        if not known:
            return None
        return clause.calendar.next_opening(max(known)) if clause.next_opening else max(known)

    def anchor(self, anchor: Anchor, index: int, trigger: Event) -> Instant | None:
        event = trigger
        if anchor.last is not None:
            earlier = self.latest(anchor.last, index)
            if earlier is None:
                return None
            event = earlier
        if anchor.attribute is not None:
            written = attribute(event, anchor.attribute)
            try:
                return None if written is None else parse(str(written), self.line.zone)
            except ValueError:
                return None
        if anchor.time == "received":
            return event.received
        return event.sent_or_at if anchor.time == "sent" else event.at

    # Closing (S17, S22 to S26)

    def closing(self, opening: _Opening, restarts: list[_Opening]) -> _Closing | None:
        """The first event that closes the obligation; what comes later changes nothing (S22)."""
        already = self.before_opening(opening)
        if already is not None:
            return already
        superseding = min((one.index for one in restarts if one.index > opening.index), default=None)
        for index in range(opening.index + 1, len(self.log)):
            how = self.closes(opening, self.log[index])
            if how is None and index == superseding:
                how = "restart"
            if how is not None:
                return _Closing(index, self.log[index], how)
        return None

    def before_opening(self, opening: _Opening) -> _Closing | None:
        """What closes it as it opens: a `before` clause's window, or an accepted delivery (S17, S23)."""
        clause, trigger = opening.clause, opening.trigger
        if clause.before and not clause.after:
            for index in range(self.window_start(clause, opening.index), opening.index):
                how = self.closes(opening, self.log[index])
                if how is not None:
                    return _Closing(index, self.log[index], how)
            return None
        earliest = trigger.at
        if clause.accept_earlier:
            earliest = deadlines.window_start(trigger.at, clause.accept_earlier, clause.calendar)
        for index in range(opening.index - 1, -1, -1):
            event = self.log[index]
            if event.at < earliest:
                break
            if self.delivers(opening, event):
                return _Closing(index, event, "delivery")
        return None

    def window_start(self, clause: Clause, index: int) -> int:
        """The place after the previous `before` event; the same instant counts too (S17, S23)."""
        trigger = self.log[index]
        start = 0
        for earlier in range(index - 1, -1, -1):
            if clause.before and clause.before.matches(self.log[earlier]):
                start = earlier + 1
                break
        while start > 0 and self.log[start - 1].at == trigger.at:
            start -= 1
        return start

    def closes(self, opening: _Opening, event: Event) -> str | None:
        """How an event closes an obligation, if it does."""
        if self.delivers(opening, event):
            return "delivery"
        if any_matches(opening.clause.unless, event):
            return "release"
        if event.kind == WAIVED and self.may_waive(opening, event):
            return "waiver"
        return None

    def delivers(self, opening: _Opening, event: Event) -> bool:
        clause = opening.clause
        if not any_matches(clause.deliver, event):
            return False
        if clause.match is None or event.attributes is ANYTHING or opening.trigger.attributes is ANYTHING:
            return True
        return _same(attribute(event, clause.match), attribute(opening.trigger, clause.match))

    def may_waive(self, opening: _Opening, event: Event) -> bool:
        """A waiver names the clause; where `waiver` says whose right it is, the other's is void (S25)."""
        if attribute(event, "clause") != opening.clause.id:
            return False
        clause = opening.clause
        if clause.waiver is None or event.organisation is None:
            return True
        names = ("owed_by", "owed_to") if clause.waiver == "both" else (clause.waiver,)
        allowed = {self.party(opening, name).key for name in names}
        return "unknown" in allowed or event.organisation in allowed

    # Judging (S13 to S18, S24, S30 to S32)

    def obligation(self, opening: _Opening, closing: _Closing | None) -> Obligation:
        """The obligation as it stands at `now`."""
        clause = opening.clause
        if clause.before and clause.after:
            due, outcome, closed = self.judged_before(opening, closing)
        else:
            due = self.due(opening, max(closing.index, opening.index) if closing else len(self.log))
            if clause.before and closing and closing.how == "release" and closing.index < opening.index:
                outcome = "released"
            else:
                outcome = self.outcome(closing, due)
            closed = closing.event if closing else None
        ended = outcome == "missing" and closed is not None
        delivered = outcome in ("kept", "late")
        end = closed.at if closed else self.now
        pauses = self.pause_list(clause, closing.index if closed and closing else len(self.log))
        begin = max(opening.trigger.at, opening.start)
        paused = paused_time(pauses, begin, end if end is not None else begin)
        elapsed = working = None
        if delivered and closed is not None:
            elapsed = max(0, closed.at - opening.start - paused)
            counted = clause.calendar.working_time(opening.start, closed.at)
            working = max(0, counted - paused_working(pauses, begin, closed.at, clause.calendar))
        return Obligation(
            agreement=self.line.id,
            version=opening.agreement.version,
            clause=clause.id,
            trigger=opening.trigger,
            owed_by=self.party(opening, "owed_by"),
            owed_to=self.party(opening, "owed_to"),
            start=opening.start,
            due=due,
            outcome=outcome,
            ended=ended,
            closed_by=closed,
            elapsed=elapsed,
            paused=paused,
            working=working,
            escalations=() if closed else tuple(self.escalations(opening, due)),
            partial=clause.partial,
            verified=clause.verified,
        )

    def judged_before(
        self, opening: _Opening, closing: _Closing | None
    ) -> tuple[Instant | None, str, Event | None]:
        """Due, outcome and closing of an obligation with both `after` and `before` (S17, S21)."""
        clause = opening.clause
        judge = self.next_before(opening)
        closed_first = closing is not None and (judge is None or closing.index < judge)
        if closing and closed_first and closing.how != "delivery":
            return None, "released", closing.event
        if judge is None:
            return None, "kept" if closing else "open", closing.event if closing else None
        event = self.log[judge]
        due = deadlines.due_before(event.at, clause.ahead, clause.calendar)
        if clause.since and not self.long_enough(clause, clause.since, judge):
            return due, "released", event
        return due, self.outcome(closing, due), closing.event if closing else None

    def next_before(self, opening: _Opening) -> int | None:
        """The place of the first `before` event after the opening."""
        pattern = opening.clause.before
        for index in range(opening.index + 1, len(self.log)):
            if pattern and pattern.matches(self.log[index]):
                return index
        return None

    def outcome(self, closing: _Closing | None, due: Instant | None) -> str:
        """How it stands: the closing event against due, or due against the clock (S24, S25)."""
        if closing is None:
            overdue = due is not None and (self.now is None or due < self.now)
            return "missing" if overdue else "open"
        in_time = due is None or closing.event.at <= due
        match closing.how:
            case "delivery":
                return "kept" if in_time else "late"
            case "waiver":
                return "released"
            case "release":
                return "released" if in_time else "missing"
            case _:
                return "superseded" if in_time else "missing"

    def due(self, opening: _Opening, until: int) -> Instant | None:
        """Due as it stands after the event at place `until`; empty at once and while paused (S11, S18)."""
        clause = opening.clause
        if clause.before:
            return deadlines.due_before(opening.trigger.at, clause.ahead, clause.calendar)
        if clause.within is None:
            return None
        first = deadlines.due(opening.start, clause.within, clause.calendar)
        if first is None or clause.pause is None or not isinstance(clause.within, Duration):
            return first
        begin = max(opening.trigger.at, opening.start)
        return moved(
            first, opening.start, begin, clause.within, self.pause_list(clause, until), clause.calendar
        )

    def pause_list(self, clause: Clause, until: int) -> list[Interval]:
        """The pauses that events up to place `until` make."""
        if clause.pause is None:
            return []
        return intervals(clause.pause, self.log[: until + 1])

    def escalations(self, opening: _Opening, due: Instant | None) -> Iterable[Escalation]:
        """The steps, none before the trigger; partial evidence tells only the debtor (S31, S32)."""
        for number, step in enumerate(opening.clause.escalate):
            if opening.clause.partial and not step.to.startswith("owed_by"):
                continue
            at = self.moment(step, opening, due)
            yield Escalation(number, None if at is None else max(at, opening.trigger.at), step.to)

    def moment(self, step: Step, opening: _Opening, due: Instant | None) -> Instant | None:
        base = opening.trigger.at if step.base == "trigger" else due
        if base is None or step.length is None:
            return base
        if step.length.unit in ELAPSED:
            return base + step.sign * step.length.amount * ELAPSED[step.length.unit]
        shift = deadlines.add if step.sign > 0 else deadlines.back
        return shift(base, step.length, opening.clause.calendar)

    def party(self, opening: _Opening, which: str) -> ResolvedParty:
        name = opening.clause.owed_by if which == "owed_by" else opening.clause.owed_to
        party = opening.agreement.parties.get(name) if name else None
        pathway = self.pathways[opening.trigger.pathway]
        earlier = pathway[: _place(pathway, opening.trigger)]
        return resolve(party, opening.trigger, earlier, self.register)


def _place(log: Sequence[Event], event: Event) -> int:
    return next(index for index, one in enumerate(log) if one is event)


def _same(one: object, other: object) -> bool:
    """Whether two match values are the same, also when one of them came as text from a file."""
    return one is not None and other is not None and (one == other or str(one) == str(other))
