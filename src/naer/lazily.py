"""Large libraries that few commands need: loaded when something of theirs is first used, not before.

`import polars` costs a third of a second. Modules still import it at their top, as any other; where they use
it in a signature, annotations are not evaluated.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from types import ModuleType

LARGE = ("holidays", "polars", "pyarrow", "ruamel.yaml")
_UNREAD = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")
"""What only writes the documentation of NumPy's functions, a fifth of the time it takes to load."""
_LOCK = RLock()


class Later(ModuleType):
    """Stands for a library until it is used, and has all that the library has from then on."""

    def __getattr__(self, name: str) -> object:
        """What the library has: only asked for while it is not loaded, or has nothing of that name."""
        with _LOCK:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
                try:
                    importlib.import_module(self.__name__)
                except BaseException:
                    sys.modules[self.__name__] = self
                    raise
            library = sys.modules[self.__name__]
            self.__dict__.update(library.__dict__)
        return getattr(library, name)

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        """By its name, as a module is pickled for Spark's workers."""
        return importlib.import_module, (self.__name__,)


def arrange() -> None:
    """For a process that is ours alone: the first use of each large library loads it, NumPy without its
    documentation.

    One that is loaded, or not installed, stays so.
    """
    for name in LARGE:
        if name not in sys.modules and (spec := importlib.util.find_spec(name)) is not None:
            later = Later(name)
            later.__spec__ = spec
            sys.modules[name] = later
    if "numpy" not in sys.modules:
        for name in _UNREAD:
            sys.modules[name] = ModuleType(name)


def arranged() -> bool:
    """Whether `arrange` was called in this process."""
    return any(isinstance(sys.modules.get(name), Later) for name in LARGE)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Hide libraries, unless they are loaded, from who would load them only to see whether they are there."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
