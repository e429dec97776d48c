"""A list worked through by the clock: what fails is counted and told, and holds up none of the rest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from django.db import connection

_log = structlog.get_logger("naer.turn")


@dataclass(frozen=True, slots=True)
class Worked:
    """How many were done, and how many failed."""

    done: int = 0
    failed: int = 0

    def __add__(self, other: "Worked") -> "Worked":
        return Worked(self.done + other.done, self.failed + other.failed)


def one_by_one[T](act: Callable[[T], bool], things: Iterable[T], what: str) -> Worked:
    """Do each, in a transaction that `act` begins; it says whether there was anything to do.

    `what` names the work in the log, which is told no more of a thing than the type of its error.

    Raises:
        Exception: of `act`, when it leaves no database to go on with.
    """
    done = failed = 0
    errors: set[str] = set()
    for thing in things:
        try:
            done += act(thing)
        except Exception as error:
            if not connection.is_usable():
                raise
            failed += 1
            errors.add(type(error).__name__)
    if failed:
        _log.error("some failed and are tried again", what=what, failed=failed, errors=sorted(errors))
    return Worked(done, failed)
