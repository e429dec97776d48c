"""Agreements in force: versions by date, and which of base and overlays holds for a trigger."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from naer.agreement.conditions import Conditions, all_hold
from naer.agreement.document import Problem
from naer.agreement.language import Agreement, Clause
from naer.events.event import Event
from naer.events.instant import ZONES, local_date


class Line(msgspec.Struct, dict=True):
    """One agreement through time: its merged versions, in order, never two in force on a day (S6)."""

    id: str
    versions: tuple[Agreement, ...]
    overlays: "tuple[Line, ...]" = ()
    """Overlays in the same portfolio; what they hold for is theirs, not the base's."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the agreement's country."""
        return ZONES[self.versions[0].country]

    def at(self, day: dt.date) -> Agreement | None:
        """The version in force on a local day."""
        if day not in self._by_day:
            self._by_day[day] = next((one for one in self.versions if one.in_force(day)), None)
        return self._by_day[day]

    @cached_property
    def _by_day(self) -> dict[dt.date, Agreement | None]:
        """Answers of `at`."""
        return {}

    @cached_property
    def clauses(self) -> Mapping[str, tuple[Clause, ...]]:
        """Clause id to its versions, oldest first; versions that changed nothing in it stand once."""
        found: dict[str, list[Clause]] = {}
        for agreement in self.versions:
            for clause in agreement.clauses:
                found.setdefault(clause.id, []).append(clause)
        return {clause_id: tuple(versions) for clause_id, versions in found.items()}

    def versions_of(self, clause_id: str) -> tuple[Clause, ...]:
        """Every version of a clause that is run."""
        return tuple(clause for clause in self.clauses.get(clause_id, ()) if not clause.is_text)

    @cached_property
    def triggers(self) -> Mapping[str, frozenset[str]]:
        """For each clause that is run, the kinds a log uses for its triggers in any version."""
        return {
            clause_id: frozenset().union(
                *(pattern.activities for clause in versions for pattern in clause.triggers)
            )
            for clause_id in self.clauses
            if (versions := self.versions_of(clause_id))
        }

    @cached_property
    def closers(self) -> Mapping[str, frozenset[str]]:
        """For each clause that is run, the kinds a log uses for what closes it in any version."""
        return {
            clause_id: frozenset().union(*(clause.closers for clause in self.versions_of(clause_id)))
            for clause_id in self.triggers
        }

    @cached_property
    def origins(self) -> Mapping[str, frozenset[str] | None]:
        """For each clause that is run, `Clause.origins` of its versions together; None where one has none."""
        found: dict[str, frozenset[str] | None] = {}
        for clause_id in self.triggers:
            each = [clause.origins for clause in self.versions_of(clause_id)]
            known = [one for one in each if one is not None]
            found[clause_id] = frozenset().union(*known) if len(known) == len(each) else None
        return found

    @cached_property
    def scopes(self) -> Mapping[str, frozenset[str]]:
        """For each clause that is run, the scopes that its versions have."""
        return {
            clause_id: frozenset(clause.scope for clause in self.versions_of(clause_id))
            for clause_id in self.triggers
        }


class Rule(NamedTuple):
    """One clause of one agreement, in all its versions of one scope: what kinds can open it, and close it."""

    line: Line
    clause: str
    scope: str
    kinds: frozenset[str]
    closers: frozenset[str]
    origins: frozenset[str] | None
    """Kinds of which a log must have one, since time is measured from it (S21); None where none is needed."""


class Jurisdiction:
    """Which version of which agreement judges an event: worked out once for all clauses of a reading."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[Agreement | None, bool]] = {}

    def of(self, line: Line, event: Event) -> tuple[Agreement | None, bool]:
        """The version in force when the event happened (None in a gap), and whether it applies to it."""
        key = (id(line), id(event))
        known = self._known.get(key)
        if known is None:
            agreement = line.at(local_date(event.at, line.zone))
            applies = agreement is not None and all_hold(agreement.applies, event)
            known = self._known[key] = (agreement, applies)
        return known

    def covered(self, line: Line, event: Event) -> bool:
        """Whether an overlay of the line holds for the event, so that the line itself does not."""
        for overlay in line.overlays:  # noqa: SIM110 - a plain loop: asked for every event and clause
            if self.of(overlay, event)[1]:
                return True
        return False

    def overlaid(self, line: Line, events: Sequence[Event]) -> bool:
        """Whether an overlay of the line holds for every one of some events."""
        if not line.overlays:
            return False
        for event in events:  # noqa: SIM110 - asked for every reading
            if not self.covered(line, event):
                return False
        return True


