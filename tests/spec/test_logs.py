"""Logs from files: every format gives the same events, and what cannot be an event is counted."""

import datetime as dt
import gzip
import hashlib
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.event import Event
from naer.events.instant import ZONES, parse
from naer.logs import LogError
from naer.logs import columns as column_names
from naer.logs.read import read
from tests.logfiles import FORMATS, write

DK = ZONES["DK"]
HEAD = "case_id;activity;timestamp\n"


def csv_log(folder: Path, text: str | bytes) -> Path:
    path = folder / "log.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def at(text: str) -> int:
    return parse(text, DK)


# One log, five formats

naive = dt.datetime.fromisoformat
_letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff")
_words = st.text(_letters, min_size=1, max_size=8)
_times = st.datetimes(naive("1990-01-01"), naive("2040-01-01"))
_written = st.one_of(
    _times.map(lambda t: t.isoformat()),
    _times.map(lambda t: t.isoformat(" ")),
    _times.map(lambda t: t.date().isoformat()),
    _times.map(lambda t: t.isoformat() + "+02:00"),
    st.sampled_from(["2026-03-29 02:30", "2026-10-25T02:30", "2026-03-02T10:00:00.123456789Z", "fredag", ""]),
)
_rows = st.lists(
    st.fixed_dictionaries(
        {
            "pathway": st.one_of(st.none(), _words, st.sampled_from(["NA", "007", "1.0", "null", "1e5"])),
            "kind": st.one_of(_words, st.just("")),
            "at": _written,
            "citizen": st.one_of(st.none(), _words),
            "note": st.one_of(st.none(), _words, st.just("a\nb"), st.just('"'), st.just(";,")),
        }
    ),
    max_size=12,
)


@given(rows=_rows)
@settings(max_examples=60)
@pytest.mark.statement("S1", "S2", "S35")
def test_every_format_gives_the_same_events_and_the_same_exclusions(rows):
    rows.sort(key=lambda row: (row["pathway"] is not None, row["pathway"] or ""))
    with TemporaryDirectory() as folder:
        logs = [read(write(rows, Path(folder) / name), zone=DK) for name in FORMATS]
    first = logs[0]
    assert first.rows == len(rows)
    for log in logs[1:]:
        assert log.events == first.events, log.format
        assert log.exclusions == first.exclusions, log.format


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("case", ["NA", "007", "1.0", "null", "None", "nan", " 7", "true", "1e5", "-0"])
def test_a_case_id_is_text_always(tmp_path, name, case):
    log = read(write([{"pathway": case, "kind": "a", "at": "2026-03-02"}], tmp_path / name), zone=DK)
    assert [event.pathway for event in log.events] == [case]


def test_whole_numbers_as_case_ids_become_their_plain_text(tmp_path):
    parquet, lines = tmp_path / "log.parquet", tmp_path / "log.ndjson"
    pl.DataFrame({"case_id": [7, 2**62], "activity": "a", "timestamp": "2026-03-02"}).write_parquet(parquet)
    lines.write_text(
        '{"case_id": 7, "activity": "a", "timestamp": "2026-03-02"}\n'
        '{"case_id": 1.10, "activity": "a", "timestamp": "2026-03-02"}\n'
        '{"case_id": 1e2, "activity": "a", "timestamp": "2026-03-02"}\n'
    )
    assert [event.pathway for event in read(parquet, zone=DK).events] == ["7", str(2**62)]
    assert [event.pathway for event in read(lines, zone=DK).events] == ["7", "1.10", "1e2"]


