"""numba, as everything here that is compiled imports it.

Where numba is missing this raises the ImportError, and who imports it goes on without.
"""

from naer import lazily

if lazily.arranged():
    with lazily.without("scipy"):
        import numba.np.arraymath  # noqa: F401  (asks for a BLAS once and for all)

from numba import carray, njit  # type: ignore[attr-defined]

__all__ = ["carray", "njit"]
