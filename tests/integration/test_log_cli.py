"""`naer log`: a store holds what its sources hold, and nothing that happens on the way loses a row."""

import datetime as dt
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from naer.cli.main import cli
from naer.events.event import Event
from naer.events.instant import ZONES
from naer.events.log import effective
from naer.logs import columns
from naer.logs.read import read
from naer.logs.store import Store, sources_build
from tests.logfiles import FORMATS, write

DK = ZONES["DK"]
SAID = {
    "note": [None, "", "a\nb", '"', ";,", "æøå"],
    "n": [None, 1, 2, 10**6],
    "planned": [None, True, False],
    "municipality": [None, "0851", "851"],
    "organisation": [None, "NA", "h1"],
    "sent": [None, "", "2026-03-29 02:30", "2026-10-25T02:30", "2026-03-02T10:00:00.123456789Z"],
    "received": [None, "2026-03-02", "2026-03-02T10:00+01:00"],
}
TIMES = [
    "2026-03-29 02:30", "2026-10-25 02:30", "2026-10-25T02:30:00+01:00", "2026-03-02",
    "2026-03-02T10:00:00,5", "1970-01-01", "2026-03-02 10:00", "2090-07-01 12:00", "fredag", "",
]  # fmt: skip


def rows(seed: int, size: int, ids: bool) -> list[dict[str, str | int | bool | None]]:
    """Rows as they come from somewhere: some broken, ids repeated, columns that only some rows have."""
    rng = random.Random(seed)
    made: list[dict[str, str | int | bool | None]] = []
    for number in range(size):
        pathway = rng.choice(["NA", "007", "1.0", "null", "7", "æ"])
        row: dict[str, str | int | bool | None] = {
            "pathway": pathway,
            "kind": rng.choice(["admitted", "discharged", "Indlagt", "cancelled", ""]),
            "at": rng.choice(TIMES),
            "citizen": f"c{pathway}",
        }
        row |= {name: rng.choice(values) for name, values in SAID.items() if rng.random() < 0.5}
        if ids and rng.random() < 0.9:
            row["id"] = rng.choice(["NA", "007", "7", "1e2", *(f"e{n}" for n in range(number + 1))])
            if row["kind"] == "cancelled" or rng.random() < 0.1:
                row["changes"] = f"e{rng.randrange(number + 1)}"
        made.append(row)
    made.sort(key=lambda row: str(row["pathway"]))
    return made


def run(*arguments: str | Path, fails: bool = False) -> str:
    done = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert (done.exit_code != 0) == fails, done.output
    return done.stderr if fails else done.stdout


def told(*arguments: str | Path) -> dict[str, object]:
    return json.loads(run(*arguments, "--json"))


def stored(path: Path) -> list[Event]:
    return sorted(Store.open(path).read_events(), key=lambda event: event.order)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.statement("S1", "S2", "S3", "S4", "S35")
def test_a_store_holds_the_effective_log_of_its_file(tmp_path, name, ids):
    mapping = "id=identity:id" if "xes" in name and ids else ""
    for seed in range(3):
        path = write(rows(seed, 60, ids), tmp_path / f"{seed}" / name)
        log = read(path, zone=DK, columns=columns.parse(mapping))
        expected = effective(log.events)
        out = tmp_path / f"store {seed}"
        report = told("log", "build", path, "--out", out, "--columns", mapping)
        assert stored(out) == expected.events
        ledger = {row["reason"]: row["events"] for row in report["ledger"]}
        left_out = {row["reason"]: row["events"] for row in expected.excluded.rows()}
        for reason in {one.reason for one in log.exclusions}:
            left_out[reason] = sum(one.reason == reason for one in log.exclusions)
        assert ledger == left_out
        assert report["events"] == len(expected.events)


