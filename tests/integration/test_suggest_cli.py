"""`naer agreement suggest` from the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from naer.cli.main import cli
from tests.logfiles import write


@pytest.fixture
def log(tmp_path: Path) -> Path:
    rows = []
    for number in range(40):
        place = "851" if number % 2 else "860"
        for kind, hour in (("admitted", 8), ("admission_report", 9 + number % 5)):
            rows.append(
                {
                    "pathway": str(number),
                    "kind": kind,
                    "at": f"2026-03-02 {hour:02}:00",
                    "municipality": place,
                }
            )
    return write(rows, tmp_path / "log.csv")


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["agreement", "suggest", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_a_table_for_people(log: Path) -> None:
    code, out, _ = run(log, "--by", "municipality")
    assert code == 0
    assert "80 events in 40 pathways, 2026-03-02 to 2026-03-02: 1 suggestion" in out
    line = next(line for line in out.splitlines() if line.startswith("admitted"))
    assert line.split() == [
        "admitted", "admission_report", "40", "100%", "100%",
        "3.0", "h", "4.2", "h", "5.0", "h", "5.0", "h", "6", "h",
    ]  # fmt: skip
    assert "  851" in out


def test_json_and_nothing_else(log: Path) -> None:
    code, out, _ = run(log, "--json", "--municipality", "851", "--support", 20)
    assert code == 0
    told = json.loads(out)
    assert told["events"] == 40
    (only,) = told["suggestions"]
    assert (only["after"], only["deliver"], only["support"], only["share"]) == (
        "admitted",
        "admission_report",
        20,
        1.0,
    )


def test_a_file_that_is_ready_to_replay(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "our-today.yaml"
    code, _, said = run(log, "--out", out)
    assert (code, "1 clauses, 2 examples run" in said) == (0, True)
    done = CliRunner().invoke(cli, ["replay", str(out), str(log), "--engine", "reference", "--json"])
    (clause,) = json.loads(done.stdout)["clauses"]
    assert (clause["triggered"], clause["kept"]) == (40, 40)
    code, _, said = run(tmp_path / "none.csv", "--out", out)
    assert (code, "is there already" in said) == (1, True), "found out before the log is read"


def test_a_draft_of_a_store_is_of_its_country(log: Path, tmp_path: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "ours.yaml"
    CliRunner().invoke(cli, ["log", "build", str(log), "--out", str(store), "--country", "NO"])
    assert run(store, "--out", out)[0] == 0
    assert "country: NO\n" in out.read_text()
    other = tmp_path / "other.yaml"
    assert run(store, "--out", other, "--country", "DK")[0] == 0
    assert "country: DK\n" in other.read_text()
    warned = [
        "right agreement?" in CliRunner().invoke(cli, ["replay", str(file), str(store)]).stderr
        for file in (out, other)
    ]
    assert warned == [False, True]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--out", "Our Today.yaml"], "name it after the agreement"),
        (["--out", "x.yaml", "--support", "50"], "nothing was found"),
        (["--municipality", "999"], "no events of pathways in which municipality 999 has a part"),
        (["--columns", "when=x"], "an event has no 'when'"),
    ],
)
def test_what_is_wrong_is_said(log: Path, more: list[str], said: str) -> None:
    code, _, told = run(log, *more)
    assert (code, said in told) == (1, True), told
    assert not Path("x.yaml").exists()
