"""Lists and counts that cost the same however much there is.

A list of a municipality with 100,000 running pathways is worked from its top; that there are 1,000 or 80,000
below says the same to whoever reads it, and costs a second to find out. What is more than `MOST` is shown as
"100+", and nobody turns pages beyond `REACH` rows.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import cached_property

from naer.site import bulk
from naer.site.sql import NEVER, Sql

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

MOST = 100
"""A count is exact up to here, and `MOST + 1` stands for more."""
REACH = 500
"""Rows of a list that one can turn pages to."""
DEEP = 10_000
"""The same, of a list that is gone through to its end: plans, messages, an access log."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows found and ordered by SQL written by hand: `found` is what follows SELECT …, `FROM table WHERE
    condition`. A slice of it is asked for at once."""

    found: Sql
    columns: str
    order: str

    def query(self, begin: int, end: int) -> bulk.Query:
        """The rows from `begin` up to `end`. Numbers stand in the text: a plan is made for so many."""
        text = f"SELECT {self.columns} {self.found.text} ORDER BY {self.order} LIMIT {end - begin}"
        return (f"{text} OFFSET {begin}" if begin else text), self.found.parameters

    def __getitem__(self, wanted: slice) -> list[bulk.Row]:
        """The rows from `wanted.start` up to `wanted.stop`."""
        return bulk.read([self.query(wanted.start or 0, wanted.stop)])[0]


def counts(wanted: Mapping[str, QuerySet[Any] | Listed | Sql], most: int | None = None) -> dict[str, int]:
    """How many rows each query has, asked at once; none is counted beyond `most + 1` (default: `MOST`).

    A query written by hand is what follows SELECT …: `FROM table WHERE condition`; with an ORDER BY it is
    counted from that end, which is quicker where the others are rarely meant.
    """
    end = (MOST if most is None else most) + 1
    found = dict.fromkeys(wanted, 0)
    asked = {name: sql for name, query in wanted.items() if (sql := _limited(query, end)) != NEVER}
    each = {name: f"(SELECT count(*) FROM ({sql.text}) AS counted)" for name, sql in asked.items()}  # noqa: S608
    if connection.vendor == "sqlite":  # a library: it would plan one long statement anew at every use
        with connection.cursor() as cursor:
            for name, text in each.items():
                cursor.execute(f"SELECT {text}", asked[name].parameters)
                (found[name],) = cursor.fetchone()
    elif asked:  # prepared: to plan it takes longer than to answer it
        parameters = [given for sql in asked.values() for given in sql.parameters]
        ((counted,),) = bulk.read([(f"SELECT {', '.join(each.values())}", parameters)])
        found |= dict(zip(asked, counted, strict=True))
    return found


def _limited(query: QuerySet[Any] | Listed | Sql, end: int) -> Sql:
    if isinstance(query, Listed):
        query = query.found
    if isinstance(query, Sql):
        return Sql(f"SELECT 1 {query.text} LIMIT {end}", query.parameters) if query != NEVER else NEVER
    try:
        text, given = query.order_by().values("pk")[:end].query.sql_with_params()
    except EmptyResultSet:
        return NEVER
    return Sql(text, tuple(given))


class Chain[Row]:
    """Several queries as one list, the rows of the first before those of the second: each has an index that
    gives its rows in order, where one query for all would have to sort them."""

    ordered = True

    def __init__(self, parts: Sequence[QuerySet[Any] | Listed], lengths: Sequence[int] | None = None) -> None:
        """`lengths`, where they are known: of each part how many rows it has, `MOST + 1` for more."""
        self._parts = parts
        self._lengths = lengths
        self._exact = MOST

    def count(self, most: int | None = None) -> int:
        """At most `most + 1` (default: `MOST`)."""
        wanted = MOST if most is None else most
        if self._lengths is None or (wanted > self._exact and max(self._lengths) > self._exact):
            found = counts({str(place): part for place, part in enumerate(self._parts)}, wanted)
            self._lengths, self._exact = list(found.values()), wanted
        return min(sum(self._lengths), wanted + 1)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[Row]:
        """The rows from `wanted.start` up to `wanted.stop`, both given and not negative."""
        self.count(max(MOST, wanted.stop))
        rows: list[Any] = []
        begin, end = wanted.start, wanted.stop
        for part, length in zip(self._parts, self._lengths or (), strict=True):
            if begin < length and end > 0:
                rows += part[max(begin, 0) : end]
            begin, end = begin - length, end - length
        return rows[: wanted.stop - wanted.start]


def merged(lists: Iterable[Sequence[bulk.Row]]) -> list[Any]:
    """The keys of lists of (what rows are ordered by, key), each in that order, as one.

    Which of two keys comes first is for the database to say, whose collation may not be Python's: rows of
    two lists that are equal otherwise stand in the order of the lists.
    """
    return [key for _, key in heapq.merge(*lists, key=itemgetter(0))]


class Merged(Chain[str]):
    """Lists of what rows are ordered by, and their primary key: the keys of all of them in that order."""

    def __init__(self, parts: Sequence[Listed], lengths: Sequence[int]) -> None:
        super().__init__(parts, lengths)
        self._merged = [part for part, length in zip(parts, lengths, strict=True) if length]

    def __getitem__(self, wanted: slice) -> list[str]:
        """The keys from `wanted.start` up to `wanted.stop`, both given and not negative."""
        firsts = bulk.read([part.query(0, wanted.stop) for part in self._merged]) if self._merged else []
        return merged(firsts)[wanted]


class Pages(_Paginator):
    """Pages of a list, counted only a little further than the page that is asked for."""

    def __init__(
        self, listed: Chain[Any] | QuerySet[Any], per_page: int, number: str, reach: int | None = None
    ) -> None:
        """`number` of the page that is wanted, as it stands in the address; `reach` instead of `REACH`."""
        super().__init__(listed, per_page)  # type: ignore[arg-type]
        understood = number.isascii() and number.isdecimal() and len(number) < 7
        self._number = max(1, int(number)) if understood else 1
        self._reach = REACH if reach is None else reach
        self._far = min(self._reach, max(MOST, self._number * per_page))

    def asked(self) -> Page[Any]:
        """The page that is wanted; the last when there are not so many."""
        return self.get_page(self._number)

    @cached_property
    def counted(self) -> int:
        """How many rows there are, as far as they were counted: more than `MOST` may be any number."""
        listed = self.object_list
        if isinstance(listed, Chain):
            return listed.count(self._far)
        return counts({"": listed}, self._far)[""]  # type: ignore[dict-item]

    @cached_property
    def count(self) -> int:
        """How many rows pages are turned to."""
        return min(self.counted, self._reach)

    @property
    def pages(self) -> str:
        """How many pages there are; "4+" when nobody counted to the last."""
        return f"{self._far // self.per_page}+" if self.counted > self._far else str(self.num_pages)
