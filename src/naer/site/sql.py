"""Conditions written in SQL: text with `%s`, and what stands there. The same on SQLite and PostgreSQL.

For what a page asks a dozen times: Django would resolve and compile each condition anew, which takes longer
than the database takes to answer.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, F
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler


class Sql(NamedTuple):
    """Whether a row is meant; what a comparison with NULL leaves unknown is not."""

    text: str
    parameters: tuple[Any, ...] = ()


NEVER = Sql("1 = 0")


def sql(text: str, *parameters: Any) -> Sql:
    """`text` with its parameters, in order: one that is a condition itself takes the place of a `{}`."""
    flat: list[Any] = []
    for one in parameters:
        flat += one.parameters if isinstance(one, Sql) else (one,)
    inner = (f"({one.text})" for one in parameters if isinstance(one, Sql))
    return Sql(text.format(*inner), tuple(flat))


def either(parts: Sequence[Sql]) -> Sql:
    """Any of them; of none, never."""
    return sql(" OR ".join(["{}"] * len(parts)), *parts) if parts else NEVER


def is_one_of(column: str, values: Collection[Any]) -> Sql:
    """Whether a column has one of some values."""
    return Sql(f"{column} IN ({', '.join(['%s'] * len(values))})", tuple(values)) if values else NEVER


class Where(RawSQL):
    """Such a condition in a query of Django's, about columns of the rows it asks for.

    It is raw SQL to Django too: of any other expression it would ask SQLite whether it equals 1, and no index
    is found for that.
    """

    def __init__(self, write: Callable[..., Sql], *fields: str) -> None:
        """`write` makes the condition of what the columns `fields` are called in the query."""
        super().__init__("", (), BooleanField())
        self._write = write
        self._fields: list[Any] = [F(name) for name in fields]

    def get_source_expressions(self) -> list[Any]:
        return self._fields

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self._fields = list(exprs)

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        found = self._write(*(compiler.compile(one)[0] for one in self._fields))
        if found == NEVER:
            raise EmptyResultSet
        return f"({found.text})", found.parameters
