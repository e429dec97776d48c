"""OpenID Connect, code flow: what is sent to a provider, and what it says checked.

PKCE (S256), private_key_jwt, state and nonce; the request is pushed where the provider's file says so.
Sources: OpenID Connect Core 1.0 (3.1, 5.3), Discovery 1.0, Back-Channel Logout 1.0, RFC 7636, 7523, 9126.
Authlib writes the assertion and the challenge and checks the claims of ID tokens; joserfc checks signatures.
"""

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from naer.events.instant import SECOND, Instant
from naer.site.accounts.asking import NoAnswerError, ask
from naer.site.accounts.providers import Provider, is_safe

LEEWAY_S = 60
"""Seconds that the clocks of provider and site may differ."""
ASSERTION_S = 60
"""Seconds that our signature is good for."""
_KEPT_S = 3600
"""Seconds that addresses and keys of a provider are kept."""
_AGAIN_S = 30
"""Seconds after which unknown keys are looked for again."""
_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"

Why = Literal["stopped", "old", "no-answer", "untrusted", "weak"]


class NotProvenError(Exception):
    """Somebody has not been shown to be who they are; `why` is what the page says of it.

    The text is for the log: it holds no claim and no token.
    """

    def __init__(self, why: Why, text: str) -> None:
        super().__init__(text)
        self.why: Why = why


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: what must come back, kept in the session."""

    state: str
    nonce: str
    verifier: str


def begin(provider: Provider, back: str, languages: str, now: Instant) -> tuple[str, Begun]:
    """Where to send somebody to prove who they are, and what to remember of it.

    `back` is our address that they come back to.

    Raises:
        NotProvenError: when the provider cannot be asked.
    """
    from authlib.common.urls import add_params_to_uri
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    there = addresses(provider)
    asked = {
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
        "ui_locales": languages,
        **provider.parameters,
    }
    scope = " ".join(provider.scopes)
    if not provider.pushed:
        address: str = prepare_grant_uri(
            there["authorization_endpoint"], provider.client_id, "code", back, scope, begun.state, **asked
        )
        return address, begun
    asked |= {"response_type": "code", "redirect_uri": back, "scope": scope, "state": begun.state}
    pushed = _post(provider, there, "pushed_authorization_request_endpoint", asked, now)
    known = {"client_id": provider.client_id, "request_uri": _text(pushed, "request_uri")}
    return str(add_params_to_uri(there["authorization_endpoint"], list(known.items()))), begun


def finish(
    provider: Provider, begun: Begun, said: Mapping[str, str], back: str, now: Instant
) -> dict[str, Any]:
    """The claims about somebody who came back with `said` in the address.

    Raises:
        NotProvenError: when anything about it is not as it must be.
    """
    if not hmac.compare_digest(said.get("state", "").encode(), begun.state.encode()):
        raise NotProvenError("old", "the state is another one")
    if said.get("iss", provider.issuer) != provider.issuer:
        raise NotProvenError("untrusted", "another issuer answered")
    if "error" in said:
        stopped = said["error"] == "access_denied"
        raise NotProvenError("stopped" if stopped else "no-answer", "the provider answered with an error")
    if not said.get("code"):
        raise NotProvenError("no-answer", "the provider sent no code")
    there = addresses(provider)
    form = {
        "grant_type": "authorization_code",
        "code": said["code"],
        "redirect_uri": back,
        "code_verifier": begun.verifier,
    }
    tokens = _post(provider, there, "token_endpoint", form, now)
    access = _text(tokens, "access_token")
    claims = _id_token(provider, there, _text(tokens, "id_token"), begun.nonce, access, now)
    if provider.userinfo:
        claims = _with_userinfo(provider, there, claims, access)
    for name, values in provider.require.items():
        if claims.get(name) not in values:
            raise NotProvenError("weak", f"the claim {name} has none of the values that are asked for")
    return claims


def logged_out(provider: Provider, token: str, now: Instant) -> str:
    """The subject whose sessions a provider ends with a logout token.

    Raises:
        NotProvenError: when the token is not one of the provider's to us.
    """
    claims = _signed(provider, addresses(provider), token)[0]
    seconds = now // SECOND
    sound = (
        claims.get("iss") == provider.issuer
        and provider.client_id in _listed(claims.get("aud"))
        and "nonce" not in claims
        and isinstance(claims.get("events"), dict)
        and _LOGOUT in claims["events"]
        and isinstance(claims.get("jti"), str)
        and _within(claims, seconds)
    )
    if not sound or not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise NotProvenError("untrusted", "that is no logout token for us")
    return str(claims["sub"])


def _within(claims: Mapping[str, Any], seconds: int) -> bool:
    begins, ends = claims.get("iat"), claims.get("exp")
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in (begins, ends)):
        return False
    assert isinstance(begins, int)
    assert isinstance(ends, int)
    return begins - LEEWAY_S <= seconds <= ends + LEEWAY_S and seconds - begins < 600


def addresses(provider: Provider) -> dict[str, Any]:
    """The provider's metadata (OpenID Connect Discovery), at most an hour old.

    Raises:
        NotProvenError: when there is none, or it is another issuer's.
    """
    return _metadata(provider.issuer, provider.timeout_s, int(time.monotonic() // _KEPT_S))


@lru_cache(maxsize=16)
def _metadata(issuer: str, seconds: float, _hour: int) -> dict[str, Any]:
    found = _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration", seconds)
    if found.get("issuer") != issuer:
        raise NotProvenError("no-answer", "the provider's metadata name another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_safe(_text(found, name)):
            raise NotProvenError("no-answer", f"the provider's {name} is not https")
    return found


@lru_cache(maxsize=32)
def _keys(address: str, seconds: float, _when: int) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        return KeySet.import_key_set(_asked(address, seconds))  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError):
        raise NotProvenError("no-answer", "the provider's keys cannot be read") from None


def _signed(
    provider: Provider, there: Mapping[str, Any], token: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Claims and header of a token that the provider signed; new keys are looked for when none fits."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    tick = time.monotonic()
    for when in (int(tick // _KEPT_S), -1 - int(tick // _AGAIN_S)):
        try:
            keys = _keys(there["jwks_uri"], provider.timeout_s, when)
            found = jwt.decode(token, keys, algorithms=list(provider.signed_with))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        return dict(found.claims), dict(found.header)
    raise NotProvenError("untrusted", "a token is not signed by the provider")


def _id_token(
    provider: Provider, there: Mapping[str, Any], token: str, nonce: str, access: str, now: Instant
) -> dict[str, Any]:
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    claims, header = _signed(provider, there, token)
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access}
    checked = CodeIDToken(claims, header, options, params)
    try:
        checked.validate(now=now // SECOND, leeway=LEEWAY_S)
    except (JoseError, ValueError, TypeError) as error:
        raise NotProvenError(
            "untrusted", f"the ID token is not for this sign-in: {type(error).__name__}"
        ) from None
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
        raise NotProvenError("untrusted", "the ID token names nobody")
    return claims


def _with_userinfo(
    provider: Provider, there: Mapping[str, Any], claims: dict[str, Any], access: str
) -> dict[str, Any]:
    """The claims, and those of the userinfo endpoint; what the ID token says holds."""
    more = _asked(_text(there, "userinfo_endpoint"), provider.timeout_s, bearer=access)
    if more.get("sub") != claims["sub"]:
        raise NotProvenError("untrusted", "the userinfo is about somebody else")
    return more | claims


def _post(
    provider: Provider, there: Mapping[str, Any], endpoint: str, form: dict[str, str], now: Instant
) -> dict[str, Any]:
    address = _text(there, endpoint)
    audience = provider.issuer if provider.audience == "issuer" else _text(there, "token_endpoint")
    signed = {
        "client_id": provider.client_id,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": _assertion(provider, audience, now),
    }
    return _asked(address, provider.timeout_s, form=form | signed)


def _assertion(provider: Provider, audience: str, now: Instant) -> str:
    from authlib.oauth2.rfc7523 import private_key_jwt_sign

    try:
        key = _private_key(provider.key, Path(provider.key).stat().st_mtime_ns)
    except OSError:
        raise NotProvenError("no-answer", "our own private key cannot be read") from None
    return str(
        private_key_jwt_sign(
            key,
            provider.client_id,
            audience,
            alg=provider.algorithm,
            header={"kid": provider.key_id or key.kid or key.thumbprint(), "typ": "JWT"},
            issued_at=now // SECOND,
            expires_in=ASSERTION_S,
        )
    )


@lru_cache(maxsize=8)
def _private_key(path: str, _changed: int) -> Any:
    import json

    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    data = Path(path).read_bytes()
    given: Any = json.loads(data) if data.lstrip().startswith(b"{") else data
    for kind in (RSAKey, ECKey):
        try:
            return kind.import_key(given)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    raise NotProvenError("no-answer", "our own private key is no RSA or EC key in PEM or JWK")


def _asked(
    address: str, seconds: float, *, form: Mapping[str, str] | None = None, bearer: str = ""
) -> dict[str, Any]:
    try:
        return ask(address, form=form, bearer=bearer, seconds=seconds)
    except NoAnswerError as error:
        raise NotProvenError("no-answer", str(error)) from None


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise NotProvenError("no-answer", f"the provider gave no {name}")
    return value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
