"""A store that grows: appended in any number of steps it is what it would be if built at once."""

import itertools
import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.chunk import without
from naer.events.event import Event
from naer.events.instant import ZONES
from naer.events.log import effective
from naer.logs import LogError
from naer.logs.row import Exclusion
from naer.logs.store import (
    ALL,
    Batch,
    Builder,
    Store,
    append,
    appending,
    compact,
    compaction,
    events_of,
    events_of_chunk,
    of_events,
    of_parquet,
    pieces,
    worthwhile,
)
from naer.logs.store.arrays import mapped
from naer.logs.store.change import Change
from tests.spec.test_store import build, contents, event, events, in_order, split


@pytest.mark.statement("S3", "S4", "S28")
@settings(max_examples=25)
@given(events, st.integers(0, 99))
def test_appended_in_steps_is_built_at_once(log, seed):
    batches = split(log, seed)
    raw = [event for batch in batches for event in batch]
    expected = effective(raw)
    with TemporaryDirectory() as folder:
        store = build(Path(folder) / "steps", batches[0])
        for batch in batches[1:]:
            store = append(store, [of_events(batch)])
        store.verify()
        assert in_order(store.read_events()) == in_order(expected.events)
        assert (store.events, store.ledger()) == (len(expected.events), expected.excluded.rows())
        at_once = build(Path(folder) / "once", *batches)
        assert compact(store).digest == at_once.digest
        assert in_order(compact(store).read_events()) == in_order(expected.events)


@settings(max_examples=20)
@given(events, events, st.integers(0, 99))
def test_events_told_anew_stand_in_place_of_the_old(log, later, seed):
    told = {event.id for event in later}
    expected = effective([*(event for event in log if event.id not in told), *later])
    with TemporaryDirectory() as folder:
        store = append(build(Path(folder) / "log", *split(log, seed)), [], anew=[of_events(later)])
        assert in_order(store.read_events()) == in_order(expected.events)
        kept = {row["reason"]: row["events"] for row in store.ledger() if row["reason"] != "duplicate"}
        wanted = expected.excluded.rows()
        assert kept == {row["reason"]: row["events"] for row in wanted if row["reason"] != "duplicate"}


def many(citizens: range) -> list[Event]:
    return [
        event(f"{citizen}-{n}", n, pathway=f"{citizen}/{n % 2}", citizen=str(citizen), attributes={"n": n})
        for citizen in citizens
        for n in range(4)
    ]


def test_an_append_writes_only_what_is_new(tmp_path):
    log = many(range(500))
    before = build(tmp_path / "log", log)
    old = {name: data for name, data in contents(tmp_path / "log").items() if name.startswith("pieces")}
    new = [event("new", 99, pathway="7/1", citizen="7"), event("more", 99, pathway="x", citizen="600")]
    store = append(before, [of_events(new)])
    now = contents(tmp_path / "log")
    assert {name: now[name] for name in old} == old
    first, beside = store.pieces
    assert (len(first), len(beside), first.dead) == (2000, 2, None)
    assert first.digest == before.pieces[0].digest
    assert in_order(events_of_chunk(store.find("7"))) == in_order([*many(range(7, 8)), new[0]])
    assert in_order(events_of_chunk(store.find("7/0"))) == in_order([*many(range(7, 8)), new[0]])
    assert in_order(before.read_events()) == in_order(log)  # who reads on sees what it opened
    assert not worthwhile(store)


def test_what_does_not_only_grow_is_written_whole(tmp_path):
    log = [*many(range(9)), event("old", 5, pathway="x")]
    build(tmp_path / "log", log)
    late = [event("late", 2, pathway="7/1", citizen="7"), event("new", 1, pathway="a/0", citizen="a")]
    right = event("3-1 right", 6, pathway="3/1", citizen="3", changes="3-1")
    between = [event("link", 7, pathway="4/0", citizen="5")]
    store = append(Store.open(tmp_path / "log"), [of_events([*late, right, *between])])
    first, grown, odd = store.pieces
    assert sorted(one.id for one in events_of_chunk(grown.load())) == ["late", "new"]
    assert {one.citizen for one in events_of_chunk(odd.load())} == {"3", "4", "5"}
    assert {one.citizen for one in events_of_chunk(first.take(first.dead))} == {"3", "4", "5"}
    assert {one.citizen for one in events_of_chunk(store.find("5"))} == {"4", "5"}


