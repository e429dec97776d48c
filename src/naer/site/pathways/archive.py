"""The whole operational log, as replay reads it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from naer.events.event import Event
from naer.messages.linking import link
from naer.site import bulk
from naer.site.pathways import models, store
from naer.site.pathways.register import Register

_CITIZENS_AT_ONCE = 500
_BACK = 10_000
"""So many rows behind the last one, a missing row may still come; before that it was rolled back."""

_ORIGIN_SQL = "SELECT digest FROM pathways_loggedevent ORDER BY seq LIMIT 1"
_NEWEST_SQL = "SELECT COALESCE(max(seq), 0) FROM pathways_loggedevent"
_NEW_SQL = "SELECT seq, citizen FROM pathways_loggedevent WHERE seq > %s"
_LATE_SQL = "SELECT seq, citizen FROM pathways_loggedevent WHERE seq {in}"


def archive(progress: Callable[[int, int], None] | None = None) -> tuple[list[Event], Register]:
    """Every citizen's events, linked and not yet effective, and the register that knows their organisations.

    `progress` is told citizens read and citizens in all. Nothing is locked: each citizen's log is read
    as it stands at that moment.
    """
    keys = list(models.Citizen.objects.order_by("key").values_list("key", flat=True))
    register = Register()
    events: list[Event] = []
    for first in range(0, len(keys), _CITIZENS_AT_ONCE):
        states = store.told(keys[first : first + _CITIZENS_AT_ONCE]).values()
        register.know(states)
        for state in states:
            events += link(state.events)
        if progress is not None:
            progress(min(first + _CITIZENS_AT_ONCE, len(keys)), len(keys))
    return events, register


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the log was read."""

    origin: str = ""
    """Digest of the first event of all: tells one database from another; empty while it has none."""
    seq: int = 0
    """The highest row that was there."""
    gaps: tuple[int, ...] = ()
    """Rows before it that were not: a slower transaction may still bring them."""


def since(mark: Mark) -> tuple[Mark, list[str]]:
    """How far the log goes now, and the citizens with events beyond `mark` (all, from the beginning), by key.

    Raises:
        ValueError: when `mark` is of another database.
    """
    rows = bulk.read([(_ORIGIN_SQL, [])])[0]
    origin = str(rows[0][0]) if rows else ""
    if mark.origin and origin != mark.origin:
        raise ValueError(
            "this is another database than the one that was read before; build the store anew with --replace"
        )
    begun = mark.seq or max(0, bulk.read([(_NEWEST_SQL, [])])[0][0][0] - _BACK)
    (new,) = bulk.read([(_NEW_SQL, [begun])])
    late = bulk.read([(_LATE_SQL, [list(mark.gaps)])])[0] if mark.gaps else []
    there = {row[0] for row in (*new, *late)}
    newest = max(there | {mark.seq})
    behind = max(begun, newest - _BACK)
    gaps = (*mark.gaps, *range(behind + 1, newest))
    now = Mark(origin, newest, tuple(one for one in gaps if one not in there and one > newest - _BACK))
    if not mark.seq:
        return now, list(models.Citizen.objects.order_by("key").values_list("key", flat=True))
    return now, sorted({row[1] for row in (*new, *late)})


def linked(
    keys: Sequence[str], progress: Callable[[int, int], None] | None = None
) -> Iterator[tuple[list[str], list[Event]]]:
    """Some citizens at a time: who they are, and all their events, linked and not yet effective."""
    for first in range(0, len(keys), _CITIZENS_AT_ONCE):
        some = list(keys[first : first + _CITIZENS_AT_ONCE])
        yield some, [event for told in store.logs(some).values() for event in link(told)]
        if progress is not None:
            progress(first + len(some), len(keys))
