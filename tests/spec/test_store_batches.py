"""Batches: events and Parquet as columns mean what they mean one by one."""

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.event import Event
from naer.events.instant import ZONES
from naer.events.log import content
from naer.logs import LogError
from naer.logs.read import read
from naer.logs.store import events_of, of_events, of_parquet, tabular

DK = ZONES["DK"]

EARLY, LATE = dt.datetime.fromisoformat("1800-01-02"), dt.datetime.fromisoformat("9999-12-30")

_letters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
_words = st.one_of(
    st.sampled_from(["", "007", "NA", "1.0", "null", "æøå", "𝔘"]), st.text(_letters, max_size=5)
)
_times = st.one_of(
    st.datetimes(EARLY, LATE).map(lambda t: t.isoformat()),
    st.sampled_from(
        ["2026-03-29 02:30", "2026-10-25T02:30:00.1234567", "fredag", "", " ", "9999-12-31T23:59Z"]
    ),
)
_optional = st.one_of(st.none(), _words)
_columns = {
    "pathway": st.one_of(_optional, st.none()),
    "kind": _optional,
    "at": st.one_of(_times, st.none()),
    "sent": st.one_of(_times, st.none()),
    "id": _optional,
    "citizen": _optional,
    "municipality": _optional,
    "source": _optional,
    "changes": _optional,
    "note": _optional,
    "beds": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    "asked": st.one_of(st.none(), st.booleans()),
    "score": st.one_of(st.none(), st.floats()),
    "list": st.one_of(st.none(), st.lists(st.integers(0, 9), max_size=3)),
}


def both(frame: pl.DataFrame) -> tuple[list[object], list[object]]:
    """(events, exclusions) read row by row, and as batches."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        frame.write_parquet(path, row_group_size=5)
        slow = read(path, zone=DK)
        events, excluded, rows = [], [], 0
        for batch, out, count in of_parquet(path, zone=DK):
            events += events_of(batch)
            excluded += out
            rows += count
    assert rows == slow.rows
    return [slow.events, slow.exclusions], [events, excluded]


@settings(max_examples=60)
@given(st.lists(st.fixed_dictionaries(_columns), min_size=1, max_size=12))
def test_a_parquet_file_gives_the_same_events_as_its_rows(rows):
    schema = {"beds": pl.Int64, "asked": pl.Boolean, "score": pl.Float64, "list": pl.List(pl.Int64)}
    frame = pl.DataFrame(rows, schema={name: schema.get(name, pl.String) for name in _columns})
    slow, fast = both(frame)
    assert fast == slow


@settings(max_examples=40)
@given(
    st.lists(st.integers(-5, 2**40), min_size=1, max_size=12),
    st.sampled_from(["us", "ms", "ns"]),
    st.sampled_from([None, "UTC", "Europe/Copenhagen"]),
    st.sampled_from([pl.Int64, pl.UInt64, pl.String, pl.Float64, pl.Categorical, pl.Boolean]),
)
def test_columns_of_other_types_read_the_same(numbers, unit, zone, kind):
    hours = [number % 2**18 * 3_600 * {"ms": 1000, "us": 1_000_000, "ns": 10**9}[unit] for number in numbers]
    whole = pl.Series([abs(number) for number in numbers])
    shown = (
        whole.cast(pl.String).cast(kind)
        if kind == pl.Categorical
        else (whole > 9 if kind == pl.Boolean else whole.cast(kind))
    )
    frame = pl.DataFrame(
        {
            "case": shown,
            "citizen": shown,
            "event_id": shown,
            "kind": shown,
            "organisation": shown,
            "at": pl.Series(hours)
            .cast(pl.Datetime(unit, None))
            .dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null"),
            "more": pl.DataFrame({"a": shown, "b": whole}).to_struct(),
            "day": pl.Series([dt.date(2026, 3, 1)] * len(numbers)),
        }
    )
    slow, fast = both(frame)
    assert fast == slow


def test_a_skipped_batch_keeps_the_numbers_of_the_rest(tmp_path, monkeypatch):
    monkeypatch.setattr(tabular, "ROWS", 2)
    path = tmp_path / "log.parquet"
    at = pl.Series([EARLY] * 5)
    pl.DataFrame({"pathway": list("abcde"), "kind": "k", "at": at}).write_parquet(path, row_group_size=2)
    whole = [event for batch, _, _ in of_parquet(path, zone=DK, first=11) for event in events_of(batch)]
    rest = [
        event for batch, _, _ in of_parquet(path, zone=DK, first=11, skip=2) for event in events_of(batch)
    ]
    assert [event.id for event in whole] == [11, 12, 13, 14, 15]
    assert rest == whole[4:]


def test_what_is_no_parquet_file_is_named(tmp_path):
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(LogError, match=r"log\.parquet: no Parquet file"):
        list(of_parquet(path, zone=DK))


_values = st.recursive(
    st.one_of(st.text(_letters, max_size=3), st.integers(), st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(_letters, max_size=2), inner, max_size=2)
    ),
    max_leaves=2,
)
_ids = st.one_of(st.sampled_from(["1", "007", "NA", "é"]), st.integers(-3, 2**40))


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            Event,
            id=_ids,
            pathway=st.text(_letters, min_size=1, max_size=3),
            kind=st.text(_letters, min_size=1, max_size=3),
            at=st.integers(-(2**62), 2**62),
            citizen=st.one_of(st.none(), st.text(_letters, min_size=1, max_size=3)),
            sent=st.one_of(st.none(), st.integers(-9, 9)),
            received=st.one_of(st.none(), st.integers(-9, 9)),
            organisation=_optional,
            municipality=_optional,
            attributes=st.dictionaries(st.sampled_from("abc"), _values, max_size=3),
            source=_words,
            changes=st.one_of(st.none(), _ids),
        ),
        max_size=4,
    )
)
def test_events_come_back_from_a_batch_as_they_were(events):
    back = list(events_of(of_events(events)))
    assert back == events
    assert list(map(content, back)) == list(map(content, events))  # types too, 1 and true and 1.0
