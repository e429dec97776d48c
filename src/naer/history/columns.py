"""The columnar engine: piece by piece, two at a time, without an object for any event or obligation."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from naer.agreement import Register
from naer.agreement.report import Tally
from naer.columnar.compile import compile_line
from naer.columnar.found import REASONS, Found
from naer.columnar.plan import Plan
from naer.columnar.tally import Cells, Counter
from naer.events.chunk import Chunk, Ints
from naer.events.instant import Instant
from naer.history.log import LeftOut, Log, Piece
from naer.history.question import Answer, Question
from naer.machine import cores

if TYPE_CHECKING:
    import polars as pl

    from naer.columnar.evaluate import Evaluator

THREADS = 2
Judge = Callable[[Chunk, Instant], Found]
Count = Callable[[Chunk, Instant], "Part"]


def run(question: Question, log: Log) -> Answer:
    """Judge every piece of the log, on two threads.

    Raises:
        CannotCompile: when the agreement asks for what columns cannot do.
    """
    plan = compile_line(question.line)
    counter = Counter(plan, question.by, question.register)
    count = counting(plan, question.register, counter)
    needs = plan.needs | counter.needs
    pieces = log.pieces()

    def counted(piece: Piece) -> Part:
        return count(piece.load(needs), question.now)

    parts = []
    done, total = 0, sum(len(piece) for piece in pieces)
    for part in each(pieces, counted):
        parts.append(part)
        done += part.events
        question.told(done, total)
    tallies, groups = counter.tallies([part.cells for part in parts])
    return answer(
        question,
        tallies=tallies,
        groups=groups,
        left_out=sum((part.left_out for part in parts), np.zeros((len(REASONS), 2), np.int64)),
        events=done,
        kinds=frozenset[str]().union(*(part.kinds for part in parts)),
        attributes=frozenset[str]().union(*(part.attributes for part in parts)),
        frames=lambda: frames(question, plan, pieces),
    )


def answer(
    question: Question,
    *,
    tallies: list[Tally],
    groups: list[Tally],
    left_out: Ints,
    events: int,
    kinds: frozenset[str],
    attributes: frozenset[str],
    frames: "Callable[[], Iterator[pl.DataFrame]]",
) -> Answer:
    """What was counted as the answer: `left_out` by reason, `events` with those after now."""
    return Answer(
        tallies=tallies,
        groups=groups if question.by else [],
        excluded=reasons(left_out),
        seen=events - int(left_out[REASONS.index("after now"), 0]),
        kinds=kinds,
        attributes=attributes,
        frames=frames,
    )


def judging(plan: Plan, register: Register | None, *, working: bool = False) -> Judge:
    """What judges a chunk: the compiled kernel, or without numba the Polars oracle."""
    kernel = evaluator(plan, register, working=working)
    if kernel is not None:
        return kernel.evaluate
    from naer.columnar import oracle

    return lambda chunk, now: oracle.evaluate(plan, chunk, now, working=working, register=register)


def evaluator(plan: Plan, register: Register | None, *, working: bool = False) -> "Evaluator | None":
    """The compiled kernel with a plan; None without numba."""
    if find_spec("numba") is None:
        return None
    from naer.columnar.evaluate import Evaluator

    return Evaluator(plan, working=working, register=register)


def counting(plan: Plan, register: Register | None, counter: Counter) -> Count:
    """What judges a chunk and counts what it finds: while it judges, where groups are told by the trigger."""
    kernel = evaluator(plan, register)
    if kernel is None:
        judge = judging(plan, register)
        return lambda chunk, now: part_of(chunk, judge(chunk, now), counter)

    def count(chunk: Chunk, now: Instant) -> Part:
        layout = counter.layout(chunk)
        found = None if layout is None else kernel.count(chunk, now, layout)
        if found is None:
            return part_of(chunk, kernel.evaluate(chunk, now), counter)
        return _part(chunk, *found)

    return count


@dataclass(frozen=True, slots=True)
class Part:
    """What one piece adds to the answer."""

    cells: Cells
    left_out: Ints
    """int64[reasons, 2]: events and pathways."""
    events: int
    kinds: frozenset[str]
    attributes: frozenset[str]


def part_of(chunk: Chunk, found: Found, counter: Counter) -> Part:
    """What was found in a chunk, counted."""
    return _part(chunk, counter.cells(chunk, found), found.left_out)


def _part(chunk: Chunk, cells: Cells, flags: Ints) -> Part:
    """Cells of a chunk, and what `flags` (`Found.left_out`) left out of it."""
    left_out = np.zeros((len(REASONS), 2), np.int64)
    if flags.any():
        for bit in range(len(REASONS)):
            places = np.flatnonzero(flags & (1 << bit))
            if len(places):
                pathways = np.searchsorted(chunk.pathways, places, side="right")
                left_out[bit] = len(places), np.count_nonzero(np.diff(pathways)) + 1
    fields = {"organisation": chunk.organisation, "municipality": chunk.municipality}
    there = {name for name, column in fields.items() if column is not None and len(column.values)}
    return Part(
        cells,
        left_out,
        len(chunk),
        frozenset(chunk.kinds),
        frozenset(there | chunk.attributes.keys()),
    )


def reasons(left_out: Ints) -> LeftOut:
    """Counted reasons as the ledger shows them."""
    return [
        {"reason": reason, "events": int(events), "pathways": int(pathways)}
        for reason, (events, pathways) in sorted(zip(REASONS, left_out.tolist(), strict=True))
        if events
    ]


def each[One, Other](
    ones: Iterable[One], work: Callable[[One], Other], threads: int | None = None
) -> Iterator[Other]:
    """`work` done for each, in order, a few at a time and never far ahead of who takes the results."""
    threads = threads or min(THREADS, cores())
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Other]] = deque()
        for one in ones:
            waiting.append(pool.submit(work, one))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def frames(question: Question, plan: Plan, pieces: Sequence[Piece]) -> "Iterator[pl.DataFrame]":
    """Every obligation, judged again with its working time, in order."""
    from naer.columnar.rows import NEEDS, rows
    from naer.history.ordered import ordered

    judge = judging(plan, question.register, working=True)
    needs = plan.needs | NEEDS

    def table(piece: Piece) -> "pl.DataFrame":
        chunk = piece.load(needs)
        return rows(plan, chunk, judge(chunk, question.now), question.register)

    return ordered(each(pieces, table))
