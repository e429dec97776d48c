"""Systems sign in as SMART backend services: only with a good assertion, only once, only for their scopes."""

import json
import time
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from naer.events.instant import SECOND, Instant
from naer.site import clock
from naer.site.fhir import clients, tokens
from naer.site.fhir.models import Token
from tests.integration.fhir.system import AUDIENCE, System, keys, private_key, register
from tests.place import MUNICIPALITY, Place, new_id

SHORT = {"keys": [{"kty": "RSA", "kid": "1", "e": "AQAB", "n": "u" + "A" * 169 + "Q"}]}
"""An RSA key of 1020 bits."""


def test_configuration_tells_where_and_how(system: System) -> None:
    told = system.browser.get("/fhir/.well-known/smart-configuration").json()
    assert told["token_endpoint"] == AUDIENCE
    assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert set(told["token_endpoint_auth_signing_alg_values_supported"]) == {"RS384", "ES384"}
    assert "system/*.read" in told["scopes_supported"]


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_a_signed_assertion_gives_a_token_for_five_minutes(system: System, algorithm: str) -> None:
    answer = system.ask(system.assertion(algorithm), "system/Task.read")
    told = answer.json()
    assert (answer.status_code, told["token_type"], told["expires_in"]) == (200, "bearer", 300)
    assert told["scope"] == "system/Task.read"
    assert answer["Cache-Control"] == "no-store"
    assert not Token.objects.filter(pk=told["access_token"]).exists()  # only its hash is kept


def test_a_token_ends_by_time_and_by_closing(system: System, now: Instant) -> None:
    token = system.headers()["Authorization"].partition(" ")[2]
    issued = clock.now()
    found = tokens.caller(token, issued)
    assert found is not None
    assert found.user.organisation_id == MUNICIPALITY.sor
    assert tokens.caller(token, issued + 301 * SECOND) is None
    clients.close(system.key)
    assert tokens.caller(token, issued) is None
    assert system.ask(system.assertion()).status_code == 401


def _other() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"aud": "http://elsewhere/token"}, "aud"),
        ({"exp": int(time.time()) - 60}, "ended"),
        ({"exp": int(time.time()) + 100_000}, "five minutes"),
        ({"exp": "soon"}, "exp"),
        ({"exp": None}, "exp"),
        ({"sub": "somebody"}, "sub"),
        ({"iss": "somebody"}, "client_id"),
        ({"iss": 7}, "client_id"),
        ({"jti": None}, "jti"),
        ({"nbf": int(time.time()) + 100_000}, "begun"),
        ({"kid": "unknown"}, "signed"),
        ({"signer": _other()}, "signed"),
        ({"algorithm": "RS256"}, "signed"),
    ],
)
def test_a_wrong_assertion_lets_nobody_in(system: System, changed: dict[str, Any], why: str) -> None:
    answer = system.ask(system.assertion(**changed))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert why in answer.json()["error_description"]


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.e30.c", "..", "é.ü.å", "a" * 20_000])
def test_what_is_no_assertion_is_refused(system: System, text: str) -> None:
    assert system.ask(text).status_code in (400, 401)


def test_an_assertion_is_good_once(system: System) -> None:
    assertion = system.assertion()
    assert system.ask(assertion).status_code == 200
    again = system.ask(assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_an_unsigned_assertion_lets_nobody_in(system: System) -> None:
    import base64

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"iss": system.key, "sub": system.key, "aud": AUDIENCE, "jti": "1", "exp": int(time.time()) + 60}
    assert system.ask(f"{part({'alg': 'none'})}.{part(claims)}.").status_code == 401


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "other"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "user/Task.read openid"}, "invalid_scope"),
    ],
)
def test_other_requests_are_refused_as_oauth_says(system: System, fields: dict[str, str], error: str) -> None:
    answer = system.ask(system.assertion(), **fields)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_the_form_must_be_a_form(system: System) -> None:
    answer = system.browser.post("/fhir/oauth/token", b"\xff{", content_type="application/json")
    assert answer.json()["error"] == "invalid_request"
    form = "application/x-www-form-urlencoded"
    assert system.browser.post("/fhir/oauth/token", b"a=%FF&b=\xff", content_type=form).status_code == 400
    assert system.browser.post("/fhir/oauth/token", b"a=1&a=2", content_type=form).status_code == 400
    assert system.browser.get("/fhir/oauth/token").status_code == 405


def test_a_system_gets_no_more_than_it_was_given(here: Place, now: Instant) -> None:
    narrow = register(now, scope="system/Task.read system/Observation.*")
    asked = "system/*.read system/Patient.read system/Observation.write"
    told = narrow.ask(narrow.assertion(), asked).json()
    assert told["scope"].split() == [
        "system/Task.read",
        "system/Observation.read",
        "system/Observation.write",
    ]
    assert narrow.ask(narrow.assertion(), "system/Patient.read").json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("no JSON", "not JSON"),
        ('{"keys": []}', "no JWK Set"),
        (json.dumps(private_key()), "private"),
        (json.dumps({"keys": [{**keys()["keys"][0], "kid": ""}]}), "kid"),
        (json.dumps({"keys": [keys()["keys"][0]] * 2}), "same kid"),
        (json.dumps({"keys": [{"kty": "oct", "kid": "1"}]}), "neither"),
        (json.dumps({"keys": [{"kty": "RSA", "kid": "1", "n": "AQAB", "e": "AQAB"}]}), "key 1"),
        (json.dumps(SHORT), "short"),
        ("[" * 100_000, "not JSON"),
    ],
)
@pytest.mark.filterwarnings("ignore:Key size")
def test_only_public_keys_are_registered(here: Place, now: Instant, given: str, why: str) -> None:
    with pytest.raises(clients.ClientRefusedError, match=why):
        clients.add("EPJ", MUNICIPALITY.sor, "coordinator", ["system/*.read"], given, now=now, new_id=new_id)


def test_nobody_signs_in_to_the_pages_as_a_system(system: System) -> None:
    assert not system.browser.login(username=f"system-{system.key}", password="")
