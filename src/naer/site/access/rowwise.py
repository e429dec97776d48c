"""Access asked row by row: "is the citizen of this row one that the user may see", compiled once.

A page asks it in a dozen queries. Django would resolve and compile the whole condition for each of them,
which takes longer than the database takes to answer; here its text is made once for a user and an instant.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, Expression, F, QuerySet
from django.db.models.sql.compiler import SQLCompiler

_TABLE, _KEY = '"pathways_citizen"', '"pathways_citizen"."key"'


class About(Expression):
    """True for rows whose citizen (the key in `field`) is among some."""

    conditional = True

    def __init__(self, sql: str | None, parameters: Sequence[Any], field: str = "citizen_id") -> None:
        """`sql` is a condition on `pathways_citizen` as `condition_of` gives it; None is nobody."""
        super().__init__(output_field=BooleanField())
        self._sql, self._parameters = sql, tuple(parameters)
        self._citizen: Any = F(field)

    def get_source_expressions(self) -> list[Any]:
        return [self._citizen]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        (self._citizen,) = exprs

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        if self._sql is None:
            raise EmptyResultSet
        citizen, given = compiler.compile(self._citizen)
        if citizen == _KEY:  # the rows are citizens, and the condition speaks of them already
            return f"({self._sql})", self._parameters
        if _TABLE in citizen:
            raise ValueError("the key of a citizen, and no other column of theirs, can be asked about")
        sql = f"EXISTS (SELECT 1 FROM {_TABLE} WHERE {_KEY} = {citizen} AND ({self._sql}))"  # noqa: S608
        return sql, (*given, *self._parameters)

    def select_format(self, compiler: SQLCompiler, sql: str, params: Any) -> tuple[str, Any]:  # noqa: ARG002
        return sql, params


def condition_of(citizens: QuerySet[Any]) -> tuple[str | None, tuple[Any, ...]]:
    """The WHERE of a query for citizens as SQL with its parameters; None when it finds nobody.

    Raises:
        ValueError: when the query asks more tables than that of citizens, outside of subqueries.
    """
    query = citizens.order_by().query.clone()
    compiler = query.get_compiler(connection=connections[citizens.db])
    compiler.pre_sql_setup()
    if [name for name, count in query.alias_refcount.items() if count] not in ([], ["pathways_citizen"]):
        raise ValueError("a condition on citizens that joins other tables cannot be asked row by row")
    try:
        sql, parameters = compiler.compile(query.where)
    except EmptyResultSet:
        return None, ()
    return sql or "1 = 1", tuple(parameters)
