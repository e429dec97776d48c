"""What is written in a deviation, sealed: it may be about somebody's health."""

import json
from collections.abc import Mapping
from typing import Any

from naer.site import vault

PURPOSE = "deviation"


def seal(content: Mapping[str, Any]) -> bytes:
    """A JSON object as bytes that only the installation's key opens."""
    return vault.seal(PURPOSE, json.dumps(dict(content), ensure_ascii=False, sort_keys=True).encode())


def read(sealed: bytes) -> dict[str, Any]:
    """The object that `seal` was given.

    Raises:
        UnknownKeyError: when no key fits.
    """
    found: dict[str, Any] = json.loads(vault.unseal(PURPOSE, sealed))
    return found
