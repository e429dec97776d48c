"""How far a stay has come on its way home: the stage of the discharge table, from the effective log.

Each moment stays an event of its own; the stage is only where the citizen stands in the list now. It is
stored with the citizen when they are judged, so that lists are found by index.
"""

from collections.abc import Iterable
from typing import NamedTuple

from naer.events.event import Event
from naer.events.instant import ZONES, Instant, parse

AMBULANT = "ambulant"
"""At the emergency department: no admission yet."""
ADMITTED, EXPECTED, READY = "admitted", "expected", "ready"
CANNOT, CAN, AGREED = "cannot", "can", "agreed"
HOME, VISITED = "home", "visited"

IN_HOSPITAL = (AMBULANT, ADMITTED, EXPECTED, READY, CANNOT, CAN, AGREED)
WAITING = (READY, CANNOT, CAN, AGREED)
"""The stages of a citizen who was declared ready and is still in hospital."""
STAGES = (*IN_HOSPITAL, HOME, VISITED)

_EXPECTS = frozenset({"expected_ready", "admission_warning", "warning_updated"})
_VISITS = frozenset({"home_visit", "follow_up_visit"})
_ZONE = ZONES["DK"]


class Stage(NamedTuple):
    """`name` is one of `STAGES`, or "" when no stay runs or lately ran.

    `since` is when the stage began, `plan` the next time that was named: expected to be ready, first
    possible, or agreed to leave (microseconds). `hospital` is the key of the hospital of the stay.
    """

    name: str
    since: Instant | None
    plan: Instant | None
    hospital: str


NONE = Stage("", None, None, "")


def stage(events: Iterable[Event]) -> Stage:
    """The stage after the effective events of one citizen in log order (S2).

    An answer of the municipality counts once the citizen is ready: one given before is a fact of the stay,
    and each declaration of readiness asks anew.
    """
    found, expected = NONE, None
    for event in events:
        kind = event.kind
        if kind == "died":
            return NONE
        if kind in ("admitted", "acute_ambulant", "leave_started", "leave_ended"):
            found, expected = _stays(found, expected, event)
        elif found.name in (HOME, VISITED) or not found.name:
            if kind == "discharged" and not found.name and event.attributes.get("class") != "EMER":
                found = Stage(HOME, event.at, None, event.organisation or "")
            elif kind in _VISITS and found.name == HOME and event.at >= (found.since or 0):
                found = found._replace(name=VISITED, since=event.at)
        elif kind == "discharged":
            found = NONE if found.name == AMBULANT else Stage(HOME, event.at, None, found.hospital)
        elif kind in _EXPECTS:
            expected = moment(event, "expected_at") or expected
            if expected is not None and found.name in (AMBULANT, ADMITTED, EXPECTED):
                found = found._replace(name=EXPECTED, since=event.at, plan=expected)
        else:
            found = _towards_home(found, expected, event)
    return found


def moment(event: Event, name: str) -> Instant | None:
    """A time that an event says in an attribute; None when it says none that can be read."""
    try:
        return parse(str(event.attributes[name]), _ZONE)
    except (KeyError, ValueError, OverflowError):
        return None


def _stays(found: Stage, expected: Instant | None, event: Event) -> tuple[Stage, Instant | None]:
    """A start or a leave: begins a stay, unless one runs already."""
    name = AMBULANT if event.kind == "acute_ambulant" else ADMITTED
    if found.name not in IN_HOSPITAL:
        return Stage(name, event.at, None, event.organisation or ""), None
    if event.kind in ("leave_started", "leave_ended"):
        return found, expected
    if found.name == AMBULANT and name == ADMITTED:
        found = found._replace(name=name, since=event.at)
    return found._replace(hospital=event.organisation or found.hospital), expected


def _towards_home(found: Stage, expected: Instant | None, event: Event) -> Stage:
    """What is said of somebody in hospital on the way home."""
    match event.kind:
        case "ready_for_discharge":
            return found._replace(name=READY, since=event.at, plan=None)
        case "ready_withdrawn" if found.name in WAITING:
            return found._replace(
                name=EXPECTED if expected is not None else ADMITTED, since=event.at, plan=expected
            )
        case "municipality_answer" if found.name in WAITING and "can_receive" in event.attributes:
            can, plan = event.attributes["can_receive"] is True, moment(event, "from")
            return found._replace(name=CAN if can else CANNOT, since=event.at, plan=plan)
        case "offer_ready" if found.name in WAITING:
            return found._replace(name=CAN, since=event.at, plan=event.at)
        case "discharge_agreed":
            return found._replace(name=AGREED, since=event.at, plan=moment(event, "leaves_at"))
    return found
