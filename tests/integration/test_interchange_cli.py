"""`naer log export` from the command line."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from naer.cli.main import cli
from naer.events.instant import ZONES
from naer.logs.read import read
from tests.logfiles import write


@pytest.fixture
def log(tmp_path: Path) -> Path:
    rows = [
        {"pathway": "1", "kind": "admitted", "at": "2026-03-02 10:00", "id": "a", "ward": "A"},
        {"pathway": "2", "kind": "admitted", "at": "2026-03-02 11:00", "id": "b", "ward": "B"},
        {"pathway": "1", "kind": "discharged", "at": "2026-03-03 10:00", "id": "c", "ward": "A"},
        {"pathway": "2", "kind": "discharged", "at": "soon", "id": "d", "ward": "A"},
    ]
    return write(rows, tmp_path / "log.csv")


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["log", "export", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_a_file_becomes_xes(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "log.xes"
    code, said, warned = run(log, "--out", out)
    assert (code, "3 events in 2 pathways" in said) == (0, True)
    assert "1 rows are no events" in warned
    assert [event.id for event in read(out, zone=ZONES["DK"]).events] == ["a", "c", "b"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_store_becomes_packed_xes(log: Path, tmp_path: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "log.xes.gz"
    assert CliRunner().invoke(cli, ["log", "build", str(log), "--out", str(store)]).exit_code == 0
    code, said, _ = run(store, "--out", out, "--to", "xes.gz", "--json")
    assert (code, json.loads(said)["events"]) == (0, 3)
    assert gzip.decompress(out.read_bytes()).startswith(b"<?xml")
    found, given = (sorted(read(path, zone=ZONES["DK"]).events, key=str) for path in (out, log))
    assert found == given


@pytest.mark.parametrize(
    ("out", "said"), [("log.txt", "say the format with --to"), ("log.csv", "say the format with --to")]
)
def test_what_is_wrong_is_said(log: Path, tmp_path: Path, out: str, said: str) -> None:
    code, _, told = run(log, "--out", tmp_path / out)
    assert (code, said in told) == (1, True)
    code, _, told = run(log, "--out", log, "--to", "xes")
    assert (code, "is there already" in told) == (1, True)
    code, _, told = run(tmp_path / "none.csv", "--out", tmp_path / "a.xes")
    assert (code, "no such file" in told) == (1, True)
    assert not (tmp_path / "a.xes").exists()
