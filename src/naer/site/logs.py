"""What the site writes to its log: one JSON object a line on stderr, without person numbers."""

import json
import logging
import re

_NUMBER = re.compile(r"(?<!\d)\d{6}[-\s+]?(?:\d{4,5}(?!\d)|[A-Z0-9]{4}\b)")


def masked(text: str) -> str:
    """`text` with everything that has the shape of a person number blacked out."""
    return _NUMBER.sub("[number]", text)


class Formatter(logging.Formatter):
    """A record as JSON, masked: a mistyped address or a traceback may hold a number."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for `record`."""
        line = {"level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return masked(json.dumps(line, ensure_ascii=False))
