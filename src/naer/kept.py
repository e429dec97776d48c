"""What is slow to make, kept for the next process of the same user: small files under the user's caches.

A name says all that the content depends on, so a file is never wrong, only missing or spoiled.
"""

import os
from pathlib import Path


def folder(name: str) -> Path | None:
    """Where things of a kind are kept; None for a user without a home."""
    given = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    return given / "naer" / name if given.is_absolute() else None


def keep(place: Path, data: bytes) -> None:
    """Written whole or not at all: other processes read it at any moment.

    Raises:
        OSError: where nothing can be written.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    writing = place.with_name(f"{place.name}.{os.getpid()}")
    writing.write_bytes(data)
    writing.replace(place)
