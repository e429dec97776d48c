"""The FHIR interface as a system meets it: a real server, a real receiver in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from naer.site.fhir.oauth import ASSERTION_TYPE
from tests.contract.fhir.test_bundle import NUMBER, STAY, bundle
from tests.integration.test_serve import free_port, served

WITHIN_S = 90
JSON = "application/fhir+json"
SOR = "999000000000860"
RECEIVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[1], "ab") as file:
            file.write(self.path.encode() + b" " + body + b"\\n")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Where a receiving process listens, and the file it writes what it is told into."""
    told = tmp_path / "told"
    process = subprocess.Popen([sys.executable, "-c", RECEIVER, str(told)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}/in", told
    process.kill()
    process.communicate()


def naer(folder: Path, *arguments: str) -> str:
    """What a command prints, in the installation of a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "naer.cli.main", *arguments],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def call(url: str, data: bytes | None = None, **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and body of an answer."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, sent), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


def token(base: str, key: ECKey, client: str) -> str:
    """Sign in."""
    address = json.loads(call(f"{base}/.well-known/smart-configuration")[2])["token_endpoint"]
    claims = {
        "iss": client,
        "sub": client,
        "aud": address,
        "jti": str(uuid.uuid4()),
        "exp": int(time.time()) + 200,
    }
    form = {
        "grant_type": "client_credentials",
        "scope": "system/*.*",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode({"alg": "ES384", "kid": "k"}, claims, key, ["ES384"]),
    }
    kind = "application/x-www-form-urlencoded"
    status, _, body = call(address, urllib.parse.urlencode(form).encode(), Content_Type=kind)
    assert status == 200, body
    return f"Bearer {json.loads(body)['access_token']}"


def test_sign_in_export_and_be_told(tmp_path: Path, receiver: tuple[str, Path], tables: Path) -> None:
    endpoint, told = receiver
    key = ECKey.generate_key("P-384", {"kid": "k"})
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    (tmp_path / "stay.json").write_text(json.dumps(bundle(STAY)))
    (tmp_path / "var").mkdir()
    shutil.copy(tables, tmp_path / "var" / "naer.sqlite3")
    _settle(tmp_path)
    received = json.loads(naer(tmp_path, "receive", "--json", "stay.json"))
    assert (received["standard"], received["acknowledgement"]) == ("fhir-bundle", "ok")
    acts = ("--role", "coordinator", "--scope", "system/*.*", "--keys", "keys.json")
    client = naer(tmp_path, "client", "add", "--name", "EPJ", "--organisation", SOR, *acts)
    assert json.loads(naer(tmp_path, "client", "list", "--json"))["client_id"] == client
    with served(tmp_path, free_port(), NAER_MODE="demo") as address:
        base = f"{address}/fhir"
        mine = {"Authorization": token(base, key, client)}
        exported = _exported(base, mine)
        assert {"Patient", "Encounter"} <= exported.keys()
        (citizen,) = exported["Patient"]
        _subscribe(base, mine, endpoint)
        seen = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "Vægt"},
            "subject": {"reference": f"Patient/{citizen['id']}"},
            "valueQuantity": {"value": 71.5, "unit": "kg"},
        }
        assert _posted(f"{base}/Observation", seen, mine)[0] == 201
        _until(told.exists)
        path, _, body = told.read_bytes().partition(b" ")
        assert json.loads(body)["valueQuantity"]["value"] == 71.5
        assert path.decode() == f"/in/Observation/{json.loads(body)['id']}"
        status, _, _ = call(f"{base}/Observation", b"[" * 300_000, Content_Type=JSON, **mine)
        assert status == 400
        naer(tmp_path, "client", "close", client)
        assert call(f"{base}/Patient", **mine)[0] == 401


def _settle(folder: Path) -> None:
    """A municipality with a citizen in a new installation."""
    code = (
        "from naer.site import boot; boot.setup()\n"
        "from naer.site.identity import new_id\n"
        "from naer.site.pathways import enrol\n"
        f"enrol.organisation('Prøvekommune', 'municipality', municipality='860', sor='{SOR}')\n"
        f"enrol.citizen('{NUMBER}', '860', new_id=new_id, case='home-care')\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=folder, env=_environment(), check=True)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("NAER_", "DJANGO_"))}


def _exported(base: str, mine: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    status, headers, body = call(f"{base}/$export", Prefer="respond-async", **mine)
    assert status == 202, body
    found: list[Any] = []

    def done() -> bool:
        found[:] = call(headers["Content-Location"], **mine)
        return bool(found[0] != 202)

    _until(done)
    assert found[0] == 200, found[2]
    return {
        one["type"]: [json.loads(line) for line in call(one["url"], **mine)[2].splitlines()]
        for one in json.loads(found[2])["output"]
    }


def _subscribe(base: str, mine: dict[str, str], endpoint: str) -> None:
    """Subscribe to observations, and wait until the subscription is active."""
    wanted = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "omsorgssystemet følger med",
        "criteria": "Observation",
        "channel": {"type": "rest-hook", "endpoint": endpoint, "payload": JSON},
    }
    status, _, made = _posted(f"{base}/Subscription", wanted, mine)
    assert status == 201, made
    name = f"{base}/Subscription/{json.loads(made)['id']}"
    _until(lambda: json.loads(call(name, **mine)[2])["status"] == "active")


def _posted(url: str, resource: dict[str, Any], mine: dict[str, str]) -> tuple[int, Any, bytes]:
    return call(url, json.dumps(resource).encode(), Content_Type=JSON, **mine)


def _until(true: Any) -> None:
    end = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
