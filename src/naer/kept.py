"""What is slow to make, kept for the next process of the same user: small files under the user's caches.

A name says all that the content depends on, so a file is never wrong, only missing or spoiled. One that was
kept long before the newest beside it is taken for out of use; if it is not, it is made once more.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LONG_S = 30 * 86_400


def folder(name: str) -> Path | None:
    """Where things of a kind are kept; None for a user without a home."""
    given = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    return given / "naer" / name if given.is_absolute() else None


def hindrances() -> Iterator[str]:
    """Why some or all of it is not kept, or not taken, for this user: text for people."""
    base = folder("")
    if base is None:
        yield "there is no home folder, and XDG_CACHE_HOME names none"
        return
    there = sorted(base.glob("*/"))
    for place in there or [base / "agreements"]:
        try:
            require_own_folder(place)
        except OSError as error:
            yield f"{place}: {error.strerror}"
        else:
            if not os.access(place, os.W_OK):
                yield f"{place}: nothing can be written here"


def keep(place: Path, data: bytes) -> None:
    """As `write`; what is out of use beside it goes.

    Raises:
        OSError: as `write`.
    """
    write(place, data)
    newest = place.stat().st_mtime
    for other in place.parent.iterdir():
        with suppress(FileNotFoundError):  # another process cleans up too
            if newest - other.stat().st_mtime > _LONG_S:
                other.unlink()


def write(place: Path, data: bytes) -> None:
    """Written whole or not at all: other processes read it at any moment.

    Raises:
        OSError: where nothing can be written, or somebody else could write too.
    """
    require_own_folder(place.parent)
    writing = place.with_name(f"{place.name}.{os.getpid()}")
    with open(writing, "wb", opener=_private) as file:
        file.write(data)
    writing.replace(place)


def require_own_folder(folder: Path) -> None:
    """Make a folder for this user alone, where there is none.

    Raises:
        OSError: when there is one that is another's, or where others may write; where none can be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _require_own(folder.stat())


def own(place: Path) -> bytes:
    """What is in a file that nobody but this user can have written: for what runs, or decides what is owed.

    Raises:
        OSError: when it cannot be read, or it or its folder is another's, or others may write there.
    """
    with open(place, "rb") as file:
        _require_own(place.parent.stat())
        _require_own(os.fstat(file.fileno()))
        return file.read()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _require_own(found: os.stat_result) -> None:
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(0, "somebody else may write here")
