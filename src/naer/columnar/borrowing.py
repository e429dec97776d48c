"""Arrays that compiled code reads where only their addresses are at hand."""

from typing import Any

from naer.jit import Later


def _pointer() -> object:
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    def pointer(_context: Any, address: Any) -> Any:
        """The address as a pointer."""

        def build(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], cgutils.voidptr_t)

        return types.voidptr(address), build

    return intrinsic(pointer)


pointer: Any = Later("pointer", _pointer)
"""`carray(pointer(address), shape, type)` is an array; who calls keeps what it lies in."""
