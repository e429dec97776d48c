"""The log store: what comes out is the effective log of what went in, whatever the order and the steps."""

import random
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.chunk import MIXED, pathway_of
from naer.events.event import Event
from naer.events.log import content, effective
from naer.events.pack import components
from naer.logs import LogError
from naer.logs.row import Exclusion
from naer.logs.store import Builder, Store, append, events_of_chunk, of_events

DAY = 86_400_000_000
_few = st.sampled_from(["a", "b", "7", "007", "NA", "æ", "𝔘"])
_id = st.one_of(_few, st.integers(1, 7))
_at = st.one_of(
    st.integers(0, 3).map(lambda n: 1_767_225_600_000_000 + n * DAY // 3),
    st.sampled_from([-5_364_662_400_000_000, 253_370_764_800_000_000, 1, -1]),  # 1800, 9999, odd
)
_json = st.one_of(
    _few,
    st.integers(-1, 2),
    st.booleans(),
    st.sampled_from([0.5, 1.0]),
    st.just([1, "x"]),
    st.just({"a": None}),
    st.just(2**70),
)
events = st.lists(
    st.builds(
        Event,
        id=_id,
        pathway=_few,
        citizen=st.one_of(st.none(), _few),
        kind=st.sampled_from(["admitted", "discharged", "cancelled", "æ"]),
        at=_at,
        sent=st.one_of(st.none(), _at),
        received=st.one_of(st.none(), st.integers(0, 2)),
        organisation=st.one_of(st.none(), _few),
        municipality=st.one_of(st.none(), _few),
        attributes=st.dictionaries(st.sampled_from(["x", "y/z"]), _json, max_size=2),
        source=st.sampled_from(["", "file"]),
        changes=st.one_of(st.none(), st.none(), _id),
    ),
    max_size=14,
)


def build(path: Path, *batches: list[Event], **more) -> Store:
    with Builder(path, **more) as builder:
        for batch in batches:
            builder.add(of_events(batch))
        return builder.finish()


def in_order(log) -> list[str]:
    """Events as texts that tell 1 from true, in the order of the log."""
    ordered = sorted(log, key=lambda event: event.order)
    return [f"{event.id!r} {event.received} {content(event)}" for event in ordered]


def split(log: list[Event], seed: int) -> list[list[Event]]:
    rng = random.Random(seed)
    shuffled = rng.sample(
        [*log, *rng.choices(log, k=len(log) // 3)] if log else [], k=len(log) + len(log) // 3
    )
    cuts = sorted(rng.randrange(len(shuffled) + 1) for _ in range(3))
    return [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]


def contents(path: Path) -> dict[str, bytes]:
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


@pytest.mark.statement("S2", "S3", "S4")
@settings(max_examples=50)
@given(events, st.integers(0, 99))
def test_the_store_holds_the_effective_log(log, seed):
    batches = split(log, seed)
    raw = [event for batch in batches for event in batch]
    expected = effective(raw)
    with TemporaryDirectory() as folder:
        store = build(Path(folder) / "log", *batches)
        assert in_order(store.read_events()) == in_order(expected.events)
        assert store.events == len(expected.events)
        assert store.ledger() == expected.excluded.rows()
        store.verify()
        for piece in store.sections:
            _sound(piece.load(), {event.pathway: event for event in expected.events}, expected.events)


def _sound(chunk, _, log):
    """A chunk keeps what its model promises: order, components, citizens and ties."""
    back = list(events_of_chunk(chunk))
    pathway = pathway_of(chunk)
    component = np.searchsorted(chunk.components, pathway, side="right") - 1
    numbers = components(log)
    together = {}
    for event, where in zip(back, component.tolist(), strict=True):
        assert together.setdefault(numbers[event.pathway], where) == where
    assert len(set(together.values())) == len(together)
    for one, other, near in zip(back, back[1:], pathway[1:] == pathway[:-1], strict=False):
        assert one.order < other.order or not near
    for code, begin, end in zip(chunk.citizens.tolist(), chunk.pathways, chunk.pathways[1:], strict=False):
        named = {event.citizen for event in back[begin:end]}
        assert (len(named) > 1) == (code == MIXED)
        assert chunk.citizen_of_event is not None or code != MIXED
    for where in set(component.tolist()):
        mine = [place for place in range(len(back)) if component[place] == where]
        tie = [0] * len(back) if chunk.tie is None else chunk.tie.tolist()
        by_store = sorted(mine, key=lambda place: (back[place].at, tie[place], place))
        assert by_store == sorted(mine, key=lambda place: back[place].order)


@settings(max_examples=20)
@given(events, st.integers(0, 99))
def test_the_same_events_give_the_same_bytes(log, seed):
    batches = split(log, seed)
    raw = [event for batch in batches for event in batch]
    with TemporaryDirectory() as folder:
        one, other = Path(folder) / "one", Path(folder) / "other"
        first = build(one, *batches)
        second = build(other, random.Random(seed).sample(raw, k=len(raw)))
        assert contents(one) == contents(other)
        assert first.digest == second.digest


def test_an_empty_log_is_a_store(tmp_path):
    store = build(tmp_path / "log")
    assert (store.events, list(store.read_events()), store.ledger(), list(store.pieces)) == (0, [], [], [])
    assert store.latest(5) == 5
    assert store.find("a") is None


def event(id, at=10, **fields):
    return Event(**{"pathway": "p", "kind": "admitted"} | fields, id=id, at=at)


@pytest.mark.parametrize("count", [255, 256, 70_000])
def test_dictionaries_grow_beyond_a_byte_and_two(tmp_path, count):
    log = [
        event(f"e{n}", n, pathway=f"p{n % 50}", organisation=f"o{n}", attributes={"n": n})
        for n in range(count)
    ]
    store = build(tmp_path / "log", log)
    assert in_order(store.read_events()) == in_order(log)
    chunk = store.pieces[0].load(frozenset({"organisation", "n"}))
    assert chunk.organisation.codes.dtype == {255: np.uint8, 256: np.uint16, 70_000: np.uint32}[count]
    assert chunk.attributes["n"].values[chunk.attributes["n"].codes[0] - 1] == chunk.at[0]


@pytest.mark.parametrize(
    ("unit", "size"), [(DAY, 4), (60_000_000, 4), (1_000_000, 4), (1_000, 4), (1, 4), (10**9 + 7, 8)]
)
def test_times_are_as_small_as_keeps_them_exact(tmp_path, unit, size):
    log = [
        event(f"e{n}", -5_364_662_400_000_000 + n * unit * (10_000 if size == 8 else 1)) for n in range(1000)
    ]
    log += (
        [event(f"s{n}", n * unit, sent=n * unit + 1 if n % 3 else None) for n in range(1000)]
        if size == 8
        else []
    )
    store = build(tmp_path / "log", log)
    assert in_order(store.read_events()) == in_order(log)
    file = next((tmp_path / "log" / "pieces").glob("*/at.npy"))
    assert np.load(file).dtype.itemsize == size


def test_only_what_is_asked_for_is_loaded(tmp_path):
    store = build(
        tmp_path / "log", [event("a", sent=3, organisation="o", attributes={"x": 1, "y": 2}), event("b")]
    )
    chunk = store.pieces[0].load(frozenset({"x"}))
    assert (chunk.sent, chunk.organisation, set(chunk.attributes)) == (None, None, {"x"})
    chunk = store.pieces[0].load(frozenset({"sent", "organisation"}))
    assert (chunk.sent is not None, chunk.organisation is not None, chunk.attributes) == (True, True, {})


@pytest.mark.parametrize("name", ["7", "p1", "æ", "mother"])
def test_a_citizen_or_a_pathway_is_found_with_its_component(tmp_path, name):
    log = [
        event("1", pathway="p1", citizen="mother"), event("2", pathway="p1", citizen="7"),
        event("3", pathway="p2", citizen="7"), event("4", pathway="æ", citizen="7"),
        *(event(f"x{n}", pathway=f"x{n}", citizen=f"c{n % 9}") for n in range(100)),
    ]  # fmt: skip
    store = build(tmp_path / "log", log)
    assert in_order(events_of_chunk(store.find(name))) == in_order(log[:4])
    assert store.find("nobody") is None


@pytest.mark.statement("S5")
def test_the_latest_event_that_is_not_after_the_clock(tmp_path):
    store = build(
        tmp_path / "log", [event("a", 10), event("b", 20, pathway="q"), event("c", 30, pathway="r")]
    )
    assert [store.latest(clock) for clock in (5, 10, 25, 99)] == [5, 10, 20, 30]


def test_what_readers_left_out_is_in_the_ledger(tmp_path):
    with Builder(tmp_path / "log") as builder:
        builder.add(of_events([event("a")]), [Exclusion("no time", 2, "p"), Exclusion("no pathway", 3, None)])
        builder.add(of_events([]), [Exclusion("no time", 4, "p")])
        store = builder.finish()
    assert store.ledger() == [
        {"reason": "no pathway", "events": 1, "pathways": 0},
        {"reason": "no time", "events": 2, "pathways": 1},
    ]


def test_there_is_a_store_or_there_is_none(tmp_path):
    with pytest.raises(LogError, match="no log store"):
        Store.open(tmp_path)
    build(tmp_path / "log", [event("a")])
    with pytest.raises(LogError, match="there is a log store already"):
        Builder(tmp_path / "log")


def test_a_damaged_file_is_named(tmp_path):
    log = [event(f"e{n}", n, pathway=f"p{n % 5}", attributes={"n": n}) for n in range(50)]
    whole = tmp_path / "log"
    build(whole, log)
    append(Store.open(whole), [of_events([event("later", 60, pathway="p1")])]).sweep()
    for file in [file for file in whole.rglob("*") if file.is_file()]:
        copy = tmp_path / "copy"
        shutil.copytree(whole, copy)
        harmed = copy / file.relative_to(whole)
        content = bytearray(harmed.read_bytes())
        content[len(content) // 2] ^= 0x11
        harmed.write_bytes(content)
        with pytest.raises(LogError, match="damaged"):
            Store.open(copy).verify()
        harmed.write_bytes(content[:-3])
        with pytest.raises(LogError, match="damaged"):
            use(copy)
        shutil.rmtree(copy)


def use(path: Path) -> None:
    store = Store.open(path)
    store.ledger()
    list(store.read_events())
    store.find("p1")
    store.verify()


def test_offsets_that_fall_are_told_where_they_are_read(tmp_path):
    build(
        tmp_path / "log", [event(f"e{n}", n, pathway=f"p{n % 40}", citizen=f"c{n % 40}") for n in range(200)]
    )
    (piece,) = Store.open(tmp_path / "log").pieces
    file = tmp_path / "log" / piece.name / "pathways.npy"
    offsets = np.load(file)
    offsets[30] = offsets[-1]
    np.save(file, offsets)
    harmed = Store.open(tmp_path / "log")
    assert len(harmed.pieces[0].take(np.array([3, 9, 21]))) == 15
    for some in (np.array([3, 30]), np.arange(25, 35), np.arange(0, 39)[np.arange(39) != 7]):
        with pytest.raises(LogError, match="offsets do not rise"):
            harmed.pieces[0].take(some)
    with pytest.raises(LogError, match="offsets do not rise"):
        harmed.sections[0].load()
