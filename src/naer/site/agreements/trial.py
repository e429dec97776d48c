"""Trying an agreement on a story: the obligations it would open. Nothing is stored, nobody is told."""

from dataclasses import dataclass
from functools import lru_cache

from naer.agreement import AgreementError, Obligation, Portfolio, Problem, load
from naer.agreement.reading_values import Notes
from naer.agreement.reading_yaml import parse
from naer.agreement.timeline import SHAPE, events, judge, names, split, time
from naer.events.instant import Instant
from naer.site.agreements import clauses
from naer.site.ui import words
from naer.site.ui.state import State, state
from naer.site.ui.times import ZONE

LONGEST = 20_000
"""Characters of a timeline."""

EXAMPLE = """\
"2026-03-02 10:00": {admitted: {report_requested: true, municipality: "860"}}
"2026-03-03 09:30": {admission_report: {municipality: "860"}}
"2026-03-04 11:00": {ready_for_discharge: {municipality: "860"}}
"2026-03-05 12:00": {discharged: {municipality: "860"}}
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """One obligation that the story opens."""

    clause: str
    title: str
    owed_by: tuple[str, str]
    owed_to: tuple[str, str]
    opened: Instant
    due: Instant | None
    state: State
    unverified: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a story: obligations, or what is wrong with it, line by line."""

    tried: tuple[Tried, ...] = ()
    problems: tuple[Problem, ...] = ()
    end: Instant = 0
    """The instant the words are said from."""


@lru_cache(maxsize=64)
def _alone(agreement: str) -> Portfolio:
    return load(agreement)


def run(agreement: str, story: str) -> Trial:
    """Judge `story`, a timeline in YAML, by every version of one agreement."""
    notes = Notes()
    try:
        timeline, now_node = split(parse(story[:LONGEST], "timeline", SHAPE), notes)
        happened = events(timeline, ZONE, notes, names(_alone(agreement).lines[0]))
        now = time(now_node, ZONE, notes)
    except AgreementError as error:
        return Trial(problems=tuple(error.problems))
    if notes.problems:
        return Trial(problems=tuple(notes.problems))
    end = now if now is not None else max((event.at for event in happened), default=0)
    found = judge(_alone(agreement), happened, now)
    return Trial(tuple(_tried(one, end) for one in found if one.agreement == agreement), (), end)


def _tried(one: Obligation, end: Instant) -> Tried:
    clause = clauses.text(one.agreement, one.clause, one.version)
    closed = one.closed_by.at if one.closed_by is not None else None
    outcome = "" if one.outcome == "open" else one.outcome
    seen = max(end, one.due + 1) if outcome == "missing" and one.due is not None else end
    shown = state(outcome, one.due, closed, seen, start=one.start, partial=clause.partial)
    return Tried(
        one.clause,
        clause.title,
        (one.owed_by.role, words.role(one.owed_by.role or one.owed_by.key)),
        (one.owed_to.role, words.role(one.owed_to.role or one.owed_to.key)),
        one.trigger.at,
        one.due,
        shown,
        not clause.verified,
    )