def test_attributes_of_every_type_of_parquet_come_through(tmp_path):
    columns_ = {
        "case_id": [7, 8, None, 9],
        "activity": pl.Series(["a", "", None, "b"], dtype=pl.Categorical),
        "timestamp": [dt.datetime.fromisoformat(f"2026-03-29T0{hour}:30") for hour in (1, 2, 3)] + [None],
        "id": [1.5, 2.0, 1e16, None],
        "whole": pl.Series([2**63, 1, None, 5], dtype=pl.UInt64),
        "number": [1.0, float("nan"), None, 2.5],
        "day": [dt.date(2026, 3, 2), None, None, None],
        "clock": [dt.time(10), None, None, None],
        "lasting": [dt.timedelta(hours=1), None, None, None],
        "exact": [Decimal("1.10"), None, None, None],
        "list": [[1, 2], [], None, [3]],
        "inside": [{"a": 1, "b": "x"}, None, None, {"a": None, "b": ""}],
        "bytes": [b"x", b"\xff", None, None],
    }
    path, out = tmp_path / "log.parquet", tmp_path / "store"
    pl.DataFrame(columns_).write_parquet(path)
    log = read(path, zone=DK)
    run("log", "build", path, "--out", out)
    (event,) = stored(out)
    assert [event] == log.events
    assert {name: type(value) for name, value in event.attributes.items()} == {
        name: type(value) for name, value in log.events[0].attributes.items()
    }
    assert dict(event.attributes) == {
        "whole": 2**63, "number": 1.0, "day": "2026-03-02", "clock": "10:00:00", "lasting": "PT1H",
        "exact": "1.10", "list": [1, 2], "inside.a": 1, "inside.b": "x", "bytes": "x",
    }  # fmt: skip


def test_several_sources_are_one_log_whose_rows_are_numbered_through(tmp_path):
    first = write(rows(1, 20, False), tmp_path / "a.csv")
    second = write(rows(2, 20, False), tmp_path / "b.ndjson")
    out = tmp_path / "store"
    report = told("log", "build", first, second, "--out", out)
    ids = [event.id for event in stored(out)]
    assert sorted(ids) == sorted({*ids})
    (take,) = report["takes"]
    assert [(one["first"], one["rows"]) for one in take["files"]] == [(1, 20), (21, 20)]


