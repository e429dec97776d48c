"""The commands: what each does and says; and as processes, several at once, on a database of each kind."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from naer.events.instant import HOUR, text
from naer.site.access.models import AccessEntry
from tests.commands import Commands
from tests.conftest import scratch
from tests.integration.intake import ward
from tests.integration.intake.office import STRANGER, care, norway, post
from tests.integration.intake.ward import HOSPITAL, NUMBER, Stay, at, resent

ROOT = Path(__file__).resolve().parents[3]
KEYS = [
    "file",
    "message_id",
    "standard",
    "code",
    "acknowledgement",
    "issues",
    "duplicate",
    "shown",
    "stored",
    "citizen_status",
    "pathway",
    "report_owed",
]
NORDVIK = (
    "organisation", "add", "--name", "Nordvik kommune", "--role", "municipality",
    "--municipality", "4601", "--her", "8801", "--her", "8802=KD0501",
)  # fmt: skip
Naer = Callable[..., subprocess.CompletedProcess[str]]


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "naer.cli.main", *map(str, arguments)]


def environment() -> dict[str, str]:
    foreign = ("NAER_", "DJANGO_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    keys = {
        "NAER_SECRET_KEY": "for tests only, signs nothing",
        "NAER_NUMBER_KEY": "for tests only, seals nothing",
    }
    return kept | keys | {"NAER_MODE": "test"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    """What the database runs on."""
    return str(request.param)


@pytest.fixture
def called(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Calls commands in this process, in the test's folder and on Django's database."""
    monkeypatch.chdir(tmp_path)
    return Commands(monkeypatch)


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest, tmp_path: Path, tables: Path) -> str:
    """A database with its tables and nothing in them."""
    if kind == "postgresql":
        return str(request.getfixturevalue("postgres_copy"))
    return f"sqlite:///{shutil.copy(tables, tmp_path / 'naer.sqlite3')}"


@pytest.fixture(scope="module")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Path:
    """An SQLite database with the town's register, to copy."""
    made = tmp_path_factory.mktemp("town") / "naer.sqlite3"
    shutil.copy(tables, made)
    found(f"sqlite:///{made}", made.parent)
    return made


