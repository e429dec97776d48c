"""A list worked through by the clock: what fails is counted and told, and holds up none of the rest."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from naer.site.trouble import Trouble

_TOGETHER = 500
"""Keys in one question."""
_TROUBLES: dict[str, Trouble] = {}
"""Of each work of this process."""


@dataclass(frozen=True, slots=True)
class Worked:
    """How many were done, and how many failed."""

    done: int = 0
    failed: int = 0

    def __add__(self, other: "Worked") -> "Worked":
        return Worked(self.done + other.done, self.failed + other.failed)


def keys[M: Model](rows: QuerySet[M]) -> Iterator[Any]:
    """The keys of all rows, in order: also those behind many that are there each time since they fail."""
    rest = rows
    while some := list(rest.order_by("pk").values_list("pk", flat=True)[:_TOGETHER]):
        yield from some
        rest = rows.filter(pk__gt=some[-1])


def one_by_one[T](act: Callable[[T], bool], things: Iterable[T], what: str) -> Worked:
    """Do each, in a transaction that `act` begins; it says whether there was anything to do.

    `what` names the work in the log, which is told of errors when they are news.

    Raises:
        Exception: of `act`, when it leaves no database to go on with.
    """
    trouble = _TROUBLES.setdefault(what, Trouble("naer.turn", "some failed and are tried again"))
    done = failed = 0
    errors: dict[str, Exception] = {}
    for thing in things:
        try:
            done += act(thing)
        except Exception as error:
            if not connection.is_usable():
                raise
            failed += 1
            errors.setdefault(type(error).__name__, error)
    if errors:
        found = f"{failed} of {', '.join(sorted(errors))}"
        trouble.met(ExceptionGroup(what, list(errors.values())), found, what=what)
    else:
        trouble.over()
    return Worked(done, failed)
