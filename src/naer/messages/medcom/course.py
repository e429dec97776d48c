"""Courses: notifications of one citizen joined by the episode ids they share."""

from collections import defaultdict
from collections.abc import Sequence

from naer.events.event import Event
from naer.events.instant import Instant


class Courses:
    """Groups events that share an episode id, directly or through others.

    The pathway of a course is that of its first-sent message, so that a late one seldom renames it.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._parent: dict[str, str] = {}
        for event in events:
            keys = _keys(event)
            for key in keys:
                self._join(keys[0], key)
        self._members: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            self._members[self._root(_keys(event)[0])].append(event)
        self._pathways = {root: min(group, key=_first).pathway for root, group in self._members.items()}

    def members(self) -> list[list[Event]]:
        """The events of each course."""
        return [list(group) for group in self._members.values()]

    def pathway(self, event: Event) -> str:
        """The pathway of the course an event is in."""
        return self._pathways[self._root(_keys(event)[0])]

    def joined(self) -> dict[str, str]:
        """Pathway as first given → pathway of its course, where every message on it is in one course."""
        targets: dict[str, set[str]] = defaultdict(set)
        for root, group in self._members.items():
            for event in group:
                targets[event.pathway].add(self._pathways[root])
        return {pathway: min(found) for pathway, found in targets.items() if len(found) == 1}

    def _root(self, key: str) -> str:
        self._parent.setdefault(key, key)
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def _join(self, left: str, right: str) -> None:
        first, second = sorted((self._root(left), self._root(right)))
        self._parent[second] = first


def _keys(event: Event) -> list[str]:
    keys = [str(key) for key in event.attributes.get("episodes") or ()]
    return keys or [f"pathway {event.pathway}"]


def _first(event: Event) -> tuple[Instant, str, str]:
    return (event.sent_or_at, str(event.id), event.pathway)