def test_a_change_tells_what_was_and_what_is(tmp_path):
    log = many(range(9))
    then = build(tmp_path / "log", log).standing
    late = [event("late", 2, pathway="7/1", citizen="7"), event("new", 1, pathway="a/0", citizen="a")]
    store = append(Store.open(tmp_path / "log"), [of_events(late)])
    store = append(store, [of_events([event("gone", 6, kind="cancelled", changes="3-1")])])
    change = Change.since(store, then)
    assert change is not None
    now, added = change.both(change.grown, ALL)
    assert sorted(now.chunk.naming().ids[place] for place in added) == ["late", "new"]
    before, there = without(now.chunk, added)
    assert (len(before), len(before.components) - 1, there.tolist().count(False)) == (4, 1, 1)
    was = change.before(change.replaced, ALL)
    assert in_order(events_of_chunk(was.chunk)) == in_order(many(range(3, 4)))
    assert Change.since(store, store.standing).events == 0
    assert Change.since(compact(store), then) is None


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_what_stands_beside_reads_like_what_is_compacted(seed):
    """Chunks too: order, ties, codes and names, whatever stands in which piece."""
    rng = random.Random(seed)

    def some(number: int) -> Event:
        citizen = rng.randint(0, 3)
        extra = {"sent": rng.choice((None, 1, 2)), "municipality": rng.choice((None, "101", "202"))}
        attributes = rng.choice(({}, {"n": 1}, {"n": "1"}, {"n": [1]}, {"m": True}))
        pathway = f"{citizen}/{rng.randint(0, 1)}"
        at = rng.randint(0, 2)
        return event(f"e{number}", at, pathway=pathway, citizen=str(citizen), attributes=attributes, **extra)

    log = [some(number) for number in range(24)]
    rng.shuffle(log)
    cuts = [0, *sorted(rng.sample(range(1, 24), 3)), 24]
    parts = [log[low:high] for low, high in itertools.pairwise(cuts)]
    with TemporaryDirectory() as folder:
        store = build(Path(folder) / "log", parts[0])
        for part in parts[1:]:
            store = append(store, [of_events(part)])
        assert len(store.pieces) == 4
        assert sum(len(section) for section in store.sections) == 24
        (beside,) = (section.load(ALL) for section in store.sections)
        told = list(events_of_chunk(beside))
        (whole,) = (section.load(ALL) for section in compact(store).sections)
        assert told == list(events_of_chunk(whole))
        for column in ("at", "kind", "pathways", "components"):
            assert getattr(beside, column).tolist() == getattr(whole, column).tolist()
        assert (beside.tie is None) == (whole.tie is None)
        assert whole.tie is None or beside.tie.tolist() == whole.tie.tolist()


def test_many_appends_make_a_compaction_worthwhile(tmp_path):
    store = build(tmp_path / "log", many(range(20)))
    for citizen in range(10, 31):
        assert not worthwhile(store)
        more = [event(f"{citizen}-9", 9, pathway=f"{citizen}/0", citizen=str(citizen))]
        store = append(store, [of_events(more)])
        if citizen == 15:
            more = [event(f"{n}-8", 8, pathway=f"{n}/0", citizen=str(n)) for n in range(16)]
            store = append(store, [of_events(more)])
            break
    assert worthwhile(store)
    log = in_order(store.read_events())
    store = compact(store)
    assert (len(store.pieces), store.pieces[0].dead, in_order(store.read_events())) == (1, None, log)
    assert not worthwhile(store)
    store.sweep()
    assert in_order(Store.open(tmp_path / "log").read_events()) == log


