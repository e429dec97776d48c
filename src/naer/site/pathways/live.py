"""The live driver: what a citizen's log means now, and the difference to what is stored.

State is a function of (log, agreements, now). Nothing is patched: every change re-evaluates the
citizen with the reference evaluator.
"""

from collections.abc import Iterable
from functools import cache, lru_cache

import msgspec
from msgspec.structs import replace

from naer.agreement import Agreement, Line, Obligation, Portfolio, evaluate
from naer.events.event import Event, EventId
from naer.events.instant import Instant
from naer.events.log import EffectiveLog, effective
from naer.messages.linking import link, names
from naer.messages.medcom.status import status
from naer.site.agreements.in_force import agreements
from naer.site.pathways.register import Register
from naer.site.pathways.stage import stage
from naer.site.pathways.state import Identity, Owed, State

REPORT = "admission_report"


class Judged(msgspec.Struct, frozen=True):
    """A citizen's log as it was judged: every event settled, and those that hold now."""

    linked: dict[EventId, Event]
    """By id, before corrections and cancellations were carried out."""
    seen: EffectiveLog
    names: dict[EventId, EventId]
    """Id as stored → id, where the two differ."""

    def of(self, event: Event) -> Event:
        """A stored event as it was linked."""
        return self.linked[self.names.get(event.id, event.id)]

    def find(self, event: Event) -> Event | None:
        """The same; None for one that linking made part of another."""
        return self.linked.get(self.names.get(event.id, event.id))


def concerning(events: Iterable[Event]) -> Portfolio:
    """The agreements that can hold for some of `events`; all others would only be read to be left out."""
    codes = frozenset(str(event.municipality) for event in events if event.municipality is not None)
    return _of_municipalities(codes)


@lru_cache(maxsize=1024)
def _of_municipalities(codes: frozenset[str]) -> Portfolio:
    whole = agreements()
    made = {line.id: Line(line.id, line.versions) for line in whole.lines if _may_hold(line, codes)}
    for line in whole.lines:
        if line.id in made:
            made[line.id].overlays = tuple(made[one.id] for one in line.overlays if one.id in made)
    return replace(whole, lines=tuple(made.values()))


def _may_hold(line: Line, codes: frozenset[str]) -> bool:
    """Whether a version of an agreement does not name municipalities, or names one of `codes`."""
    return any(codes.intersection(named) if named else True for named in map(_named, line.versions))


def _named(agreement: Agreement) -> set[str]:
    """The municipalities an agreement is limited to; none when it is not limited to some."""
    for condition in agreement.applies:
        if condition.attribute == "municipality" and condition.operator in ("==", "in"):
            return set(map(str, [condition.value] if condition.operator == "==" else condition.value))
    return set()


@cache
def deliveries(agreement: str, clause: str) -> frozenset[str]:
    """The kinds of event that meet a clause, in any of its versions."""
    line = agreements().line(agreement)
    versions = line.clauses.get(clause, ()) if line else ()
    return frozenset(kind for version in versions for pattern in version.deliver for kind in pattern.kinds)


def owes_report(state: State, triggers: set[str]) -> bool:
    """Whether one of some events made somebody owe an admission report about a citizen."""
    return any(
        identity.trigger in triggers
        and not owed.withdrawn
        and REPORT in deliveries(identity.agreement, identity.clause)
        for identity, owed in state.owed.items()
    )


def log(events: list[Event], now: Instant) -> EffectiveLog:
    """One citizen's effective log at `now`, from the raw events as stored."""
    return effective(link(events), now)


def judge(state: State, register: Register, now: Instant) -> Judged:
    """Bring status and obligations of `state` to what its log means at `now`."""
    state.judged = now
    linked = link(state.events)
    seen = effective(linked, now)
    stands, since = status(seen.events)
    state.stand(stands, since, seen.later[0].at if seen.later else None)
    state.come(stage(seen.events))
    found, waiting = set(), set()
    for obligation in evaluate(concerning(seen.events), seen.events, now, register):
        identity = Identity(obligation.agreement, obligation.clause, str(obligation.trigger.id))
        found.add(identity)
        state.settle(identity, stored(obligation))
        for step in obligation.escalations if obligation.running else ():
            if step.at is not None:
                state.plan(identity, step.step, step.at, step.to)
                waiting.add((identity, step.step))
    for identity, owed in list(state.owed.items()):
        if identity not in found and not owed.withdrawn:
            state.settle(identity, owed._replace(withdrawn=True))
    for identity, number in [one for one in state.steps if one not in waiting]:
        state.unplan(identity, number)  # of what runs no more, or has no such step any more (S32)
    return Judged({event.id: event for event in linked}, seen, names(state.events))


def stored(obligation: Obligation) -> Owed:
    """What is stored of an obligation: nothing that the clock alone changes."""
    trigger, closing = obligation.trigger, obligation.closed_by
    debtor, creditor = obligation.owed_by, obligation.owed_to
    return Owed(  # by place, which is twice as fast as by name
        trigger.pathway,
        obligation.version,
        trigger.at,
        debtor.key,
        creditor.key,
        debtor.role,
        creditor.role,
        obligation.start,
        obligation.due,
        "" if obligation.running else obligation.outcome,
        str(closing.id) if closing else None,
        closing.at if closing else None,
        obligation.elapsed,
        obligation.paused if closing else 0,
        obligation.working,
        False,
    )
