"""Where the request that is being answered came from: for the access log alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ADDRESS: ContextVar[str] = ContextVar("whence", default="")


def whence() -> str:
    """The network address that the present request came from; empty outside one."""
    return _ADDRESS.get()


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    """Everything written within came from `address`."""
    token = _ADDRESS.set(address[:64])
    try:
        yield
    finally:
        _ADDRESS.reset(token)
