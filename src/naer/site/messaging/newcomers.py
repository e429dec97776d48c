"""Citizens whom a message made known: nobody has put them into the register yet.

What is known of them is what the first-sent letter about them says, in whatever order letters come.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from naer.events.instant import Instant
from naer.messages.content import Letter, Person
from naer.site import bulk
from naer.site.pathways import numbers
from naer.site.pathways.state import State

CITIZEN = {
    "key": "text",
    "number_index": "text",
    "number_cipher": "bytea",
    "number_system": "text",
    "name": "text",
    "born": "date",
    "municipality": "text",
    "status": "text",
    "status_since": "bigint",
    "wake": "bigint",
    "provisional": "boolean",
}
_TOLD = {"key": "text", "name": "text", "born": "date", "municipality": "text"}
_TOLD_SQL = """
UPDATE pathways_citizen SET name = given.name, born = given.born, municipality = given.municipality
FROM {given} WHERE pathways_citizen."key" = given."key" AND pathways_citizen.provisional"""
_LETTERS_SQL = """
SELECT citizen_id, sent, message_id, content_hash FROM messaging_storedletter
WHERE citizen_id {in} AND outgoing_id IS NULL ORDER BY sent, message_id, content_hash"""
_NAME = 200

Order = tuple[Instant, str, str]


@dataclass(slots=True)
class Told:
    """What a letter tells of somebody who is not in the register."""

    name: str
    born: dt.date | None
    municipality: str


class Newcomers:
    """Those whom one batch made known, and those before them of whom it knows better."""

    def __init__(self) -> None:
        self._made: dict[str, Person] = {}
        self._told: dict[str, Told] = {}
        self._first: dict[str, Order] = {}
        """The first-sent letter about each."""

    def load(self, states: Iterable[State]) -> None:
        """Know the letters about those who were made known before."""
        keys = sorted(state.key for state in states if state.provisional)
        if keys:
            for key, *order in bulk.read([(_LETTERS_SQL, [keys])])[0]:
                self._first.setdefault(key, tuple(order))

    def welcome(self, person: Person, new_id: Callable[[], str]) -> State:
        """Somebody new: nothing is known but the number."""
        state = State(new_id(), "", None, "none", None, None, provisional=True)
        self._made[state.key] = person
        return state

    def hear(self, state: State, letter: Letter, content_hash: str, municipality: str) -> None:
        """What a letter tells, when it was sent before every other one about the same person."""
        order = (letter.sent, letter.message_id, content_hash)
        if self._first.setdefault(state.key, order) < order:
            return
        self._first[state.key] = order
        person = letter.person
        name = " ".join(part for part in (*person.given, person.family) if part)[:_NAME]
        self._told[state.key] = Told(name, _day(person.born), municipality)
        state.municipality = municipality

    def save(self, states: dict[str, State], writes: bulk.Writes) -> None:
        """Put them into `writes`: before all that names them."""
        if not self._made and not self._told:
            return
        rows = []
        for key, person in self._made.items():
            state, told = states[key], self._told.pop(key, Told("", None, ""))
            rows.append(
                (
                    key,
                    numbers.index(person.number, person.system),
                    numbers.seal(person.number),
                    numbers.told_apart_by(person.system),
                    told.name,
                    told.born,
                    told.municipality,
                    state.status,
                    state.status_since,
                    state.wake,
                    True,
                )
            )
            state.moved = False
        writes.insert("pathways_citizen", CITIZEN, rows)
        if rows:
            writes.then()
        if self._told:
            writes.each(
                _TOLD_SQL,
                _TOLD,
                ((key, told.name, told.born, told.municipality) for key, told in self._told.items()),
            )
            writes.then()  # how they fare now is another change of the same rows


def _day(text: str) -> dt.date | None:
    """A date of birth as written; a month or a year is none."""
    try:
        return dt.date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        return None
