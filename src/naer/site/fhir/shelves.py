"""Shelves: rows of the database, lists held in memory, nothing, and several shelves as one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet

from naer.site.fhir.answers import Refused
from naer.site.fhir.parameters import met, number
from naer.site.fhir.types import Asked, Found, Page, Query, Wanted

BATCH, BATCHES = 200, 25
"""Rows looked at together where resources are checked one by one; and how often for one page."""


@dataclass(frozen=True, slots=True)
class Rows[R: Model]:
    """Resources made of rows, a page at a time and in the order of `key`.

    `rows` gives what the caller may see, filtered in the database. `made` makes the resources of some rows
    with a fixed number of queries; None for a row that is no resource.
    """

    rows: Callable[[Asked, Query], QuerySet[R]]
    made: Callable[[Sequence[R], Asked], Sequence[Found | None]]
    key: str = "pk"
    of_id: Callable[[str], object | None] = number
    """FHIR id → value of `key`; None for an id that no row has."""
    of_place: Callable[[str], object | None] = number
    """As `of_id`, for a `key` as it stands in a link."""

    def find(self, asked: Asked, query: Query, after: str, count: int) -> Page:
        """As `Shelf.find`. Where resources are checked one by one, a page may be short."""
        found: list[Found] = []
        chosen = self._chosen(asked, query)
        checked = _checked(query)
        size = count + 1
        for _ in range(BATCHES):
            batch = list(self._after(chosen, after)[:size])
            more = len(batch) == size
            taken = batch[: size - 1] if more else batch
            for row, one in zip(taken, self._made(taken, asked, checked), strict=True):
                if one is None:
                    continue
                if len(found) == count:
                    return Page(found, after)
                found.append(one)
                after = str(getattr(row, self.key))
            if not more:
                return Page(found, None)
            if not taken:
                break
            if len(found) == count:
                return Page(found, after)
            after = str(getattr(taken[-1], self.key))
            size = max(BATCH, count + 1)
        return Page(found, after)

    def read(self, asked: Asked, ids: Sequence[str]) -> list[Found]:
        """As `Shelf.read`."""
        keys = [key for one in ids if (key := self.of_id(one)) is not None]
        if not keys:
            return []
        rows = self.rows(asked, Query(ids=frozenset(ids))).filter(**{f"{self.key}__in": keys})
        return [one for one in self.made(list(rows.order_by(self.key)), asked) if one is not None]

    def count(self, asked: Asked, query: Query) -> int:
        """As `Shelf.count`."""
        chosen, checked = self._chosen(asked, query), _checked(query)
        if not checked and not self._gaps:
            return chosen.count()
        total, after = 0, ""
        while batch := list(self._after(chosen, after)[:BATCH]):
            total += sum(one is not None for one in self._made(batch, asked, checked))
            after = str(getattr(batch[-1], self.key))
        return total

    @property
    def _gaps(self) -> bool:
        return getattr(self.made, "gaps", False)

    def _chosen(self, asked: Asked, query: Query) -> QuerySet[R]:
        rows = self.rows(asked, query)
        if query.ids is not None:
            keys = [key for one in query.ids if (key := self.of_id(one)) is not None]
            rows = rows.filter(**{f"{self.key}__in": keys})
        for wanted in query.wanted:
            if wanted.parameter.rows is not None:
                rows = rows.filter(any_of(wanted, asked))
        return rows.order_by(self.key)

    def _after(self, rows: QuerySet[R], after: str) -> QuerySet[R]:
        if not after:
            return rows
        key = self.of_place(after)
        if key is None:
            raise Refused(400, "value", "_after: take it from a link of an answer")
        return rows.filter(**{f"{self.key}__gt": key})

    def _made(self, rows: Sequence[R], asked: Asked, checked: Sequence[Wanted]) -> list[Found | None]:
        return [
            one if one is not None and all(met(wanted, one.resource, asked) for wanted in checked) else None
            for one in self.made(rows, asked)
        ]


def gaps[F: Callable[..., Any]](made: F) -> F:
    """Marks a maker that leaves rows out: then only making them all tells how many there are."""
    made.gaps = True  # type: ignore[attr-defined]
    return made


def _checked(query: Query) -> list[Wanted]:
    """The conditions that only the resource itself can tell."""
    return [wanted for wanted in query.wanted if wanted.parameter.of is not None]


def any_of(wanted: Wanted, asked: Asked) -> Q:
    """Rows that meet any of the values; with `:not`, none of them."""
    assert wanted.parameter.rows is not None
    found = Q(pk__in=())
    for value in wanted.values:
        found |= wanted.parameter.rows(wanted, value, asked)
    return ~found if wanted.modifier == "not" else found


@dataclass(frozen=True, slots=True)
class Listing:
    """Resources that are few and held in memory, in the order of their ids."""

    items: Callable[[Asked], Sequence[Found]]

    def find(self, asked: Asked, query: Query, after: str, count: int) -> Page:
        """As `Shelf.find`."""
        left = [one for one in self._matching(asked, query) if one.resource["id"] > after]
        page = left[:count]
        return Page(page, page[-1].resource["id"] if len(left) > count and page else None)

    def read(self, asked: Asked, ids: Sequence[str]) -> list[Found]:
        """As `Shelf.read`."""
        return self._matching(asked, Query(ids=frozenset(ids)))

    def count(self, asked: Asked, query: Query) -> int:
        """As `Shelf.count`."""
        return len(self._matching(asked, query))

    def _matching(self, asked: Asked, query: Query) -> list[Found]:
        found = [
            one
            for one in self.items(asked)
            if (query.ids is None or one.resource["id"] in query.ids)
            and all(met(wanted, one.resource, asked) for wanted in query.wanted)
        ]
        return sorted(found, key=lambda one: str(one.resource["id"]))


NOTHING = Listing(lambda _: ())
"""A type that Naer has nothing of."""


@dataclass(frozen=True, slots=True)
class Several:
    """Shelves as one: an id begins with the name of its shelf and a hyphen."""

    shelves: Mapping[str, Rows[Any]]

    def find(self, asked: Asked, query: Query, after: str, count: int) -> Page:
        """As `Shelf.find`: one shelf after the other."""
        names = list(self.shelves)
        name, _, place = after.partition("-")
        if not after:
            name = names[0]
        if name not in names:
            raise Refused(400, "value", "_after: take it from a link of an answer")
        found: list[Found] = []
        for number_, current in enumerate(names[names.index(name) :], names.index(name)):
            page = self.shelves[current].find(asked, self._of(current, query), place, count - len(found))
            found += page.found
            if page.next is not None:
                return Page(found, f"{current}-{page.next}")
            place = ""
            if len(found) == count and number_ + 1 < len(names):
                return Page(found, f"{names[number_ + 1]}-")
        return Page(found, None)

    def read(self, asked: Asked, ids: Sequence[str]) -> list[Found]:
        """As `Shelf.read`."""
        found: list[Found] = []
        for name, shelf in self.shelves.items():
            found += shelf.read(asked, self._ids(name, ids))
        return found

    def count(self, asked: Asked, query: Query) -> int:
        """As `Shelf.count`."""
        return sum(shelf.count(asked, self._of(name, query)) for name, shelf in self.shelves.items())

    def _of(self, name: str, query: Query) -> Query:
        if query.ids is None:
            return query
        return Query(query.wanted, frozenset(self._ids(name, list(query.ids))))

    @staticmethod
    def _ids(name: str, ids: Sequence[str]) -> list[str]:
        return [one[len(name) + 1 :] for one in ids if one.startswith(f"{name}-")]