def test_every_broken_row_is_kept_with_its_file_its_number_and_its_reason(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case_id,activity,timestamp\n7,a,2026-03-02\n,a,2026-03-02\n7,a,friday\n7,a\n8,,\n")
    out = tmp_path / "store"
    report = told("log", "build", path, "--out", out)
    lines = [json.loads(line) for line in (out / "rejected.ndjson").read_text().splitlines()]
    assert [(line["file"], line["row"], line["reasons"]) for line in lines] == [
        (str(path), 2, ["no pathway"]),
        (str(path), 3, ["unreadable"]),
        (str(path), 4, ["unreadable"]),
        (str(path), 5, ["no time", "unreadable"]),
    ]
    assert lines[1]["content"] == {"case_id": "7", "activity": "a", "timestamp": "friday"}
    assert lines[2]["content"] == "7,a"
    assert report["rejected"]["rows"] == 4
    assert report["rejected"]["reasons"] == {"no pathway": 1, "no time": 1, "unreadable": 3}
    assert "friday" not in run("log", "show", out), "what a broken row says stays in the store's folder"


def test_a_log_whose_rows_are_all_broken_is_an_empty_store_that_says_so(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case_id,activity,timestamp\n" + "7,a,friday\n" * 2500)
    report = told("log", "build", path, "--out", tmp_path / "store")
    assert (report["events"], report["rejected"]["rows"], report["from"]) == (0, 2500, None)
    lines = (tmp_path / "store" / "rejected.ndjson").read_text().splitlines()
    assert len(lines) == 2500
    assert sum("content" in json.loads(line) for line in lines) == 1000
    assert "0 events in 0 pathways" in run("log", "show", tmp_path / "store")


def test_a_row_that_is_not_utf_8_is_kept_and_stops_nothing(tmp_path):
    path, more = tmp_path / "log.csv", tmp_path / "more.csv"
    path.write_bytes(b"case_id,activity,timestamp\n7,a,2026-03-02\n8,bl\xe5,2026-03-02\n9,a,2026-03-02\n")
    more.write_bytes(b"case_id,activity,timestamp\n7,b,2026-03-03\n8,\xe6,2026-03-03\n")
    out = tmp_path / "store"
    said = run("log", "build", path, "--out", out)
    assert "row 2: unreadable: this is not UTF-8; save the file as UTF-8" in said
    assert "rows are not UTF-8: save the file as UTF-8" in said
    report = told("log", "append", out, more)
    assert (report["events"], report["rejected"]["rows"]) == (3, 2)
    lines = [json.loads(line) for line in (out / "rejected.ndjson").read_text("utf-8").splitlines()]
    kept = [line["content"].encode("utf-8", "surrogateescape") for line in lines]
    assert kept == [b"8,bl\xe5,2026-03-02", b"8,\xe6,2026-03-03"]


def test_a_file_of_which_hardly_a_row_is_an_event_is_spoken_of_and_what_to_do(tmp_path):
    path = tmp_path / "log.csv"
    head = "case_id,activity,timestamp\n"
    path.write_text(head + "7,a,2026-10-01 12:00\n" + "7,a,01.10.2026 12:00\n" * 999)
    out = tmp_path / "store"
    assert (
        f"99.9% of the rows of {path} are no events; a time is written 2026-10-01 12:00 or "
        "2026-10-01T12:00+02:00" in run("log", "build", path, "--out", out)
    )
    path.write_text(head + "7,a,01.10.2026 12:00\n" + "7,a,2026-10-01 12:00\n" * 9)
    assert told("log", "build", path, "--out", out, "--replace")["rejected"]["advice"] == []


def test_show_says_what_the_log_is_and_what_is_strange_about_it(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "case_id,activity,timestamp\n7,discharged,2026-03-02\n7,admitted,2026-03-03\n8,Indlagt,2026-03-02\n"
    )
    out = tmp_path / "store"
    run("log", "build", path, "--out", out)
    shown = run("log", "show", out)
    for text in ("3 events in 2 pathways, 2026-03-02 to 2026-03-03", "3 rows, 3 events (csv)"):
        assert text in shown
    assert "discharged before admitted" in shown
    assert "unknown kinds: Indlagt (1)" in shown
    agreement = tmp_path / "own.yaml"
    agreement.write_text(AGREEMENT)
    assert "unknown kind" not in run("log", "show", out, "--agreement", agreement)
    assert told("log", "show", out)["quality"]["unknown_kinds"] == {"Indlagt": 1}


AGREEMENT = """
agreement: own
country: DK
events: {admitted: [Indlagt]}
parties: {hospital: {is: hospital}, municipality: {is: municipality}}
clauses:
  - id: report
    source: nowhere
    owed_by: municipality
    owed_to: hospital
    after: admitted
    deliver: admission_report
    within: 24 h
"""


# What is there already


def test_a_store_is_replaced_only_when_asked(tmp_path):
    first = write(rows(1, 20, False), tmp_path / "a.csv")
    second = write(rows(2, 30, False), tmp_path / "b.csv")
    out = tmp_path / "store"
    run("log", "build", first, "--out", out)
    before = stored(out)
    said = run("log", "build", second, "--out", out, fails=True)
    assert "there is a log store already" in said
    assert "--replace" in said
    assert f"naer log append {out}" in said
    assert stored(out) == before
    run("log", "build", second, "--out", out, "--replace")
    assert stored(out) == effective(read(second, zone=DK).events).events
    assert {one.name for one in tmp_path.iterdir()} == {"a.csv", "b.csv", "store"}


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    path = write(rows(1, 20, False), tmp_path / "in" / "a.csv")
    for target, says in ((tmp_path / "in", "name a new folder"), (path, "is a file")):
        assert says in run("log", "build", path, "--out", target, "--replace", fails=True)
    assert path.exists()


@pytest.mark.parametrize(
    ("source", "says"),
    [("none.csv", "no such file"), ("log.xlsx", "unknown format"), ("empty", "the folder has no files")],
)
def test_what_is_wrong_with_a_source_is_said_before_anything_is_made(tmp_path, source, says):
    (tmp_path / "log.xlsx").touch()
    (tmp_path / "empty").mkdir()
    assert says in run("log", "build", tmp_path / source, "--out", tmp_path / "store", fails=True)
    assert not (tmp_path / "store").exists()


def test_a_folder_that_is_no_store_is_not_shown(tmp_path):
    assert "no log store" in run("log", "show", tmp_path, fails=True)


def test_a_store_that_is_not_as_it_was_written_is_not_shown_when_asked(tmp_path):
    out = tmp_path / "store"
    run("log", "build", write(rows(1, 20, False), tmp_path / "a.csv"), "--out", out)
    assert told("log", "show", out, "--verify") == told("log", "show", out)
    harmed = next((out / "pieces").rglob("at*.npy"))
    content = bytearray(harmed.read_bytes())
    content[-1] ^= 0x11
    harmed.write_bytes(content)
    said = run("log", "show", out, "--verify", fails=True)
    assert f"{harmed}: the log store is damaged: its content is not what was written" in said


# Appending


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.statement("S2", "S3", "S4", "S35")
def test_a_store_that_was_added_to_is_the_store_of_all_its_sources(tmp_path, ids):
    for seed in range(4):
        whole = rows(seed, 60, ids)
        parts = [whole[:20], whole[20:40], whole[40:]]
        paths = [write(part, tmp_path / f"{seed}-{n}.ndjson") for n, part in enumerate(parts)]
        out, other = tmp_path / f"store {seed}", tmp_path / f"whole {seed}"
        run("log", "build", paths[0], "--out", out)
        for path in paths[1:]:
            added = told("log", "append", out, path)["added"]
        run("log", "build", *paths, "--out", other)
        assert stored(out) == stored(other)
        one, all_at_once = told("log", "show", out), told("log", "show", other)
        for same in ("events", "pathways", "kinds", "ledger", "quality"):
            assert {**one, "quality": checks(one)}[same] == {**all_at_once, "quality": checks(all_at_once)}[
                same
            ]
        assert one["rejected"]["reasons"] == all_at_once["rejected"]["reasons"]
        assert (out / "rejected.ndjson").read_text() == (other / "rejected.ndjson").read_text()
        assert added["checks"] is not None, "the report follows an append, it is not made anew"


def checks(report: dict[str, object]) -> dict[str, object]:
    """A quality report without the examples: which events are named follows the order of the pieces."""
    quality = report["quality"]
    return quality | {"checks": {one["check"]: one["events"] for one in quality["checks"]}}


def test_an_append_says_what_it_added_and_what_it_changed(tmp_path):
    first, more = tmp_path / "a.csv", tmp_path / "b.csv"
    head = "id,pathway,kind,at\n"
    first.write_text(f"{head}e1,7,admitted,2026-03-03\n")
    more.write_text(f"{head}e1,7,admitted,2026-03-03\ne2,7,discharged,2026-03-02\ne3,7,admitted,friday\n")
    out = tmp_path / "store"
    run("log", "build", first, "--out", out)
    added = told("log", "append", out, more)["added"]
    assert (added["command"], added["rows"], added["events"]) == ("append", 3, 1)
    assert added["ledger"] == {"duplicate": 1, "unreadable": 1}
    assert added["checks"] == {"discharged before admitted": 1}
    shown = run("log", "show", out)
    assert "2 events in 1 pathway" in shown
    assert [take["command"] for take in told("log", "show", out)["takes"]] == ["build", "append"]


def test_a_file_that_is_in_the_store_is_passed_over_under_any_name(tmp_path):
    path = write(rows(1, 20, False), tmp_path / "a.csv")
    out = tmp_path / "store"
    run("log", "build", path, "--out", out)
    before, digest = stored(out), Store.open(out).digest
    path.rename(tmp_path / "other.csv")
    said = run("log", "append", out, tmp_path / "other.csv")
    assert "is in the store already" in said
    assert "nothing new" in said
    assert (stored(out), Store.open(out).digest) == (before, digest)


def test_a_file_that_has_grown_is_read_again_only_when_its_rows_have_ids(tmp_path):
    for name, row in (("ids.csv", "e{},7,a,2026-03-02\n"), ("none.csv", ",7,a,2026-03-0{}\n")):
        path, out = tmp_path / name, tmp_path / f"{name} store"
        path.write_text("id,pathway,kind,at\n" + row.format(1))
        run("log", "build", path, "--out", out)
        with path.open("a") as file:
            file.write(row.format(2))
        if name == "ids.csv":
            assert told("log", "append", out, path)["added"]["events"] == 1
        else:
            said = run("log", "append", out, path, fails=True)
            assert "has changed since" in said
            assert "a file of their own" in said
            assert len(stored(out)) == 1


def test_columns_and_country_of_a_build_hold_for_what_is_added(tmp_path):
    first, more = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("nr,akt,tid\n7,a,2026-03-02\n")
    more.write_text("nr,akt,tid\n8,b,2026-03-03\n")
    out = tmp_path / "store"
    run("log", "build", first, "--out", out, "--columns", "pathway=nr,kind=akt,at=tid", "--country", "NO")
    report = told("log", "append", out, more)
    assert [(event.id, event.pathway) for event in stored(out)] == [(1, "7"), (2, "8")]
    assert report["country"] == "NO"


def test_an_append_that_fails_has_done_nothing(tmp_path):
    path, broken = write(rows(1, 20, False), tmp_path / "a.csv"), tmp_path / "b.xes"
    out = tmp_path / "store"
    run("log", "build", path, "--out", out)
    before, rejected = stored(out), (out / "rejected.ndjson").read_text()
    broken.write_text('<log><trace><event><date key="time:timestamp" value="x"/></event></trace><trace>')
    assert "the XML is broken" in run("log", "append", out, broken, fails=True)
    assert stored(out) == before
    assert (out / "rejected.ndjson").read_text() == rejected
    assert "no log store" in run("log", "append", tmp_path / "none", path, fails=True)
    assert not (tmp_path / "none").exists()


# Interruptions


def naer(*arguments: str | Path, cwd: Path, code: str = "", **more) -> subprocess.Popen[str]:
    """`naer` as a process of its own; `code` runs before it."""
    script = f"{code}\nimport sys; from naer.cli.main import main; main(sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NAER_DEBUG": ""},
        **more,
    )