@pytest.fixture(scope="module")
def postgres_town(
    postgres_server: str, postgres_tables: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a PostgreSQL database with the town's register, to be a template."""
    with scratch(postgres_server, f"template {postgres_tables}") as url:
        found(url, tmp_path_factory.mktemp("town"))
        yield url.rpartition("/")[2]


@pytest.fixture
def town(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the hospital, the municipality and the citizen of `ward` in it."""
    if kind == "postgresql":
        server, like = (request.getfixturevalue(name) for name in ("postgres_server", "postgres_town"))
        with scratch(server, f"template {like}") as url:
            yield url
    else:
        made = request.getfixturevalue("sqlite_town")
        yield f"sqlite:///{shutil.copy(made, tmp_path / 'naer.sqlite3')}"


def found(database: str, folder: Path) -> None:
    """Put the register into an empty database, in a process of its own."""
    script = (
        f"from naer.site import boot; boot.setup({database!r})\n"
        "from tests.integration.intake.ward import town; town()"
    )
    path = environment() | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], env=path, cwd=folder, check=True)


@pytest.fixture
def unused(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that nothing has been done to."""
    if kind == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/new/naer.sqlite3"


@pytest.fixture
def naer(request: pytest.FixtureRequest, tmp_path: Path) -> Naer:
    """Runs a command as a process, on the town's database or on the one without it."""
    name = "town" if "town" in request.fixturenames else "database"
    database = request.getfixturevalue(name)

    def run(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command(*arguments, "--database", database),
            env=environment(),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert is_closed(database)
        return done

    return run


def is_closed(database: str) -> bool:
    """Whether whoever used the database closed it: on SQLite no write-ahead log is left beside it."""
    return not Path(f"{database.removeprefix('sqlite:///')}-wal").exists()


def at_once(database: str, tmp_path: Path, *calls: tuple[str | Path, ...]) -> list[str]:
    """What commands print that are started together."""
    started = [
        subprocess.Popen(
            command(*call, "--database", database),
            env=environment(),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for call in calls
    ]
    printed = []
    for process in started:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        printed.append(out)
    assert is_closed(database)
    return printed


def objects(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def test_one_object_for_each_file_in_order(called: Commands, tmp_path: Path) -> None:
    called(
        "organisation", "add", "--name", HOSPITAL.name, "--role", "hospital",
        "--municipality", "851", "--sor", HOSPITAL.sor, "--gln", HOSPITAL.gln,
    )  # fmt: skip
    ward.town()
    stay = Stay()
    first = stay.send("STIN", at("2 10:00"), report_requested=True)
    files = {
        "a.json": first,
        "b.json": resent(first, "again"),
        "c.json": b"{",
        "d.xml": stay.send("SLHJ", at("3 10:00"), format="xml"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = called(
        "receive",
        "a.json",
        "b.json",
        "missing.json",
        "c.json",
        "d.xml",
        "--json",
        "--ack-dir",
        "acks",
        code=1,
    )
    found = objects(done.stdout)
    assert [one["file"] for one in found] == ["a.json", "b.json", "missing.json", "c.json", "d.xml"]
    assert all(list(one) == KEYS for one in found)
    told = [(one["code"], one["acknowledgement"], one["duplicate"], one["citizen_status"]) for one in found]
    assert told == [
        ("STIN", "ok", False, "admitted"),
        ("STIN", "ok", True, "admitted"),
        (None, "fatal-error", False, "none"),
        (None, "fatal-error", False, "none"),
        ("SLHJ", "ok", False, "discharged"),
    ]
    assert [one["report_owed"] for one in found] == [True, False, False, False, False]
    assert found[2]["issues"]
    assert NUMBER not in done.stdout + done.stderr
    answers = sorted((tmp_path / "acks").iterdir())
    assert [path.suffix for path in answers] == [".json", ".json", ".json", ".xml"]
    assert answers[0].read_bytes() == answers[1].read_bytes()

    refused = called("receive", "c.json", "--json")
    assert objects(refused.stdout)[0]["acknowledgement"] == "fatal-error"
    shown = json.loads(called("citizen", "show", NUMBER, "--json").stdout)
    assert shown["status"] == "discharged"
    assert len(shown["stays"]) == 1
    assert [one["code"] for one in shown["notifications"]] == ["STIN", "SLHJ"]
    assert NUMBER not in json.dumps(shown)
    called("doctor")


def test_no_name_and_no_size_of_a_file_stops_the_others(called: Commands, tmp_path: Path) -> None:
    ward.town()
    (tmp_path / "last.json").write_bytes(Stay().send("STIN", at("2 10:00")))
    (tmp_path / "huge.json").touch()
    os.truncate(tmp_path / "huge.json", 100_000_000_000)  # no byte of it is written, nor read as a whole
    (tmp_path / "b\udcff.json").write_bytes(b"{")
    found = objects(called("receive", "--json", "huge.json", "b\udcff.json", "last.json").stdout)
    assert [one["file"] for one in found] == ["huge.json", "b\N{REPLACEMENT CHARACTER}.json", "last.json"]
    assert [one["acknowledgement"] for one in found] == ["fatal-error", "fatal-error", "ok"]
    assert found[0]["issues"][0]["code"] == "too-long"


@pytest.mark.parametrize("url", ["mysql://naer:secret@host/naer", "sqlite:///{file}"])
def test_what_is_no_database_is_told_in_words(url: str, tmp_path: Path) -> None:
    (tmp_path / "message.json").write_text("{}" * 4096)
    done = subprocess.run(
        command("citizen", "show", "x", "--database", url.format(file=tmp_path / "message.json")),
        env=environment(), cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert "--database" in done.stderr
    assert not any(word in done.stderr for word in ("fault in Naer", "secret", "mssql"))


def test_who_looks_by_command_leaves_a_trace(called: Commands) -> None:
    called("citizen", "add", "--id", NUMBER, "--municipality", "851", "--case", "home-care")
    key = json.loads(called("citizen", "show", NUMBER, "--json").stdout)["citizen"]
    assert list(AccessEntry.objects.order_by("id").values_list("action", "citizen", "user")) == [
        ("enrol", key, "naer citizen add"),
        ("look", key, "naer citizen show"),
    ]


def test_a_case_without_legal_basis_is_kept_and_told(called: Commands) -> None:
    who = ("citizen", "add", "--id", NUMBER, "--municipality", "851")
    done = called(*who, "--case", "library-card")
    assert "gives no legal basis; kinds that do: home-care, " in done.stderr
    assert done.stdout.startswith("added citizen ")
    assert json.loads(called("citizen", "show", NUMBER, "--json").stdout)["cases"] == [
        {"municipality": "851", "kind": "library-card"}
    ]
    again = called(*who, "--case", "home-care")
    assert again.stderr == ""
    assert again.stdout == done.stdout.replace("added", "changed")
    assert "write 1 to 40" in called(*who, "--case", "x" * 41, code=1).stderr


@pytest.mark.parametrize("code", ["", "85", "08510", "Skitse", "٨٥١", "851\n"])
def test_a_municipality_has_a_code(code: str, called: Commands) -> None:
    done = called("citizen", "add", "--id", NUMBER, "--municipality", code, "--case", "home-care", code=1)
    assert "is not a municipality code" in done.stderr
    assert NUMBER not in done.stdout + done.stderr


def test_an_organisation_has_several_addresses(called: Commands) -> None:
    called(*NORDVIK)
    (known,) = objects(called("organisation", "list", "--json").stdout)
    assert known["key"] == "her:8801"
    assert known["addresses"] == [{"her": "8801", "service": ""}, {"her": "8802", "service": "KD0501"}]


def test_a_citizen_nobody_knows_has_no_status(called: Commands) -> None:
    assert json.loads(called("citizen", "show", NUMBER, "--json").stdout)["status"] == "none"


def test_the_same_message_twice_at_once_is_one_message(naer: Naer, town: str, tmp_path: Path) -> None:
    message = Stay().send("STIN", at("2 10:00"), report_requested=True)
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.json").write_bytes(resent(message, f"bundle-{name}"))
    printed = at_once(
        town,
        tmp_path,
        *(("receive", f"{name}.json", "--json", "--ack-dir", f"ack-{name}") for name in "abc"),
    )
    found = [objects(one)[0] for one in printed]
    assert sorted(one["duplicate"] for one in found) == [False, True, True]
    assert {one["acknowledgement"] for one in found} == {"ok"}
    assert len({next((tmp_path / f"ack-{name}").iterdir()).read_bytes() for name in "abc"}) == 1
    shown = json.loads(naer("citizen", "show", NUMBER, "--json").stdout)
    assert len(shown["notifications"]) == 1
    assert sum(one["clause"] == "admission-report" for one in shown["obligations"]) == 1


def test_two_clocks_at_once_fire_each_step_once(naer: Naer, town: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(Stay().send("STIN", at("2 10:00"), report_requested=True))
    naer("receive", "a.json", "--json", "--now", text(at("2 10:05")))
    turn = ("tick", "--json", "--now", text(at("5 10:00")))
    together = [json.loads(one)["fired"] for one in at_once(town, tmp_path, turn, turn)]
    assert sum(together) > 0
    again = json.loads(naer(*turn).stdout)
    assert again["fired"] == 0
    assert again["ended"] == {"plans": 0, "grants": 0, "given_back": 0, "failed": 0}
    naer("doctor", "--now", text(at("5 10:00")))


def test_two_first_uses_at_once_make_one_database(unused: str, tmp_path: Path) -> None:
    add = ("citizen", "add", "--id", NUMBER, "--municipality", "851", "--case", "home-care")
    at_once(unused, tmp_path, add, ("organisation", "list"), ("organisation", "list"))
    (shown,) = at_once(unused, tmp_path, ("citizen", "show", NUMBER, "--json"))
    assert json.loads(shown)["cases"]


def test_letters_about_one_unknown_citizen_at_once_make_one_citizen(
    naer: Naer, database: str, tmp_path: Path
) -> None:
    """On a database without any register, from two processes, each with a copy of the other's."""
    when = at("3 10:00")
    letters = [care(f"cc-{n}", when + n * HOUR, person=STRANGER) for n in range(1, 9)]
    for letter in letters:
        (tmp_path / f"{letter.message_id}.json").write_bytes(post(letter))
    (tmp_path / "no.xml").write_bytes(
        post(norway.admitted("no-1", "2026-03-02T10:20:00", "2026-03-02T10:00:00"))
    )
    naer(*NORDVIK)
    names = [f"{letter.message_id}.json" for letter in letters] + ["no.xml"]
    first = ("receive", "--json", *(tmp_path / name for name in names))
    second = ("receive", "--json", *(tmp_path / name for name in reversed(names)))
    found = [one for printed in at_once(database, tmp_path, first, second) for one in objects(printed)]
    assert {one["acknowledgement"] for one in found} == {"ok"}
    assert sum(one["duplicate"] for one in found) == len(names)
    care_keys = [*KEYS, "thread", "position", "segments"]
    assert {tuple(one) for one in found} == {tuple(care_keys), (*KEYS, "type", "version")}
    script = (
        f"from naer.site import boot; boot.setup({database!r})\n"
        "from naer.site.pathways.models import Citizen; from naer.site.messaging.models import StoredLetter\n"
        "print(Citizen.objects.count(), StoredLetter.objects.count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["2", "9"]
