"""What closes an obligation: the first delivery, release, waiver or new start (S17, S22 to S26)."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

import msgspec

from naer.agreement import deadlines
from naer.agreement.conditions import attribute
from naer.agreement.indexed import IndexedLog, first_after
from naer.agreement.language import WAIVED
from naer.agreement.obligation import UNKNOWN, ResolvedParty
from naer.agreement.opening import Opening
from naer.events.event import Event
from naer.events.instant import Instant

PartyOf = Callable[[Opening, str | None], ResolvedParty]
"""Who is meant by a name in the agreement of an opening."""


class Closing(msgspec.Struct, frozen=True):
    """The first event that ends the waiting, and how: a delivery, release, waiver or restart."""

    place: int
    event: Event
    how: str


def closing(opening: Opening, log: IndexedLog, restarts: Sequence[int], party: PartyOf) -> Closing | None:
    """The first event that closes the obligation; what comes later changes nothing (S22).

    `restarts` are the places of triggers that supersede what is open before them.
    """
    already = _as_it_opens(opening, log, party)
    if already is not None:
        return already
    return _first(opening, log, opening.place, party, first_after(restarts, opening.place))


def _as_it_opens(opening: Opening, log: IndexedLog, party: PartyOf) -> Closing | None:
    """A delivery at the trigger's instant or accepted earlier (S23), or in the window of `before` (S17)."""
    clause, trigger = opening.clause, opening.trigger
    if clause.before and not clause.after:
        previous = log.preceding(clause.before, opening.place)
        window = -1 if previous is None else previous
        same_instant = list(_delivered_before(opening, log, window, trigger.at))
        if same_instant:
            return same_instant[-1]
        found = _first(opening, log, window, party)
        return found if found is not None and found.place < opening.place else None
    earliest = trigger.at
    if clause.accept_earlier:
        earliest = deadlines.window_start(trigger.at, clause.accept_earlier, clause.calendar)
    return next(_delivered_before(opening, log, opening.place, earliest), None)


def _delivered_before(opening: Opening, log: IndexedLog, place: int, earliest: Instant) -> Iterator[Closing]:
    """The deliveries before `place` and not before the instant `earliest`, latest first."""
    places = _deliveries(opening, log)
    for index in range(bisect_left(places, place) - 1, -1, -1):
        event = log.events[places[index]]
        if event.at < earliest:
            return
        yield Closing(places[index], event, "delivery")


def _first(
    opening: Opening, log: IndexedLog, place: int, party: PartyOf, restart: int | None = None
) -> Closing | None:
    """The first event after `place` that closes; one event closes before it opens anew (S23)."""
    first, how = first_after(_deliveries(opening, log), place), "delivery"
    for other, way in (
        (log.following(opening.clause.unless, place), "release"),
        (_waiver(opening, log, place, party) if WAIVED in log.by_kind else None, "waiver"),
        (restart, "restart"),
    ):
        if other is not None and (first is None or other < first):
            first, how = other, way
    return None if first is None else Closing(first, log.events[first], how)


def _deliveries(opening: Opening, log: IndexedLog) -> Sequence[int]:
    clause = opening.clause
    if clause.match is None:
        return log.places(clause.deliver)
    return log.sharing(clause.deliver, clause.match, opening.trigger)


def _waiver(opening: Opening, log: IndexedLog, place: int, party: PartyOf) -> int | None:
    """A waiver names the clause; where `waiver` says whose right it is, the other's is void (S25)."""
    for waived in log.by_kind[WAIVED]:
        event = log.events[waived]
        if waived > place and attribute(event, "clause") == opening.clause.id and _may(opening, event, party):
            return waived
    return None


def _may(opening: Opening, event: Event, party: PartyOf) -> bool:
    right = opening.clause.waiver
    if right is None or event.organisation is None:
        return True
    clause = opening.clause
    owed_by, owed_to = clause.owed_by, clause.owed_to
    sides = {"owed_by": (owed_by,), "owed_to": (owed_to,), "both": (owed_by, owed_to)}
    allowed = {party(opening, name).key for name in sides[right]}
    return UNKNOWN in allowed or event.organisation in allowed
