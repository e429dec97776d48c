"""The assertion a system signs in with: private_key_jwt (RFC 7523) as SMART backend services use it."""

import hashlib
from typing import Any

from django.db import IntegrityError, transaction

from naer.events.instant import SECOND, Instant
from naer.site.fhir import keysets
from naer.site.fhir.models import Assertion, Client

LONGEST_S = 300
"""How far in the future an assertion may end."""
LEEWAY_S = 30
"""How much the clocks of two machines may differ."""
_LARGEST = 16_384
"""Characters of an assertion."""


class AssertionRefusedError(ValueError):
    """The assertion does not let anybody in; the text says why, without what was sent."""


def client(assertion: str, audience: str, now: Instant) -> Client:
    """The system that signed `assertion` for `audience` (the token address); it is then used up.

    `now` is the real time: the signer's clock knows no other.

    Raises:
        AssertionRefusedError: when it was not signed by a key of an open system, is not for this address, has
            ended, lasts too long, or was used before.
    """
    # joserfc is imported when somebody signs in: nobody else waits for it
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if len(assertion) > _LARGEST:
        raise AssertionRefusedError("the assertion is too long")
    found = _named(assertion)
    try:
        keys = KeySet.import_key_set(found.keys)
        token = jwt.decode(assertion, keys, algorithms=list(keysets.ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError):
        raise AssertionRefusedError(
            "the assertion is not signed with RS384 or ES384 by a key that is registered for the system"
        ) from None
    if "kid" not in token.header:
        raise AssertionRefusedError("the header of the assertion needs kid")
    ends = _check(token.claims, found.key, audience, now // SECOND)
    _use(found, str(token.claims["jti"]), ends * SECOND, now)
    return found


def _named(assertion: str) -> Client:
    """The system an assertion says it is of, before anything is believed."""
    import base64
    import json

    parts = assertion.split(".")
    try:
        said = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        issuer = said["iss"]
    except (ValueError, IndexError, KeyError, TypeError, RecursionError):
        raise AssertionRefusedError("client_assertion is no signed JWT with iss") from None
    found = (
        Client.objects.select_related("user").filter(pk=issuer, user__is_active=True).first()
        if isinstance(issuer, str) and len(issuer) <= 64 and "\0" not in issuer
        else None
    )
    if found is None:
        raise AssertionRefusedError("no system that is open here has the client_id in iss")
    return found


def _check(claims: dict[str, Any], key: str, audience: str, now_s: int) -> int:
    """When the assertion ends, in seconds since the epoch."""
    if claims.get("sub") != key:
        raise AssertionRefusedError("iss and sub must both be the client_id")
    aud = claims.get("aud")
    if audience not in (aud if isinstance(aud, list) else [aud]):
        raise AssertionRefusedError(f"aud must be the token address, {audience}")
    ends, jti, begins = _seconds(claims.get("exp")), claims.get("jti"), _seconds(claims.get("nbf", 0))
    if ends is None or begins is None:
        raise AssertionRefusedError("exp (and nbf, where it is given) must be seconds since the epoch")
    if ends <= now_s - LEEWAY_S or begins > now_s + LEEWAY_S:
        raise AssertionRefusedError("the assertion has ended, or has not begun; compare the clocks")
    if ends > now_s + LONGEST_S + LEEWAY_S:
        raise AssertionRefusedError("the assertion lasts longer than five minutes")
    if not isinstance(jti, str) or not jti:
        raise AssertionRefusedError("jti is missing: each assertion needs one of its own")
    return ends


def _seconds(value: object) -> int | None:
    """Seconds since the epoch, whole; None for what is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        return None
    return int(value)


def _use(found: Client, jti: str, ends: Instant, now: Instant) -> None:
    Assertion.objects.filter(expires__lt=now - 2 * LEEWAY_S * SECOND).delete()
    digest = hashlib.sha256(jti.encode("utf-8", "replace")).hexdigest()
    try:
        with transaction.atomic():
            Assertion.objects.create(client=found, jti=digest, expires=ends)
    except IntegrityError:
        raise AssertionRefusedError("the assertion was used before; sign a new one each time") from None