# What cannot be an event


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        ("7;admitted;2026-03-02 10:00", []),
        (";admitted;2026-03-02 10:00", ["no pathway"]),
        ("7;admitted;", ["no time"]),
        ("7;admitted;  ", ["no time"]),
        (";admitted;", ["no pathway", "no time"]),
        ("7;;2026-03-02 10:00", ["unreadable"]),
        ("7;admitted;02-03-2026", ["unreadable"]),
        ("7;admitted;2026-02-30", ["unreadable"]),
        ("7;admitted;0000-00-00", ["unreadable"]),
        (";admitted;yesterday", ["no pathway", "unreadable"]),
        ("7;admitted", ["unreadable"]),
        ("7;admitted;2026-03-02;more", ["unreadable"]),
        ('7;"admitted;2026-03-02', ["unreadable"]),
        ('7;"adm"itted;2026-03-02', ["unreadable"]),
    ],
)
@pytest.mark.statement("S35")
def test_a_row_that_is_no_event_is_in_the_ledger_once_for_each_reason(tmp_path, row, reasons):
    log = read(csv_log(tmp_path, f"{HEAD}{row}\n8;discharged;2026-03-03\n"), zone=DK)
    assert [line.reason for line in log.exclusions] == reasons
    assert [event.pathway for event in log.events] == (["8"] if reasons else ["7", "8"])
    assert log.rows == 2


@pytest.mark.statement("S35")
def test_broken_letters_break_one_row_only(tmp_path):
    log = read(csv_log(tmp_path, HEAD.encode() + b"7;\xe6;2026-03-02\n8;\xc3\xa6;2026-03-02\n"), zone=DK)
    assert [(event.pathway, event.kind) for event in log.events] == [("8", "æ")]
    assert [line.reason for line in log.exclusions] == ["unreadable"]


@pytest.mark.statement("S35")
def test_an_unclosed_quote_takes_no_other_row_with_it(tmp_path):
    rows = "".join(f"{n};a;2026-03-02\n" for n in range(5000))
    log = read(csv_log(tmp_path, f'{HEAD}x;"a;2026-03-02\n{rows}'), zone=DK)
    assert len(log.events) == 5000
    assert [line.reason for line in log.exclusions] == ["unreadable"]


@pytest.mark.statement("S35")
@pytest.mark.parametrize(
    "line", ["{", "[1]", '"text"', "nul", "\udce6", '{"case_id":"7"', '{"a":' * 99_999 + "1" + "}" * 99_999]
)
def test_a_broken_ndjson_line_is_counted_and_never_fatal(tmp_path, line):
    path = tmp_path / "log.ndjson"
    good = json.dumps({"case_id": "8", "activity": "a", "timestamp": "2026-03-02"})
    path.write_bytes(f"{good}\n{line}\n\n{good}\n".encode(errors="surrogateescape"))
    log = read(path, zone=DK)
    assert [event.id for event in log.events] == [1, 3]
    assert [(line.reason, line.row) for line in log.exclusions] == [("unreadable", 2)]


@given(st.binary(max_size=300))
@settings(max_examples=200)
@pytest.mark.statement("S35")
def test_no_bytes_after_the_header_can_stop_a_reading(noise):
    with TemporaryDirectory() as folder:
        log = read(csv_log(Path(folder), HEAD.encode() + noise), zone=DK)
        lines = Path(folder) / "log.ndjson"
        lines.write_bytes(b'{"case_id":"7","activity":"a","timestamp":"2026-03-02"}\n' + noise)
        packed = read(lines, zone=DK)
    assert len(log.events) + len({line.row for line in log.exclusions}) == log.rows
    assert len(packed.events) + len({line.row for line in packed.exclusions}) == packed.rows


# CSV as spreadsheets write it


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_delimiters_line_ends_and_byte_order_marks(tmp_path, mark, end, encoding):
    rows = [
        ["case_id", "activity", "timestamp", "note"],
        ["7", "a", "2026-03-02", '"æ, ø; å\nand so on"'],
        ["8", "b", "2026-03-03", ""],
    ]
    text = "".join(mark.join(row) + end for row in rows)
    log = read(csv_log(tmp_path, text.encode(encoding)), zone=DK)
    assert [(event.pathway, event.attributes) for event in log.events] == [
        ("7", {"note": "æ, ø; å\nand so on"}),
        ("8", {}),
    ]


