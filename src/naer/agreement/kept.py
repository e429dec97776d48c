"""What the files of agreements in force were read as, kept for the next process of the same user.

Reading YAML with the line of every value takes seconds of processor for all that Naer ships; what came of it
is read back in a hundredth. Kept by content: a changed file, or a changed reader, is read anew.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import ruamel.yaml

from naer import kept
from naer.agreement import document
from naer.agreement.document import Node


def read(path: Path) -> Node:
    """What `document.read` finds in a file; only what is right is kept.

    Raises:
        AgreementError: when the file cannot be read or is not YAML.
    """
    text, file, folder = document.text(path), str(path), kept.folder("agreements")
    if folder is None:
        return document.parse(text, file)
    place = folder / f"{sha256(_reader() + text.encode()).hexdigest()}.msgpack"
    with suppress(OSError, TypeError, ValueError):
        return _unpacked(msgspec.msgpack.decode(place.read_bytes()), file)
    node = document.parse(text, file)
    with suppress(OSError, OverflowError, ValueError):
        kept.keep(place, msgspec.msgpack.encode(_packed(node)))
    return node


@cache
def _reader() -> bytes:
    """What decides how a text is read and kept: our files, the library's version in its first."""
    return b"".join(Path(file).read_bytes() for file in (document.__file__, __file__, ruamel.yaml.__file__))


def _packed(node: Node) -> tuple[int, Any]:
    """A node as (line, value), its members likewise."""
    value = node.value
    if isinstance(value, dict):
        return node.line, {key: _packed(member) for key, member in value.items()}
    if isinstance(value, list):
        return node.line, [_packed(member) for member in value]
    return node.line, value


def _unpacked(packed: Sequence[Any], file: str) -> Node:
    """The node that was packed, as it stands in `file`."""
    line, value = packed
    if isinstance(value, dict):
        value = {key: _unpacked(member, file) for key, member in value.items()}
    elif isinstance(value, list):
        value = [_unpacked(member, file) for member in value]
    return Node(value, file, line)
