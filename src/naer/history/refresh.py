"""The columnar engine on a store that it has run over before: only what changed since is judged again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np

from naer.columnar.compile import compile_line
from naer.columnar.found import MISSING, OPEN, OUTCOMES, REASONS, Found
from naer.columnar.plan import Plan
from naer.columnar.shift import both
from naer.columnar.tally import Cells, Counter, Quantiles, by_clause, distinct, merged, of_clauses, sort
from naer.events.chunk import NONE, Chunk, Ints
from naer.history import settled
from naer.history.columns import THREADS, Judge, Part, answer, each, frames, judging, part_of
from naer.history.question import Answer, Question
from naer.history.settled import Settled
from naer.history.stored import StoredLog
from naer.logs.store.piece import Piece

LARGE = 0.02
"""When more than this share of the events would be judged again, everything is, and kept anew."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What is judged for a refresh."""

    plan: Plan
    counter: Counter
    judge: Judge
    needs: frozenset[str]
    now: int

    def part(self, chunk: Chunk) -> Part:
        return part_of(chunk, self.judge(chunk, self.now), self.counter)


def run(question: Question, log: StoredLog) -> Answer:
    """The answer of `columns.run`; what is settled is kept in the store's folder.

    Raises:
        CannotCompile: when the agreement asks for what columns cannot do.
    """
    plan = compile_line(question.line)
    counter = Counter(plan, question.by, question.register)
    needs = plan.needs | counter.needs
    work = _Work(plan, counter, judging(plan, question.register), needs, question.now)
    key = settled.key_of(plan, question.by)
    known = settled.read(log.store.path, key) if question.register is None else None
    changed = _changed(known, log.store.pieces, question.now) if known else None
    if known is None or changed is None:
        return _whole(question, log, work, key)
    return _refreshed(question, log, work, known, changed)


@dataclass(frozen=True, slots=True)
class _Changed:
    """Pieces that are new, and of the others components to take out and to put in."""

    new: list[Piece]
    out: list[tuple[Piece, Ints]]
    into: list[tuple[Piece, Ints]]


def _changed(known: Settled, pieces: Sequence[Piece], now: int) -> _Changed | None:
    """What is not as it was kept; None when that is much, or cannot be told."""
    there = {piece.digest: piece for piece in pieces}
    if now < known.now or not known.apart.keys() <= there.keys():
        return None
    changed = _Changed([], [], [])
    share = 0.0
    for piece in pieces:
        if piece.digest not in known.apart:
            changed.new.append(piece)
            share += len(piece)
            continue
        dead = np.zeros(0, np.int64) if piece.dead is None else piece.dead
        apart = known.apart[piece.digest]
        out = np.setdiff1d(dead, apart, assume_unique=True)
        into = np.setdiff1d(apart, dead, assume_unique=True)
        for places, where in ((out, changed.out), (into, changed.into)):
            if len(places):
                where.append((piece, np.sort(places)))
                share += len(places) * len(piece) / max(1, len(piece.keys) - len(dead))
    return changed if share <= LARGE * sum(map(len, pieces)) else None


