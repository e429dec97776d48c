"""Agreements made ready, kept for the next process of the same user.

Reading YAML with the line of every value takes seconds of processor for all that Naer ships; what came of it
is read back in a hundredth: of a file its document, of the agreements in force the whole of them. Kept by
content: with a changed file, or a changed reader, it is made anew.
"""

import os
import pickle
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from naer import agreement, events, kept
from naer.agreement import document
from naer.agreement.document import Node
from naer.agreement.portfolio import Portfolio

_FOLDER = "agreements"


def read(path: Path) -> Node:
    """What `reading_yaml.read` finds in a file; only what is right is kept.

    Raises:
        AgreementError: when the file cannot be read or is not YAML.
    """
    from naer.agreement import reading_yaml

    text, file, folder = reading_yaml.text(path), str(path), kept.folder(_FOLDER)
    if folder is None:
        return reading_yaml.parse(text, file)
    place = folder / f"{sha256(_reader() + text.encode()).hexdigest()}.msgpack"
    with suppress(OSError, TypeError, ValueError):
        return _unpacked(msgspec.msgpack.decode(kept.own(place)), file)
    node = reading_yaml.parse(text, file)
    with suppress(OSError, OverflowError, ValueError):
        kept.keep(place, msgspec.msgpack.encode(_packed(node)))
    return node


def portfolio(files: Callable[[], Sequence[Path]], what: str, make: Callable[[], Portfolio]) -> Portfolio:
    """What `make` makes of all these files; `what` tells it from others that are made of the same.

    What is kept becomes objects again by running what it says (`pickle`): it is only taken from a file that
    nobody but this user can have written.

    Raises:
        AgreementError: as `make` does; only what is right is kept.
    """
    folder, key = kept.folder(_FOLDER), _key(files, what)
    if folder is None or key is None:
        return make()
    place = folder / f"{key}.pickle"
    with suppress(Exception):  # whatever a spoiled file leads to
        found = pickle.loads(kept.own(place))  # noqa: S301
        if isinstance(found, Portfolio):
            return found
    made = make()
    if _key(files, what) == key:  # else a file was changed meanwhile, and it is of neither
        with suppress(OSError):
            kept.keep(place, pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
    return made


def _key(files: Callable[[], Sequence[Path]], what: str) -> str | None:
    """All that decides what is made; None when a file cannot be read."""
    try:
        there = files()
        said = repr((_model(), what, [str(file) for file in there], _together(there)))
    except OSError:
        return None
    return sha256(said.encode()).hexdigest()


@cache
def _reader() -> bytes:
    """What decides how a text is read and kept: our files, the library's version in its first.

    Nothing is imported: what was kept is read without the library.
    """
    library = find_spec("ruamel.yaml")
    assert library is not None
    assert library.origin is not None
    here = Path(__file__)
    return _together((Path(document.__file__), here.with_name("reading_yaml.py"), here, Path(library.origin)))


@cache
def _model() -> str:
    """What decides how agreements are made of files and kept: all our code, told by size and time as Python
    tells what it compiled, and versions."""
    packages = (one.__path__[0] for one in (agreement, events))
    code = [file for package in packages for file in os.scandir(package) if file.name.endswith(".py")]
    told = sorted((file.path, file.stat().st_size, file.stat().st_mtime_ns) for file in code)
    return repr((sys.version, msgspec.__version__, told))


def _together(files: Iterable[Path]) -> bytes:
    return b"".join(sha256(file.read_bytes()).digest() for file in files)


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
