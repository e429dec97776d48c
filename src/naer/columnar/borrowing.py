"""Arrays that compiled code reads without counting references.

Handing an array to a compiled function counts its owner up and down with atomic instructions; a helper that
is called for every obligation then spends its time counting. A borrowed array has no owner: it is valid as
long as the array it was borrowed from, which the caller of the walk holds.
"""

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic

from naer.columnar.tables import Tables
from naer.jit import carray, njit


@intrinsic
def pointer(_context: Any, address: Any) -> Any:
    """The address as a pointer."""

    def build(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), build


@njit(nogil=True, cache=True)
def borrowed(array):
    """The same elements in an array without owner."""
    return carray(pointer(array.ctypes.data), array.shape, array.dtype)  # type: ignore[call-arg]


@njit(nogil=True, cache=True)
def borrowed_tables(tables):
    """The same tables without owners."""
    return Tables(borrowed(tables.lowest), borrowed(tables.days))