def _refreshed(question: Question, log: StoredLog, work: _Work, known: Settled, changed: _Changed) -> Answer:
    """What is kept, less what was touched since, with what there is now."""
    counter = work.counter
    jobs: list[Callable[[], Chunk]] = [partial(piece.load, work.needs) for piece in changed.new]
    jobs += [partial(piece.take, some, work.needs) for piece, some in changed.into]
    added = len(jobs)
    jobs += [partial(piece.take, some, work.needs) for piece, some in changed.out]
    parts = []
    for number, part in enumerate(each(jobs, lambda load: work.part(load())), 1):
        parts.append(part)
        question.told(number, len(jobs))
    into, out = parts[:added], parts[added:]
    kept = _at(known, counter, question.now)
    rows = [kept, *(merged([part.cells for part in some] or [counter.nothing()]) for some in (out, into))]
    for one in rows[1:]:
        sort(one.elapsed, one.lengths, one.unit, 1)
    keys, where = distinct(np.concatenate([one.keys for one in rows]))
    places = np.split(where, np.cumsum([len(one.keys) for one in rows])[:-1])
    counts = np.zeros((len(keys), len(OUTCOMES)), np.int64)
    for sign, one, at in zip((1, -1, 1), rows, places, strict=True):
        counts[at] += sign * one.counts
    there = np.flatnonzero(counts.any(axis=1))
    times = _shifted(rows, places, len(keys))
    clauses = np.arange(len(counter.clauses))
    whole = [Cells(kept.keys[:0], of_clauses(kept, len(clauses)), known.totals, kept.unit)]
    for one in rows[1:]:
        whole.append(by_clause(one, len(clauses)))
        sort(whole[-1].elapsed, whole[-1].lengths, one.unit, 1)
    totals = whole[0].counts - whole[1].counts + whole[2].counts
    return answer(
        question,
        tallies=counter.totals(totals, _shifted(whole, [clauses] * 3, len(clauses))),
        groups=counter.groups(keys[there], counts[there], [times[place] for place in there]),
        left_out=known.left_out + _left_out(into) - _left_out(out),
        events=known.events + sum(part.events for part in into) - sum(part.events for part in out),
        kinds=known.kinds.union(*(part.kinds for part in into)),
        attributes=known.attributes.union(*(part.attributes for part in into)),
        frames=lambda: frames(question, work.plan, log.pieces()),
    )


def _at(known: Settled, counter: Counter, now: int) -> Cells:
    """The kept cells as they stand at `now`, with today's codes of their groups."""
    keys, counts = np.array(known.cells.keys), np.array(known.cells.counts)
    for number, (grouping, texts) in enumerate(zip(counter.groupings, known.groups, strict=True), 1):
        keys[:, number] = np.asarray(grouping.codes_of(texts), np.int32)[keys[:, number]]
    passed = known.waiting_cell[known.waiting_due < now]
    moved = np.bincount(passed, minlength=len(keys))
    counts[:, OPEN] -= moved
    counts[:, MISSING] += moved
    return replace(known.cells, keys=keys, counts=counts)


def _left_out(parts: Sequence[Part]) -> Ints:
    return np.sum([np.zeros((len(REASONS), 2), np.int64), *(part.left_out for part in parts)], axis=0)


