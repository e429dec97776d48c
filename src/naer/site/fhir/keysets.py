"""The public keys of a system: a JWK Set, checked when it is registered (RFC 7517, SMART App Launch 2.2)."""

import json
from typing import Any

ALGORITHMS = ("RS384", "ES384")
"""What SMART asks every server to take."""
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LEAST_RSA_BITS = 2048
_MOST_KEYS = 20


class KeySetError(ValueError):
    """What was given is no set of public keys to sign in with; the text says why, without a key."""


def read(text: str | bytes) -> dict[str, Any]:
    """A JWK Set of RSA keys (2048 bits at least) and P-384 keys; a single JWK is a set of one.

    Raises:
        KeySetError: when it is none, or holds a private key.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise KeySetError("the keys are not JSON; give a JWK Set with the system's public keys") from None
    if isinstance(given, dict) and "kty" in given:
        given = {"keys": [given]}
    keys = given.get("keys") if isinstance(given, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= _MOST_KEYS:
        raise KeySetError('the keys are no JWK Set: {"keys": [...]} with 1 to 20 keys')
    kept = [_checked(key, number) for number, key in enumerate(keys, 1)]
    if len({key["kid"] for key in kept}) < len(kept):
        raise KeySetError("two keys have the same kid")
    return {"keys": kept}


def _checked(key: object, number: int) -> dict[str, Any]:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    if not isinstance(key, dict):
        raise KeySetError(f"key {number} is no JSON object")
    if _PRIVATE & key.keys():
        raise KeySetError(
            f"key {number} is private or shared; only public keys belong here. Whoever holds this file can "
            "sign in as the system: make a new pair"
        )
    kid = key.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= 200:
        raise KeySetError(f"key {number} has no kid; each key needs one, so that it can be told from others")
    try:
        if key.get("kty") == "RSA":
            found = RSAKey.import_key(key)
            if found.public_key.key_size < _LEAST_RSA_BITS:
                raise KeySetError(f"key {number} is too short; an RSA key has 2048 bits at least")
        elif key.get("kty") == "EC" and key.get("crv") == "P-384":
            ECKey.import_key(key)
        else:
            raise KeySetError(f"key {number} is neither an RSA key nor on the curve P-384")
    except (JoseError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, KeySetError):
            raise
        raise KeySetError(f"key {number} cannot be read as a JWK") from None
    return {name: value for name, value in key.items() if isinstance(value, str)}
