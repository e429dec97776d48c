"""Secret keys: given by the environment, else made once and kept beside an embedded database."""

import os
import secrets
from pathlib import Path


def key(name: str, folder: Path | None) -> str:
    """The secret `name` from the environment, else from a file in `folder`, made at first use.

    Without a folder the key lives as long as the process.

    Raises:
        ValueError: when the environment gives nothing but commas.
        OSError: when the folder cannot be written.
    """
    given = os.environ.get(name)
    if given:
        if not given.strip(" ,"):
            raise ValueError(f"{name} holds no key")  # else each message would be refused for it
        return given
    if folder is None:
        return secrets.token_urlsafe(48)
    path = folder / f"{name.lower()}.key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return _read(path)


def _read(path: Path) -> str:
    """The key in `path`; waits for another process that is writing it this moment."""
    for _ in range(100):
        found = path.read_text(encoding="ascii").strip()
        if found:
            return found
        os.sched_yield()
    raise OSError(f"{path} is empty; delete it and start again")
