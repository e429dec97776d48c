"""The columnar engine on a store that it has run over before: only what changed since is judged again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial

import numpy as np

from naer.agreement.report import Tally
from naer.columnar.compile import compile_line
from naer.columnar.found import OPEN, OUTCOMES, REASONS, Found
from naer.columnar.plan import Plan
from naer.columnar.quantiles import Quantiles
from naer.columnar.shift import shifted
from naer.columnar.tally import Cells, Counter, by_clause, distinct, merged, of_clauses, sort
from naer.events.chunk import NONE, Chunk, Ints, without
from naer.events.instant import Instant
from naer.history import columns, settled
from naer.history.columns import Judge, Part, answer, each, evaluator, frames, judging, part_of
from naer.history.question import Answer, Question
from naer.history.settled import Settled, Sum
from naer.history.stored import StoredLog
from naer.logs.store import hashing
from naer.logs.store.piece import Piece
from naer.logs.store.store import Store

MOST = 100_000
LARGE = 0.2
"""When more than this share of the events would be judged again, or of the times is out or put in since,
everything is judged and kept anew; as many as MOST never matter."""
SHARE = 20_000
"""Components that are judged at once, of those that grew."""
Within = Callable[[Chunk, Instant, Ints], Found | None]


@dataclass(frozen=True, slots=True)
class _Work:
    """What is judged for a refresh."""

    plan: Plan
    counter: Counter
    judge: Judge
    within: Within | None
    """`judge` for some pathways only, where there is such a thing."""
    needs: frozenset[str]
    now: int


def run(question: Question, log: StoredLog) -> Answer:
    """The answer of `columns.run`; what is settled is kept in the store's folder.

    Raises:
        CannotCompile: when the agreement asks for what columns cannot do.
    """
    plan = compile_line(question.line)
    counter = Counter(plan, question.by, question.register)
    needs = plan.needs | counter.needs
    kernel = evaluator(plan, question.register)
    if kernel is None:
        work = _Work(plan, counter, judging(plan, question.register), None, needs, question.now)
    else:
        work = _Work(plan, counter, kernel.evaluate, kernel.within, needs, question.now)
    key = settled.key_of(plan, question.by)
    known = settled.read(log.store.path, key)
    if question.register is not None or (known is not None and question.now < known.now):
        return columns.run(question, log)
    changed = _changed(known, log.store) if known else None
    if known is None or changed is None:
        return _whole(question, log, work, key)
    for grouping, texts in zip(counter.groupings, known.groups, strict=True):
        grouping.codes_of(texts)  # the first ones it meets: they have the codes that they had then
    return _refreshed(question, log, work, key, known, changed)


@dataclass(frozen=True, slots=True)
class _Changed:
    """Pieces that are new, and of the others components to take out and to put in."""

    new: list[Piece]
    out: list[tuple[Piece, Ints]]
    into: list[tuple[Piece, Ints]]

    def grown(self) -> list[Piece]:
        """The new pieces that tell themselves what there was before, all of which is to be taken out."""
        keys = hashing.once(*(piece.keys[some] for piece, some in self.out))
        telling = [piece for piece in self.new if piece.added is not None]
        return [piece for piece in telling if hashing.isin(piece.keys[piece.grown()], keys).all()]


def _changed(known: Settled, store: Store) -> _Changed | None:
    """What is not as it was kept; None when that is much, or cannot be told."""
    pieces = store.pieces
    there = {piece.digest: piece for piece in pieces}
    times = len(known.out.cells.elapsed) + len(known.into.cells.elapsed)
    if not known.apart.keys() <= there.keys() or times > LARGE * len(known.base.cells.elapsed) + MOST:
        return None
    changed = _Changed([], [], [])
    share = 0.0
    for piece in pieces:
        if piece.digest not in known.apart:
            changed.new.append(piece)
            share += len(piece)
            continue
        apart = np.zeros(piece.components, np.bool_)
        apart[known.apart[piece.digest]] = True
        for places, where in ((~piece.alive & ~apart, changed.out), (piece.alive & apart, changed.into)):
            if places.any():
                where.append((piece, np.flatnonzero(places)))
                share += len(where[-1][1]) * len(piece) / max(1, int(np.count_nonzero(piece.alive)))
    return changed if share <= LARGE * sum(map(len, pieces)) + MOST else None


def _refreshed(
    question: Question, log: StoredLog, work: _Work, key: str, known: Settled, changed: _Changed
) -> Answer:
    """What is kept, less what was touched since, with what there is now."""
    counter = work.counter
    grown = changed.grown() if log.store.manifest.before == known.store else []
    there = hashing.once(*(piece.keys for piece in grown))
    out = [(piece, some[~hashing.isin(piece.keys[some], there)]) for piece, some in changed.out]
    jobs: list[Callable[[], list[_Judged]]]
    jobs = [partial(_grown, piece, work, some) for piece in grown for some in _shares(piece)]
    jobs += [partial(_judged, piece, work) for piece in changed.new if piece not in grown]
    jobs += [partial(_judged, piece, work, some) for piece, some in out if len(some)]
    settling = len(jobs)
    jobs += [partial(_judged, piece, work, some) for piece, some in changed.into]
    judged = []
    for number, one in enumerate(each(jobs, lambda job: job()), 1):
        judged.append(one)
        question.told(number, len(jobs))
    fresh = {piece.digest for piece in changed.new}
    new = [one for ones in judged[:settling] for one in ones if one.piece in fresh]
    gone = [one for ones in judged[:settling] for one in ones if one.piece not in fresh]
    again = [one for ones in judged[settling:] for one in ones]
    if new or gone:
        apart = dict(known.apart)
        apart |= {piece.digest: np.union1d(apart[piece.digest], some) for piece, some in changed.out}
        for piece in changed.new:
            apart[piece.digest] = np.concatenate([one.apart for one in new if one.piece == piece.digest])
        known = replace(
            known,
            now=question.now,
            out=_joined(known.out, gone, question.now),
            into=_joined(known.into, new, question.now),
            left_out=known.left_out + _left_out(_settled(new)) - _left_out(_settled(gone)),
            events=known.events + _events(_settled(new)) - _events(_settled(gone)),
            kinds=known.kinds.union(*(one.settled.kinds for one in new)),
            attributes=known.attributes.union(*(one.settled.attributes for one in new)),
            store=log.store.digest,
            apart=apart,
            groups=[grouping.texts for grouping in counter.groupings],
        )
        settled.update(log.store.path, key, known)
    aside = [*(one.later for one in new), *(part for one in again for part in (one.settled, one.later))]
    into = known.into.at(question.now)
    if any(len(part.cells.keys) for part in aside):
        into = merged([into, *(part.cells for part in aside)])
        sort(into.elapsed, into.lengths, 1)
    rows = [known.base.at(question.now), known.out.at(question.now), into]
    tallies, groups = _counted(rows, known.totals, counter)
    return answer(
        question,
        tallies=tallies,
        groups=groups,
        left_out=known.left_out + _left_out(aside),
        events=known.events + _events(aside),
        kinds=known.kinds.union(*(part.kinds for part in aside)),
        attributes=known.attributes.union(*(part.attributes for part in aside)),
        frames=lambda: frames(question, work.plan, log.pieces()),
    )


def _left_out(parts: Iterable[Part]) -> Ints:
    return np.sum([np.zeros((len(REASONS), 2), np.int64), *(part.left_out for part in parts)], axis=0)


def _joined(before: Sum, judged: Sequence["_Judged"], now: int) -> Sum:
    """A sum with more components, as it stands at `now`."""
    if not judged:
        return before
    cells = merged([before.at(now), *(one.settled.cells for one in judged)])
    sort(cells.elapsed, cells.lengths, 1)
    waits = before.due >= now
    return Sum(
        cells,
        np.concatenate([before.waiting[waits], *(one.waiting for one in judged)]),
        np.concatenate([before.due[waits], *(one.due for one in judged)]),
    )


def _counted(rows: Sequence[Cells], totals: Ints, counter: Counter) -> tuple[list[Tally], list[Tally]]:
    """Tallies of the first cells, less the second, with the third; `totals` are the first's by clause."""
    keys, where = distinct(np.concatenate([one.keys for one in rows]))
    places = np.split(where, np.cumsum([len(one.keys) for one in rows])[:-1])
    counts = np.zeros((len(keys), len(OUTCOMES)), np.int64)
    for sign, one, at in zip((1, -1, 1), rows, places, strict=True):
        counts[at] += sign * one.counts
    there = np.flatnonzero(counts.any(axis=1))
    times = _shifted(rows, places, len(keys))
    groups = counter.groups(keys[there], counts[there], [times[place] for place in there])
    clauses = np.arange(len(counter.clauses))
    whole = [Cells(keys[:0], of_clauses(rows[0], len(clauses)), totals, rows[0].unit)]
    for one in rows[1:]:
        whole.append(by_clause(one, len(clauses)))
        if counter.groupings:
            sort(whole[-1].elapsed, whole[-1].lengths, 1)
    summed = whole[0].counts - whole[1].counts + whole[2].counts
    return counter.totals(summed, _shifted(whole, [clauses] * 3, len(clauses))), groups


