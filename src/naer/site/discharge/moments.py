"""The moments of a stay on its way home, each kept apart: what happened when, and who said it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from naer.events.event import Event
from naer.events.instant import Instant
from naer.messages.medcom.status import Stay, stays

CANNOT, CAN, WORDS = "cannot", "can", "words"

MOMENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("admitted", ("admitted", "acute_ambulant")),
    ("assessed", ("need_assessed",)),
    ("warned", ("admission_warning", "warning_updated", "care_forecast")),
    ("expected", ("expected_ready", "admission_warning", "warning_updated")),
    ("finished", ("treatment_finished",)),
    ("ready", ("ready_for_discharge",)),
    ("answered", ("municipality_answer", "offer_ready")),
    ("agreed", ("discharge_agreed",)),
    ("acute", ("acute_referral",)),
    ("medicines", ("medication_confirmed",)),
    ("supplied", ("medicine_supplied",)),
    ("left", ("left_ward",)),
    ("discharged", ("discharged",)),
    ("visited", ("home_visit", "follow_up_visit")),
    ("rehabilitation", ("rehabilitation_contact", "rehabilitation_started")),
)
"""Moment → the kinds of event that say it; in the order a stay goes."""
_FIRST = frozenset({"admitted", "assessed", "visited", "rehabilitation"})
"""Of these the first event counts; of the others what was said last."""
_AFTER = frozenset({"visited", "rehabilitation"})
"""These count once the citizen has left."""
_UNDONE = {
    "ready_withdrawn": ("ready", "answered", "agreed"),
    "ready_for_discharge": ("answered", "agreed"),
}
"""Kind → the moments that it undoes: each declaration of readiness asks anew."""
_NAMED = {"expected": "expected_at"}
"""A moment that must name a time to count."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment: its name, and the event that says it; None when nothing here does."""

    name: str
    event: Event | None

    @property
    def at(self) -> Instant | None:
        return self.event.at if self.event is not None else None


@dataclass(frozen=True, slots=True)
class Way:
    """The last stay of a citizen: its bounds, its events and its moments."""

    stay: Stay
    events: tuple[Event, ...]
    """What holds of the stay and after it, oldest first."""
    moments: tuple[Moment, ...]

    def moment(self, name: str) -> Moment:
        """One of its moments.

        Raises:
            KeyError: when there is none of that name.
        """
        found = next((one for one in self.moments if one.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    @property
    def ready(self) -> Event | None:
        """The declaration of readiness that stands."""
        return self.moment("ready").event

    @property
    def answer(self) -> Event | None:
        """What the municipality answered to it last."""
        return self.moment("answered").event

    @property
    def pathway(self) -> str:
        """The pathway that the citizen is in now: that of the newest declaration, else of the stay."""
        told = [one for one in self.events if one.kind in ("admitted", "ready_for_discharge", "discharged")]
        return told[-1].pathway if told else self.stay.pathway


def way(events: Iterable[Event]) -> Way | None:
    """The last stay in the effective log of one citizen (S2); None without one."""
    log = list(events)
    known = stays(log)
    if not known:
        return None
    stay = known[-1]
    own = tuple(one for one in log if _belongs(one, stay))
    return Way(stay, own, tuple(Moment(name, _last(name, kinds, own, stay)) for name, kinds in MOMENTS))


def _belongs(event: Event, stay: Stay) -> bool:
    start = stay.start if stay.start is not None else stay.end
    return start is None or event.at >= start or event.pathway == stay.pathway


def _last(name: str, kinds: tuple[str, ...], events: Sequence[Event], stay: Stay) -> Event | None:
    found: Event | None = None
    for event in events:
        if name in _UNDONE.get(event.kind, ()):
            found = None
        if event.kind not in kinds or (name in _NAMED and _NAMED[name] not in event.attributes):
            continue
        if name in _AFTER and (stay.end is None or event.at < stay.end):
            continue
        if name == "discharged" and stay.end is None:
            continue
        if found is None or name not in _FIRST:
            found = event
    return found


def said(answer: Event | None) -> str:
    """What an answer says: can, cannot, or words that nobody has read yet; empty without one."""
    if answer is None:
        return ""
    if answer.kind == "offer_ready":
        return CAN
    can = answer.attributes.get("can_receive")
    return WORDS if can is None else CAN if can is True else CANNOT
