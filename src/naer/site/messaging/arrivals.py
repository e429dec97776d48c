"""The letters of one round of the intake: whom they are about, and the threads they join."""

from collections.abc import Callable, Iterable, Sequence

from naer.events.instant import Instant
from naer.messages.content import Letter, Person
from naer.messages.envelope import Incoming
from naer.messages.medcom import thread
from naer.site import bulk
from naer.site.messaging import letters
from naer.site.messaging.letters import Kept
from naer.site.messaging.newcomers import Newcomers
from naer.site.pathways import numbers
from naer.site.pathways.state import State

Place = tuple[int | None, int | None]
"""Place of the first segment that a message brings, from 1, and how many its thread has."""


class Arrivals:
    """Letters that may be accepted, before the citizens are locked and after."""

    def __init__(self, batch: Iterable[Incoming]) -> None:
        self._persons = [one.letter.person for one in batch if one.letter is not None and not one.issues]
        found = {
            pair: numbers.indices(pair[1], pair[0]) for person in self._persons for pair in _pairs(person)
        }
        self._indices = {pair: every[0] for pair, every in found.items()}
        self._asked = numbers.asked_as(found.values())
        self._citizens: dict[str, tuple[str, bool]] = {}
        """Number index → (citizen, whether only messages made them known)."""
        self._threads: dict[str, list[Letter]] = {}
        self.newcomers = Newcomers()
        self.kept: list[Kept] = []

    @property
    def indices(self) -> set[str]:
        """The indices of all numbers that the letters name, by every key."""
        return set(self._asked)

    def know(self, rows: Iterable[bulk.Row]) -> None:
        """The citizens with these indices: rows of (index, key, provisional)."""
        self._citizens = {
            self._asked.get(index, str(index)): (key, bool(provisional)) for index, key, provisional in rows
        }

    def load(self, batch: Sequence[Incoming], states: dict[str, State]) -> None:
        """What is kept about the citizens: the threads that the letters join, and who is new."""
        self.newcomers.load(states.values())
        wanted = set()
        for incoming in batch:
            letter = incoming.letter
            citizen = self.citizen(letter.person) if letter is not None and not incoming.issues else None
            if letter is not None and citizen and (name := letters.thread_key(citizen, letter)):
                wanted.add(name)
        self._threads = letters.of_threads(wanted) if wanted else {}

    def citizen(self, person: Person) -> str | None:
        """The citizen with the person's number; else the one in the register with another of the numbers.

        A further number never leads to somebody whom only a message made known: which of two letters came
        first would then decide whom they are about.
        """
        first, *others = (self._indices[pair] for pair in _pairs(person))
        if first in self._citizens:
            return self._citizens[first][0]
        known = (self._citizens.get(index) for index in others)
        return next((found[0] for found in known if found is not None and not found[1]), None)

    def welcome(self, person: Person, new_id: Callable[[], str]) -> State:
        """Somebody whom nobody knew, from now on known."""
        state = self.newcomers.welcome(person, new_id)
        self._citizens[self._indices[person.system, person.number]] = (state.key, True)
        return state

    def keep(self, kept: Kept) -> Place:
        """Add a letter to what is stored; says where its thread has it."""
        self.kept.append(kept)
        if kept.thread is not None:
            self._threads.setdefault(kept.thread, []).append(letters.slim(kept.letter))
        return self.place(kept.citizen, kept.letter)

    def place(self, citizen: str, letter: Letter) -> Place:
        """Where the thread of a letter has what it brings."""
        name = letters.thread_key(citizen, letter)
        if name is None or name not in self._threads:
            return None, None
        entries = thread.ordered(self._threads[name])
        return thread.position(entries, letter.message_id, letter) or None, len(entries)

    def save(self, now: Instant, writes: bulk.Writes) -> None:
        """Put the letters into `writes`, after the messages they came in."""
        letters.write(self.kept, now, writes)


def _pairs(person: Person) -> list[tuple[str, str]]:
    """(system, number) of every number, the person's own first."""
    return [(person.system, person.number), *person.others]
