"""The tokens that systems hold: who a token speaks for, and until when."""

import hashlib
import secrets
from collections.abc import Sequence

from naer.events.instant import SECOND, Instant
from naer.site.fhir.caller import Caller
from naer.site.fhir.models import Client, Token

LASTS_S = 300
"""SMART asks for no more than five minutes."""


def issue(client: Client, scopes: Sequence[str], now: Instant) -> str:
    """A new token for a system; only its hash is kept. Those that have expired are forgotten."""
    token = secrets.token_urlsafe(32)
    Token.objects.filter(expires__lt=now).delete()
    Token.objects.create(
        digest=_digest(token),
        client=client,
        scopes=" ".join(scopes),
        issued=now,
        expires=now + LASTS_S * SECOND,
    )
    return token


def caller(token: str, now: Instant) -> Caller | None:
    """The system that holds `token` at `now`; None for a token that is unknown, expired or withdrawn."""
    found = (
        Token.objects.select_related("client__user__organisation")
        .filter(pk=_digest(token), issued__lte=now, expires__gt=now, client__user__is_active=True)
        .first()
    )
    if found is None:
        return None
    return Caller(found.client.user, frozenset(found.scopes.split()), found.client.key)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
