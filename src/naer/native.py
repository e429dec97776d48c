"""Machine code that numba made once: kept beside the source, called afterwards without numba.

Importing numba and making its compiler ready costs 0.7 s of processor in every process, LLVM alone a tenth of
that. Kept is the code of a function for the types it was called with, linked once (`naer.linked`): it is put
into memory and called. Its name says everything the code depends on: the function's instructions and
constants, those of all compiled functions it calls, the types, numba, Python and the processor. So nothing
kept ever has to be thought stale. It is only taken where nobody but this user can have written it
(`naer.kept.own`). On anything but Linux on x86-64 numba itself runs everything.

Code is called as numba's own would call it (`numba.core.callconv`): a place for the result, one for an error,
then the arguments, of an array its owner (none), item count and size, address, shape and strides.
"""

import ctypes
import hashlib
import json
import mmap
import os
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from naer import kept

Run = Callable[[Sequence[Any]], Any]
SUPPORTED = sys.platform == "linux" and os.uname().machine == "x86_64"
_NONE = -2
"""What numba's code gives back in place of 0 when the result is None."""
_MOST_RESULTS = 8
_OF_A_PROCESSOR = ("vendor_id", "cpu family", "model", "stepping", "flags")
_PIECES: list[mmap.mmap] = []
"""The code lives as long as these."""


def code_of(arguments: Sequence[Any]) -> str | None:
    """The types of some arguments as text; None when there is one that only numba knows how to hand over."""
    codes = []
    for one in arguments:
        if isinstance(one, np.ndarray):
            if (
                not one.flags.c_contiguous
                or not one.flags.aligned
                or one.dtype.kind not in "iub"
                or not one.ndim
            ):
                return None
            codes.append(f"{one.dtype.str}{one.ndim}{'w' if one.flags.writeable else 'r'}")
        elif isinstance(one, bool | np.bool_):
            codes.append("b")
        elif type(one) in (int, np.int64):
            if not -(2**63) <= one < 2**63:
                return None
            codes.append("i")
        elif isinstance(one, tuple):
            inner = code_of(one)
            if inner is None:
                return None
            codes.append(f"({type(one).__qualname__} {inner})")
        else:
            return None
    return " ".join(codes)


def version_of(functions: Iterable[tuple[CodeType, Sequence[object]]]) -> str:
    """What tells this code from what it was: functions with the constants they read, tools, machine."""
    said = [sys.version, _tools(), _processor()]
    said += [part for one, constants in functions for part in (*_plain(one), repr(constants))]
    return _digest("\n".join(said))


def place(folder: Path, name: str, version: str, code: str) -> Path:
    """Where a function's code of a version is kept, for the types `code`."""
    return folder / f"{_of(name)}-{version}-{_digest(code)}.native"


def _of(name: str) -> str:
    return f"{name}.{sys.implementation.cache_tag}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(code: CodeType) -> Iterator[str]:
    yield from (code.co_name, code.co_code.hex(), repr(code.co_names), repr(code.co_varnames))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _plain(constant)
        else:
            yield repr(constant)


@cache
def _tools() -> str:
    """What compiles as it is installed, without importing it."""
    return " ".join(_installed(name) for name in ("numba", "llvmlite"))


def _installed(name: str) -> str:
    found = find_spec(name)
    assert found is not None
    assert found.origin is not None
    state = os.stat(found.origin)
    return f"{found.origin} {state.st_mtime_ns} {state.st_size}"