SMALL_STEPS = """
import naer.logs.store.build, naer.logs.store.sources, naer.logs.store.sources_csv, time
naer.logs.store.build.SPILL = 500
naer.logs.store.sources_csv.BLOCK = 20_000
"""
SLOWLY = (
    SMALL_STEPS
    + """
from naer.logs.store.build import Builder
add = Builder.add
def slow(self, *rest):
    add(self, *rest)
    time.sleep(0.2)
Builder.add = slow
"""
)


@pytest.fixture
def long_log(tmp_path):
    """A log of many blocks, with a broken row in each."""
    path = tmp_path / "long.csv"
    lines = [
        f"{n % 700},{('admitted', 'discharged')[n % 2]},2026-{n % 12 + 1:02}-{n % 28 + 1:02}T{n % 24:02}:00"
        if n % 400
        else f"{n},a,friday"
        for n in range(8000)
    ]
    path.write_text("case_id,activity,timestamp\n" + "\n".join(lines) + "\n")
    return path


def interrupted(path: Path, out: Path, cwd: Path) -> None:
    """A build stopped by Ctrl-C after some of its batches were put on disk."""
    process = naer("log", "build", path, "--out", out, cwd=cwd, code=SLOWLY)
    deadline = time.monotonic() + 30
    while not (out / "build" / "state.json").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "stopped" in said