_KEPT = 1024
"""For how many sets of kinds it is kept what they can open: most logs are of few."""


class Portfolio(msgspec.Struct, dict=True):
    """The agreements to run together, and what was found wrong that does not stop a what-if."""

    lines: tuple[Line, ...]
    loosened: tuple[Problem, ...] = ()
    """Breaches of "tighter only" (S8): such an agreement cannot be put in force."""
    warnings: tuple[Problem, ...] = ()

    def rules(self, kinds: Iterable[str]) -> list[tuple[Line, list[Rule]]]:
        """What events of some kinds can open, in the order of the agreements and their clauses."""
        asked = frozenset(kinds)
        found = self._asked.get(asked)
        if found is None:
            if len(self._asked) == _KEPT:
                self._asked.clear()
            places = set().union(*(self._opened_by.get(kind, ()) for kind in asked))
            rules = (self._rules[place] for place in sorted(places))
            opened = (rule for rule in rules if rule.origins is None or not asked.isdisjoint(rule.origins))
            found = self._asked[asked] = [
                (line, list(some)) for line, some in groupby(opened, key=attrgetter("line"))
            ]
        return found

    @cached_property
    def _asked(self) -> dict[frozenset[str], list[tuple[Line, list[Rule]]]]:
        """Answers of `rules`."""
        return {}

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        return tuple(
            Rule(line, clause_id, scope, kinds, line.closers[clause_id], line.origins[clause_id])
            for line in self.lines
            for clause_id, kinds in line.triggers.items()
            for scope in sorted(line.scopes[clause_id])
        )

    @cached_property
    def _opened_by(self) -> Mapping[str, set[int]]:
        """Kind → places in `_rules`."""
        found: dict[str, set[int]] = {}
        for place, rule in enumerate(self._rules):
            for kind in rule.kinds:
                found.setdefault(kind, set()).add(place)
        return found

    def line(self, agreement_id: str) -> Line | None:
        """The agreement with an id."""
        return next((line for line in self.lines if line.id == agreement_id), None)

    def clause(self, agreement_id: str, clause_id: str, version: dt.date | None) -> Clause | None:
        """A clause as it stood in one version (the `valid: from` of the agreement), else its latest."""
        line = self.line(agreement_id)
        if line is None:
            return None
        for agreement in reversed(line.versions):
            if agreement.version == version and (clause := agreement.clause(clause_id)):
                return clause
        versions = line.clauses.get(clause_id)
        return versions[-1] if versions else None


def related(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines, each base knowing its overlays."""
    made = {line.id: line for line in lines}
    for line in made.values():
        line.overlays = tuple(other for other in made.values() if line.id in _bases(other, made))
    return tuple(made.values())


def _bases(line: Line, known: Mapping[str, Line]) -> Iterator[str]:
    """Everything a line extends, near and far."""
    passed: set[str] = set()
    waiting = [agreement.extends for agreement in line.versions]
    while waiting:
        name = waiting.pop()
        if name is None or name in passed:
            continue
        passed.add(name)
        yield name
        if name in known:
            waiting.extend(agreement.extends for agreement in known[name].versions)


def both_apply(lines: Iterable[Line]) -> Iterator[tuple[Agreement, Agreement]]:
    """Pairs of overlays of one base that can both hold for one trigger (S8)."""
    overlays = [agreement for line in lines for agreement in line.versions if agreement.extends]
    for number, one in enumerate(overlays):
        for other in overlays[number + 1 :]:
            if one.id == other.id or one.extends != other.extends:
                continue
            if _dates_meet(one, other) and not _apart(one.applies, other.applies):
                yield one, other


def _dates_meet(one: Agreement, other: Agreement) -> bool:
    first = max(one.starts or dt.date.min, other.starts or dt.date.min)
    return first <= min(one.ends or dt.date.max, other.ends or dt.date.max)


def _apart(one: Conditions, other: Conditions) -> bool:
    """Whether no event can meet both: some attribute is bound to values without one in common."""
    bound = _values(one)
    return any(
        attribute in bound and bound[attribute].isdisjoint(values)
        for attribute, values in _values(other).items()
    )


def _values(conditions: Conditions) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for condition in conditions:
        if condition.operator == "==":
            values = {str(condition.value)}
        elif condition.operator == "in":
            values = {str(value) for value in condition.value}
        else:
            continue
        found[condition.attribute] = found.get(condition.attribute, values) & values
    return found
