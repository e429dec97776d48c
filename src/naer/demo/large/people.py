"""A block of citizens in columns: keys, impossible person numbers, names, practices and cases."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from naer.demo.people import CASE_WEIGHTS, CASES, FAMILY, MEN, MIDDLE, WOMEN, impossible_number
from naer.demo.region import PLACES, practices
from naer.events.chunk import Ints

SERIALS = 2000
"""Different person numbers of one sex on one day of birth."""
_YEAR = 365


@dataclass(frozen=True, slots=True)
class People:
    """n citizens."""

    frame: pl.DataFrame
    """key, number, name, born, municipality, practice, case, opened."""
    place: Ints
    """int64[n]: the place in `region.PLACES`."""


def people(rng: np.random.Generator, count: int, today: dt.date, block: int, blocks: int) -> People:
    """`count` citizens; those of the `block`-th of `blocks` blocks share no number with any other's.

    Raises:
        ValueError: when there are more blocks than numbers.
    """
    share = SERIALS // blocks
    if not share:
        raise ValueError(f"person numbers do not suffice for {blocks} blocks")
    thousands = np.array([place.thousands for place in PLACES])
    place = rng.choice(len(PLACES), count, p=thousands / thousands.sum())
    woman = rng.random(count) < 0.58
    age = np.clip(np.round(rng.normal(81, 9, count)), 42, 103).astype(np.int64)
    days = age * _YEAR + rng.integers(0, _YEAR, count)
    rank = _ranks(days * 2 + woman)
    while (rank >= share).any():  # too many on one day: the last of them were born a day earlier
        days[rank >= share] += 1
        rank = _ranks(days * 2 + woman)
    serial = (block * share + rank) * 2 + ~woman
    birthdays = [today - dt.timedelta(days=one) for one in days.tolist()]
    numbers = [impossible_number(*one) for one in zip(birthdays, serial.tolist(), strict=True)]
    by_place = {
        each.code: [one.key for one in practices() if one.municipality == each.code] for each in PLACES
    }
    first = np.cumsum([0, *(len(by_place[each.code]) for each in PLACES)])
    chosen = first[place] + (rng.random(count) * np.diff(first)[place]).astype(np.int64)
    weights = np.array(CASE_WEIGHTS) / sum(CASE_WEIGHTS)
    given = np.where(woman, rng.integers(0, len(WOMEN), count), len(WOMEN) + rng.integers(0, len(MEN), count))
    between = np.where(rng.random(count) < 0.7, rng.integers(0, len(MIDDLE), count), len(MIDDLE))
    opened = [today - dt.timedelta(days=one) for one in rng.integers(420, 3000, count).tolist()]
    frame = pl.DataFrame(
        {
            "key": "c" + pl.Series(ascending(rng, count, 10, block, blocks), dtype=pl.String),
            "number": pl.Series(numbers, dtype=pl.String),
            "given": taken((*WOMEN, *MEN), given),
            "middle": taken((*(f" {one}" for one in MIDDLE), ""), between),
            "family": taken(FAMILY, rng.integers(0, len(FAMILY), count)),
            "born": pl.Series(birthdays, dtype=pl.Date),
            "municipality": taken([each.code for each in PLACES], place),
            "practice": taken([key for each in PLACES for key in by_place[each.code]], chosen),
            "case": taken(CASES, rng.choice(len(CASES), count, p=weights)),
            "opened": pl.Series(opened, dtype=pl.Date),
        }
    )
    name = pl.format("{}{} {}", "given", "middle", "family").alias("name")
    return People(frame.with_columns(name).drop("given", "middle", "family"), place)


def ascending(rng: np.random.Generator, count: int, size: int, block: int, blocks: int) -> list[str]:
    """`count` random texts of `size` bytes each, as hex digits, that ascend: indexes then only grow.

    Those of the `block`-th of `blocks` blocks come after those of the block before.
    """
    low, high = (2**40 * one // blocks for one in (block, block + 1))
    begins = np.sort(rng.integers(low, high, count)).tolist()
    return [f"{one:010x}{rest}" for one, rest in zip(begins, hexes(rng, count, size - 5), strict=True)]


def hexes(rng: np.random.Generator, count: int, size: int) -> list[str]:
    """`count` random texts of `size` bytes each, as hex digits."""
    text = rng.bytes(count * size).hex()
    return [text[begin : begin + 2 * size] for begin in range(0, len(text), 2 * size)]


def taken(texts: "list[str] | tuple[str, ...]", places: Ints) -> pl.Series:
    """The text at each place, null where the place is negative."""
    chosen = pl.Series(np.asarray(places, np.int64))
    return pl.Series(list(texts), dtype=pl.String).gather(chosen.set(chosen < 0, None))


def _ranks(values: Ints) -> Ints:
    """int64[n]: how many equal values stand before each."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(begins, len(values)))
    ranks = np.empty(len(values), np.int64)
    ranks[order] = np.arange(len(values)) - np.repeat(begins, lengths)
    return ranks
