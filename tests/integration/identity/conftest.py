"""A provider of identities in a process of its own, a browser that goes there, and Naer set up for it."""

import json
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client
from joserfc.jwk import ECKey
from pytest_django import Settings

from naer.site.accounts import oidc
from tests import place
from tests.place import NUMBERS, Place

PASSWORD = "proves who somebody is"
BACK = "http://testserver/sign-in/with/prove/back/"
SURE, UNSURE = "urn:high", "urn:low"

PEOPLE: dict[str, dict[str, dict[str, Any]]] = {
    "aage": {"both": {"name": "Another Name", "dk.cpr": "720241-1235", "acr": SURE}},
    "karen": {"both": {"name": "Karen Testgaard", "dk.cpr": "710190-1234", "acr": SURE}},
    "stranger": {"both": {"dk.cpr": "7101901299", "acr": SURE, "email": "mette@example.dk"}},
    "unsure": {"both": {"dk.cpr": NUMBERS[0], "acr": UNSURE}},
    "kirsten": {
        "both": {
            "name": "Kirsten Skitse",
            "orgnr": ["1", place.MUNICIPALITY.gln],
            "groups": ["other", "koordinator"],
            "acr": SURE,
        }
    },
    "other-userinfo": {"id_token": {"dk.cpr": NUMBERS[0], "acr": SURE}, "userinfo": {"sub": "somebody else"}},
    "kim": {"both": {"dk.cpr": "7404661237", "acr": SURE}},
}
FILE = """
title = "Prove"
issuer = "{issuer}"
client_id = "naer"
key = "naer.pem"
algorithm = "ES256"
scopes = ["openid", "profile", "ssn"]
userinfo = true
admits = ["citizen"]
[require]
acr = ["urn:high"]
[claims]
number = "dk.cpr"
"""
STAFF = """
[roles]
sygeplejerske = "municipal_nurse"
koordinator = "coordinator"
"""


@dataclass
class Running:
    """The provider: where it is, what it says of people (to be changed), and its signing key."""

    issuer: str
    folder: Path
    people: dict[str, dict[str, dict[str, Any]]]

    def say(self) -> None:
        """Let the process know what `people` says now."""
        path = self.folder / "given.json"
        given = json.loads(path.read_text())
        path.write_text(json.dumps(given | {"people": self.people}))

    def signing_key(self) -> bytes:
        with urllib.request.urlopen(f"{self.issuer}/key", timeout=10) as answer:
            return bytes(answer.read())


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The process, one for the session."""
    folder = tmp_path_factory.mktemp("provider")
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "naer.pem").write_bytes(pem)
    jwk = ECKey.import_key(pem).as_dict(private=False)
    given = {"client": {"id": "naer", "jwk": jwk, "back": [BACK]}, "people": PEOPLE}
    (folder / "given.json").write_text(json.dumps(given))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("provider_process.py")), str(port), str(folder),
         str(folder / "given.json")],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n", "the provider did not start"
        yield Running(f"http://127.0.0.1:{port}", folder, json.loads(json.dumps(PEOPLE)))
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def provider(running: Running, settings: Settings) -> Iterator[Running]:
    """The provider, with Naer set up for it; it says of people what it said at first."""
    running.people = json.loads(json.dumps(PEOPLE))
    running.say()
    write(running, settings)
    yield running
    oidc._metadata.cache_clear()
    oidc._keys.cache_clear()


def write(running: Running, settings: Settings, text: str = FILE, **changes: str) -> None:
    """Set Naer up with a provider's file."""
    path = running.folder / "prove.toml"
    text = text.format(issuer=running.issuer)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    settings.IDENTITY = [str(path)]


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows redirects until they lead away from the provider."""

    def redirect_request(self, request: Any, *rest: Any) -> Any:
        address = rest[-1]
        if not address.startswith("http://127.0.0.1"):
            raise Left(address)
        return super().redirect_request(request, *rest)


class Left(Exception):
    """The browser was sent away from the provider, to `address`."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def prove(address: str, who: str) -> str:
    """Be `who` at the provider, from the address that Naer sent us to; the address it sends us back to."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _Stays())
    try:
        with browser.open(address, timeout=20) as page:
            here = page.geturl()
            page.read()
        form = {"login": who, "password": PASSWORD}
        with browser.open(here, urllib.parse.urlencode(form).encode(), timeout=20) as page:
            raise AssertionError(f"not sent back: {page.geturl()}")
    except Left as left:
        return left.address


Arrive = Callable[..., Any]


@pytest.fixture
def here(db: None) -> Place:
    """The small place."""
    return place.build()


@pytest.fixture
def arrive(provider: Running, here: Place) -> Arrive:
    """Sign in as somebody through the provider: Naer's answer when they come back."""

    def sign_in(who: str, client: Client | None = None, then: str = "") -> Any:
        client = client or Client()
        sent = client.get("/sign-in/with/prove/" + (f"?next={then}" if then else ""))
        assert sent.status_code == 302, sent.content.decode()
        back = prove(sent["Location"], who)
        return client.get(back.removeprefix("http://testserver"))

    return sign_in
