"""The meaning of an agreement: plain Python, one citizen at a time, written to be read.

With `opening` and `closing` this is the specification (S6 to S32). The live driver calls it on every
message, and faster drivers are tested against it. It looks at one obligation at a time: what opened
it, the first event that closes it, and how that stands against due.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from naer.agreement import deadlines
from naer.agreement.closing import Closing, closing
from naer.agreement.deadlines import ELAPSED, Duration
from naer.agreement.indexed import IndexedLog
from naer.agreement.language import Clause, Step
from naer.agreement.obligation import Escalation, Obligation, ResolvedParty
from naer.agreement.opening import Opening, long_enough, openings
from naer.agreement.pauses import Pauses
from naer.agreement.portfolio import Jurisdiction, Portfolio, Rule
from naer.agreement.register import NoRegister, Parties, Register
from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import Ledger


def evaluate(
    portfolio: Portfolio,
    events: Sequence[Event],
    now: Instant | None,
    register: Register | None = None,
    excluded: Ledger | None = None,
) -> list[Obligation]:
    """Every obligation at `now` (microseconds; None judges after every due).

    `events` are effective events up to `now`, in the order of S2 (`naer.events.log.effective`), all
    pathways of one citizen or of many. Triggers that open nothing are counted in `excluded`.
    """
    register = register or NoRegister()
    excluded = excluded if excluded is not None else Ledger()
    pathways = _logs(events, lambda event: event.pathway)
    parties = {name: Parties(log.events, register) for name, log in pathways.items()}
    citizens: list[IndexedLog] | None = None
    kinds = {kind for log in pathways.values() for kind in log.by_kind}
    jurisdiction = Jurisdiction()
    found: list[Obligation] = []
    for line, rules in portfolio.rules(kinds):
        if jurisdiction.overlaid(line, events):
            continue
        for rule in rules:
            logs: Iterable[IndexedLog] = pathways.values()
            if rule.scope == "citizen":
                citizens = citizens or list(_logs(events, _whose).values())
                logs = citizens
            for log in logs:
                if opened := openings(rule, log, jurisdiction, excluded):
                    found += _Judge(rule, log, parties, now).judged(opened)
    return found


def _logs[Key](events: Sequence[Event], key: Callable[[Event], Key]) -> dict[Key, IndexedLog]:
    sorted_out: dict[Key, list[Event]] = {}
    for event in events:
        sorted_out.setdefault(key(event), []).append(event)
    return {name: IndexedLog(log) for name, log in sorted_out.items()}


def _whose(event: Event) -> tuple[str, str]:
    """Whose log an event is in under `scope: citizen`; without citizen it is alone in its pathway (S28)."""
    return ("pathway", event.pathway) if event.citizen is None else ("citizen", event.citizen)


@dataclass(slots=True)
class _Judge:
    """One clause, in all its versions, judged against one log (a pathway's, or a citizen's)."""

    rule: Rule
    log: IndexedLog
    parties: dict[str, Parties]
    now: Instant | None
    _pauses: dict[int, Pauses] = field(default_factory=dict)

    def judged(self, opened: Sequence[Opening]) -> list[Obligation]:
        """What was opened, in the order of the triggers."""
        restarts = [one.place for one in opened if one.clause.repeat == "restart"]
        if not restarts and self.rule.closers.isdisjoint(self.log.by_kind):  # most of what runs now
            return [self.obligation(opening, None) for opening in opened]
        return [
            self.obligation(opening, closing(opening, self.log, restarts, self.party)) for opening in opened
        ]

    # Judging (S13 to S18, S24, S30 to S32)

    def obligation(self, opening: Opening, closing: Closing | None) -> Obligation:
        """The obligation as it stands at `now`."""
        clause = opening.clause
        closed = closing.event if closing else None
        if clause.before and clause.after:
            due, outcome, closed = self.judged_before(opening, closing)
        else:
            due = self.due(opening, max(closing.place, opening.place) if closing else self.end)
            outcome = self.outcome(closing, due)
            if clause.before and closing and closing.how == "release" and closing.place < opening.place:
                outcome = "released"
        paused, elapsed, working = self.times(opening, closing, closed, outcome)
        return Obligation(
            agreement=self.rule.line.id,
            version=opening.agreement.version,
            clause=clause.id,
            trigger=opening.trigger,
            owed_by=self.party(opening, clause.owed_by),
            owed_to=self.party(opening, clause.owed_to),
            start=opening.start,
            due=due,
            outcome=outcome,
            ended=outcome == "missing" and closed is not None,
            closed_by=closed,
            elapsed=elapsed,
            paused=paused,
            working=working,
            escalations=() if closed or not clause.escalate else tuple(self.escalations(opening, due)),
            partial=clause.partial,
            verified=clause.verified,
        )

    @property
    def end(self) -> int:
        """The place after the last event."""
        return len(self.log.events)

    def judged_before(
        self, opening: Opening, closing: Closing | None
    ) -> tuple[Instant | None, str, Event | None]:
        """Due, outcome and closing of an obligation with both `after` and `before` (S17, S21)."""
        clause = opening.clause
        judge = self.log.following(clause.before, opening.place) if clause.before else None
        closed_first = closing is not None and (judge is None or closing.place < judge)
        if closing and closed_first and closing.how != "delivery":
            return None, "superseded" if closing.how == "restart" else "released", closing.event
        if judge is None:
            return None, "kept" if closing else "open", closing.event if closing else None
        event = self.log.events[judge]
        due = deadlines.due_before(event.at, clause.ahead, clause.calendar)
        if clause.since and not long_enough(clause, clause.since, self.log, judge):
            return due, "released", event
        return due, self.outcome(closing, due), closing.event if closing else None

    def outcome(self, closing: Closing | None, due: Instant | None) -> str:
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

    def due(self, opening: Opening, until: int) -> Instant | None:
        """Due as it stands after the event at place `until`; empty at once and while paused (S11, S18)."""
        clause, start = opening.clause, opening.start
        if clause.before:
            return deadlines.due_before(opening.trigger.at, clause.ahead, clause.calendar)
        if clause.within is None:
            return None
        due = deadlines.due(start, clause.within, clause.calendar)
        if due is None or clause.pause is None or not isinstance(clause.within, Duration):
            return due
        begin = max(opening.trigger.at, start)
        return self.pauses(clause).moved(due, start, begin, until, clause.within, clause.calendar)

    def pauses(self, clause: Clause) -> Pauses:
        """The pauses of this log under one version of the clause."""
        if id(clause) not in self._pauses:
            self._pauses[id(clause)] = Pauses(clause.pause, self.log)
        return self._pauses[id(clause)]

    def times(
        self, opening: Opening, closing: Closing | None, closed: Event | None, outcome: str
    ) -> tuple[int, int | None, int | None]:
        """Paused, elapsed and working time; the last two only of what was delivered (S30)."""
        clause, start = opening.clause, opening.start
        begin = max(opening.trigger.at, start)
        until = closing.place if closing and closed else self.end
        end = closed.at if closed else self.now
        paused = paused_working = 0
        if closed is None and clause.pause is None:
            return 0, None, None
        if clause.pause and end is not None:
            pauses = self.pauses(clause)
            paused = pauses.time(until, begin, end)
            paused_working = pauses.working_time(until, begin, end, clause.calendar)
        if closed is None or outcome not in ("kept", "late"):
            return paused, None, None
        elapsed = max(0, closed.at - start - paused)
        working = max(0, clause.calendar.working_time(start, closed.at) - paused_working)
        return paused, elapsed, working

    def escalations(self, opening: Opening, due: Instant | None) -> Iterable[Escalation]:
        """The steps, none before the trigger; partial evidence tells only the debtor (S31, S32)."""
        for number, step in enumerate(opening.clause.escalate):
            if opening.clause.partial and not step.to.startswith("owed_by"):
                continue
            at = self.moment(step, opening, due)
            yield Escalation(number, None if at is None else max(at, opening.trigger.at), step.to)

    def moment(self, step: Step, opening: Opening, due: Instant | None) -> Instant | None:
        """When a step fires; None while it depends on an empty due."""
        base = opening.trigger.at if step.base == "trigger" else due
        if base is None or step.length is None:
            return base
        if step.length.unit in ELAPSED:
            return base + step.sign * step.length.amount * ELAPSED[step.length.unit]
        shift = deadlines.add if step.sign > 0 else deadlines.back
        return shift(base, step.length, opening.clause.calendar)

    def party(self, opening: Opening, name: str | None) -> ResolvedParty:
        """Who is meant by a name in the agreement: who owes, or who is owed (S9)."""
        party = opening.agreement.parties.get(name) if name else None
        return self.parties[opening.trigger.pathway].at(party, opening.trigger)
