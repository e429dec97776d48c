"""A log on Spark: rows from anywhere become whole components, and those become chunks for the same kernel.

The meaning of rows, ids, changes and components is the store's (`naer.logs.store`): the same functions
run in Spark's tasks. What is rare (corrections and what they reach, pathways of several citizens) is settled
on the driver; everything else stays distributed. Files must lie where every task can read them.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from naer.events.chunk import Chunk
from naer.events.event import Event
from naer.events.log import Ledger, effective
from naer.logs.row import Exclusion
from naer.logs.store import hashing, links, special
from naer.logs.store.batch import NAMES, Batch, json_text, of_events
from naer.logs.store.hashing import Hashes
from naer.logs.store.links import NO_LINKS, Links
from naer.logs.store.packing import pack
from naer.logs.store.piece import Piece
from naer.logs.store.rows import Dictionary, keys, ranks, rows

EVENTS = 1_000_000
"""A chunk has about so many events; more only when one component has."""
MOST_SPECIAL = 2_000_000
"""So many events that change others, or pathways of several citizens, fit on the driver."""

Taken = Iterator[tuple[Batch, list[Exclusion]]]
Arrow = Iterator[pa.RecordBatch]


class TooManyError(Exception):
    """More than the driver can settle; says what to do."""


class Source(Protocol):
    """Part of a log that one task reads; it is pickled."""

    def batches(self) -> Taken:
        """Its raw events, and the rows that are none."""
        ...


@dataclass(frozen=True, slots=True)
class FilePart:
    """Some batches of one file; `first` is the number of the file's first row in the log (S2)."""

    path: Path
    form: str
    zone: ZoneInfo
    columns: dict[str, str]
    first: int
    skip: int = 0
    take: int | None = None

    def batches(self) -> Taken:
        """As the build of a store reads them."""
        from naer.logs.store.sources import taken

        found = taken(
            self.path, self.form, zone=self.zone, columns=self.columns, first=self.first, skip=self.skip
        )
        for part in islice(found, self.take):
            yield part.batch, part.excluded


@dataclass(frozen=True, slots=True)
class Given:
    """Events that are in memory already."""

    events: Sequence[Event]

    def batches(self) -> Taken:
        """One batch."""
        if self.events:
            yield of_events(self.events), []


@dataclass(frozen=True, slots=True)
class Survey:
    """What must be known of a whole log before its components can be told apart."""

    special: Hashes
    """Ids whose rows are settled on the driver; sorted."""
    holding: list[Event]
    """What holds of them (S3, S4)."""
    excluded: Ledger
    """What does not, and the rows that are no events."""
    links: Links
    events: int
    """Raw events."""
    last: int | None
    """The latest `at` of all raw events."""


