"""One log with the places of its events, so that "the first after" and "the latest before" are look-ups."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set

from naer.agreement.conditions import ANYTHING, all_hold, attribute
from naer.agreement.language import Pattern
from naer.events.event import Event

Patterns = Pattern | tuple[Pattern, ...]


class IndexedLog:
    """The events of a pathway, or of a citizen, in the order of S2. A place is an index in `events`."""

    __slots__ = ("_places", "_valued", "by_kind", "events")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.by_kind: dict[str, list[int]] = {}
        for place, event in enumerate(events):
            self.by_kind.setdefault(event.kind, []).append(place)
        self._places: dict[int, tuple[Patterns, Sequence[int]]] = {}
        self._valued: dict[tuple[int, str], dict[object, list[int]]] = {}

    def of_kinds(self, kinds: Set[str]) -> Sequence[int]:
        """The places of events of some kinds, in order."""
        found = [self.by_kind[kind] for kind in kinds if kind in self.by_kind]
        if len(found) < 2:
            return found[0] if found else ()
        return sorted(place for places in found for place in places)

    def places(self, patterns: Patterns) -> Sequence[int]:
        """The places of events that match any of the patterns, in order; found once."""
        known = self._places.get(id(patterns))
        if known is None:
            known = self._places[id(patterns)] = (patterns, self._find(patterns))
        return known[1]

    def _find(self, patterns: Patterns) -> Sequence[int]:
        if isinstance(patterns, tuple):
            if len(patterns) != 1:
                return sorted({place for pattern in patterns for place in self._find(pattern)})
            (patterns,) = patterns
        places = self.of_kinds(patterns.activities)
        if not places or not patterns.where:
            return places
        return [place for place in places if all_hold(patterns.where, self.events[place])]

    def following(self, patterns: Patterns, place: int) -> int | None:
        """The place of the first match after `place`."""
        return first_after(self.places(patterns), place)

    def preceding(self, patterns: Patterns, place: int) -> int | None:
        """The place of the latest match before `place`."""
        places = self.places(patterns)
        index = bisect_left(places, place)
        return places[index - 1] if index else None

    def sharing(self, patterns: Patterns, name: str, trigger: Event) -> Sequence[int]:
        """The places of matches with the trigger's value of an attribute (S26)."""
        if trigger.attributes is ANYTHING:
            return self.places(patterns)
        key = (id(patterns), name)
        if key not in self._valued:
            found = self._valued[key] = {}
            for place in self.places(patterns):
                found.setdefault(match_value(self.events[place], name), []).append(place)
        same = self._valued[key].get(match_value(trigger, name), [])
        bare = self._valued[key].get(_ANY, [])
        return sorted([*same, *bare]) if bare else same


def first_after(places: Sequence[int], place: int) -> int | None:
    """The first of some places after `place`."""
    index = bisect_right(places, place)
    return places[index] if index < len(places) else None


_ANY = object()


def match_value(event: Event, name: str) -> object:
    """An attribute as text, so that 7 from a message and "7" from a file are the same value."""
    if event.attributes is ANYTHING:
        return _ANY
    value = attribute(event, name)
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)
