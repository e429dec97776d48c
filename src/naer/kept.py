"""What is slow to make, kept for the next process of the same user: small files under the user's caches.

A name says all that the content depends on, so a file is never wrong, only missing or spoiled. One that was
kept long before the newest beside it is taken for out of use; if it is not, it is made once more.
"""

import os
from contextlib import suppress
from pathlib import Path

_LONG_S = 30 * 86_400


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
    newest = place.stat().st_mtime
    for other in place.parent.iterdir():
        with suppress(FileNotFoundError):  # another process cleans up too
            if newest - other.stat().st_mtime > _LONG_S:
                other.unlink()
