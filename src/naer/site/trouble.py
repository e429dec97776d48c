"""Work that is done again and again: when it fails it is told of once, until it works or fails otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import close_old_connections


class Trouble:
    """What is wrong with one such work; `told` is what the log says of it."""

    def __init__(self, logger: str, told: str) -> None:
        self._log = structlog.get_logger(logger)
        self._told = told
        self.now = ""
        """What it was the last time: types of errors; empty when it worked."""

    def met(self, error: Exception, found: str, **more: str) -> None:
        """It failed: `found` in words, told with `more` when it was not so the last time."""
        if found != self.now:
            self._log.error(self._told, error=found, exc_info=error, **more)
        self.now = found

    def over(self) -> None:
        """It worked."""
        self.now = ""

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Do the work once: an error is told when it is news, and ends there."""
        try:
            yield
        except Exception as error:
            self.met(error, ", ".join(_types(error)))
            close_old_connections()
        else:
            self.over()


def _types(error: BaseException) -> Iterator[str]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _types(one)
    else:
        yield type(error).__name__
