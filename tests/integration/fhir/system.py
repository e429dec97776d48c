"""A system with keys of its own, as one that uses the FHIR interface has them."""

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.test import Client as Browser
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from naer.events.instant import Instant
from naer.messages.content import Party
from naer.site.fhir import clients
from naer.site.fhir.oauth import ASSERTION_TYPE
from tests import place

FORM = "application/x-www-form-urlencoded"
AUDIENCE = "http://testserver/fhir/oauth/token"
_RSA = RSAKey.generate_key(2048, {"kid": "one"})
_EC = ECKey.generate_key("P-384", {"kid": "two"})


@dataclass
class System:
    """A registered system; `headers` are those of a request with a token."""

    key: str
    browser: Browser
    algorithm: str = "RS384"

    def assertion(self, algorithm: str = "", signer: Any = None, kid: str = "", **claims: Any) -> str:
        """A signed assertion; `claims` replace what a right one has, None leaves a claim out."""
        algorithm = algorithm or self.algorithm
        own = _RSA if algorithm.startswith("RS") else _EC
        right = {"iss": self.key, "sub": self.key, "aud": AUDIENCE, "jti": str(uuid.uuid4())}
        said: dict[str, Any] = {**right, "exp": int(time.time()) + 120, **claims}
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode({"alg": algorithm, "kid": kid or own.kid}, said, signer or own, [algorithm])

    def ask(self, assertion: str, scope: str = "system/*.*", **fields: str) -> Any:
        """The answer of the token address."""
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        } | fields
        return self.browser.post("/fhir/oauth/token", urlencode(form), content_type=FORM)

    def headers(self, scope: str = "system/*.*") -> dict[str, str]:
        """A token of its own, as the header that carries it."""
        answer = self.ask(self.assertion(), scope)
        assert answer.status_code == 200, answer.content
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def keys() -> dict[str, Any]:
    """The public keys of every system here."""
    return {"keys": [_RSA.as_dict(private=False), _EC.as_dict(private=False)]}


def private_key() -> dict[str, Any]:
    """A private key as a JWK: nothing to hand in."""
    return _RSA.as_dict(private=True)  # type: ignore[return-value]


def register(
    now: Instant, party: Party = place.MUNICIPALITY, role: str = "coordinator", scope: str = "system/*.*"
) -> System:
    """A system of an organisation."""
    made = clients.add(
        "EPJ Prøve", party.sor, role, [scope], json.dumps(keys()), now=now, new_id=place.new_id
    )
    return System(made.key, Browser())