def _shifted(rows: Sequence[Cells], places: Sequence[Ints], count: int) -> list[Quantiles]:
    """Median and 90th percentile of each cell: the first of `rows`, less the second, with the third."""
    begins, lengths = (np.zeros((len(rows), count), np.int64) for _ in range(2))
    for number, (one, at) in enumerate(zip(rows, places, strict=True)):
        lengths[number, at], begins[number, at] = one.lengths, np.cumsum(one.lengths) - one.lengths
    unit = min(one.unit for one in rows)
    times = [one.elapsed if one.unit == unit else one.elapsed * np.int64(one.unit // unit) for one in rows]
    form = np.result_type(*times)
    return shifted([column.astype(form, copy=False) for column in times], begins, lengths, unit)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Some components judged: what is settled, and what has events still to come."""

    settled: Part
    later: Part
    waiting: Ints
    """int32[w, 1 + groupings]: the keys of open obligations whose due has not passed, and that due."""
    due: Ints
    piece: str = ""
    """Its digest; empty for components as they were before what is there now."""
    apart: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """The components of the piece that are not settled, those that are dead among them."""


def _settled(judged: Iterable[_Judged]) -> list[Part]:
    return [one.settled for one in judged]


def _events(parts: Iterable[Part]) -> int:
    return sum(part.events for part in parts)


def _whole(question: Question, log: StoredLog, work: _Work, key: str) -> Answer:
    """Everything judged, and what is settled kept."""
    counter, pieces = work.counter, log.store.pieces
    judged: list[_Judged] = []
    done, total = 0, sum(map(len, pieces))
    for (one,) in each(pieces, lambda piece: _judged(piece, work)):
        judged.append(one)
        done += one.settled.events + one.later.events
        question.told(done, total)
    parts = _settled(judged)
    nothing = Sum(counter.nothing(), counter.nothing().keys, np.zeros(0, np.int64))
    cells = merged([part.cells for part in parts] or [nothing.cells])
    later = [one.later for one in judged if one.later.events]
    tallies, groups = counter.tallies([cells, *(part.cells for part in later)])
    sort(cells.elapsed, cells.lengths, columns.THREADS)
    whole = by_clause(cells, len(counter.clauses))
    if counter.groupings:
        sort(whole.elapsed, whole.lengths, columns.THREADS)
    waiting = np.concatenate([nothing.waiting, *(one.waiting for one in judged)])
    due = np.concatenate([nothing.due, *(one.due for one in judged)])
    known = Settled(
        now=question.now,
        groups=[grouping.texts for grouping in counter.groupings],
        base=Sum(cells, waiting, due),
        totals=whole.elapsed,
        out=nothing,
        into=nothing,
        left_out=_left_out(parts),
        events=_events(parts),
        kinds=frozenset[str]().union(*(part.kinds for part in parts)),
        attributes=frozenset[str]().union(*(part.attributes for part in parts)),
        store=log.store.digest,
        apart={piece.digest: one.apart for piece, one in zip(pieces, judged, strict=True)},
    )
    settled.write(log.store.path, key, known)
    return answer(
        question,
        tallies=tallies,
        groups=groups,
        left_out=known.left_out + _left_out(later),
        events=done,
        kinds=known.kinds,
        attributes=known.attributes,
        frames=lambda: frames(question, work.plan, log.pieces()),
    )


def _judged(piece: Piece, work: _Work, some: Ints | None = None) -> list[_Judged]:
    """All components in force, or some by place, in force or not."""
    chunk = piece.load(work.needs) if some is None else piece.take(some, work.needs)
    judged, to_come = _counted_in(chunk, work.judge(chunk, work.now), work)
    apart = ~piece.alive
    apart[np.flatnonzero(piece.alive)[to_come] if some is None else some[to_come]] = True
    return [replace(judged, piece=piece.digest, apart=np.flatnonzero(apart))]


def _shares(piece: Piece) -> list[Ints]:
    """The components of a piece in portions."""
    return [np.arange(piece.components)[at : at + SHARE] for at in range(0, piece.components, SHARE)]


def _grown(piece: Piece, work: _Work, some: Ints) -> list[_Judged]:
    """Some components next to each other as they are, and as they were before the events `piece.added`.

    What the clauses of a pathway find in pathways without such events is the same in both, and left out
    of both where that can be told.
    """
    chunk, added = piece.take(some, work.needs), piece.added_to(some)
    before, there = without(chunk, added)
    own = np.zeros(len(there), np.bool_)
    own[np.searchsorted(chunk.pathways, added, side="right") - 1] = True
    found = _narrow(chunk, before, own, own[there], work)
    if found is None:
        found = work.judge(chunk, work.now), work.judge(before, work.now)
    now, to_come = _counted_in(chunk, found[0], work)
    return [replace(now, piece=piece.digest, apart=some[to_come]), _counted_in(before, found[1], work)[0]]


def _narrow(
    chunk: Chunk, before: Chunk, own: Ints, own_before: Ints, work: _Work
) -> tuple[Found, Found] | None:
    """What is found in two states of some components that differ in their `own` pathways alone.

    None where what is left out could not be told from it.
    """
    if work.within is None or (chunk.at > work.now).any():
        return None
    found = work.within(chunk, work.now, own), work.within(before, work.now, own_before)
    if found[0] is None or found[1] is None:
        return None
    same = found[0].left_out[~np.repeat(own, np.diff(chunk.pathways))]
    if (same != found[1].left_out[~np.repeat(own_before, np.diff(before.pathways))]).any():
        return None
    return found[0], found[1]


def _counted_in(chunk: Chunk, found: Found, work: _Work) -> tuple[_Judged, Ints]:
    """What was found in a chunk, counted, and bool: which components have events still to come."""
    counter = work.counter
    components = len(chunk.components) - 1
    to_come = np.zeros(components, np.bool_)
    kept, later, events = found, _rows(found, np.zeros(0, np.int64)), 0
    after = chunk.at > work.now
    if after.any():
        of_event = np.repeat(
            np.repeat(np.arange(components), np.diff(chunk.components)), np.diff(chunk.pathways)
        )
        to_come[of_event[after]] = True
        waits = to_come[of_event]
        events = int(np.count_nonzero(waits))
        kept = _rows(found, np.flatnonzero(~waits[found.trigger]), ~waits)
        later = _rows(found, np.flatnonzero(waits[found.trigger]), waits)
    open_ones = _rows(kept, np.flatnonzero((kept.outcome == OPEN) & (kept.due != NONE)))
    judged = _Judged(
        replace(part_of(chunk, kept, counter), events=len(chunk) - events),
        replace(part_of(chunk, later, counter), events=events),
        counter.keys(chunk, open_ones),
        open_ones.due,
    )
    return judged, to_come


def _rows(found: Found, rows: Ints, events: Ints | None = None) -> Found:
    """Some rows, and of some events why they opened nothing."""
    chosen = {one.name: getattr(found, one.name)[rows] for one in fields(Found) if one.name != "left_out"}
    none = np.zeros_like(found.left_out)
    return Found(**chosen, left_out=none if events is None else np.where(events, found.left_out, none))