def test_an_interrupted_build_goes_on_and_gives_the_same_store(tmp_path, long_log):
    out, whole = tmp_path / "store", tmp_path / "whole"
    interrupted(long_log, out, tmp_path)
    assert "unfinished" in run("log", "show", out, fails=True)
    process = naer("log", "build", long_log, "--out", out, cwd=tmp_path, code=SMALL_STEPS)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "going on with it" in said
    run("log", "build", long_log, "--out", whole)
    assert stored(out) == stored(whole)
    assert (out / "rejected.ndjson").read_text() == (whole / "rejected.ndjson").read_text()
    one, other = told("log", "show", out), told("log", "show", whole)
    for same in ("events", "pathways", "kinds", "ledger", "quality"):
        assert one[same] == other[same]
    assert one["takes"][0]["files"] == other["takes"][0]["files"]
    assert not (out / "build").exists()


@pytest.mark.parametrize("tidied", [False, True])
def test_a_build_that_was_killed_when_its_store_was_whole_is_done(tmp_path, tidied):
    file, other = (write(rows(seed, 20, False), tmp_path / f"{seed}.csv") for seed in (1, 2))
    out = tmp_path / "store"
    before = told("log", "build", file, "--out", out)
    if not tidied:
        (out / "build").mkdir()
        (out / "build" / "state.json").write_text("{}")
    done = CliRunner().invoke(cli, ["log", "build", str(file), "--out", str(out), "--json"])
    assert "built of these very files before" in done.stderr
    assert json.loads(done.stdout) == before
    assert not (out / "build").exists()
    refused = "there is a log store already"
    assert refused in run("log", "build", file, other, "--out", out, fails=True)
    assert refused in run("log", "build", file, "--out", out, "--country", "NO", fails=True)
    run("log", "append", out, other)
    assert refused in run("log", "build", file, "--out", out, fails=True)


@pytest.mark.parametrize("after", [0, 1])
def test_a_replacement_that_was_killed_before_it_was_in_place_is_put_there(tmp_path, after):
    first, second = (write(rows(seed, 20, False), tmp_path / f"{seed}.csv") for seed in (1, 2))
    out = tmp_path / "store"
    run("log", "build", first, "--out", out)
    killed = naer("log", "build", second, "--out", out, "--replace", cwd=tmp_path, code=KILLED % after)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    run("log", "build", second, "--out", out, "--replace")
    assert stored(out) == effective(read(second, zone=DK).events).events
    assert {one.name for one in tmp_path.iterdir()} == {"1.csv", "2.csv", "store"}


