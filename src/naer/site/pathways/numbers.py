"""Person numbers at rest: sealed, and found by a keyed hash. Nothing else stores or shows them."""

from naer.site import vault

OFFICIAL = frozenset({"", "urn:oid:1.2.208.176.1.2", "CPR", "FNR", "DNR"})
"""Registers whose numbers tell persons apart by themselves: the Danish and the Norwegian one."""

SYSTEM = 200
"""Characters of the name of a register that are stored."""


def index(number: str, system: str = "") -> str:
    """The blind index of a person number, written with or without its hyphen.

    Numbers of other registers (replacement and help numbers) are told apart by their `system`.
    """
    plain = number.replace("-", "").replace(" ", "").upper()
    return vault.index("person number", plain if system in OFFICIAL else f"{system} {plain}")


def told_apart_by(system: str) -> str:
    """What is stored of the register that gave a number: nothing when the number tells it by itself."""
    return "" if system in OFFICIAL else system[:SYSTEM]


def seal(number: str) -> bytes:
    """The person number, encrypted."""
    return vault.seal("person number", number.encode())


def unseal(sealed: bytes) -> str:
    """The person number.

    Raises:
        vault.UnknownKeyError: when the key it was sealed with is gone.
    """
    return vault.unseal("person number", sealed).decode()
