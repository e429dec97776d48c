"""Providers of identities: who may say, by OpenID Connect, who somebody is; and what their words mean here.

`NAER_IDENTITY` names TOML files, one for each provider. A file may start from one that Naer ships
(`extends = "mitid-broker"`); what it says itself holds. Secrets are not in it: the private key is a file.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from naer.site.accounts.models import User

NAME = r"^[a-z][a-z0-9-]{0,39}\Z"
SHIPPED = files("naer.library") / "identity"
_NO_STAFF = (User.Role.CITIZEN.value, User.Role.RELATIVE.value)


class WrongProviderError(ValueError):
    """A provider's file cannot be used; says which file, what is wrong and what would be right."""


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The names of the claims that say who somebody is; empty where the provider says nothing of it.

    Linking goes by `sub`, always; an e-mail address links nobody and is not asked for.
    """

    name: str = "name"
    number: str = ""
    """The person number."""
    organisation: str = ""
    role: str = ""


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One provider, as its file says."""

    name: str = msgspec.field(default="")
    """In addresses and in the trace: small letters, digits, hyphens."""
    title: str
    """What people read on the button."""
    issuer: str
    """Where `/.well-known/openid-configuration` lies; https, or this machine."""
    client_id: str
    key: str
    """File of our private key: PEM or JWK, beside the provider's file (private_key_jwt)."""
    key_id: str = ""
    """The `kid` that the provider knows the key by; default the one in a JWK, else its thumbprint."""
    algorithm: Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512"] = "RS256"
    """What we sign with."""
    audience: Literal["token_endpoint", "issuer"] = "token_endpoint"
    """Whom our signature is for."""
    signed_with: tuple[str, ...] = ("RS256", "PS256", "ES256", "ES384")
    """What the provider may sign with."""
    scopes: tuple[str, ...] = ("openid",)
    parameters: dict[str, str] = {}
    """Sent along with the request as they are."""
    require: dict[str, tuple[str, ...]] = {}
    """Claims that must have one of these values: how surely the person proved who they are."""
    claims: Claims = Claims()
    userinfo: bool = False
    """Whether the claims are asked at the userinfo endpoint as well."""
    pushed: bool = False
    """Whether the request is pushed to the provider first (RFC 9126)."""
    admits: tuple[Literal["citizen", "staff"], ...] = ()
    """Whose users are made at their first sign-in; others are linked with `naer user link`."""
    organisations: dict[str, str] = {}
    """Value of the organisation's claim → key, SOR id or location number here."""
    roles: dict[str, str] = {}
    """Value of the role's claim → role here. With it the provider decides: at each sign-in anew."""
    timeout_s: float = 10.0
    """Seconds that the provider may take to answer."""


def providers() -> dict[str, Provider]:
    """The providers of this installation by name, in the order of the setting; read again when changed.

    Raises:
        WrongProviderError: when a file is missing or wrong.
    """
    found: dict[str, Provider] = {}
    for text in settings.IDENTITY:
        path = Path(text)
        try:
            one = _read(path, path.stat().st_mtime_ns)
        except OSError as error:
            raise WrongProviderError(f"{path}: cannot be read: {error.strerror}") from None
        if one.name in found:
            raise WrongProviderError(f"{path}: another provider is called {one.name} already")
        found[one.name] = one
    return found


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int) -> Provider:
    given = _toml(path.read_bytes(), str(path))
    base = given.pop("extends", None)
    if base is not None:
        known = sorted(entry.name.removesuffix(".toml") for entry in SHIPPED.iterdir())
        if base not in known:
            raise WrongProviderError(f"{path}: extends is one of {', '.join(known)}")
        given = _over(_toml((SHIPPED / f"{base}.toml").read_bytes(), f"{base}.toml"), given)
    given.setdefault("name", path.stem)
    try:
        found = msgspec.convert(given, Provider)
    except msgspec.ValidationError as error:
        raise WrongProviderError(f"{path}: {error}") from None
    _check(found, path)
    return msgspec.structs.replace(found, key=str((path.parent / found.key).resolve()))


def _toml(data: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongProviderError(f"{name}: is no TOML: {error}") from None


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what `own` says: tables are laid over each other, everything else is replaced."""
    merged = dict(base)
    for name, value in own.items():
        below = merged.get(name)
        merged[name] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _check(found: Provider, path: Path) -> None:
    def refuse(words: str) -> None:
        raise WrongProviderError(f"{path}: {words}")

    if not re.match(NAME, found.name):
        refuse(f"name is {found.name!r}; write small letters, digits and hyphens, 1 to 40")
    if not is_safe(found.issuer):
        refuse("issuer is an https address (http only on this machine)")
    if "openid" not in found.scopes:
        refuse('scopes must hold "openid"')
    if not found.signed_with or any(one.startswith("HS") or one == "none" for one in found.signed_with):
        refuse("signed_with names algorithms with a public key, as RS256")
    if "citizen" in found.admits and not found.claims.number:
        refuse("to admit citizens, claims.number must say which claim holds the person number")
    if "staff" in found.admits and not (found.roles and found.claims.role and found.claims.organisation):
        refuse("to admit staff, claims.role, claims.organisation and [roles] must be there")
    for value, role in found.roles.items():
        if role not in User.Role.values or role in _NO_STAFF:
            refuse(f"roles: {value!r} is {role!r}, which is no role of staff")
    if not 0 < found.timeout_s <= 60:
        refuse("timeout_s is above 0 and at most 60")
    if not (path.parent / found.key).is_file():
        refuse("key names no file")


def is_safe(address: str) -> bool:
    """Whether an address is https, or on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https" and host:
        return True
    try:
        return parts.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
