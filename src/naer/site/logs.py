"""What the site writes to its log: one JSON object a line on stderr, without person numbers.

Of an error it says the type and where it came from, never the text: that may quote whom it is about.
"""

import errno
import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

_NUMBER = re.compile(r"(?<!\d)\d{6}[-\s+]?(?:\d{4,5}(?!\d)|[A-Z0-9]{4}\b)")


def masked(text: str) -> str:
    """`text` with everything that has the shape of a person number blacked out."""
    return _NUMBER.sub("[number]", text)


def origin(error: BaseException) -> str:
    """Where an error came from, as a traceback says it, after what led to it and what it is a group of."""
    return "".join(_origins(error, set()))


def _origins(error: BaseException, told: set[int]) -> Iterator[str]:
    if id(error) in told:
        return
    told.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for one in (*((before,) if before else ()), *_members(error)):
        yield from _origins(one, told)
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_named(error)}\n"


def _members(error: BaseException) -> tuple[BaseException, ...]:
    return error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def _named(error: BaseException) -> str:
    """The type, and the code that the system or a database gives beside its words."""
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    if isinstance(error, OSError):
        code = errno.errorcode.get(error.errno or 0)
    return f"{type(error).__qualname__} {code}" if code else type(error).__qualname__


def hide_text(_: object, __: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: of an error, its origin."""
    error = said.pop("exc_info", None)
    if error is True:
        error = sys.exception()
    if isinstance(error, BaseException):
        said["traceback"] = origin(error)
    return said


def hide_numbers(_: object, __: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: what a partner's message said of itself may be anything."""
    for name, value in said.items():
        if isinstance(value, str):
            said[name] = masked(value)
    return said


class Formatter(logging.Formatter):
    """A record as JSON, masked: a mistyped address may hold a number."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for `record`."""
        event, error = record.getMessage(), record.exc_info[1] if record.exc_info else None
        if error is not None and event == str(error):  # as Django says what it finds suspicious
            event = _named(error)
        line = {"level": record.levelname.lower(), "logger": record.name, "event": event}
        if error is not None and not record.name.startswith("django.security"):  # there: always Django itself
            line["traceback"] = origin(error)
        return masked(json.dumps(line, ensure_ascii=False))
