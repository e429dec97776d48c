"""Reading message files: also what a second process does for `naer receive`, so it imports little."""

from collections.abc import Sequence
from pathlib import Path

from naer.messages import read
from naer.messages.envelope import Incoming
from naer.site.messaging.answer import Raw

_TYPES = {".json": "application/fhir+json", ".xml": "application/fhir+xml"}


def read_files(files: Sequence[Path]) -> list[tuple[Path, tuple[Raw, Incoming] | OSError]]:
    """Each file with its message as it came and as it was read, or why it could not be opened."""
    found: list[tuple[Path, tuple[Raw, Incoming] | OSError]] = []
    for file in files:
        try:
            raw = Raw(file.read_bytes(), _TYPES.get(file.suffix.lower()), "command")
        except OSError as error:
            found.append((file, error))
        else:
            found.append((file, (raw, read(raw.data, raw.content_type))))
    return found
