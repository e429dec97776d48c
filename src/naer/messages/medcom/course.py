"""Courses: notifications of one citizen joined by the episode ids they share."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from naer.events.event import Event
from naer.events.instant import Instant


class Courses:
    """Groups events that share an episode id, directly or through others.

    The pathway of a course is that of its first-sent message, so that a late one seldom renames it.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._parent: dict[str, str] = {}
        self._members: dict[str, list[Event]] = defaultdict(list)
        if shared := _shared(events):  # nearly always
            self._members[shared] = list(events)
            return
        keys = [_keys(event) for event in events]
        for own in keys:
            for key in own[1:]:
                self._join(own[0], key)
        for event, own in zip(events, keys, strict=True):
            self._members[self._root(own[0])].append(event)

    def members(self) -> list[tuple[str, list[Event]]]:
        """Each course: its pathway, and its events as they were given."""
        return [(_pathway(group), group) for group in self._members.values()]

    def _root(self, key: str) -> str:
        self._parent.setdefault(key, key)
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def _join(self, left: str, right: str) -> None:
        first, second = sorted((self._root(left), self._root(right)))
        self._parent[second] = first


def joined(courses: Iterable[tuple[str, Sequence[Event]]]) -> dict[str, str]:
    """Pathway as first given → pathway of its course, where every message on it is in one course."""
    targets: dict[str, set[str]] = defaultdict(set)
    for pathway, group in courses:
        for event in group:
            targets[event.pathway].add(pathway)
    return {pathway: min(found) for pathway, found in targets.items() if len(found) == 1}


def _shared(events: Sequence[Event]) -> str:
    """An episode id of all the events, when they name the very same ones; else nothing."""
    keys = events[0].attributes.get("episodes") if events else None
    if not keys:
        return ""
    for event in events:
        if event.attributes.get("episodes") != keys:
            return ""
    return str(keys[0])


def _pathway(group: Sequence[Event]) -> str:
    """The pathway of the message that was sent first."""
    if len({event.pathway for event in group}) == 1:  # nearly always, and quicker told
        return group[0].pathway
    return min(group, key=_first).pathway


def _keys(event: Event) -> list[str]:
    keys = [str(key) for key in event.attributes.get("episodes") or ()]
    return keys or [f"pathway {event.pathway}"]


def _first(event: Event) -> tuple[Instant, str, str]:
    return (event.sent_or_at, str(event.id), event.pathway)
