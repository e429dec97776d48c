"""What the site writes to its log: one JSON object a line on stderr, without person numbers."""

import json
import logging
import re
from collections.abc import MutableMapping
from typing import Any

_NUMBER = re.compile(r"(?<!\d)\d{6}[-\s+]?(?:\d{4,5}(?!\d)|[A-Z0-9]{4}\b)")


def masked(text: str) -> str:
    """`text` with everything that has the shape of a person number blacked out."""
    return _NUMBER.sub("[number]", text)


def hide_numbers(_: object, __: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: what a partner's message said of itself may be anything."""
    for name, value in said.items():
        if isinstance(value, str):
            said[name] = masked(value)
    return said


class Formatter(logging.Formatter):
    """A record as JSON, masked: a mistyped address or a traceback may hold a number."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for `record`."""
        line = {"level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return masked(json.dumps(line, ensure_ascii=False))
