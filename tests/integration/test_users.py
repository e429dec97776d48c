"""`naer user`: the first users of an installation, made and closed by command."""

import ast
import fcntl
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from naer.cli.users import user
from naer.site.access.models import AccessEntry
from naer.site.pathways import enrol

PASSWORD = "mette walks in the rain"
Naer = Callable[..., subprocess.CompletedProcess[str]]
METTE = ("--name", "mette", "--full-name", "Mette Kirstine Skitse")
NURSE = ("user", "add", *METTE, "--role", "coordinator", "--organisation", "1234567890123")


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NAER_", "DJANGO_"))}
    keys = {"NAER_SECRET_KEY": "for tests only, signs nothing at all, and is long enough for anybody"}
    keys |= {"NAER_NUMBER_KEY": "for tests only, seals nothing"}
    return kept | keys | {"NAER_MODE": "production", "NAER_DATABASE": f"sqlite:///{folder}/naer.sqlite3"}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Path:
    """The database of an installation that has one municipality and one hospital, to copy."""
    folder = tmp_path_factory.mktemp("installation")
    shutil.copy(tables, folder / "naer.sqlite3")
    script(
        folder,
        "from naer.site.pathways import enrol\n"
        "enrol.organisation('Skitse', 'municipality', municipality='851', sor='77', gln='1234567890123')\n"
        "enrol.organisation('Hospital', 'hospital', municipality='851', sor='88')",
    )
    return folder / "naer.sqlite3"


@pytest.fixture
def naer(tmp_path: Path, installation: Path) -> Naer:
    """The command in production mode, in that installation."""

    def run(*arguments: str, code: int = 0, said: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "naer.cli.main", *arguments],
            env=environment(tmp_path),
            cwd=tmp_path,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    shutil.copy(installation, tmp_path / "naer.sqlite3")
    return run


