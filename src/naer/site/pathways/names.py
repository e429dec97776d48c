"""Names of organisations, fetched once for a list."""

from collections.abc import Iterable
from dataclasses import dataclass

from naer.site.accounts.models import Organisation
from naer.site.ui import words


@dataclass(frozen=True, slots=True)
class Party:
    """Who owes or is owed: a role for the shape, a name for the word."""

    key: str
    role: str
    name: str


def named(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Party]:
    """(organisation key, role) → Party; one that is not in the register is named by its role."""
    wanted = set(keys)
    known = Organisation.objects.in_bulk({key for key, _ in wanted})
    found = {}
    for key, role in wanted:
        organisation = known.get(key)
        shape = role or (organisation.role if organisation else "")
        name = organisation.name if organisation else words.role(role or key or "unknown")
        found[key, role] = Party(key, shape, name)
    return found