@cache
def _processor() -> str:
    """The first one, by what the system says of its kind and of what it can do."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return "".join(line for line in takewhile(str.strip, file) if line.startswith(_OF_A_PROCESSOR))


def folder_for(source: str) -> Path | None:
    """Where the code of a source file is kept: in NUMBA_CACHE_DIR or beside the source, or else, where that
    is not this user's alone, under the user's caches; None where nothing can be written."""
    asked = os.environ.get("NUMBA_CACHE_DIR")
    first = Path(asked) if asked else Path(source).parent / "__pycache__"
    for folder in (first, kept.folder("native")):
        with suppress(OSError):
            if folder is not None:
                kept.require_own_folder(folder)
                if os.access(folder, os.W_OK):
                    return folder
    return None


def read(path: Path) -> Run | None:
    """What was kept; None when there is nothing whole, or nothing that this user alone can have written.

    Raises:
        ValueError: when what was kept says that only numba can run it.
    """
    try:
        digest, _, content = kept.own(path).partition(b"\n")
    except OSError:
        return None
    if digest != _sealed(content):  # a machine that stopped at once may have kept the name and half of it
        return None
    head, _, code = content.partition(b"\n")
    said = json.loads(head)
    if said["only numba"]:
        raise ValueError("needs numba")
    return load(said, code)


def write(folder: Path, name: str, version: str, code: str, said: dict[str, Any], machine: bytes) -> None:
    """Keep machine code, in one step, in the place of other versions of the function for this Python.

    Where that cannot be, it is made again next time.
    """
    path = place(folder, name, version, code)
    with suppress(OSError):
        content = json.dumps(said).encode() + b"\n" + machine
        kept.write(path, _sealed(content) + b"\n" + content)
        for one in folder.glob(f"{_of(name)}-*.native"):
            if not one.name.startswith(f"{_of(name)}-{version}-"):
                one.unlink(missing_ok=True)


def _sealed(content: bytes) -> bytes:
    """What tells a file that is as it was written: half of a function would be run all the same."""
    return hashlib.sha256(content).hexdigest().encode()


def load(said: Mapping[str, Any], code: bytes) -> Run:
    """The code as something to call with arguments.

    `said` has its `entry` and what it calls `outside` (`naer.linked`), and its `results` as in `naer.jit`.

    Raises:
        OSError: where the system lets nobody run what was written.
    """
    address, results = _placed(code, said["outside"]) + said["entry"], said["results"]
    count = int(results) if results.isdigit() else 0
    place_form = ctypes.c_int64 * _MOST_RESULTS

    def run(arguments: Sequence[Any]) -> Any:
        words: list[int] = []
        _flatten(arguments, words)
        place = place_form()
        error = ctypes.c_void_p()
        form = ctypes.CFUNCTYPE(
            ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * len(words)
        )
        state = form(address)(ctypes.addressof(place), ctypes.addressof(error), *words)
        if state not in (0, _NONE):
            raise ArithmeticError(f"compiled code failed ({state})")
        if results == "none":
            return None
        if results == "bool":
            return bool(place[0] & 1)
        return int(place[0]) if results == "int" else tuple(int(one) for one in place[:count])

    return run


def _flatten(arguments: Sequence[Any], words: list[int]) -> None:
    for one in arguments:
        if isinstance(one, np.ndarray):
            words += (0, 0, one.size, one.itemsize, one.ctypes.data, *one.shape, *one.strides)
        elif isinstance(one, tuple):
            _flatten(one, words)
        else:
            words.append(int(one))


def _placed(code: bytes, outside: Mapping[str, int]) -> int:
    """Put code into memory, to stay, and into it where functions of the C library are; where it begins."""
    system = ctypes.CDLL(None, use_errno=True)
    piece = mmap.mmap(-1, len(code))
    piece.write(code)
    for name, place in outside.items():
        struct.pack_into("<Q", piece, place, ctypes.cast(system[name], ctypes.c_void_p).value)
    address = ctypes.addressof(ctypes.c_char.from_buffer(piece))
    size = ctypes.c_size_t(-(-len(code) // mmap.PAGESIZE) * mmap.PAGESIZE)
    if system.mprotect(ctypes.c_void_p(address), size, mmap.PROT_READ | mmap.PROT_EXEC):
        raise OSError(ctypes.get_errno(), "machine code cannot be run here")
    _PIECES.append(piece)
    return address
