"""The Spark engine: the columnar one, with chunks made and judged in Spark's tasks.

Parquet is read by groups of rows, other files one in a task; a store by its pieces, without a shuffle. Times
taken come to the driver, because medians are exact: four bytes for each obligation that was met.
"""

import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from naer.agreement import Register
from naer.columnar.compile import compile_line
from naer.columnar.found import REASONS
from naer.columnar.plan import Plan
from naer.columnar.spark import (
    Distributed,
    FilePart,
    Given,
    Source,
    TooManyError,
    distributed,
    over,
    unpickled,
)
from naer.columnar.tally import Cells, Counter
from naer.events.chunk import Chunk
from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import effective
from naer.history.columns import Judge, Part, judging, part_of, reasons
from naer.history.log import EventLog, LeftOut, Log, Piece
from naer.history.open import is_store
from naer.history.question import Answer, Question
from naer.history.stored import StoredLog
from naer.logs import files
from naer.logs.error import LogError
from naer.logs.store import Store, events_of
from naer.logs.store.tabular import ROWS

MASTER = "local[2]"
_OWN = re.compile(r"naer\.logs\.error\.LogError: (.*)")
_GIVEN = 100_000
"""Events in memory that one task takes."""


def session(master: str | None = None) -> SparkSession:
    """The session there is, else a new one on `master` (default: two threads of this machine).

    Raises:
        LogError: when there is no Java to run it.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        raise LogError(
            "Spark needs Java 17 or newer, and there is no java; on Debian or Ubuntu: "
            "sudo apt-get install openjdk-17-jre-headless"
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = (
        SparkSession.builder.master(master or MASTER)
        .appName("naer replay")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 200_000)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", False)
        .config("spark.ui.showConsoleProgress", sys.stderr.isatty())
        .config("spark.driver.memory", os.environ.get("SPARK_DRIVER_MEMORY", "2g"))
        .config("spark.driver.maxResultSize", 0)
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def open_log(
    path: str | Path, *, zone: ZoneInfo, columns: Mapping[str, str] | None = None, master: str | None = None
) -> Log:
    """The log at `path`: a store, a file or a folder of files, which every task must be able to read.

    Raises:
        LogError: when there is nothing, or no Java.
    """
    spark, place = session(master), Path(path)
    if is_store(place):
        return StoredLog(Store.open(place))
    found = files.find(place)
    return SparkLog(spark, _parts(spark, found, zone, dict(columns or {})), place, found)


@dataclass(frozen=True)
class SparkLog:
    """Raw events in parts; nothing is read before an engine asks."""

    spark: SparkSession
    sources: Sequence[Source] = field(repr=False)
    root: Path | None = None
    files: Sequence[Path] = field(default=())

    @cached_property
    def distributed(self) -> Distributed:
        """The log with its survey.

        Raises:
            LogError: a broken file, a column not found, or too much for the driver to settle.
        """
        return _plainly(lambda: distributed(self.spark, self.sources))

    @property
    def described(self) -> Mapping[str, Any]:
        """The files and their digest."""
        if self.root is None:
            return {"format": "events"}
        form = files.form(self.files[0])
        return {"path": str(self.root), "format": form, "sha256": files.digest(list(self.files), self.root)}

    @property
    def excluded(self) -> LeftOut:
        """By reason: rows that are no events, and what changes and repetitions left out."""
        return self.distributed.survey.excluded.rows()

    def latest(self, clock: Instant) -> Instant | None:
        """The latest event's time up to the clock."""
        return _plainly(lambda: self.distributed.latest(clock))

    def events(self) -> Sequence[Event]:
        """The whole log in the driver's memory; for small logs and for checking."""
        raw = (
            event for source in self.sources for batch, _ in source.batches() for event in events_of(batch)
        )
        return effective(raw).events

    def pieces(self) -> Sequence[Piece]:
        """One, in the driver's memory."""
        return EventLog(self.events()).pieces()


def run(question: Question, log: Log) -> Answer:
    """Judge every component of the log in Spark's tasks.

    Raises:
        CannotCompile: when the agreement asks for what columns cannot do.
        LogError: when the log cannot be read, or not on Spark.
    """
    plan = compile_line(question.line)
    counter = Counter(plan, question.by, question.register)
    parts: list[Part] = []
    done = 0
    for packed in _each(
        log, plan.needs | counter.needs, _Counted(plan, question.now, question.by, question.register)
    ):
        texts, part = unpickled(packed)
        parts.append(replace(part, cells=_recoded(part.cells, texts, counter)))
        done += part.events
        question.told(done, max(done, _events(log)))
    tallies, groups = counter.tallies([part.cells for part in parts])
    left_out = sum((part.left_out for part in parts), np.zeros((len(REASONS), 2), np.int64))
    return Answer(
        tallies=tallies,
        groups=groups if question.by else [],
        excluded=reasons(left_out),
        seen=done - int(left_out[REASONS.index("after now"), 0]),
        kinds=frozenset[str]().union(*(part.kinds for part in parts)),
        attributes=frozenset[str]().union(*(part.attributes for part in parts)),
        frames=lambda: _frames(question, plan, log),
    )


