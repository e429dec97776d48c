"""Naer runs the agreement between hospital, municipality and general practice.

From a notebook:

>>> import naer
>>> log = naer.read_log("stays.parquet", columns={"pathway": "case_id"})
>>> result = naer.replay("dk-national", log, by="municipality")
>>> result.clauses          # a Polars frame: how each clause was met
>>> result.obligations      # one row for each obligation
>>> result.excluded         # what was left out, and why
>>> result.plot()           # a picture of it
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naer.notebook import Found, read_log, replay

__all__ = ["Found", "read_log", "replay"]


def __getattr__(name: str) -> object:
    """The notebook's functions, imported when first asked for: `import naer` itself stays light."""
    if name in __all__:
        from naer import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'naer' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted(__all__)
