"""The columnar engine on a store that it has run over before: only what changed since is judged again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Protocol

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
from naer.logs.store.change import Change, shares
from naer.logs.store.hashing import Hashes
from naer.logs.store.joining import joined
from naer.logs.store.store import Store

MOST = 100_000
LARGE = 0.2
"""When more than this share of the events would be judged again, or of the times is out or put in since,
everything is judged and kept anew; as many as MOST never matter."""


class Keyed(Protocol):
    """What knows the keys of the components of a chunk."""

    @property
    def keys(self) -> Hashes:
        """uint64[components], rising."""
        ...


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


def _changed(known: Settled, store: Store) -> Change | None:
    """What is not as it was kept; None when that is much, or cannot be told."""
    times = len(known.out.cells.elapsed) + len(known.into.cells.elapsed)
    if times > LARGE * len(known.base.cells.elapsed) + MOST:
        return None
    change = Change.since(store, known.standing)
    if change is None or change.events > LARGE * store.events + MOST:
        return None
    return change


def _refreshed(
    question: Question, log: StoredLog, work: _Work, key: str, known: Settled, change: Change
) -> Answer:
    """What is kept, less what was touched since, with what there is now."""
    counter, store = work.counter, log.store
    apart = known.apart
    grown = np.setdiff1d(change.grown, apart, assume_unique=True)
    replaced = np.setdiff1d(change.replaced, apart, assume_unique=True)
    anew = np.intersect1d(np.concatenate([change.grown, change.replaced]), apart, assume_unique=True)
    anew = hashing.once(anew, change.replaced)
    jobs: list[Callable[[], tuple[list[_Judged], list[_Judged]]]]
    jobs = [partial(_grown, change, some, work) for some in shares(grown)]
    jobs += [partial(_gone, change, some, work) for some in shares(replaced)]
    jobs += [partial(_there, store, some, work) for some in shares(anew)]
    settling = len(jobs)
    left = np.setdiff1d(apart, anew, assume_unique=True)
    jobs += [partial(_there, store, some, work) for some in shares(left)]
    gone: list[_Judged] = []
    new: list[_Judged] = []
    again: list[_Judged] = []
    for number, (was, now) in enumerate(each(jobs, lambda job: job()), 1):
        gone += was
        (new if number <= settling else again).extend(now)
        question.told(number, len(jobs))
    if settling:
        known = replace(
            known,
            now=question.now,
            out=_joined(known.out, gone, question.now),
            into=_joined(known.into, new, question.now),
            left_out=known.left_out + _left_out(_settled(new)) - _left_out(_settled(gone)),
            events=known.events + _events(_settled(new)) - _events(_settled(gone)),
            kinds=known.kinds.union(*(one.settled.kinds for one in new)),
            attributes=known.attributes.union(*(one.settled.attributes for one in new)),
            standing=store.standing,
            apart=hashing.once(left, *(one.apart for one in new)),
            groups=[grouping.texts for grouping in counter.groupings],
        )
        settled.update(store.path, key, known)
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
    apart: Hashes
    """The keys of the components that are not settled."""


def _settled(judged: Iterable[_Judged]) -> list[Part]:
    return [one.settled for one in judged]


def _events(parts: Iterable[Part]) -> int:
    return sum(part.events for part in parts)


def _whole(question: Question, log: StoredLog, work: _Work, key: str) -> Answer:
    """Everything judged, and what is settled kept."""
    counter, sections = work.counter, log.store.sections
    judged: list[_Judged] = []
    done, total = 0, sum(map(len, sections))
    for one in each(sections, lambda section: _judged(section.load(work.needs), section, work)):
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
        standing=log.store.standing,
        apart=hashing.once(*(one.apart for one in judged)),
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


def _judged(chunk: Chunk, keyed: Keyed, work: _Work) -> _Judged:
    """All components of a chunk."""
    return _counted_in(chunk, keyed, work.judge(chunk, work.now), work)


def _there(store: Store, keys: Hashes, work: _Work) -> tuple[list[_Judged], list[_Judged]]:
    """Nothing, and some components as they are now, those that are there."""
    slices = store.slices(keys)
    if not slices:
        return [], []
    now = joined(slices, work.needs)
    return [], [_judged(now.chunk, now, work)]


def _gone(change: Change, keys: Hashes, work: _Work) -> tuple[list[_Judged], list[_Judged]]:
    """Some components as they were, and nothing."""
    before = change.before(keys, work.needs)
    return [] if before is None else [_judged(before.chunk, before, work)], []


def _grown(change: Change, keys: Hashes, work: _Work) -> tuple[list[_Judged], list[_Judged]]:
    """Some components that only grew, as they were and as they are.

    What the clauses of a pathway find in pathways without new events is the same in both, and left out
    of both where that can be told.
    """
    now, added = change.both(keys, work.needs)
    chunk = now.chunk
    before, there = without(chunk, added)
    own = np.zeros(len(there), np.bool_)
    own[np.searchsorted(chunk.pathways, added, side="right") - 1] = True
    found = _narrow(chunk, before, own, own[there], work)
    if found is None:
        found = work.judge(chunk, work.now), work.judge(before, work.now)
    return [_counted_in(before, None, found[1], work)], [_counted_in(chunk, now, found[0], work)]


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


def _counted_in(chunk: Chunk, keyed: Keyed | None, found: Found, work: _Work) -> _Judged:
    """What was found in a chunk, counted; `keyed` tells whose events are still to come, if that is asked."""
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
    return _Judged(
        replace(part_of(chunk, kept, counter), events=len(chunk) - events),
        replace(part_of(chunk, later, counter), events=events),
        counter.keys(chunk, open_ones),
        open_ones.due,
        keyed.keys[to_come] if keyed is not None and to_come.any() else np.zeros(0, np.uint64),
    )


def _rows(found: Found, rows: Ints, events: Ints | None = None) -> Found:
    """Some rows, and of some events why they opened nothing."""
    chosen = {one.name: getattr(found, one.name)[rows] for one in fields(Found) if one.name != "left_out"}
    none = np.zeros_like(found.left_out)
    return Found(**chosen, left_out=none if events is None else np.where(events, found.left_out, none))
