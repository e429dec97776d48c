"""Signing in through a real provider of identities, which runs as a process of its own."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.test import Client
from pytest_django import Settings

from naer.events.instant import MINUTE, SECOND
from naer.site import clock
from naer.site.access.models import AccessEntry
from naer.site.accounts import enrol, identities, oidc
from naer.site.accounts.models import Identity, User
from naer.site.accounts.providers import WrongProviderError, providers
from tests import place
from tests.integration.identity.conftest import FILE, STAFF, Arrive, Running, prove, write
from tests.place import Place


def signed_in(answer: Any) -> User | None:
    """Who is signed in where an answer came from."""
    key = answer.client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_a_citizen(arrive: Arrive, here: Place) -> None:
    assert "Sign in with Prove" in Client().get("/sign-in/").content.decode()
    client = Client()
    client.get("/sign-in/")
    answer = arrive("aage", client, "/agreements/")
    aage = signed_in(answer)
    assert aage is not None
    assert answer["Location"] == "/agreements/"
    assert (aage.citizen, aage.role, aage.get_full_name()) == (here.neighbour, "citizen", "Aage Prøvesen")
    assert not aage.has_usable_password()
    assert "720241" not in aage.username + json.dumps(dict(client.session.items()))
    assert signed_in(arrive("aage")) == aage, "the same one next time"
    assert signed_in(arrive("karen")) == here.users["karen"], "one who has a user already"
    rows = AccessEntry.objects.filter(user=aage.username).order_by("pk")
    assert [(row.action, row.subject, row.citizen) for row in rows] == [
        ("linked", "prove, at the first sign-in", ""),
        ("signed-in", "prove", ""),
        ("signed-in", "prove", ""),
    ]
    out = client.post("/sign-out/")
    assert out["Location"] == "/sign-in/?left=prove"
    page = client.get(out["Location"]).content.decode()
    assert "You may still be signed in at Prove" in page
    assert "/identity/o/logout?client_id=naer" in page


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("stranger", "Nobody here is linked"),
        ("unsure", "not strongly enough"),
        ("other-userinfo", "could not be trusted"),
        ("kirsten", "Nobody here is linked"),
    ],
)
def test_who_is_not_let_in(who: str, said: str, arrive: Arrive, here: Place) -> None:
    User.objects.filter(username="mette").update(email="mette@example.dk")
    answer = arrive(who)
    assert answer.status_code == 403
    assert said in answer.content.decode()
    assert signed_in(answer) is None
    assert not Identity.objects.exists()


def test_somebody_whom_an_administrator_linked(arrive: Arrive, provider: Running) -> None:
    prove_by = providers()["prove"]
    now = clock.real()
    kim = enrol.admit(enrol.draft("kim", "Kim Testgaard", "relative"), None)
    identities.link("kim", prove_by, number="740466-1237", now=now)
    assert signed_in(arrive("kim")) == kim
    provider.people["kim"]["both"]["dk.cpr"] = "7101901299"
    provider.say()
    assert signed_in(arrive("kim")) == kim, "by the subject from now on"
    for who, more in (
        ("mette", {"number": "7404661237"}),
        ("mette", {"subject": Identity.objects.get().subject}),
    ):
        with pytest.raises(enrol.UserRefusedError, match="linked with a user already"):
            identities.link(who, prove_by, now=now, **more)  # type: ignore[arg-type]
    with pytest.raises(enrol.UserRefusedError, match="no person number"):
        identities.link("mette", prove_by, number="7404661", now=now)
    User.objects.filter(pk=kim.pk).update(is_active=False)
    assert "Your user is closed" in arrive("kim").content.decode()
    User.objects.filter(pk=kim.pk).update(is_active=True)
    there = arrive("kim").client
    assert there.get("/agreements/").status_code == 200
    assert identities.unlink("kim", "prove", now + SECOND) == 1
    assert there.get("/agreements/").status_code == 302, "the sessions ended"
    assert "Nobody here" in arrive("kim").content.decode()


def test_staff_with_role_and_organisation_from_the_provider(
    arrive: Arrive, provider: Running, settings: Settings
) -> None:
    claims = 'number = "dk.cpr"\nrole = "groups"\norganisation = "orgnr"'
    staff = {'["citizen"]': '["citizen", "staff"]', 'number = "dk.cpr"': claims}
    write(provider, settings, FILE + STAFF, **staff)
    first = arrive("kirsten")
    kirsten = signed_in(first)
    assert kirsten is not None
    assert (kirsten.role, kirsten.organisation_id) == ("coordinator", place.MUNICIPALITY.sor)
    assert first.client.get("/agreements/").status_code == 200

    provider.people["kirsten"]["both"]["groups"] = "sygeplejerske"
    provider.say()
    second = arrive("kirsten")
    assert signed_in(second) == kirsten
    kirsten.refresh_from_db()
    assert kirsten.role == "municipal_nurse"
    assert first.client.get("/agreements/").status_code == 302, "sessions in the old role have ended"

    for change in ({"groups": ["administrator"]}, {"groups": "koordinator", "orgnr": "0000"}):
        provider.people["kirsten"]["both"] |= change
        provider.say()
        assert "Nobody here is linked" in arrive("kirsten").content.decode(), change
    write(provider, settings, FILE + STAFF + f'\n[organisations]\n"0000" = "{place.HOSPITAL.gln}"', **staff)
    arrive("kirsten")
    kirsten.refresh_from_db()
    assert kirsten.organisation_id == place.HOSPITAL.sor


def test_pushed_requests_and_our_issuer_as_audience(
    arrive: Arrive, provider: Running, settings: Settings
) -> None:
    write(provider, settings, 'pushed = true\naudience = "issuer"' + FILE)
    sent = Client().get("/sign-in/with/prove/")["Location"]
    assert set(parse_qs(urlsplit(sent).query)) == {"client_id", "request_uri"}
    assert signed_in(arrive("karen")) is not None


def test_what_is_sent(provider: Running, here: Place) -> None:
    client = Client()
    asked = parse_qs(
        urlsplit(client.get("/sign-in/with/prove/?next=https://elsewhere.example")["Location"]).query
    )
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == ["http://testserver/sign-in/with/prove/back/"]
    assert asked["scope"] == ["openid profile ssn"]
    kept = client.session["naer_provider"]
    assert kept["next"] == ""
    assert kept["verifier"] not in str(asked)
    again = parse_qs(urlsplit(client.get("/sign-in/with/prove/")["Location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert again[name] != asked[name]


def test_what_comes_back_must_be_what_was_begun(
    provider: Running, here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun() -> tuple[Client, str]:
        client = Client()
        sent = client.get("/sign-in/with/prove/")["Location"]
        return client, prove(sent, "karen").removeprefix("http://testserver")

    client, back = begun()
    other = Client()
    other.get("/sign-in/with/prove/")
    for guest in (Client(), other):
        answer = guest.get(back)
        assert answer.status_code == 403, "another browser"
        assert "another browser" in answer.content.decode()
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 403, "used once"
    assert Client().get("/sign-in/with/nobody/").status_code == 404

    client, back = begun()
    assert client.get(back + "&iss=https://elsewhere.example").status_code == 403

    client, back = begun()
    session = client.session
    session["naer_provider"] = session["naer_provider"] | {"verifier": "x" * 64}
    session.save()
    answer = client.get(back)
    assert answer.status_code == 503, "the provider refuses a code that was challenged by another verifier"
    assert signed_in(answer) is None

    client, back = begun()
    session = client.session
    session["naer_provider"] = session["naer_provider"] | {"nonce": "another"}
    session.save()
    assert "could not be trusted" in client.get(back).content.decode()

    client, back = begun()
    state = parse_qs(urlsplit(back).query)["state"][0]
    stopped = client.get(f"/sign-in/with/prove/back/?error=access_denied&state={state}")
    assert "You stopped before the end" in stopped.content.decode()

    client, back = begun()
    later = clock.real() + 16 * MINUTE
    monkeypatch.setattr(clock, "real", lambda: later)
    assert client.get(back).status_code == 403, "too old"
    assert User.objects.filter(role="citizen").count() == 1


def test_the_provider_signs_somebody_out(arrive: Arrive, provider: Running) -> None:
    answer = arrive("karen")
    subject = Identity.objects.get().subject
    key = provider.signing_key()
    now = int(clock.real() // SECOND)
    events = {"http://schemas.openid.net/event/backchannel-logout": {}}
    right = {
        "iss": provider.issuer,
        "aud": "naer",
        "iat": now,
        "exp": now + 60,
        "jti": "1",
        "sub": subject,
        "events": events,
    }
    kid = jwt.get_unverified_header(token_of(provider, "karen"))["kid"]

    def told(claims: dict[str, Any], secret: Any = key, algorithm: str = "RS256") -> int:
        token = jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": kid})
        client = Client(enforce_csrf_checks=True)
        return client.post("/sign-in/with/prove/signed-out/", {"logout_token": token}).status_code

    for wrong in (
        right | {"iss": "https://elsewhere.example"},
        right | {"aud": "another"},
        right | {"events": {}},
        right | {"nonce": "x"},
        right | {"iat": now - 9000, "exp": now - 8000},
        right | {"exp": None},
        {name: value for name, value in right.items() if name != "sub"},
    ):
        assert told(wrong) == 400, wrong
    assert told(right, "a secret that everybody can choose, long enough", "HS256") == 400
    assert Client().post("/sign-in/with/prove/signed-out/", {"logout_token": "x.y.z"}).status_code == 400
    assert answer.client.get("/agreements/").status_code == 200
    assert told(right) == 200
    assert answer.client.get("/agreements/").status_code == 302
    assert signed_in(arrive("karen")) is not None, "and in again"


def token_of(provider: Running, who: str) -> str:
    """An ID token that the provider gives."""
    client = Client()
    sent = client.get("/sign-in/with/prove/")["Location"]
    kept = client.session["naer_provider"]
    code = parse_qs(urlsplit(prove(sent, who)).query)["code"][0]
    chosen, now = providers()["prove"], clock.real()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://testserver/sign-in/with/prove/back/",
        "code_verifier": kept["verifier"],
    }
    return str(oidc._post(chosen, oidc.addresses(chosen), "token_endpoint", form, now)["id_token"])


def test_a_provider_that_is_not_there(provider: Running, here: Place, settings: Settings) -> None:
    write(provider, settings, FILE.replace("{issuer}", "http://127.0.0.1:9"))
    answer = Client().get("/sign-in/with/prove/")
    assert answer.status_code == 503
    assert "Try again later" in answer.content.decode()
    assert Client().get("/sign-in/").status_code == 200
    write(provider, settings, FILE.replace("{issuer}", provider.issuer + "/"))
    assert Client().get("/sign-in/with/prove/").status_code == 503, "the metadata are of another issuer"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Prove"', "", "missing required field `title`"),
        ('title = "Prove"', "titel = 1", "unknown field `titel`"),
        ("{issuer}", "http://elsewhere.example", "https"),
        ('"openid", ', "", 'must hold "openid"'),
        ('"naer.pem"', '"nothing.pem"', "names no file"),
        ("ES256", "none", "algorithm"),
        ("userinfo = true", 'signed_with = ["HS256"]', "public key"),
        ('["citizen"]', '["staff"]', "to admit staff"),
        ('number = "dk.cpr"', "", "claims.number"),
        ("[claims]", '[roles]\nx = "citizen"\n[claims]', "no role of staff"),
        ("[claims]", "[claims", "no TOML"),
        ("title", 'extends = "nobody"\ntitle', "helseid, mitid-broker"),
        ("title", 'name = "Prove it"\ntitle', "small letters"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(
    old: str, new: str, said: str, running: Running, settings: Settings
) -> None:
    write(running, settings, FILE.replace(old, new))
    with pytest.raises(WrongProviderError, match=said):
        providers()


def test_the_files_that_naer_ships(running: Running, settings: Settings) -> None:
    for base, more in (("mitid-broker", ""), ("helseid", '[parameters]\nprompt = "login"')):
        write(running, settings, f'extends = "{base}"\nclient_id = "x"\nkey = "naer.pem"\n{more}')
        (found,) = providers().values()
        assert found.name in {"mitid", "helseid"}
        assert found.require
        assert found.claims.number
        assert "openid" in found.scopes
    assert found.parameters == {"prompt": "login"}
    assert found.pushed
