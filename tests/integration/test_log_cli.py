"""`naer log`: a store holds what its sources hold."""

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest

from naer.events.log import effective
from naer.logs import columns
from naer.logs.read import read
from naer.logs.store import Store
from tests.logfiles import FORMATS, write
from tests.logstores import DK, rows, run, stored, told


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