def _shifted(rows: Sequence[Cells], places: Sequence[Ints], count: int) -> list[Quantiles]:
    """Median and 90th percentile of each cell: the first of `rows`, less the second, with the third."""
    unit = min(one.unit for one in rows)
    bounds = np.zeros((3, count, 2), np.int64)
    for number, (one, at) in enumerate(zip(rows, places, strict=True)):
        ends = np.cumsum(one.lengths)
        bounds[number, at, 0], bounds[number, at, 1] = ends - one.lengths, ends
    times = [one.elapsed if one.unit == unit else one.elapsed * np.int64(one.unit // unit) for one in rows]
    found = []
    for base, out, into in bounds.transpose(1, 0, 2).tolist():
        base_times, gone, come = (times[n][slice(*bound)] for n, bound in enumerate((base, out, into)))
        found.append(both(base_times, gone, come, unit))
    return found


@dataclass(frozen=True, slots=True)
class _Judged:
    """A piece judged whole: what is settled, and what has events still to come."""

    settled: Part
    later: Part
    waiting: Ints
    """int32[w, 1 + groupings]: the keys of open obligations whose due has not passed, and that due."""
    due: Ints
    apart: Ints


def _whole(question: Question, log: StoredLog, work: _Work, key: str) -> Answer:
    """Everything judged, and what is settled kept."""
    counter, pieces = work.counter, log.store.pieces
    parts: list[_Judged] = []
    done, total = 0, sum(map(len, pieces))
    for one in each(pieces, lambda piece: _judged(piece, work)):
        parts.append(one)
        done += one.settled.events + one.later.events
        question.told(done, total)
    cells = merged([one.settled.cells for one in parts] or [counter.nothing()])
    tallies, groups = counter.tallies(cells)
    later = [one.later for one in parts if one.later.events]
    left_out = _left_out([one.settled for one in parts])
    kinds = frozenset[str]().union(*(one.settled.kinds for one in parts))
    attributes = frozenset[str]().union(*(one.settled.attributes for one in parts))
    if question.register is None:
        whole = by_clause(cells, len(counter.clauses))
        if counter.groupings:
            sort(whole.elapsed, whole.lengths, whole.unit, THREADS)
        waiting = np.concatenate([counter.nothing().keys, *(one.waiting for one in parts)])
        kept = Settled(
            now=question.now,
            groups=[grouping.texts for grouping in counter.groupings],
            cells=cells,
            totals=whole.elapsed,
            waiting_cell=_places(cells.keys, waiting),
            waiting_due=np.concatenate([np.zeros(0, np.int64), *(one.due for one in parts)]),
            left_out=left_out,
            events=sum(one.settled.events for one in parts),
            kinds=kinds,
            attributes=attributes,
            apart={piece.digest: one.apart for piece, one in zip(pieces, parts, strict=True)},
        )
        settled.write(log.store.path, key, kept)
    if later:
        tallies, groups = counter.tallies(merged([cells, *(part.cells for part in later)]))
    return answer(
        question,
        tallies=tallies,
        groups=groups,
        left_out=left_out + _left_out(later),
        events=done,
        kinds=kinds,
        attributes=attributes,
        frames=lambda: frames(question, work.plan, log.pieces()),
    )


def _judged(piece: Piece, work: _Work) -> _Judged:
    chunk = piece.load(work.needs)
    found = work.judge(chunk, work.now)
    components = np.repeat(np.arange(len(chunk.components) - 1), np.diff(chunk.components))
    of_event = np.repeat(components, np.diff(chunk.pathways)) if (chunk.at > work.now).any() else None
    to_come = np.zeros(len(chunk.components) - 1, np.bool_)
    dead = np.zeros(0, np.int64) if piece.dead is None else piece.dead
    alive = np.setdiff1d(np.arange(len(piece.keys)), dead, assume_unique=True)
    first, later = found, _rows(found, np.zeros(0, np.int64))
    events = 0
    if of_event is not None:
        to_come[of_event[chunk.at > work.now]] = True
        waits = to_come[of_event]
        events = int(np.count_nonzero(waits))
        first = _rows(found, np.flatnonzero(~waits[found.trigger]), ~waits)
        later = _rows(found, np.flatnonzero(waits[found.trigger]), waits)
    open_ones = _rows(first, np.flatnonzero((first.outcome == OPEN) & (first.due != NONE)))
    return _Judged(
        replace(part_of(chunk, first, work.counter), events=len(chunk) - events),
        replace(part_of(chunk, later, work.counter), events=events),
        work.counter.keys(chunk, open_ones),
        open_ones.due,
        np.sort(np.concatenate((dead, alive[to_come]))),
    )


def _rows(found: Found, rows: Ints, events: Ints | None = None) -> Found:
    """Some rows, and of some events why they opened nothing."""
    columns = {one.name: getattr(found, one.name)[rows] for one in fields(Found) if one.name != "left_out"}
    none = np.zeros_like(found.left_out)
    return Found(**columns, left_out=none if events is None else np.where(events, found.left_out, none))


def _places(keys: Ints, rows: Ints) -> Ints:
    """The place in `keys` of each row, all of which are there."""
    _, where = distinct(np.concatenate((keys, rows)))
    place = np.zeros(len(keys), np.int64)
    place[where[: len(keys)]] = np.arange(len(keys))
    return place[where[len(keys) :]]
