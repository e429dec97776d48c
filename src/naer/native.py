"""Machine code that numba made once: kept beside the source, called afterwards without numba.

Importing numba and making its compiler ready costs 0.7 s of processor in every process; llvmlite alone, which
loads the code, a twentieth of that. Kept is the object file of a function for the types it was called with,
under a name that says everything the code depends on: the function's instructions and constants, those of all
compiled functions it calls, the types, numba, Python and the processor. So nothing kept ever has to be
thought stale. It is only taken where nobody but this user can have written it (`naer.kept.own`).

Code is called as numba's own would call it (`numba.core.callconv`): a place for the result, one for an error,
then the arguments, of an array its owner (none), item count and size, address, shape and strides.
"""

import ctypes
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import CodeType
from typing import Any

import llvmlite.binding as llvm  # type: ignore[import-untyped]  # it brings no types
import numpy as np

from naer import kept

Run = Callable[[Sequence[Any]], Any]
_LOCK = Lock()
_NONE = -2
"""What numba's code gives back in place of 0 when the result is None."""
_MOST_RESULTS = 8
_ENGINES: list[Any] = []
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
    said = [sys.version, _tools(), llvm.get_host_cpu_name(), _features()]
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
    """numba as it is installed, without importing it."""
    numba = find_spec("numba")
    assert numba is not None
    assert numba.origin is not None
    state = os.stat(numba.origin)
    return f"{numba.origin} {state.st_mtime_ns} {state.st_size} {llvm.llvm_version_info}"


@cache
def _features() -> str:
    return str(llvm.get_host_cpu_features().flatten())


@cache
def _target() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(jit=True, opt=3)


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
    """What was kept; None when there is nothing, or nothing that this user alone can have written.

    Raises:
        ValueError: when what was kept says that only numba can run it.
    """
    try:
        head, _, code = kept.own(path).partition(b"\n")
    except OSError:
        return None
    said = json.loads(head)
    if said["only numba"]:
        raise ValueError("needs numba")
    return load(said["symbol"], said["results"], said["missing"], code)


def write(folder: Path, name: str, version: str, code: str, said: dict[str, Any], machine: bytes) -> None:
    """Keep machine code, in one step, in the place of other versions of the function for this Python.

    Where that cannot be, it is made again next time.
    """
    path = place(folder, name, version, code)
    with suppress(OSError):
        kept.write(path, json.dumps(said).encode() + b"\n" + machine)
        for one in folder.glob(f"{_of(name)}-*.native"):
            if not one.name.startswith(f"{_of(name)}-{version}-"):
                one.unlink(missing_ok=True)


def load(symbol: str, results: str, missing: Sequence[str], code: bytes) -> Run:
    """The code as something to call with arguments; `results` is as in `naer.jit`."""
    with _LOCK:
        target = _target()
        for name in missing:
            if llvm.address_of_symbol(name) is None:
                llvm.add_symbol(name, _stop())
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
        engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(code))
        engine.finalize_object()
        _ENGINES.append(engine)
        address = engine.get_function_address(symbol)
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
            raise ArithmeticError(f"{symbol} failed ({state})")
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


@cache
def _stop() -> int:
    """The address of the C library's `abort`."""
    address = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
    assert address is not None
    return address
