"""A log file as batches: the same events and the same exclusions as its rows, and every broken row shown."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from naer.events.event import Event
from naer.events.instant import ZONES
from naer.logs import columns, files
from naer.logs.read import read
from naer.logs.row import Exclusion
from naer.logs.store import events_of
from naer.logs.store.sources import NO_UTF8, Taken, fault, taken
from tests.logfiles import FORMATS, write

DK = ZONES["DK"]
ROWS = [
    {"pathway": "007", "kind": "admitted", "at": "2026-03-29 02:30", "citizen": "NA", "n": 1},
    {"pathway": "007", "kind": "discharged", "at": "2026-10-25T02:30", "citizen": "NA", "note": "a\nb"},
    {"pathway": "007", "kind": "", "at": "2026-03-02", "n": 2},
    {"pathway": "1.0", "kind": "x", "at": "fredag", "n": 3},
    {"pathway": "1.0", "kind": "x", "at": "2026-03-02T10:00:00.123456789Z", "flag": True},
    {"pathway": "null", "kind": "x", "at": "2026-03-02", "sent": "2026-03-02T11:00+01:00"},
    {"pathway": "null", "kind": "x", "at": "", "note": ";,"},
    {"pathway": "null", "kind": "x", "at": "2026-03-02 10:00", "sent": "i går"},
]


def every(path: Path, first: int = 1, mapping: str = "") -> list[Taken]:
    return list(taken(path, files.form(path), zone=DK, columns=columns.parse(mapping), first=first))


def events(parts: list[Taken]) -> list[Event]:
    found = [event for part in parts for event in events_of(part.batch)]
    return sorted(found, key=lambda event: (isinstance(event.id, str), event.id))


def exclusions(parts: list[Taken]) -> list[Exclusion]:
    return [one for part in parts for one in part.excluded]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.statement("S1", "S2", "S35")
def test_batches_of_every_format_hold_what_its_rows_hold(tmp_path, name):
    path = write(ROWS, tmp_path / name)
    log = read(path, zone=DK)
    parts = every(path)
    assert events(parts) == log.events
    assert exclusions(parts) == log.exclusions
    assert sum(part.rows for part in parts) == log.rows == len(ROWS)
    assert [one.row for one in log.exclusions] == [3, 4, 7, 8]


@pytest.mark.parametrize("name", FORMATS)
def test_ids_that_are_missing_in_some_rows_are_row_numbers_there(tmp_path, name):
    rows = [
        {"pathway": "7", "kind": "a", "at": "2026-03-02", "id": "e1"},
        {"pathway": "7", "kind": "b", "at": "2026-03-02", "id": None},
        {"pathway": "7", "kind": "c", "at": "2026-03-02", "id": "007"},
    ]
    path = write(rows, tmp_path / name)
    mapping = "" if "xes" not in name else "id=identity:id"
    assert {event.id for event in events(every(path, 11, mapping))} == {"e1", 12, "007"}


def test_attributes_of_several_types_keep_their_types(tmp_path):
    path = tmp_path / "log.ndjson"
    values = [1, 1.0, "1", True, [1, "a"], 2**70, None, {"deep": {"er": 1}}]
    lines = [{"pathway": "7", "kind": "a", "at": "2026-03-02", "v": value} for value in values]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    attributes = [dict(event.attributes) for event in events(every(path))]
    assert [repr(one) for one in attributes] == [
        repr(dict(event.attributes)) for event in read(path, zone=DK).events
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_a_broken_row_can_be_shown(tmp_path, name):
    (part,) = every(write(ROWS, tmp_path / name), first=101)
    broken = sorted({one.row for one in part.excluded})
    shown = part.content(broken)
    assert sorted(shown) == broken == [103, 104, 107, 108]
    assert "fredag" in str(shown[104])
    said = {row: fault(content, part.layout, DK) for row, content in shown.items()}
    kind, at = part.layout.names["kind"][0], part.layout.names["at"][0]
    assert said[103] == f"{kind} is empty"
    assert said[104] == f"{at} is no time that can be read"
    assert said[107] == f"{at} is empty"
    assert said[108] == "sent is no time that can be read"


def test_a_line_that_is_no_row_is_shown_as_it_stands(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"case_id;activity;timestamp\n7;a;2026-03-02\n8;a\n9;\xe6;2026-03-02\n")
    (part,) = every(path)
    assert [(one.reason, one.row) for one in part.excluded] == [("unreadable", 2), ("unreadable", 3)]
    shown = part.content([2, 3])
    assert shown[2] == "8;a"
    assert fault(shown[2], part.layout, DK).startswith("this is no row of the format")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_read_by_itself_is_shown_as_it_stands(tmp_path, encoding):
    (tmp_path / "log.csv").write_text("case_id,activity,timestamp\n7,a,2026-03-02\n8,æ\n", encoding)
    (part,) = every(tmp_path / "log.csv")
    assert part.content([2]) == {2: "8,æ"}


def test_what_is_no_json_object_is_shown_as_it_stands(tmp_path):
    path = tmp_path / "log.ndjson"
    path.write_bytes(
        b'{"pathway": 7, "kind": "a", "at": "2026-03-02"}\n ["7", "a"]\nnull\n{"pathway": \n"\xe6"\n'
    )
    (part,) = every(path)
    shown = part.content([2, 3, 4, 5])
    assert shown == {2: '["7", "a"]', 3: "null", 4: '{"pathway":', 5: '"\udce6"'}
    said = [fault(content, part.layout, DK) for content in shown.values()]
    assert [text.endswith("no JSON object") for text in said] == [True, True, True, False]
    assert said[3].startswith(NO_UTF8)


@pytest.mark.parametrize("name", FORMATS)
def test_reading_goes_on_after_batches_that_were_taken_before(tmp_path, name, monkeypatch):
    for module, value in (("sources", 3), ("tabular", 3)):
        monkeypatch.setattr(f"naer.logs.store.{module}.ROWS", value)
    monkeypatch.setattr("naer.logs.store.sources_csv.BLOCK", 64)
    path = write(ROWS * 3, tmp_path / name)
    parts = every(path)
    assert len(parts) > 3
    for skip in range(len(parts) + 1):
        rest = list(taken(path, files.form(path), zone=DK, columns={}, skip=skip))
        assert events(rest) == events(parts[skip:])
        assert exclusions(rest) == exclusions(parts[skip:])


def test_numbers_in_a_time_column_are_an_error_not_a_guess(tmp_path):
    path = tmp_path / "log.parquet"
    pl.DataFrame({"pathway": ["7"], "kind": "a", "at": [1772442000]}).write_parquet(path)
    with pytest.raises(Exception, match="holds numbers"):
        every(path)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
_objects = st.dictionaries(
    st.sampled_from(["id", "pathway", "kind", "at", "sent", "citizen", "source", "changes", "x", "y"]),
    _values | st.sampled_from(["2026-03-02", "2026-10-25 02:30", "e1", "7", 7, 1e2, ""]),
)
_lines = st.one_of(_objects.map(lambda row: json.dumps(row).encode()), st.binary(max_size=20))


@given(st.lists(_lines, max_size=12))
@settings(max_examples=100)
@pytest.mark.statement("S35")
def test_whatever_stands_in_a_file_its_batches_are_its_rows(lines):
    head = {
        "ndjson": b'{"id":"e","pathway":"7","kind":"a","at":"2026-03-02"}',
        "csv": b"id,pathway,kind,at,x",
    }
    with TemporaryDirectory() as folder:
        for form, first in head.items():
            path = Path(folder) / f"log.{form}"
            path.write_bytes(b"\n".join([first, *lines]))
            log = read(path, zone=DK)
            parts = every(path)
            given_ = [event for part in parts for event in events_of(part.batch)]
            assert sorted(map(_shown, given_)) == sorted(map(_shown, log.events))
            assert exclusions(parts) == log.exclusions
            assert sum(part.rows for part in parts) == log.rows


def _shown(event: Event) -> str:
    """All of an event, types too; the order of its attributes means nothing."""
    return repr(replace(event, attributes=dict(sorted(event.attributes.items()))))
