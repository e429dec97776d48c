"""What the resource types of the FHIR interface are made of: types, shelves, parameters, queries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from django.db.models import Q

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element
from naer.site.fhir.caller import Caller

IDENTIFIER = "identifier"
"""Modifier of a reference: the target's identifier instead of its id."""
ParameterType = Literal["token", "reference", "string", "date", "uri"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: who asks, when it is answered, and the address that the interface lies under."""

    caller: Caller
    now: Instant
    base: str
    """Absolute, without a slash at the end: https://naer.example.dk/fhir"""


@dataclass(frozen=True, slots=True)
class Found:
    """One resource, and the citizen it is about (key), empty when it is about nobody."""

    resource: Element
    citizen: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter: its type, what it means, and how a resource is found by it.

    `rows` gives the condition on the database's rows for one value; `of` gives what a resource holds, by
    type: (system, code) of a token, "Type/id" of a reference, text of a string or uri, span of a date.
    One with `of` is checked on the resource too; with both, `rows` may find more than is meant.
    `private`: it names a person, so that it is posted and never stands in an address.
    """

    name: str
    type: ParameterType
    doc: str
    rows: "Callable[[Wanted, str, Asked], Q] | None" = None
    of: Callable[[Element], Iterable[object]] | None = None
    modifiers: frozenset[str] = frozenset()
    targets: tuple[str, ...] = ()
    """Of a reference: the types it can name."""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """One condition of a query: a parameter, its modifier, and values of which any will do."""

    parameter: Parameter
    modifier: str
    values: tuple[str, ...]

    @property
    def private(self) -> bool:
        """Whether it names a person."""
        return self.parameter.private or self.modifier == IDENTIFIER


@dataclass(frozen=True, slots=True)
class Query:
    """A search: every condition must be met. `ids` None is any."""

    wanted: tuple[Wanted, ...] = ()
    ids: frozenset[str] | None = None

    def asks(self, *names: str) -> bool:
        """Whether one of some parameters is in it."""
        return any(one.parameter.name in names for one in self.wanted)


@dataclass(frozen=True, slots=True)
class Page:
    """Resources in a fixed order, and where the next page goes on; `next` is None at the end."""

    found: Sequence[Found]
    next: str | None


class Shelf(Protocol):
    """Where resources of a type are kept. Only what the caller may see is ever found."""

    def find(self, asked: Asked, query: Query, after: str, count: int) -> Page:
        """At most `count` resources that meet the query, after the place `after` ("" is the start).

        Raises:
            Refused: 400 when `after` is no place, or a value cannot be understood.
        """

    def read(self, asked: Asked, ids: Sequence[str]) -> list[Found]:
        """The resources with some ids; what is not there, or may not be seen, is left out."""

    def count(self, asked: Asked, query: Query) -> int:
        """How many meet the query.

        Raises:
            Refused: as `find`.
        """


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type: what it stands for in Naer, its shelf, its search parameters, its references to include.

    `includes`: search parameter → (element that holds the reference, types it can name).
    """

    name: str
    doc: str
    shelf: Shelf
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    includes: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


TYPES: dict[str, ResourceType] = {}
"""Every type that can be read and searched, by name."""


def register(kind: ResourceType) -> None:
    """Make a type known."""
    TYPES[kind.name] = kind


def by_name(*parameters: Parameter) -> dict[str, Parameter]:
    """Parameters by name."""
    return {one.name: one for one in parameters}
