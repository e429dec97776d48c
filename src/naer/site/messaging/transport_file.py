"""The file drop: a message is a file in a folder that the partner's system empties.

A file appears whole or not at all (written beside, forced to disk, then renamed), readable by its owner and
group only. The same sending has the same name, so that one written twice is one file. The partner may write
there too: what is begun has a name that nobody can guess, and no link is ever followed.
"""

import os
import re
import secrets
from pathlib import Path

from naer.site.messaging.connections import Connection
from naer.site.messaging.transport import Again, Handed, Outcome, Parcel

_STRANGE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 100


def drop(parcel: Parcel, connection: Connection) -> Outcome:
    """Write the message into the partner's folder."""
    folder = Path(connection.address)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o770)
        write(folder / f"{safe(parcel.name)}.{parcel.format}", parcel.data)
    except OSError as error:
        return Again(f"the folder cannot be written: {error.strerror or type(error).__name__}")
    return Handed("written")


def write(path: Path, data: bytes) -> None:
    """Make `path` hold `data`, all at once.

    Raises:
        OSError: when the folder cannot be written; nothing is left behind then.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def safe(name: str) -> str:
    """`name` with nothing in it that could leave the folder or hide the file."""
    return _STRANGE.sub("-", name).strip(".-")[:_LONGEST] or "message"