def test_cells_are_text_and_an_empty_cell_is_missing(tmp_path):
    log = read(
        csv_log(tmp_path, "case_id,activity,timestamp,n,flag,none\n7,a,2026-03-02,007,true,\n"), zone=DK
    )
    assert log.events[0].attributes == {"n": "007", "flag": "true"}


# Columns


def test_columns_are_mapped_by_the_caller_else_found_by_their_common_names(tmp_path):
    path = csv_log(tmp_path, "Case ID,Activity,Complete Timestamp,id\n7,a,2026-03-02,x\n")
    mapped = column_names.parse("at=Complete Timestamp, id=")
    log = read(path, zone=DK, columns=mapped)
    assert log.events == [Event(id=1, pathway="7", kind="a", at=at("2026-03-02"), attributes={"id": "x"})]
    assert log.columns == {"pathway": "Case ID", "kind": "Activity", "at": "Complete Timestamp"}


def test_every_field_can_be_mapped(tmp_path):
    head = "p,k,t,s,r,n,c,o,m,ch,so\n"
    path = csv_log(tmp_path, head + "7,a,2026-03-02,2026-03-03,2026-03-04,e1,cit,org,851,e0,lab\n")
    mapping = column_names.parse(
        "pathway=p,kind=k,at=t,sent=s,received=r,id=n,citizen=c,organisation=o,municipality=m,changes=ch,source=so"
    )
    assert read(path, zone=DK, columns=mapping).events == [
        Event(
            id="e1",
            pathway="7",
            kind="a",
            at=at("2026-03-02"),
            sent=at("2026-03-03"),
            received=at("2026-03-04"),
            citizen="cit",
            organisation="org",
            municipality="851",
            changes="e0",
            source="lab",
        )
    ]


def test_xes_attributes_of_the_trace_and_of_the_event(tmp_path):
    path = tmp_path / "log.xes"
    path.write_text(
        """<log><global scope="event"><string key="concept:name" value="none"/></global><trace>
        <int key="concept:name" value="007"/><string key="ward" value="B2"/>
        <event><string key="concept:name" value="admitted"/>
        <date key="time:timestamp" value="2026-03-02T10:00:00+01:00"/>
        <string key="org:resource" value="kim"/><boolean key="planned" value="true"/>
        <float key="score" value="1.5"/>
        <list key="codes"><values><string key="c" value="x"/><string key="c" value="y"/></values></list>
        </event>
        </trace></log>"""
    )
    (event,) = read(path, zone=DK).events
    assert (event.pathway, event.kind, event.at) == ("007", "admitted", at("2026-03-02T09:00Z"))
    assert event.attributes == {
        "case:ward": "B2", "org:resource": "kim", "planned": True, "score": 1.5, "codes.c": ["x", "y"],
    }  # fmt: skip


def test_what_pm4py_writes_for_a_missing_cell_is_missing(tmp_path):
    path = tmp_path / "log.xes"
    path.write_text(
        """<log><trace><string key="concept:name" value="7"/><event>
        <string key="concept:name" value="nan"/><date key="time:timestamp" value="2026-03-02T10:00:00+01:00"/>
        <float key="changes" value="nan"/><float key="score" value="NaN"/><string key="ward" value="nan"/>
        </event></trace></log>"""
    )
    (event,) = read(path, zone=DK).events
    assert (event.kind, event.changes, event.attributes) == ("nan", None, {"ward": "nan"})


def test_ndjson_objects_are_flattened_and_attributes_keep_their_names(tmp_path):
    path = tmp_path / "log.ndjson"
    row = {
        "pathway": "7",
        "kind": "a",
        "at": "2026-03-02",
        "attributes": {"n": 1},
        "by": {"role": {"name": "gp"}},
    }
    path.write_text(json.dumps(row))
    assert read(path, zone=DK).events[0].attributes == {"n": 1, "by.role.name": "gp"}


