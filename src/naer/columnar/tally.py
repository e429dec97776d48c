"""How each clause was met, counted from columns: what `naer.agreement.report.report` says, bit for bit.

Every chunk gives cells, one for each clause and group that occurs in it; the cells of all chunks are
merged at the end. No object is made for an obligation.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import prod
from typing import Any

import msgspec
import numpy as np

from naer.agreement.register import Register
from naer.agreement.report import Tally, place_of
from naer.columnar.counting import by_cell, copied, counted, unit_of
from naer.columnar.found import LATE, OUTCOMES, Found
from naer.columnar.grouping import Grouping
from naer.columnar.plan import Plan
from naer.columnar.quantiles import Quantiles, quantiles
from naer.events.chunk import Chunk, Ints
from naer.events.instant import MINUTE

_DENSE = 2**18
"""Up to so many possible cells each has its place; beyond, those that occur are looked for."""
_MARKED = 2**24
_SHARES = 16
"""Into so many portions the sorting is cut."""


@dataclass(frozen=True, slots=True)
class Cells:
    """k cells, sorted by key."""

    keys: Ints
    """int32[k, 1 + groupings]: the clause's place in `Plan.clause_ids`, then its group's codes."""
    counts: Ints
    """int64[k, 6], in the order of OUTCOMES."""
    elapsed: Ints
    """The elapsed times of kept and late, cell after cell: whole `unit`s, uint32 (int64 when unit is 1)."""
    unit: int
    """Microseconds."""
    shared: Ints | None = None
    """int64[k]: where the times of each cell begin, when some have the same; of a clause they are one run."""

    @property
    def begins(self) -> Ints:
        """int64[k]: where the times of each cell begin."""
        return np.cumsum(self.lengths) - self.lengths if self.shared is None else self.shared

    @property
    def lengths(self) -> Ints:
        """int64[k]: how many elapsed times each cell has."""
        return np.asarray(self.counts[:, : LATE + 1].sum(axis=1))


class Layout(msgspec.Struct, frozen=True):
    """The cells of a chunk as numbers: of an obligation `bases[pair] + columns[column_of[pair], trigger]`.

    The clauses of a group stand side by side: what is counted of a log lies in one place.
    """

    sizes: list[int]
    """Clauses, then the groups of each grouping."""
    bases: Ints
    """int64[slots * versions]"""
    column_of: Ints
    """int64[slots * versions]: a row of `columns`, -1 for none."""
    columns: Ints
    """int32[c, n]"""

    def cells(self, counts: Ints, cell: Ints, elapsed: Ints, same: Ints) -> Cells:
        """Cells from int64[cells, 6] counts, and the cell and elapsed time of each that was delivered.

        Those of a clause are also those of each that has its place in `same`, int64[clauses].
        """
        keys = np.stack(np.unravel_index(np.arange(prod(self.sizes)), self.sizes), axis=1).astype(np.int32)
        clauses, groups = self.sizes[0], prod(self.sizes[1:])
        number = np.arange(len(keys)).reshape(groups, clauses).T.reshape(-1)
        clause, group = np.divmod(np.arange(len(keys)), groups)
        return _filled(keys, counts[number], cell, elapsed, number, same[clause] * groups + group)


class Counter:
    """Counts chunks by clause and by what `by` names. `cells` may be called from several threads."""

    def __init__(self, plan: Plan, by: Sequence[str] = (), register: Register | None = None) -> None:
        self.clauses = list(plan.clause_ids)
        self.groupings = [Grouping(plan, name, register) for name in by]
        places = {clause: place for place, clause in enumerate(self.clauses)}
        self._versions = len(plan.versions)
        self._clause_of = np.asarray([places[slot.clause.id] for slot in plan.slots] or [0], np.int32)

    @property
    def needs(self) -> frozenset[str]:
        """The columns that the groups are read from, as in `Plan.needs`."""
        return frozenset[str]().union(*(grouping.needs for grouping in self.groupings))

    def keys(self, chunk: Chunk, found: Found) -> Ints:
        """int32[m, 1 + groupings]: the key of each obligation's cell."""
        return np.stack(self._codes(chunk, found), axis=1).astype(np.int32)

    def _codes(self, chunk: Chunk, found: Found) -> list[Ints]:
        return [self._clause_of[found.slot], *(one.codes(chunk, found) for one in self.groupings)]

    def cells(self, chunk: Chunk, found: Found) -> Cells:
        """The cells of one chunk."""
        cell, keys = _cells(self._codes(chunk, found), len(self.clauses))
        counts = counted(cell, found.outcome, len(keys))
        delivered = np.flatnonzero(found.outcome <= LATE)
        return _filled(keys, counts, cell[delivered], found.elapsed[delivered])

    def layout(self, chunk: Chunk) -> Layout | None:
        """The cells of a chunk by trigger, for who counts while judging; None where that cannot be."""
        groups = [one.by_trigger(chunk) for one in self.groupings]
        sizes = [max(len(self.clauses), 1), *(len(one.texts) for one in self.groupings)]
        if None in groups or prod(sizes) > _DENSE:
            return None
        pairs = len(self._clause_of) * self._versions
        bases = np.zeros(pairs, np.int64)
        columns: list[Ints] = []
        column_of = np.full(pairs, -1, np.int64)
        for group, size in zip(groups, sizes[1:], strict=True):
            assert group is not None
            bases = bases * size + group.base
            together, which = np.unique(np.stack([column_of, group.which]), axis=1, return_inverse=True)
            joined = []
            for before, new in together.T.tolist():
                parts = [columns[before] * np.int32(size)] if before >= 0 else []
                parts += [group.columns[new]] if new >= 0 else []
                joined.append(sum(parts[1:], parts[0]) if parts else np.zeros(len(chunk), np.int32))
            columns, column_of = joined, which.reshape(-1).astype(np.int64)
        bases = bases * sizes[0] + np.repeat(self._clause_of, self._versions)
        table = np.stack(columns) * np.int32(sizes[0]) if columns else np.zeros((0, 1), np.int32)
        return Layout(sizes, bases, column_of, table)

    def nothing(self) -> Cells:
        """The cells of no obligation."""
        keys = np.zeros((0, 1 + len(self.groupings)), np.int32)
        return Cells(keys, np.zeros((0, len(OUTCOMES)), np.int64), np.zeros(0, np.uint32), MINUTE)

    def tallies(self, parts: Sequence[Cells], threads: int = 2) -> tuple[list[Tally], list[Tally]]:
        """One tally for each clause in the agreement's order, and one for each clause and group that occurs.

        `parts` are the cells of several chunks; nothing of them is joined or changed.
        """
        keys, counts, places = summed(parts or [self.nothing()])
        times, unit = _alike(parts)
        clauses = np.arange(len(self.clauses))
        begins, lengths = (np.zeros((len(parts), len(keys) + len(clauses)), np.int64) for _ in range(2))
        for number, (part, mine) in enumerate(zip(parts, places, strict=False)):
            begins[number, mine], lengths[number, mine] = part.begins, part.lengths
            # Cells stand by clause first: what a part has of a clause is one run.
            upto = np.pad(np.cumsum(part.lengths), (1, 0))
            first, last = (np.searchsorted(part.keys[:, 0], clauses, side) for side in ("left", "right"))
            begins[number, len(keys) :] = np.pad(part.begins, (0, 1))[first]
            lengths[number, len(keys) :] = upto[last] - upto[first]
        found = quantiles(times, begins, lengths, unit, threads)
        totals = np.zeros((len(clauses), len(OUTCOMES)), np.int64)
        np.add.at(totals, keys[:, 0], counts)
        return self.totals(totals, found[len(keys) :]), self.groups(keys, counts, found[: len(keys)])

    def totals(self, counts: Ints, times: Sequence[Quantiles]) -> list[Tally]:
        """One tally for each clause, from a row for each."""
        rows = zip(self.clauses, counts.tolist(), times, strict=True)
        return [_tally(clause, (), row, found) for clause, row, found in rows]

    def groups(self, keys: Ints, counts: Ints, times: Sequence[Quantiles]) -> list[Tally]:
        """One tally for each cell, sorted as the reference sorts them."""
        tallies = [
            (key[0], _tally(self.clauses[key[0]], self._group(key), row, found))
            for key, row, found in zip(keys.tolist(), counts.tolist(), times, strict=True)
        ]
        tallies.sort(key=lambda one: (one[0], place_of(one[1].group)))
        return [tally for _, tally in tallies]

    def _group(self, key: list[int]) -> tuple[str | None, ...]:
        return tuple(one.texts[code] for one, code in zip(self.groupings, key[1:], strict=True))