@dataclass
class _Counted:
    """Judges chunks and counts them; the texts of their groups go along, as codes differ between tasks."""

    plan: Plan
    now: Instant
    by: tuple[str, ...]
    register: Register | None
    judge: Judge | None = None
    """Made in each task, for all its chunks."""

    def __call__(self, chunk: Chunk) -> bytes:
        if self.judge is None:
            self.judge = judging(self.plan, self.register)
        counter = Counter(self.plan, self.by, self.register)
        part = part_of(chunk, self.judge(chunk, self.now), counter)
        return pickle.dumps(([one.texts for one in counter.groupings], part))


def _recoded(cells: Cells, texts: Sequence[Sequence[str | None]], counter: Counter) -> Cells:
    """The same cells with the codes of this process."""
    columns = [cells.keys[:, 0]]
    for place, (grouping, names) in enumerate(zip(counter.groupings, texts, strict=True), 1):
        known = {text: code for code, text in enumerate(grouping.texts)}
        grouping.texts += [
            text for text in names if known.setdefault(text, len(known)) >= len(grouping.texts)
        ]
        columns.append(np.array([known[text] for text in names], np.int32)[cells.keys[:, place]])
    return replace(cells, keys=np.stack(columns, axis=1).astype(np.int32))


def _frames(question: Question, plan: Plan, log: Log) -> Iterator[pl.DataFrame]:
    """Every obligation, judged again with its working time, in order."""
    from naer.columnar.rows import NEEDS, rows
    from naer.history.ordered import ordered

    now, register = question.now, question.register

    def work(chunk: Chunk) -> bytes:
        found = judging(plan, register, working=True)(chunk, now)
        return pickle.dumps(rows(plan, chunk, found, register))

    return ordered(unpickled(packed) for packed in _each(log, plan.needs | NEEDS, work))


def _each(log: Log, needs: frozenset[str], work: Callable[[Chunk], bytes]) -> Iterator[bytes]:
    """What `work` makes of each chunk of a log."""
    if isinstance(log, StoredLog):
        path, count = log.store.path, len(log.store.sections)
        found = over(
            session(), range(count), lambda piece: work(Store.open(path).sections[piece].load(needs))
        )
    else:
        found = _on_spark(log).distributed.chunks(needs, work)
    while True:
        try:
            yield _plainly(lambda: next(found))
        except StopIteration:
            return


def _on_spark(log: Log) -> SparkLog:
    if isinstance(log, SparkLog):
        return log
    events = log.events()
    cuts = range(0, len(events), _GIVEN)
    return SparkLog(session(), [Given(events[place : place + _GIVEN]) for place in cuts])


def _events(log: Log) -> int:
    if isinstance(log, StoredLog):
        return log.store.events
    return log.distributed.survey.events if isinstance(log, SparkLog) else 0


def _parts(
    spark: SparkSession, found: Sequence[Path], zone: ZoneInfo, columns: dict[str, str]
) -> Sequence[Source]:
    """The files in parts for tasks, with the numbers of their rows (S2)."""
    form = files.form(found[0])
    if form != "parquet":
        counts = [0] * len(found)
        if len(found) > 1:
            task = [FilePart(path, form, zone, columns, 1) for path in found]
            numbered = list(enumerate(task))
            for place, rows in map(unpickled, over(spark, numbered, _count)):
                counts[place] = rows
        firsts = [1 + sum(counts[:place]) for place in range(len(found))]
        return [FilePart(path, form, zone, columns, first) for path, first in zip(found, firsts, strict=True)]
    parts: list[Source] = []
    first = 1
    for path in found:
        try:
            metadata = pq.read_metadata(path)
        except (OSError, ValueError) as error:
            raise LogError(f"{path}: no Parquet file, or a broken one: {error}") from None
        skip = 0
        for group in range(metadata.num_row_groups):
            take = -(-metadata.row_group(group).num_rows // ROWS)
            parts.append(FilePart(path, form, zone, columns, first, skip, take))
            skip += take
        first += metadata.num_rows
    return parts


def _count(numbered: tuple[int, FilePart]) -> bytes:
    place, part = numbered
    return pickle.dumps((place, sum(len(batch) + len(excluded) for batch, excluded in part.batches())))


def _plainly[T](work: Callable[[], T]) -> T:
    """Do it; what a task says of the log, or the driver of its size, is said without Spark around it."""
    try:
        return work()
    except TooManyError as error:
        raise LogError(str(error)) from None
    except PySparkException as error:
        said = _OWN.findall(str(error))
        if said:
            raise LogError(said[-1]) from None
        raise
