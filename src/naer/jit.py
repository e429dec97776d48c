"""numba, as all that is compiled here uses it: asked to compile, and not needed again until a source changes.

`njit` is numba's, with this difference: a function that is called with integers and whole arrays of integers,
gives back nothing, a truth, an integer or a tuple of integers, and allocates nothing, is compiled once for
all processes and called without importing numba (`naer.native`). Any other goes to numba, as ever.

Two things that numba does for any Python are left out, because a walk over events spent more than half of
its time on them. References are not counted, unless a function makes arrays and says so (`counting`). And no
index counts from the end: **a negative index reads elsewhere in memory**.

Where numba is missing this raises the ImportError, and who imports it goes on without.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property, update_wrapper
from threading import RLock
from types import CodeType, FunctionType
from typing import Any, cast

from naer import lazily

if importlib.util.find_spec("numba") is None:
    raise ImportError("numba is not installed", name="numba")

from naer import native

__all__ = ["Later", "carray", "njit"]

_COMPILING = RLock()
_MOST = 8
_AS = "indices from the start, linked, sealed"
"""How code is compiled, where that differs from numba's own: part of what tells code from any other."""


def _numba() -> Any:
    """numba, with what is not here for it kept out of its sight."""
    if lazily.arranged():
        with lazily.without("scipy"):
            import numba.np.arraymath  # asks for a BLAS once and for all
    import numba

    return numba


@cache
def _tell() -> None:
    """Say on the terminal of a command why it takes half a minute, once."""
    if lazily.arranged() and sys.stderr.isatty():
        sys.stderr.write("naer: compiling, once for each version on this machine …\n")


class Later:
    """Something of numba's that compiled code calls: made when the first of it is compiled."""

    def __init__(self, name: str, make: Callable[[], object]) -> None:
        self.name, self._make = name, make

    def __repr__(self) -> str:
        """The same in every process: it is part of what is kept."""
        return f"<{self.name}>"

    @cached_property
    def _numba_type_(self) -> Any:
        _numba()
        from numba.core.registry import cpu_target

        made = self._make()
        cpu_target.typing_context.refresh()
        return cpu_target.typing_context.resolve_value_type(made)


carray: Any = Later("carray", lambda: _numba().carray)


class Compiled:
    """A function that is compiled for the types of its arguments when it is first called with them."""

    def __init__(self, function: FunctionType, options: dict[str, Any]) -> None:
        self.py_func, self._options = function, options
        self._runs: dict[str, native.Run | None] = {}
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        """Run it. Raises ArithmeticError where numba would have raised for a division by zero."""
        code = native.code_of(arguments)
        if code is None:
            return self.by_numba(*arguments)
        run = self._runs.get(code, False)
        if run is False:
            with _COMPILING:
                run = self._runs[code] = self._native(code, arguments)
        return self.by_numba(*arguments) if run is None else cast("native.Run", run)(arguments)

    @cached_property
    def by_numba(self) -> Any:
        """The same as numba has it, kept by numba."""
        return _numba().njit(**self._options)(self.py_func)

    @property
    def _numba_type_(self) -> Any:
        """For functions that call it: compiled into them."""
        return self._inner._numba_type_

    @cached_property
    def _inner(self) -> Any:
        return _numba().njit(**(self._options | {"cache": False}))(self.py_func)

    def _native(self, code: str, arguments: tuple[Any, ...]) -> "native.Run | None":
        if not native.SUPPORTED:
            return None
        folder = native.folder_for(self.py_func.__code__.co_filename)
        name, version = (
            f"{self.py_func.__module__}.{self.py_func.__name__}",
            native.version_of(self.reached()),
        )
        if folder is not None:
            try:
                kept = native.read(native.place(folder, name, version, code))
            except ValueError:
                return None
            if kept is not None:
                return kept
        said, machine_code = self._compiled(arguments)
        if folder is not None:
            native.write(folder, name, version, code, said, machine_code)
        return None if said["only numba"] else native.load(said, machine_code)

    def reached(self) -> Iterator[tuple[CodeType, list[object]]]:
        """The code of this and of all compiled functions it calls, each with the constants it reads."""
        known: dict[int, Compiled] = {id(self): self}
        waiting: list[Compiled] = [self]
        while waiting:
            one = waiting.pop()
            constants: list[object] = [_AS, sorted(one._options.items())]
            for name in sorted(_names(one.py_func.__code__)):
                value = _value(one.py_func, name)
                if isinstance(value, Compiled):
                    if id(value) not in known:
                        known[id(value)] = value
                        waiting.append(value)
                elif isinstance(value, int | str | float | tuple | Later):
                    constants.append((name, value))
            yield one.py_func.__code__, constants

    def _compiled(self, arguments: tuple[Any, ...]) -> tuple[dict[str, Any], bytes]:
        """What is to be known of the code, and the code; of one that needs numba nothing more than that."""
        _tell()
        numba = _numba()
        from numba.core import types

        from naer.linked import link

        only_numba: tuple[dict[str, Any], bytes] = ({"only numba": True}, b"")
        if any(_raises(one) for one, _ in self.reached()):
            return only_numba
        given = tuple(
            types.int64 if isinstance(one, int) and not isinstance(one, bool) else numba.typeof(one)
            for one in arguments
        )
        dispatcher = numba.njit(**(self._options | {"cache": False}))(self.py_func)
        with _indices_from_the_start():
            dispatcher.compile(given)
        (made,) = dispatcher.overloads.values()
        results = _results(made.signature.return_type, types)
        linked = None if results is None else link(_object(made), made.fndesc.llvm_func_name)
        if linked is None:
            return only_numba
        said = {"only numba": False, "results": results, "entry": linked.entry, "outside": linked.outside}
        return said, linked.code


