"""Person numbers at rest: sealed, and found by a keyed hash. Nothing else stores or shows them."""

from naer.site import vault

OFFICIAL = frozenset({"", "urn:oid:1.2.208.176.1.2", "CPR", "FNR", "DNR"})
"""Registers whose numbers tell persons apart by themselves: the Danish and the Norwegian one."""


def index(number: str, system: str = "") -> str:
    """The blind index of a person number, written with or without its hyphen.

    Numbers of other registers (replacement and help numbers) are told apart by their `system`.
    """
    plain = number.replace("-", "").replace(" ", "").upper()
    return vault.index("person number", plain if system in OFFICIAL else f"{system} {plain}")


def seal(number: str) -> bytes:
    """The person number, encrypted."""
    return vault.seal("person number", number.encode())


def unseal(sealed: bytes) -> str:
    """The person number.

    Raises:
        vault.UnknownKeyError: when the key it was sealed with is gone.
    """
    return vault.unseal("person number", sealed).decode()
