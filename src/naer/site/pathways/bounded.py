"""Lists and counts that cost the same however much there is: beyond `MOST` nobody counts, or turns pages.

A list of a municipality with 100,000 running pathways is worked from its top; that there are 1,000 or 80,000
below says the same to whoever reads it, and costs a second to find out. What is more than `MOST` is shown as
"500+".
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

MOST = 500
"""A count is exact up to here, and `MOST + 1` stands for more."""


def counts(wanted: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each query has, in one statement; none is counted beyond `MOST + 1`."""
    parts: list[str] = []
    parameters: list[Any] = []
    found = dict.fromkeys(wanted, 0)
    asked: list[str] = []
    for name, query in wanted.items():
        try:
            sql, given = query.order_by().values("pk")[: MOST + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - SQL that Django wrote
        parameters += given
        asked.append(name)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(parts), parameters)
            found |= dict(zip(asked, cursor.fetchone(), strict=True))
    return found


def count(query: QuerySet[Any]) -> int:
    """How many rows a query has, at most `MOST + 1`."""
    return counts({"": query})[""]


class Chain[Row: Model]:
    """Several queries as one list, the rows of the first before those of the second: each has an index that
    gives its rows in order, where one query for all would have to sort them."""

    ordered = True

    def __init__(self, parts: Sequence[QuerySet[Row]], lengths: Sequence[int] | None = None) -> None:
        """`lengths`, where they are known: of each part how many rows it has, more than `MOST` for many."""
        self._parts = parts
        self._lengths = lengths

    def count(self) -> int:
        """At most `MOST + 1`."""
        if self._lengths is None:
            found = counts({str(place): part for place, part in enumerate(self._parts)})
            self._lengths = list(found.values())
        return min(sum(self._lengths), MOST + 1)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[Row]:
        """The rows from `wanted.start` up to `wanted.stop`, both given and not negative."""
        self.count()
        rows: list[Row] = []
        begin, end = wanted.start, wanted.stop
        for part, length in zip(self._parts, self._lengths or (), strict=True):
            if begin < length and end > 0:
                rows += part[max(begin, 0) : end]
                if length > MOST:
                    break
            begin, end = begin - length, end - length
        return rows[: wanted.stop - wanted.start]


class Merged[Row: Model](Chain[Row]):
    """Several queries that are ordered alike, by `order` and the primary key, as one list in that order."""

    def __init__(self, parts: Sequence[QuerySet[Row]], order: str) -> None:
        super().__init__(parts)
        self._order = order

    def __getitem__(self, wanted: slice) -> list[Row]:
        """The rows from `wanted.start` up to `wanted.stop`, both given and not negative."""
        firsts = (part.values_list(self._order, "pk")[: wanted.stop] for part in self._parts)
        keys = [key for _, key in sorted(row for part in firsts for row in part)[wanted]]
        rows = self._parts[0].model._default_manager.in_bulk(keys)
        return [rows[key] for key in keys]


class Pages(_Paginator):
    """Pages of a list as far as it is counted."""

    def __init__(self, listed: Chain[Any] | QuerySet[Any], per_page: int) -> None:
        super().__init__(listed, per_page)  # type: ignore[arg-type]

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most `MOST`."""
        return min(self.counted, MOST)

    @cached_property
    def counted(self) -> int:
        """The same, `MOST + 1` when there are more."""
        listed = self.object_list
        return listed.count() if isinstance(listed, Chain) else count(listed)  # type: ignore[arg-type]
