"""Whose voice a message has: the organisation that the ids of a party name, one and the same for everybody
who asks. The intake takes the first id that it knows; who must be sure asks for all of them.
"""

from collections.abc import Iterator

from naer.messages.content import Party
from naer.site import bulk
from naer.site.pathways.register import addresses, her_id

_HER = her_id("")
_SQL = 'SELECT "key" FROM accounts_organisation WHERE sor {in} OR gln {in} OR "key" {in}'


def ids(party: Party | None) -> list[str]:
    """The ids of a party as `Register.named` takes them, the one that is believed first before the others.

    In Norway that is the service, since messages are routed by it. A HER id counts in its own place only.
    """
    return list(_ids(party)) if party is not None else []


def _ids(party: Party) -> Iterator[str]:
    yield from (her_id(number) for number in (party.service, party.her) if number)
    yield from (number for number in (party.sor, party.gln) if number and not number.startswith(_HER))


def organisations(party: Party | None) -> frozenset[str]:
    """Keys of all organisations in the register that an id of the party names; it speaks for one, or none."""
    numbers = [one for one in ids(party) if not one.startswith(_HER)]
    found = {key for _, key in addresses((party.her, party.service) if party is not None else ())}
    if numbers:
        found |= {key for (key,) in bulk.read([(_SQL, [numbers] * 3)])[0]}
    return frozenset(found)