def _filled(
    keys: Ints, counts: Ints, cell: Ints, elapsed: Ints, number: Ints | None = None, same: Ints | None = None
) -> Cells:
    """Cells from their counts, and the cell and elapsed time of each obligation that was delivered.

    `number` is what `cell` calls each. With `same` a cell has the times of the cell at that place, and only
    that one's are given.
    """
    lengths = counts[:, : LATE + 1].sum(axis=1)
    if same is not None:
        lengths[same != np.arange(len(same))] = 0
    begins = np.cumsum(lengths) - lengths
    places = begins
    if number is not None:
        places = np.empty_like(begins)
        places[number] = begins
    unit = unit_of(elapsed)
    times = by_cell(cell, elapsed, places, unit)
    there = counts.any(axis=1)
    return Cells(keys[there], counts[there], times, unit, None if same is None else begins[same][there])


def of_clauses(cells: Cells, clauses: int) -> Ints:
    """int64[clauses, 6]: the counts of each clause, in all its groups."""
    counts = np.zeros((clauses, len(OUTCOMES)), np.int64)
    np.add.at(counts, cells.keys[:, 0], cells.counts)
    return counts


def by_clause(cells: Cells, clauses: int) -> Cells:
    """One cell for each clause, empty ones too; the elapsed times are a copy where there are groups."""
    elapsed = cells.elapsed.copy() if cells.keys.shape[1] > 1 else cells.elapsed
    keys = np.arange(clauses, dtype=np.int32).reshape(-1, 1)
    return Cells(keys, of_clauses(cells, clauses), elapsed, cells.unit)