def test_what_was_replaced_never_comes_back(tmp_path, monkeypatch):
    """Killed while it is deleted, half of a store is left, where `build` looks when there is no other."""
    path, new = tmp_path / "store", tmp_path / "store.building"
    for folder, said in ((path, "old"), (new, "new")):
        folder.mkdir()
        (folder / "manifest.json").write_text(said)
    with monkeypatch.context() as killed:
        killed.setattr(sources_build.shutil, "rmtree", lambda *_, **__: None)
        sources_build._put_in_place(new, path)
    assert (path / "manifest.json").read_text() == "new"
    shutil.rmtree(path)
    sources_build._take_back(path)
    assert not path.exists()


KILLED = """
import os
import naer.logs.store.sources_build as module
class Renames:
    left = %d
    def replace(self, old, new):
        if str(new).endswith((".replaced", "store")):
            if not self.left:
                os.kill(os.getpid(), 9)
            self.left -= 1
        os.replace(old, new)
module.os = Renames()
"""


def test_an_unfinished_build_of_other_sources_is_not_gone_on_with(tmp_path, long_log):
    out = tmp_path / "store"
    interrupted(long_log, out, tmp_path)
    other = write(rows(1, 20, False), tmp_path / "other.csv")
    said = run("log", "build", other, "--out", out, fails=True)
    assert "an unfinished build of other sources is here" in said
    assert str(long_log) in said
    assert (out / "build" / "state.json").exists()
    run("log", "build", other, "--out", out, "--replace")
    assert stored(out) == effective(read(other, zone=DK).events).events


def test_a_build_that_was_refused_stands_in_nobodys_way(tmp_path):
    file = tmp_path / "named.csv"
    file.write_text("case,what,when\np1,admitted,2026-01-01\n")
    out = tmp_path / "store"
    assert "no column for kind" in run("log", "build", file, "--out", out, fails=True)
    assert not (out / "build").exists()
    run("log", "build", file, "--out", out, "--columns", "kind=what,at=when")
    assert told("log", "show", out)["events"] == 1


def test_a_new_store_is_its_owners_alone_and_stays_as_it_was_shared(tmp_path):
    file = write(rows(1, 20, False), tmp_path / "log.csv")
    out = tmp_path / "store"
    run("log", "build", file, "--out", out)
    assert out.stat().st_mode & 0o077 == 0
    out.chmod(0o750)
    run("log", "build", file, "--out", out, "--replace")
    assert out.stat().st_mode & 0o777 == 0o750


def test_a_full_disk_is_said_and_the_build_goes_on_when_there_is_room(tmp_path, long_log):
    out = tmp_path / "store"

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))

    process = naer("log", "build", long_log, "--out", out, cwd=tmp_path, preexec_fn=no_room)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "the disk takes no more" in said
    assert "run the same command again" in said
    assert "Traceback" not in said
    assert told("log", "build", long_log, "--out", out)["rejected"]["rows"] == 20


def test_one_command_at_a_time_works_on_a_store(tmp_path, long_log):
    out = tmp_path / "store"
    held = SLOWLY.replace("0.2", "60")  # at work however long the other takes to start
    process = naer("log", "build", long_log, "--out", out, cwd=tmp_path, code=held)
    while not (out / "build" / "state.json").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    assert "another naer command is at work" in run("log", "build", long_log, "--out", out, fails=True)
    process.kill()
    process.communicate()


HELD = """
import time
import naer.logs.store.manifest as manifest
def wait(path, found):
    (path / "here").touch()
    time.sleep(60)
manifest.write = wait
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_append_has_done_nothing_and_is_given_again(tmp_path, how):
    whole = rows(1, 60, True)
    first, more = write(whole[:30], tmp_path / "a.csv"), write(whole[30:], tmp_path / "b.csv")
    out = tmp_path / "store"
    run("log", "build", first, "--out", out)
    before, told_before = stored(out), told("log", "show", out)
    process = naer("log", "append", out, more, cwd=tmp_path, code=HELD)
    deadline = time.monotonic() + 60
    while not (out / "here").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(how)
    process.communicate(timeout=30)
    assert stored(out) == before
    after = told("log", "show", out)
    assert {**after, "bytes": 0} == {**told_before, "bytes": 0}
    run("log", "append", out, more)
    run("log", "build", first, more, "--out", tmp_path / "whole")
    assert stored(out) == stored(tmp_path / "whole")
    assert (out / "rejected.ndjson").read_text() == (tmp_path / "whole" / "rejected.ndjson").read_text()