# Time


@pytest.mark.statement("S1")
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_parquet_times_of_every_unit_and_zone_are_exact(tmp_path, unit, zone):
    moments = [naive("2026-03-02T10:00:00.001"), naive("1969-12-31T23:59:59.999")]
    column = pl.Series("at", moments).cast(pl.Datetime(unit)).dt.replace_time_zone(zone)
    path = tmp_path / "log.parquet"
    pl.DataFrame({"pathway": ["7", "8"], "kind": "a"}).with_columns(column).write_parquet(path)
    offset = {None: "+01:00", "UTC": "Z", "America/New_York": "-05:00"}[zone]
    expected = [at(moment.isoformat() + offset) for moment in moments]
    assert [event.at for event in read(path, zone=DK).events] == expected


@pytest.mark.statement("S1")
def test_finer_than_a_microsecond_is_cut_off(tmp_path):
    path = tmp_path / "log.parquet"
    nanoseconds = (
        pl.Series("at", [1_999, -1], dtype=pl.Int64).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
    )
    pl.DataFrame({"pathway": ["7", "8"], "kind": "a"}).with_columns(nanoseconds).write_parquet(path)
    assert [event.at for event in read(path, zone=DK).events] == [1, -1]


@pytest.mark.statement("S1")
@pytest.mark.parametrize(
    ("local", "utc"),
    [("2026-03-29 02:30", "2026-03-29T01:30Z"), ("2026-10-25 02:30", "2026-10-25T00:30Z")],
)
def test_parquet_times_without_a_zone_are_local_also_when_the_clock_changes(tmp_path, local, utc):
    path = tmp_path / "log.parquet"
    moments = [dt.datetime.fromisoformat(local)]
    pl.DataFrame({"pathway": ["7"], "kind": "a", "at": moments, "seen": moments}).write_parquet(path)
    (event,) = read(path, zone=DK).events
    assert event.at == at(utc) == at(local)
    assert at(event.attributes["seen"]) == at(utc)


@pytest.mark.statement("S1")
@pytest.mark.parametrize("zone", ZONES.values(), ids=list(ZONES))
def test_a_local_time_is_the_same_instant_in_parquet_as_in_text_in_any_century(tmp_path, zone):
    years = (1, 1890, 1916, 1942, 1960, 1980, 1999, 2037, 2038, 2090, 2101, 2500, 9999)
    texts = [
        f"{year:04}-{day} 02:30" for year in years for day in ("01-01", "04-10", "07-01", "10-05", "12-31")
    ]
    frame = pl.DataFrame({"pathway": "7", "kind": "a", "at": texts})
    frame.write_csv(tmp_path / "log.csv")
    frame.with_columns(pl.col("at").str.to_datetime("%Y-%m-%d %H:%M")).write_parquet(tmp_path / "log.parquet")
    text, typed = (read(tmp_path / name, zone=zone) for name in ("log.csv", "log.parquet"))
    assert typed.events == text.events
    assert typed.exclusions == text.exclusions


@pytest.mark.statement("S1")
def test_parquet_dates_are_midnight_and_attributes_become_text(tmp_path):
    path = tmp_path / "log.parquet"
    day = dt.date(2026, 3, 2)
    aware = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    frame = pl.DataFrame(
        {"pathway": ["7"], "kind": "a", "at": day, "day": day, "then": aware, "no": float("nan")}
    )
    frame.write_parquet(path)
    (event,) = read(path, zone=DK).events
    assert event.at == at("2026-03-02 00:00")
    assert event.attributes == {"day": "2026-03-02", "then": "2026-03-02T10:00:00.000000Z"}


