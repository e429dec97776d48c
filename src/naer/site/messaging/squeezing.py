"""Messages made small for keeping: compressed with the phrases that nearly all of them repeat at hand.

Two thirds of a message are names of profiles and code systems. `phrases-1.txt` (a notification and an
acknowledgement as they are written here, of nobody) is given to zlib beforehand, so that a message is half as
long as without it, in less time. The file is part of the format: it never changes. Other phrases get another
file, chosen by the checksum in the data; data from before has none and needs none.
"""

import zlib
from pathlib import Path

_PHRASES = Path(__file__).with_name("phrases-1.txt").read_bytes()
_LEVEL, _WINDOW, _MEMORY = 3, 14, 5
"""Window of 16 KiB, for the phrases and a message; small tables, since they are copied for each."""
_ready = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zdict=_PHRASES)


def squeeze(data: bytes) -> bytes:
    """The data compressed."""
    squeezing = _ready.copy()  # a third of the time of reading the phrases again
    return squeezing.compress(data) + squeezing.flush()


def expand(data: bytes) -> bytes:
    """What `squeeze` was given, or any data that zlib compressed.

    Raises:
        zlib.error: when it is neither, or is cut off.
    """
    expanding = zlib.decompressobj(zdict=_PHRASES)
    found = expanding.decompress(data) + expanding.flush()
    if not expanding.eof:
        raise zlib.error("incomplete data")
    return found