def test_so_do_many_small_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(compaction, "PIECES", 2)
    store = build(tmp_path / "log", many(range(20)))
    for number in range(3):
        assert not worthwhile(store)
        store = append(store, [of_events([event(f"new {number}", 9, pathway="7/0", citizen="7")])])
    assert worthwhile(store)


def test_nothing_appended_changes_nothing_but_the_ledger(tmp_path):
    store = build(tmp_path / "log", many(range(3)))
    after = append(store, [], [Exclusion("no time", 8, "p")], {"file": "x"})
    assert in_order(after.read_events()) == in_order(store.read_events())
    assert after.ledger() == [{"reason": "no time", "events": 1, "pathways": 1}]
    assert after.manifest.provenance == {"file": "x"}


def test_rows_without_ids_are_numbered_on(tmp_path):
    def rows(first: int) -> Batch:
        frame = {"row": [first, first + 1], "pathway": [5, 5], "kind": ["k", "k"], "at": [7, 7]}
        return Batch(pl.DataFrame(frame))

    with Builder(tmp_path / "log") as builder:
        builder.add(rows(1))
        store = builder.finish()
    store = append(store, [rows(store.manifest.rows + 1)])
    assert [(event.id, event.pathway) for event in store.read_events()] == [(n, "5") for n in (1, 2, 3, 4)]
    assert store.manifest.rows == 4


# Interrupted builds

_BUILD = """
    import os, sys
    from pathlib import Path
    from naer.events.instant import ZONES
    from naer.logs.store import Builder, build, manifest, of_parquet, tabular
    build.SPILL = 40
    tabular.ROWS = 20
    with Builder(Path(sys.argv[1]), sources="s") as builder:
        print(builder.batches, builder.rows, flush=True)
        batches = of_parquet(Path(sys.argv[2]), zone=ZONES["DK"], skip=builder.batches)
        for batch, excluded, rows in batches:
            if builder.batches == int(sys.argv[3]):
                os.kill(os.getpid(), 9)
            builder.add(batch, excluded, rows)
        if sys.argv[3] == "98":
            manifest.write = lambda path, found: os.kill(os.getpid(), 9)
        builder.finish()
"""


