"""The resource types of the FHIR interface, each once: where its resources come from, how they are found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from naer.events.instant import Instant
from naer.messages.fhir.elements import Element
from naer.site.fhir.caller import Caller


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
class Page:
    """Resources in a fixed order, and where the next page goes on; `next` is None at the end."""

    found: Sequence[Found]
    next: str | None


class Shelf(Protocol):
    """Where resources of a type are kept. Only what the caller may see is ever found."""

    def find(self, asked: Asked, query: "Query", after: str, count: int) -> Page:
        """At most `count` resources that meet the query, after the place `after` ("" is the start)."""

    def read(self, asked: Asked, ids: Sequence[str]) -> list[Found]:
        """The resources with some ids; what is not there, or may not be seen, is left out."""

    def count(self, asked: Asked, query: "Query") -> int:
        """How many meet the query."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter: its type (token, reference, string, date, uri, number), and what it means."""

    name: str
    type: str
    doc: str
    modifiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One condition of a query: a parameter, its modifier, and values of which any will do."""

    parameter: Parameter
    modifier: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A search, read from an address: every condition must be met."""

    wanted: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type: what it stands for in Naer, its shelf, its search parameters, its references to include.

    `includes` are search parameters of type reference whose targets `_include` can add → the types of
    target. `about_citizens` decides whether finding it is traced.
    """

    name: str
    doc: str
    shelf: Shelf
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    includes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


TYPES: dict[str, ResourceType] = {}
"""Every type that can be read and searched, by name. Modules of the app put theirs here (`register`)."""


def register(kind: ResourceType) -> None:
    """Make a type known."""
    TYPES[kind.name] = kind
