"""Who has which role where: what the evaluator asks of a register of organisations (S9)."""

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


def resolve(
    party: Party | None, trigger: Event, earlier: Sequence[Event], register: Register
) -> ResolvedParty:
    """The party at the trigger: its own, else the latest earlier in the pathway, else the register's (S9).

    `earlier` holds the pathway's events before the trigger, oldest first.
    """
    if party is None:
        return ResolvedParty(UNKNOWN, "")
    if party.role == "citizen":
        return ResolvedParty(trigger.citizen or UNKNOWN, "citizen")
    key = _of_event(party.role, trigger, register)
    if key is None:
        for event in reversed(earlier):
            key = _of_event(party.role, event, register)
            if key is not None:
                break
    if key is None:
        key = register.resolve(party.role, party.of, trigger.citizen, trigger.at)
    return ResolvedParty(key or UNKNOWN, party.role)


def _of_event(role: str, event: Event, register: Register) -> str | None:
    """The event's organisation, when it has the role; for a municipality also the event's own."""
    organisation = event.organisation
    if organisation is not None and role in (register.roles(organisation) or senders(event.kind)):
        return organisation
    if role == "municipality" and event.municipality is not None:
        return register.municipality(event.municipality)
    return None
