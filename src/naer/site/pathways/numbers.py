"""Person numbers at rest: sealed, and found by a keyed hash. Nothing else stores or shows them."""

from naer.site import vault


def index(number: str) -> str:
    """The blind index of a person number, written with or without its hyphen."""
    return vault.index("person number", number.replace("-", "").replace(" ", "").upper())


def seal(number: str) -> bytes:
    """The person number, encrypted."""
    return vault.seal("person number", number.encode())


def unseal(sealed: bytes) -> str:
    """The person number.

    Raises:
        vault.UnknownKeyError: when the key it was sealed with is gone.
    """
    return vault.unseal("person number", sealed).decode()
