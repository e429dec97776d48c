"""Who has which role where: what the evaluator asks of a register of organisations (S9)."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Protocol

from naer.agreement.language import Party
from naer.agreement.obligation import UNKNOWN, ResolvedParty
from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.kinds import senders


class Register(Protocol):
    """Organisations by role, citizen, place and date."""

    def roles(self, organisation: str) -> frozenset[str]:
        """The roles an organisation has; empty when the register does not know it."""

    def municipality(self, code: str) -> str:
        """The key of a municipality's organisation; the code itself when it is not known."""

    def resolve(self, role: str, of: str, citizen: str | None, at: Instant) -> str | None:
        """Who has a role for a citizen (of residence, stay or event) at a time."""


class NoRegister:
    """A register that knows nobody: for logs that come without one."""

    def roles(self, organisation: str) -> frozenset[str]:
        """Nothing is known."""
        del organisation
        return frozenset()

    def municipality(self, code: str) -> str:
        """The code itself."""
        return code

    def resolve(self, role: str, of: str, citizen: str | None, at: Instant) -> str | None:
        """Nobody is known."""
        del role, of, citizen, at
        return None


class Parties:
    """Who has which role in one pathway, as its events and the register say (S9)."""

    def __init__(self, pathway: Sequence[Event], register: Register) -> None:
        self.pathway, self.register = pathway, register
        self._named: dict[str, tuple[list[int], list[str]]] = {}
        self._found: dict[tuple[str, str, int], ResolvedParty] = {}

    def at(self, party: Party | None, trigger: Event) -> ResolvedParty:
        """The trigger's own, else the latest earlier in the pathway, else the register's, else unknown."""
        if party is None:
            return ResolvedParty(UNKNOWN, "")
        asked = (party.role, party.of, id(trigger))
        if asked not in self._found:
            self._found[asked] = self._at(party, trigger)
        return self._found[asked]

    def _at(self, party: Party, trigger: Event) -> ResolvedParty:
        if party.role == "citizen":
            return ResolvedParty(trigger.citizen or UNKNOWN, "citizen")
        key = (
            _of_event(party.role, trigger, self.register)
            or self._earlier(party.role, trigger)
            or self.register.resolve(party.role, party.of, trigger.citizen, trigger.at)
        )
        return ResolvedParty(key or UNKNOWN, party.role)

    def _earlier(self, role: str, trigger: Event) -> str | None:
        """Who had the role in the latest event before the trigger that tells."""
        if role not in self._named:
            named = [
                (place, key)
                for place, event in enumerate(self.pathway)
                if (key := _of_event(role, event, self.register))
            ]
            self._named[role] = [place for place, _ in named], [key for _, key in named]
        places, keys = self._named[role]
        before = bisect_left(places, bisect_left(self.pathway, trigger.order, key=_order))
        return keys[before - 1] if before else None


def _order(event: Event) -> tuple[int, int, int, int, str]:
    return event.order


def _of_event(role: str, event: Event, register: Register) -> str | None:
    """The event's organisation, when it has the role; for a municipality also the event's own."""
    organisation = event.organisation
    if organisation is not None and role in (register.roles(organisation) or senders(event.kind)):
        return organisation
    if role == "municipality" and event.municipality is not None:
        return register.municipality(event.municipality)
    return None