def test_a_killed_build_goes_on_where_it_was(tmp_path):
    rng = random.Random(4)
    log = [event(f"e{n % 190}", n, pathway=f"p{n % 9}", attributes={"n": n % 7}) for n in range(200)]
    log += [event(f"c{n}", 900 + n, kind="cancelled", changes=f"e{n}") for n in range(5)]
    rows = [
        {
            "id": e.id,
            "pathway": e.pathway if rng.random() > 0.1 else "",
            "kind": e.kind,
            "at": e.at,
            "changes": e.changes,
            **e.attributes,
        }
        for e in log
    ]
    path = tmp_path / "log.parquet"
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("at").cast(pl.Datetime("us", "UTC"))
    )
    frame.write_parquet(path)

    def run(target: Path, until: int) -> subprocess.CompletedProcess[str]:
        code = textwrap.dedent(_BUILD)
        given = [sys.executable, "-c", code, str(target), str(path), str(until)]
        return subprocess.run(given, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": "src"})

    killed = tmp_path / "killed"
    assert run(killed, 5).returncode == -signal.SIGKILL
    with pytest.raises(LogError, match="unfinished"):
        Store.open(killed)
    assert run(killed, 8).returncode == -signal.SIGKILL
    assert run(killed, 98).returncode == -signal.SIGKILL, "with all but its last file written"
    assert (killed / "pieces").exists()
    third = run(killed, 99)
    assert (third.returncode, third.stdout.split()[0] != "0", third.stderr) == (0, True, "")
    assert run(tmp_path / "whole", 99).returncode == 0
    assert contents(killed) == contents(tmp_path / "whole")
    whole = [event for batch, _, _ in of_parquet(path, zone=ZONES["DK"]) for event in events_of(batch)]
    assert in_order(Store.open(killed).read_events()) == in_order(effective(whole).events)


def test_other_sources_begin_anew(tmp_path):
    with Builder(tmp_path / "log", sources="one") as builder:
        builder.add(of_events([event("a")]))
    with Builder(tmp_path / "log", sources="other") as builder:
        assert builder.batches == 0
        builder.add(of_events([event("b")]))
        store = builder.finish()
    assert [event.id for event in store.read_events()] == ["b"]


def test_a_store_in_the_middle_of_an_append_is_the_store_before(tmp_path):
    log = many(range(9))
    store = build(tmp_path / "log", log)
    manifest = (tmp_path / "log" / "manifest.json").read_bytes()
    append(store, [of_events([event("new", 99, pathway="7/1", citizen="7")])])
    (tmp_path / "log" / "manifest.json").write_bytes(
        manifest
    )  # as if it had been killed before its last step
    again = Store.open(tmp_path / "log")
    assert in_order(again.read_events()) == in_order(log)
    store = append(again, [of_events([event("other", 98, pathway="7/1", citizen="7")])])
    assert store.events == len(log) + 1
    store.verify()


_KERNELS = """
    import sys
    from pathlib import Path
    if sys.argv[2] == "without":
        sys.modules["numba"] = None
    from naer.events.event import Event
    from naer.logs.store import Builder, kernels, of_events
    kernels.FEW = 0
    log = [
        Event(
            id=f"e{n}", pathway="æ" * (n % 13) + str(n % 40), citizen=str(n % 17 - 8), kind="k",
            at=n % 7 * 1000, sent=n % 3, received=n if n % 2 else None,
        )
        for n in range(2000)
    ]
    with Builder(Path(sys.argv[1])) as builder:
        builder.add(of_events(log))
        store = builder.finish()
    assert len(list(store.read_events())) == 2000
    print(store.digest, "naer.logs.store.compiled" in sys.modules)
"""


def test_without_numba_the_bytes_are_the_same(tmp_path):
    def run(how: str) -> list[str]:
        given = [sys.executable, "-c", textwrap.dedent(_KERNELS), str(tmp_path / how), how]
        done = subprocess.run(given, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": "src"})
        assert done.stderr == ""
        return done.stdout.split()

    (one, compiled), (other, plain) = run("with"), run("without")
    assert (compiled, plain) == ("True", "False")
    assert one == other


def test_a_large_append_is_cut_into_even_pieces(tmp_path, monkeypatch):
    log = many(range(30))
    before = build(tmp_path / "log", log)
    monkeypatch.setattr(pieces, "EVENTS", 10)
    new = [event(f"new {citizen}", 9, pathway=f"{citizen}/0", citizen=str(citizen)) for citizen in range(30)]
    store = append(before, [of_events(new)])
    assert [len(piece) for piece in store.pieces] == [120, 10, 10, 10]
    assert in_order(store.read_events()) == in_order([*log, *new])


def test_an_append_of_many_rows_is_packed_on_every_core(tmp_path, monkeypatch):
    log = many(range(30))
    before = build(tmp_path / "log", log)
    monkeypatch.setattr(appending, "MANY", 20)
    new = [event(f"new {citizen}", 9, pathway=f"{citizen}/0", citizen=str(citizen)) for citizen in range(30)]
    store = append(before, [of_events(new)])
    assert [len(piece) for piece in store.pieces] == [120, 15, 15]
    assert in_order(store.read_events()) == in_order([*log, *new])


@pytest.mark.parametrize(
    "array",
    [np.arange(5, dtype=np.uint8), np.zeros((3, 4)), np.ones((0, 2), bool), np.array(7), np.ones(3, bool)],
)
def test_a_mapped_array_is_what_was_saved(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    found = mapped(tmp_path / "a.npy")
    assert (found.dtype, found.shape, found.tolist()) == (array.dtype, array.shape, array.tolist())


@pytest.mark.parametrize("array", [np.zeros((3, 4), order="F"), np.array([None])])
def test_what_is_no_array_of_plain_rows_is_not_mapped(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    whole = (tmp_path / "a.npy").read_bytes()
    np.save(tmp_path / "b.npy", np.arange(9))
    for content in (whole, b"", b"no array", (tmp_path / "b.npy").read_bytes()[:-1]):
        (tmp_path / "c.npy").write_bytes(content)
        with pytest.raises(ValueError, match=r"."):
            mapped(tmp_path / "c.npy")


def test_a_piece_that_replaces_another_of_the_same_content_is_another(tmp_path):
    first = build(tmp_path / "log", [event("a", 1), event("b", 2)])
    again = append(first, [of_events([event("a", 3)])])  # told twice: settled anew, as it was
    assert [piece.digest for piece in again.pieces] == [first.pieces[0].digest] * 2
    (key,) = again.pieces[1].keys
    assert [one.piece.name for one in again.slices(np.array([key]))] == [again.pieces[1].name]
    change = Change.since(again, first.standing)
    assert change.replaced.tolist() == [key]
    assert len(change.before(change.replaced, ALL).chunk) == 2


def test_who_reads_goes_on_while_more_is_appended_and_compacted(tmp_path):
    link = event("link", 7, pathway="4/0", citizen="5")
    store = append(build(tmp_path / "log", many(range(9))), [of_events([link])])
    expected = in_order(store.read_events())
    reader = Store.open(tmp_path / "log")  # it has loaded nothing yet
    compact(append(store, [of_events([event("late", 9, pathway="7/0", citizen="7")])]))
    assert in_order(events_of_chunk(reader.find("5"))) == in_order([*many(range(4, 6)), link])
    assert in_order(reader.read_events()) == expected
    reader.verify()


def test_an_interrupted_compaction_is_begun_anew(tmp_path, monkeypatch):
    store = append(build(tmp_path / "log", many(range(3))), [of_events([event("n", 9, pathway="7")])])
    log = in_order(store.read_events())
    with monkeypatch.context() as stopped:
        stopped.setattr(compaction, "write_pathways", _stopped)
        with pytest.raises(KeyboardInterrupt):
            compact(store)
    assert in_order(Store.open(tmp_path / "log").read_events()) == log
    again = compact(Store.open(tmp_path / "log"))
    again.verify()
    assert in_order(again.read_events()) == log


def _stopped(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("column", ["municipality", "citizens", "attribute-0", "kind"])
def test_a_code_that_stands_for_nothing_is_refused_in_what_was_appended_too(tmp_path, column):
    build(tmp_path / "log", many(range(3)))
    linked = [
        event(
            f"x{n}", n, kind=f"k{n}", pathway="7/1", citizen=str(n), municipality=f"{n}", attributes={"n": n}
        )
        for n in range(3)
    ]
    store = append(Store.open(tmp_path / "log"), [of_events(linked)])
    file = tmp_path / "log" / store.pieces[1].name / f"{column}.npy"
    data = bytearray(file.read_bytes())
    data[-1] = 0x70
    file.write_bytes(data)
    with pytest.raises(LogError, match="damaged"):
        list(Store.open(tmp_path / "log").read_events())


def test_what_the_manifest_says_of_an_appended_piece_is_verified(tmp_path):
    build(tmp_path / "log", many(range(3)))
    append(Store.open(tmp_path / "log"), [of_events([event("n", 9, pathway="7", kind="other")])])
    file = tmp_path / "log" / "manifest.json"
    said = file.read_text()
    assert said.count('"constant": 1') == 1
    file.write_text(said.replace('"constant": 1', '"constant": 0'))
    with pytest.raises(LogError, match="manifest was changed"):
        Store.open(tmp_path / "log").verify()