@pytest.mark.parametrize("when", ["0001-01-01", "9999-12-31T23:59:59Z", "1e300"])
def test_times_that_have_no_local_time_are_unreadable(tmp_path, when):
    log = read(csv_log(tmp_path, f"{HEAD}7;a;{when}\n"), zone=DK)
    assert [line.reason for line in log.exclusions] == ["unreadable"]


# Files


@pytest.mark.statement("S2")
def test_rows_without_ids_are_numbered_through_all_files_of_a_folder_sorted_by_name(tmp_path):
    for name, case in (("b.csv", "2"), ("a.csv", "1"), ("_SUCCESS", ""), (".hidden.csv", "3")):
        (tmp_path / name).write_text(f"{HEAD}{case};a;2026-03-02\n{case};b;2026-03-02\n")
    log = read(tmp_path, zone=DK)
    assert [(event.id, event.pathway) for event in log.events] == [(1, "1"), (2, "1"), (3, "2"), (4, "2")]


def test_the_digest_is_the_files_own_and_changes_with_any_byte(tmp_path):
    path = csv_log(tmp_path, HEAD + "7;a;2026-03-02\n")
    one = read(path, zone=DK).digest
    assert one == hashlib.sha256(path.read_bytes()).hexdigest()
    whole = read(tmp_path, zone=DK).digest
    csv_log(tmp_path, HEAD + "7;a;2026-03-03\n")
    assert len({one, whole, read(path, zone=DK).digest, read(tmp_path, zone=DK).digest}) == 4


@pytest.mark.parametrize(
    ("name", "content", "columns", "says"),
    [
        ("none.csv", None, {}, "no such file"),
        ("log.xlsx", b"", {}, "unknown format"),
        ("log.csv", b"", {}, "empty"),
        (
            "log.csv",
            b"a,b\n1,2\n",
            {},
            "no column for pathway; there is a, b; say which .* pathway=",
        ),
        (
            "log.csv",
            b"case_id,activity,timestamp\n",
            {"kind": "akt"},
            "no column 'akt' .asked for as kind",
        ),
        ("log.csv", b"case_id,activity,timestamp\n", {"sort": "x"}, "no 'sort'; it has pathway, kind, at"),
        ("log.csv", b"case_id,\xe6\n", {}, "not in UTF-8"),
        ("log.parquet", b"PAR1", {}, "no Parquet file"),
        ("log.xes", b"<log>\n<trace>\n</log>", {}, "log.xes:3: the XML is broken"),
        ("log.xes", b"<html><body/></html>", {}, "no XES log"),
        ("log.xes", b"<html><trace><event/></trace></html>", {}, "no XES log"),
        ("log.xes", b"<!DOCTYPE log><log/>", {}, "DOCTYPE"),
        ("log.xes", b'<!DOCTYPE log [<!ENTITY e "x">]><log><trace><event/></trace></log>', {}, "DOCTYPE"),
        ("log.xes.gz", gzip.compress(b"<log/>" * 999, mtime=0)[:-9], {}, "broken"),
        (
            "log.xes",
            b'<log><trace><event><string key="a" value="b"/></event></trace></log>',
            {},
            "no column for at",
        ),
    ],
)
def test_what_is_wrong_with_a_log_as_a_whole_is_said(tmp_path, name, content, columns, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LogError, match=says):
        read(tmp_path / name, zone=DK, columns=columns)


def test_a_time_column_of_numbers_is_an_error_not_a_guess(tmp_path):
    path = tmp_path / "log.parquet"
    pl.DataFrame({"pathway": ["7"], "kind": "a", "at": [1772442000]}).write_parquet(path)
    with pytest.raises(LogError, match="holds numbers"):
        read(path, zone=DK)


def test_progress_ends_at_the_whole_file(tmp_path):
    told: list[tuple[int, int]] = []
    path = csv_log(tmp_path, HEAD + "7;a;2026-03-02\n" * 12_000)
    read(path, zone=DK, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert len(told) > 2
    assert Counter(done <= total for done, total in told) == {True: len(told)}
