"""Messages made small for keeping: compressed with the phrases that nearly all of them repeat at hand.

Two thirds of a message are names of profiles and code systems. Zstandard is given a dictionary beforehand,
`phrases-2.zstd`: a notification and an acknowledgement as they are written here, of nobody, and how often
what stood in 1,800 such of all codes. A message is a tenth as long with it. The file is part of the format:
it never changes. Another one gets another name, and is told apart by the id in the data.

Before it was zlib, with the phrases alone (`phrases-1.txt`), and before that without: still read, since what
is stored is not written anew. It took three times as long, for a tenth more bytes.
"""

import sys
import zlib
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PHRASES = zstd.ZstdDict(Path(__file__).with_name("phrases-2.zstd").read_bytes())
_LEVEL = 1
_MAGIC = b"\x28\xb5\x2f\xfd"
"""How Zstandard's frames begin; what zlib writes never does."""
_FORMER = Path(__file__).with_name("phrases-1.txt")
_ready = zstd.ZstdCompressor(_LEVEL, zstd_dict=_PHRASES.as_digested_dict)
"""Reads the phrases once; each call is one frame, whatever thread it comes from."""


def squeeze(data: bytes) -> bytes:
    """The data compressed."""
    return _ready.compress(data, zstd.ZstdCompressor.FLUSH_FRAME)


def expand(data: bytes) -> bytes:
    """What `squeeze` was given, now or formerly.

    Raises:
        ValueError: when it is neither, or is cut off.
    """
    try:
        if data.startswith(_MAGIC):
            return zstd.decompress(data, _PHRASES.as_digested_dict)
        return _former(data)
    except (zstd.ZstdError, zlib.error) as error:
        raise ValueError(str(error)) from None


def _former(data: bytes) -> bytes:
    """What zlib compressed, with the phrases or without."""
    expanding = zlib.decompressobj(zdict=_FORMER.read_bytes())
    found = expanding.decompress(data) + expanding.flush()
    if not expanding.eof:
        raise zlib.error("incomplete data")
    return found