@dataclass(frozen=True, slots=True)
class Distributed:
    """A log in parts, and what its survey said."""

    spark: SparkSession
    sources: Sequence[Source]
    survey: Survey
    whole: Sequence[Source] = field(default=(), kw_only=True)
    """The sources and what holds of the special events."""

    def chunks(self, needs: frozenset[str], work: Callable[[Chunk], bytes]) -> Iterator[bytes]:
        """What `work` makes of each chunk, in no particular order."""
        left, joined, raw = self.survey.special, self.survey.links, len(self.sources)
        wanted = sorted(needs - _RESERVED)
        parts = max(len(self.whole), self.spark.sparkContext.defaultParallelism, 1)
        parts = (
            max(parts, self.survey.events // EVENTS + 1) if self.survey.events > EVENTS else 1 + parts // 2
        )

        def keyed(batches: Arrow) -> Arrow:
            for batch, number in _read(batches, raw):
                frame = _keyed(batch, joined, left if number else None, wanted)
                yield from _arrow(frame, _schema(wanted)).to_batches(max_chunksize=100_000)

        def judged(batches: Arrow) -> Arrow:
            for frame, key in _components(batches):
                with _chunk(frame, key, needs) as chunk:
                    yield _binary(work(chunk))

        given = self._given(self.whole)
        found = given.mapInArrow(keyed, _ddl(wanted)).repartition(parts, "key").sortWithinPartitions("key")
        for row in found.mapInArrow(judged, "found binary").toLocalIterator(prefetchPartitions=True):
            yield bytes(row.found)

    def latest(self, clock: int) -> int | None:
        """The latest `at` of an effective event up to the clock."""
        known = self.survey
        if known.last is None or (not len(known.special) and known.last <= clock):
            return known.last
        left, raw = known.special, len(self.sources)

        def highest(batches: Arrow) -> Arrow:
            for batch, number in _read(batches, raw):
                frame = _without(rows(batch, _dictionaries()), left if number else None)
                best = frame.filter(pl.col("at") <= clock)["at"].max()
                if best is not None:
                    yield pa.RecordBatch.from_pydict({"at": [best]})

        best = self._given(self.whole).mapInArrow(highest, "at long").agg(F.max("at")).collect()[0][0]
        return None if best is None else int(best)

    def _given(self, sources: Sequence[Source]) -> DataFrame:
        return _given(self.spark, sources)


def distributed(spark: SparkSession, sources: Sequence[Source]) -> Distributed:
    """Survey a log.

    Raises:
        TooManyError: when what is rare is not rare here.
    """
    surveyed = _given(spark, sources).mapInArrow(_surveyed, "tag int, a long, b long, note binary").persist()
    try:
        notes = [unpickled(row.note) for row in surveyed.where("tag = 2").select("note").collect()]
        again = surveyed.where("tag = 1").groupBy("a").count().where("count > 1").select("a")
        ids = _hashes([row.a for row in _few(again, "events whose id comes again")])
        left = np.unique(np.concatenate([ids, *(note["involved"] for note in notes)]))
        settled = effective(_special(spark, sources, left) if len(left) else [])
        joined = _links(spark, surveyed, settled.events)
    finally:
        surveyed.unpersist()
    for reason, number, pathway in (one for note in notes for one in note["excluded"]):
        settled.excluded.add(reason, ("row", number), pathway)
    spans = [note["last"] for note in notes if note["last"] is not None]
    survey = Survey(
        left,
        settled.events,
        settled.excluded,
        joined,
        sum(note["events"] for note in notes),
        max(spans, default=None),
    )
    return Distributed(spark, sources, survey, whole=[*sources, Given(settled.events)])


def over(spark: SparkSession, tasks: Sequence[Any], work: Callable[[Any], bytes]) -> Iterator[bytes]:
    """What `work` makes of each task, in no particular order; for logs that are cut already."""

    def done(batches: Arrow) -> Arrow:
        for batch in batches:
            for packed in batch.column("source"):
                yield _binary(work(unpickled(packed.as_py())[1]))

    found = _given(spark, tasks).mapInArrow(done, "found binary")
    for row in found.toLocalIterator(prefetchPartitions=True):
        yield bytes(row.found)


def unpickled(value: bytes) -> Any:
    """What a task of this program, or its driver, pickled."""
    return pickle.loads(value)  # noqa: S301


_RESERVED = frozenset({"sent", "received", "tie", "citizen", "municipality", "organisation"})
_LONGS = ("#path", "#citizen", "at", "sent", "received", "row")
_TEXTS = ("id", "pathway", "citizen", *NAMES)


def _given(spark: SparkSession, sources: Sequence[Any]) -> DataFrame:
    packed = [(bytearray(pickle.dumps((number, source))),) for number, source in enumerate(sources)]
    if not packed:
        return spark.createDataFrame([], "source binary")
    return spark.createDataFrame(spark.sparkContext.parallelize(packed, len(packed)), "source binary")


def _read(batches: Arrow, raw: int) -> Iterator[tuple[Batch, bool]]:
    """The batches of sources, and whether they are raw: the last source is settled already."""
    for batch in batches:
        for packed in batch.column("source"):
            number, source = unpickled(packed.as_py())
            for found, _ in source.batches():
                if len(found):
                    yield found, number < raw


def _surveyed(batches: Arrow) -> Arrow:
    """tag 0: a pathway and a key; 1: an id that may come again; 2: notes."""
    for batch in batches:
        for packed in batch.column("source"):
            _, source = unpickled(packed.as_py())
            for found, excluded in source.batches():
                note: dict[str, Any] = {"involved": _hashes([]), "excluded": excluded, "events": len(found)}
                note["last"] = None
                if len(found):
                    known = _dictionaries()
                    frame = rows(found, known)
                    yield _tagged(0, *links.pairs(frame["#path"].to_numpy(), keys(frame)))
                    if "#id" in frame.columns:
                        ids = frame["#id"].to_numpy()
                        yield _tagged(1, ids, np.zeros(len(ids), np.uint64))
                    cancelled = special.is_cancelled(known["kind"].names)
                    note["involved"] = special.involved(frame, cancelled)
                    note["last"] = frame["at"].max()
                yield pa.RecordBatch.from_arrays(
                    [
                        pa.array([2], pa.int32()),
                        pa.array([None], pa.int64()),
                        pa.array([None], pa.int64()),
                        pa.array([pickle.dumps(note)], pa.binary()),
                    ],
                    names=["tag", "a", "b", "note"],
                )


def _tagged(tag: int, a: Hashes, b: Hashes) -> pa.RecordBatch:
    columns = [
        pa.array(np.full(len(a), tag, np.int32)),
        pa.array(a.view(np.int64)),
        pa.array(b.view(np.int64)),
        pa.nulls(len(a), pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, names=["tag", "a", "b", "note"])


def _special(spark: SparkSession, sources: Sequence[Source], left: Hashes) -> list[Event]:
    """The raw events with these ids."""

    def picked(batches: Arrow) -> Arrow:
        for batch, _ in _read(batches, 0):
            known = _dictionaries()
            frame = rows(batch, known)
            some = frame.filter(pl.Series(hashing.isin(special.ids_of(frame), left)))
            names = {name: one.names for name, one in known.items()}
            if some.height:
                yield _binary(pickle.dumps(special.events_of_rows(some, names)))

    if len(left) > MOST_SPECIAL:
        raise _too_many("events that change others or come twice")
    found = _given(spark, sources).mapInArrow(picked, "found binary")
    return [event for row in found.toLocalIterator() for event in unpickled(row.found)]


def _links(spark: SparkSession, surveyed: DataFrame, holding: Sequence[Event]) -> Links:
    """Which citizens belong together, from the pathways that have several."""
    pairs = surveyed.where("tag = 0").select("a", "b")
    if holding:
        frame = rows(of_events(holding), _dictionaries())
        paths, owners = links.pairs(frame["#path"].to_numpy(), keys(frame))
        given = zip(paths.view(np.int64).tolist(), owners.view(np.int64).tolist(), strict=True)
        pairs = pairs.union(spark.createDataFrame(list(given), "a long, b long"))
    several = pairs.groupBy("a").agg(F.min("b").alias("low"), F.max("b").alias("high")).where("low <> high")
    mixed = _few(several.select("a"), "pathways of several citizens")
    if not mixed:
        return NO_LINKS
    them = spark.createDataFrame(mixed, "a long")
    found = pairs.join(F.broadcast(them), "a").distinct().collect()
    return links.links(_hashes([row.a for row in found]), _hashes([row.b for row in found]))


def _few(frame: DataFrame, what: str) -> list[Any]:
    found = frame.limit(MOST_SPECIAL + 1).collect()
    if len(found) > MOST_SPECIAL:
        raise _too_many(what)
    return found


def _too_many(what: str) -> TooManyError:
    return TooManyError(
        f"the log has more than {MOST_SPECIAL:,} {what}, more than Spark's driver can settle; "
        "build a store first (naer log build), and replay that"
    )


def _hashes(numbers: Iterable[int]) -> Hashes:
    return np.array(list(numbers), np.int64).view(np.uint64)


def _dictionaries() -> dict[str, Dictionary]:
    return {name: Dictionary() for name in NAMES}


def _without(frame: pl.DataFrame, left: Hashes | None) -> pl.DataFrame:
    if left is None or not len(left):
        return frame
    return frame.filter(~pl.Series(hashing.isin(special.ids_of(frame), left)))


def _keyed(batch: Batch, joined: Links, left: Hashes | None, wanted: Sequence[str]) -> pl.DataFrame:
    """The rows of a batch that are not settled elsewhere, with the columns of `_schema`."""
    frame = rows(batch, _dictionaries())
    frame = frame.with_columns(
        pl.Series("key", joined.resolve(keys(frame))),
        *(batch.frame[name].cast(pl.String) for name in NAMES if name in batch.frame.columns),
        *(
            _json(batch.attributes[name], name in batch.mixed).alias(f"@j:{name}")
            for name in wanted
            if name in batch.attributes
        ),
    )
    return _without(frame, left)


def _json(column: pl.Series, json: bool) -> pl.Series:
    """An attribute as JSON text."""
    if json:
        return column.cast(pl.String)
    different = column.drop_nulls().unique()
    texts = pl.Series([json_text(one) for one in different], dtype=pl.String)
    return column.replace_strict(different, texts, default=None, return_dtype=pl.String)


def _schema(wanted: Sequence[str]) -> pa.Schema:
    longs = [pa.field(name, pa.int64()) for name in ("key", *_LONGS)]
    return pa.schema([*longs, *(pa.field(name, pa.string()) for name in _texts(wanted))])


def _ddl(wanted: Sequence[str]) -> str:
    longs = [f"`{name}` long" for name in ("key", *_LONGS)]
    return ", ".join([*longs, *(f"`{name.replace('`', '``')}` string" for name in _texts(wanted))])


def _texts(wanted: Sequence[str]) -> list[str]:
    return [*_TEXTS, *(f"@j:{name}" for name in wanted)]


def _arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """The columns of a schema; hashes as signed numbers, what is missing as nulls."""
    columns = []
    for one in schema:
        if one.name not in frame.columns:
            columns.append(pa.nulls(frame.height, one.type))
        elif frame[one.name].dtype == pl.UInt64:
            columns.append(pa.array(frame[one.name].to_numpy().view(np.int64)))
        else:
            columns.append(frame[one.name].to_arrow(compat_level=pl.CompatLevel.oldest()).cast(one.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _components(batches: Arrow) -> Iterator[tuple[pl.DataFrame, Hashes]]:
    """Rows of whole components, about EVENTS at a time, and the key of each row; rows come by key."""
    waiting: list[pl.DataFrame] = []
    for batch in batches:
        frame = pl.from_arrow(pa.Table.from_batches([batch]))
        assert isinstance(frame, pl.DataFrame)
        waiting.append(frame)
        if sum(one.height for one in waiting) >= EVENTS:
            whole = pl.concat(waiting)
            unfinished = whole["key"] == whole["key"][-1]
            waiting = [whole.filter(unfinished)]
            if not unfinished.all():
                yield _with_keys(whole.filter(~unfinished))
    if waiting and sum(one.height for one in waiting):
        yield _with_keys(pl.concat(waiting))


def _with_keys(frame: pl.DataFrame) -> tuple[pl.DataFrame, Hashes]:
    hashed = [pl.Series(name, frame[name].to_numpy().view(np.uint64)) for name in ("#path", "#citizen")]
    return frame.drop("key").with_columns(hashed), frame["key"].to_numpy().view(np.uint64)


@contextmanager
def _chunk(frame: pl.DataFrame, key: Hashes, needs: frozenset[str]) -> Iterator[Chunk]:
    """The rows as the store would pack them, loaded; names can be read while the context lasts."""
    known = _dictionaries()
    frame = frame.select(column for column in frame.get_columns() if column.null_count() < frame.height)
    frame = frame.with_columns(known[name].encode(frame[name]) for name in NAMES if name in frame.columns)
    order = {name: ranks(one.names) for name, one in known.items()}
    names = {name: sorted(one.names) for name, one in known.items()}
    with TemporaryDirectory(prefix="naer-spark-") as folder:
        entry = pack(frame, key, order, Path(folder) / "piece")
        yield Piece(Path(folder), entry | {"folder": "piece"}, names).load(needs)


def _binary(value: bytes) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([value], pa.binary())], names=["found"])