def script(folder: Path, code: str) -> str:
    """What some lines print, that run in the same installation."""
    start = "from naer.site import boot; boot.setup()\n"
    done = subprocess.run(
        [sys.executable, "-c", start + code],
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_user_signs_in_until_closed(naer: Naer, tmp_path: Path) -> None:
    done = naer(*NURSE, "--language", "da", "--password-stdin", said=PASSWORD + "\n")
    assert PASSWORD not in done.stdout + done.stderr
    # Signed in twice over, and somebody else once, until closed: in one process, to save starts.
    told = script(
        tmp_path,
        "from click.testing import CliRunner\n"
        "from django.test import Client\n"
        "from django.contrib.sessions.models import Session\n"
        "from naer.cli.main import cli\n"
        "from naer.site.access.models import AccessEntry\n"
        "from naer.site.accounts.models import User\n"
        "def naer(*arguments):\n"
        "    return CliRunner().invoke(cli, ['user', *arguments], standalone_mode=False).stdout\n"
        "listed = naer('list', '--json')\n"
        "hashed = User.objects.get().password.split('$')[0]\n"
        "ole = User.objects.create(username='ole')\n"
        "Client().force_login(ole)\n"
        f"form = {{'username': 'mette', 'password': {PASSWORD!r}}}\n"
        "def enter():\n"
        "    client = Client(headers={'Host': 'localhost', 'X-Forwarded-Proto': 'https'})\n"
        "    return client.post('/sign-in/', form).status_code\n"
        "entered = [enter(), enter(), Session.objects.count()]\n"
        "closed = [naer('close', 'mette'), naer('close', 'mette'), naer('list')]\n"
        "left = [int(s.get_decoded()['_auth_user_id']) == ole.pk for s in Session.objects.all()]\n"
        "trace = AccessEntry.objects.order_by('id')\n"
        "rows = [(e.user, e.organisation, e.action, e.subject.split(',')[0]) for e in trace]\n"
        "print((listed, hashed, entered, closed, enter(), left, rows))",
    )
    listed, hashed, entered, closed, status, left, rows = ast.literal_eval(told)
    assert json.loads(listed) == {
        "name": "mette",
        "full_name": "Mette Kirstine Skitse",
        "role": "coordinator",
        "organisation": "77",
        "language": "da",
        "open": True,
    }
    assert (hashed, entered) == ("argon2", [302, 302, 3])
    assert closed[:2] == ["closed: mette\n", "closed already: mette\n"]
    assert "\tclosed\n" in closed[2]
    assert (status, left) == (422, [True])
    assert rows == [
        ("naer user add", "77", "enrol", "user mette coordinator"),
        ("naer user list", "", "look", "users"),
        ("mette", "77", "signed-in", "password"),
        ("mette", "77", "signed-in", "password"),
        ("naer user close", "77", "enrol", "user mette closed"),
        ("naer user close", "77", "enrol", "user mette closed"),
        ("naer user list", "", "look", "users"),
    ]


@pytest.mark.django_db
def test_what_cannot_be_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naer.site.boot.setup", lambda *_: None)
    enrol.organisation("Skitse", "municipality", municipality="851", sor="77", gln="1234567890123")
    enrol.organisation("Hospital", "hospital", municipality="851", sor="88")

    def told(*arguments: str, code: int, said: str = "") -> str:
        done = CliRunner().invoke(user, arguments, input=said)
        assert done.exit_code == code, done.output
        assert said not in done.output or not said
        return done.stderr

    def refused(*arguments: str, said: str = PASSWORD) -> str:
        return told("add", *arguments, "--password-stdin", code=1, said=said)

    place = ("--organisation", "77")
    coordinator = ("--role", "coordinator", *place)
    assert "at least 12 characters" in refused(*METTE, *coordinator, said="rain7x")
    assert "too common" in refused(*METTE, *coordinator, said="qwerty123456")
    assert "at least 12 characters" in refused(*METTE, *coordinator, said="")
    nowhere = refused(*METTE, "--role", "coordinator", "--organisation", "99")
    assert "`naer organisation list` shows them" in nowhere
    assert "works in a hospital" in refused(*METTE, "--role", "discharge_nurse", *place)
    assert "works in a municipality" in refused(*METTE, "--role", "municipal_nurse", "--organisation", "88")
    assert "--name: " in refused("--name", "mette skitse", "--full-name", "Mette", *coordinator)
    assert "--full-name is empty" in refused("--name", "mette", "--full-name", " ", *coordinator)
    numbered = refused("--name", "710190-1234", "--full-name", "Mette", *coordinator)
    assert "person number" in numbered
    assert "710190" not in numbered
    assert "--password-stdin" in told(*NURSE[1:], code=1)
    assert "there is no user mette" in told("close", "mette", code=1)

    told(*NURSE[1:], "--password-stdin", code=0, said=PASSWORD)
    assert "there is a user METTE already" in refused("--name", "METTE", "--full-name", "M", *coordinator)
    assert AccessEntry.objects.count() == 1


@pytest.mark.usefixtures("naer")
@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), ("something else", 1)])
def test_the_terminal_asks_twice_and_shows_nothing(second: str, code: int, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "naer.cli.main", *NURSE],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    shown = _until(ours, "Password: ")
    os.write(ours, f"{PASSWORD}\n".encode())
    shown += _until(ours, "The same again: ")
    os.write(ours, f"{second}\n".encode())
    if code:
        shown += _until(ours, "Password: ")
    shown += _until(ours, None, press=b"\x03" if code else b"")
    assert (running.wait(60) == 0) is (code == 0), shown
    assert PASSWORD not in shown
    assert ("added mette" in shown) is (code == 0)
    os.close(ours)


def _until(terminal: int, words: str | None, press: bytes = b"") -> str:
    """What is shown on a terminal up to some words, or to the end.

    `press` is pressed until something is shown, as people do: an interrupt that comes just before Python
    begins to read is not heard.
    """
    shown = ""
    while words is None or words not in shown:
        while press and not select.select([terminal], [], [], 0.2)[0]:
            os.write(terminal, press)
        try:
            part = os.read(terminal, 1024)
        except OSError:  # the other side is closed
            part = b""
        if not part:
            assert words is None, shown
            break
        shown += part.decode()
    return shown