def _object(made: Any) -> bytes:
    """What was compiled as an object file of the function alone, without what lets Python call it."""
    import llvmlite.binding as llvm  # type: ignore[import-untyped]  # it brings no types

    module = llvm.parse_bitcode(made.library._final_module.as_bitcode())
    for one in (*module.functions, *module.global_variables):
        if not one.is_declaration and one.name != made.fndesc.llvm_func_name:
            one.linkage = "internal"
    machine = llvm.Target.from_triple("x86_64-unknown-linux-gnu").create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="small",
    )
    unused = llvm.create_new_module_pass_manager()
    unused.add_global_dead_code_eliminate_pass()
    unused.run(module, llvm.create_pass_builder(machine, llvm.PipelineTuningOptions()))
    return bytes(machine.emit_object(module))


def njit(*, counting: bool = False, **options: Any) -> Callable[[Any], Any]:
    """As numba's `njit`; with `counting` for a function that makes arrays, or looks at memory as one."""

    def compiled[F](function: F) -> F:
        return cast("F", Compiled(cast("FunctionType", function), options | {"_nrt": counting}))

    return compiled


@contextmanager
def _indices_from_the_start() -> Iterator[None]:
    """While this lasts numba takes an index as it is, and does not ask whether it is negative."""
    from numba.core import types
    from numba.core.compiler_lock import global_compiler_lock
    from numba.np import arrayobj

    def as_it_is(context: Any, builder: Any, kind: Any, index: Any, _: Any) -> Any:
        return context.cast(builder, index, kind, types.intp)

    with global_compiler_lock:
        asking = arrayobj.fix_integer_index
        arrayobj.fix_integer_index = as_it_is
        try:
            yield
        finally:
            arrayobj.fix_integer_index = asking


def _results(kind: Any, types: Any) -> str | None:
    """What a function gives back: none, bool, int, or how many ints; None when it is anything else."""
    if isinstance(kind, types.UniTuple) and kind.dtype == types.int64 and kind.count <= _MOST:
        return str(kind.count)
    return {types.none: "none", types.boolean: "bool", types.int64: "int"}.get(types.unliteral(kind))


def _names(code: CodeType) -> set[str]:
    """The global names and free variables that code reads, with those of functions in it."""
    found = {*code.co_names, *code.co_freevars}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return found


def _value(function: FunctionType, name: str) -> object:
    if name in function.__code__.co_freevars and function.__closure__:
        return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents
    return function.__globals__.get(name)


def _raises(code: CodeType) -> bool:
    import dis

    return any(one.opname == "RAISE_VARARGS" for one in dis.get_instructions(code))