def merged(parts: Iterable[Cells]) -> Cells:
    """The cells of several chunks as one."""
    parts = list(parts)
    if len(parts) == 1 and parts[0].shared is None:
        return parts[0]
    keys, counts, places = summed(parts)
    times, unit = _alike(parts)
    lengths = counts[:, : LATE + 1].sum(axis=1)
    place = np.cumsum(lengths) - lengths
    elapsed = np.empty(int(lengths.sum()), times[0].dtype)
    for part, mine, column in zip(parts, places, times, strict=True):
        copied(column, part.begins, part.lengths, elapsed, place[mine])
        place[mine] += part.lengths
    return Cells(keys, counts, elapsed, unit)


def summed(parts: Sequence[Cells]) -> tuple[Ints, Ints, list[Ints]]:
    """The keys that occur in some parts, their counts, and for each part which of the keys its cells are."""
    keys, where = distinct(np.concatenate([part.keys for part in parts]))
    places = np.split(where, np.cumsum([len(part.keys) for part in parts])[:-1])
    counts = np.zeros((len(keys), len(OUTCOMES)), np.int64)
    for part, mine in zip(parts, places, strict=True):
        counts[mine] += part.counts
    return keys, counts, places


def _cells(codes: list[Ints], clauses: int) -> tuple[Ints, Ints]:
    """For each obligation its cell, and the key of each cell; cells may be empty."""
    sizes = [max(clauses, 1), *(int(column.max(initial=0)) + 1 for column in codes[1:])]
    possible = prod(sizes)
    if possible > _DENSE:
        keys, where = distinct(np.stack(codes, axis=1).astype(np.int32))
        return where, keys
    cell = codes[0]
    for column, size in zip(codes[1:], sizes[1:], strict=True):
        cell = cell * np.int32(size) + column
    return cell, np.stack(np.unravel_index(np.arange(possible), sizes), axis=1).astype(np.int32)


def distinct(keys: Ints) -> tuple[Ints, Ints]:
    """The different rows, sorted, and for each row which of them it is."""
    sizes = [int(column.max(initial=0)) + 1 for column in keys.T]
    possible = prod(sizes)
    if possible >= 2**63:
        rows, places = np.unique(keys, axis=0, return_inverse=True)
        return rows, np.asarray(places.reshape(-1))
    flat = np.zeros(len(keys), np.int64)
    for column, size in zip(keys.T, sizes, strict=True):
        flat = flat * size + column
    where: Ints
    if possible <= _MARKED:
        marks = np.zeros(possible, np.bool_)
        marks[flat] = True
        there = np.flatnonzero(marks)
        where = np.asarray((np.cumsum(marks, dtype=np.int32) - 1)[flat])
    else:
        there, where = np.unique(flat, return_inverse=True)
    return np.stack(np.unravel_index(there, sizes), axis=1).astype(np.int32), np.asarray(where)


def _alike(parts: Sequence[Cells]) -> tuple[list[Ints], int]:
    """The elapsed times of all parts in one unit and one type that holds them, and that unit."""
    unit = min((part.unit for part in parts), default=MINUTE)
    largest = max((int(part.elapsed.max(initial=0)) * (part.unit // unit) for part in parts), default=0)
    form: Any = np.uint32 if unit > 1 and largest < 2**32 else np.int64
    times = [
        part.elapsed
        if part.unit == unit and part.elapsed.dtype == form
        else part.elapsed.astype(form) * form(part.unit // unit)
        for part in parts
    ]
    return times, unit


def sort(elapsed: Ints, lengths: Ints, threads: int) -> None:
    """Sort each run of times in place."""
    ends = np.cumsum(lengths)
    shares = np.searchsorted(ends, np.arange(1, _SHARES) * (int(ends[-1]) if len(ends) else 0) / _SHARES)
    cuts = [0, *sorted(set(shares.tolist())), len(ends)]

    def some(first: int, last: int) -> None:
        for begin, end in zip((ends - lengths)[first:last].tolist(), ends[first:last].tolist(), strict=True):
            elapsed[begin:end].sort()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, cuts[:-1], cuts[1:]))


def _tally(clause: str, group: tuple[str | None, ...], counts: list[int], times: Quantiles) -> Tally:
    named = dict(zip(OUTCOMES, counts, strict=True))
    return Tally(clause, group, sum(counts), **named, median_hours=times[0], p90_hours=times[1])
