"""Secrets at rest: AES-256-GCM with the key's id in front, so that keys can be replaced.

`settings.NUMBER_KEY` holds one key text or several with commas between: the first seals and makes the
keyed index, all unseal and find. `naer keys rotate` brings what is stored to the first.
"""

import hmac
import os
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_ID = 4
_NONCE = 12


class UnknownKeyError(ValueError):
    """Something was sealed with a key that `NAER_NUMBER_KEY` no longer holds, or was changed since."""


def seal(purpose: str, data: bytes) -> bytes:
    """`data` encrypted: 4 bytes of key id, 12 of nonce, the cipher text. Same `purpose` to unseal."""
    first, boxes = _boxes(settings.NUMBER_KEY, purpose)
    nonce = os.urandom(_NONCE)
    return first + nonce + boxes[first].encrypt(nonce, data, first)


def unseal(purpose: str, sealed: bytes) -> bytes:
    """The data that `seal` was given.

    Raises:
        UnknownKeyError: when no key fits, or the bytes were changed.
    """
    sealed = bytes(sealed)
    _, boxes = _boxes(settings.NUMBER_KEY, purpose)
    key_id, nonce, cipher = sealed[:_ID], sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
    if key_id not in boxes:
        raise UnknownKeyError(f"sealed with key {key_id.hex()}; add that key to NAER_NUMBER_KEY")
    try:
        return boxes[key_id].decrypt(nonce, cipher, key_id)
    except InvalidTag:
        raise UnknownKeyError(f"sealed with key {key_id.hex()}, but changed since") from None


def reseal(purpose: str, sealed: bytes) -> bytes | None:
    """What was sealed, sealed anew with the first key; None when it is that already.

    Raises:
        UnknownKeyError: when no key fits, or the bytes were changed.
    """
    if bytes(sealed[:_ID]) == first_id():
        return None
    return seal(purpose, unseal(purpose, sealed))


def first_id() -> bytes:
    """The id of the key that seals: the first bytes of everything sealed with it."""
    return _boxes(settings.NUMBER_KEY, "id")[0]


def known_ids() -> frozenset[bytes]:
    """The ids of all keys of the setting: what begins with another one cannot be unsealed."""
    return frozenset(_boxes(settings.NUMBER_KEY, "id")[1])


def indices(purpose: str, text: str) -> tuple[str, ...]:
    """HMAC-SHA-256 (64 hex digits) by each key, the first key's first: the same for the same text, and
    tells nothing without the key. What is stored is the first; what is looked for is any."""
    keys = _index_keys(settings.NUMBER_KEY, purpose)
    return tuple(hmac.digest(key, text.encode(), "sha256").hex() for key in keys)


def _keys(setting: str) -> list[bytes]:
    return [part.strip().encode() for part in setting.split(",") if part.strip()]


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)


@lru_cache(maxsize=32)
def _boxes(setting: str, purpose: str) -> tuple[bytes, dict[bytes, AESGCM]]:
    boxes = {sha256(key).digest()[:_ID]: AESGCM(_derive(key, f"seal {purpose}")) for key in _keys(setting)}
    return next(iter(boxes)), boxes


@lru_cache(maxsize=32)
def _index_keys(setting: str, purpose: str) -> tuple[bytes, ...]:
    return tuple(_derive(key, f"index {purpose}") for key in dict.fromkeys(_keys(setting)))
