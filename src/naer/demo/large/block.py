"""One block of a large region: everything that is stored of some thousand citizens, as frames."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from naer.demo.large import table_file
from naer.demo.large.chained import log
from naer.demo.large.copy_file import binary
from naer.demo.large.courses import courses
from naer.demo.large.judged import Judge, standing
from naer.demo.large.laid import TABLES, Laid
from naer.demo.large.people import people
from naer.demo.large.plan import Plan
from naer.events.chain import Head
from naer.site.pathways.state import Identity


@dataclass(frozen=True, slots=True)
class Block:
    """Rows by table, less what numbers them: `seq` of events, `id` of obligations, whose place in this block
    steps name as `row`."""

    citizens: pl.DataFrame
    cases: pl.DataFrame
    events: pl.DataFrame
    obligations: pl.DataFrame
    steps: pl.DataFrame
    heads: list[Head]
    pathways: int


def made(plan: Plan, number: int) -> Block:
    """The block of that number, from 0."""
    rng = np.random.default_rng([plan.seed, number])
    count = plan.citizens_of(number)
    some = people(rng, count, plan.today, number, plan.blocks)
    told = courses(rng, some.place, plan.now, plan.running)
    events, heads, order = log(rng, some, told, number, plan.blocks)
    obligations, steps = _judge().owed(events, order, told, some.frame, plan.now)
    # As their identity is, so that its index only grows; steps follow their obligations.
    sorted_out = obligations.select(pl.arg_sort_by("citizen_id", *Identity._fields)).to_series()
    row = np.empty(len(sorted_out), np.int64)
    row[sorted_out.to_numpy()] = np.arange(len(sorted_out))
    citizens, cases = _people(some.frame, standing(events, order, told, count))
    return Block(
        citizens=citizens,
        cases=cases,
        events=events,
        obligations=obligations[sorted_out].with_columns(updated=pl.lit(plan.now)),
        steps=steps.with_columns(
            row=pl.Series(row).gather(steps["row"]),
            fired_at=pl.when(pl.col("at") <= plan.now).then("at"),
        ).sort("row", "step"),
        heads=heads.rows(),
        pathways=len(heads),
    )


def lay(plan: Plan, number: int, folder: Path, vendor: str) -> Laid:
    """Make the block of that number and lay it down in `folder` for a `vendor` of databases."""
    block = made(plan, number)
    frames = dict(zip(TABLES, (block.citizens, block.cases, block.events, block.obligations), strict=True))
    done = Laid(
        path=folder / str(number),
        columns={name: frame.columns for name, frame in frames.items()},
        citizens=len(block.citizens),
        pathways=block.pathways,
        events=len(block.events),
        obligations=len(block.obligations),
        steps=block.steps,
        heads=block.heads,
    )
    if vendor == "sqlite":
        table_file.write(done.path, frames)
    else:
        for name, frame in frames.items():
            done.copied(name).write_bytes(binary(frame))
    return done


@cache
def _judge() -> Judge:
    """The agreements in force, compiled once in a process."""
    from naer.site.agreements.in_force import agreements

    return Judge(agreements().lines)


def _people(frame: pl.DataFrame, standing: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of `pathways_citizen` and of `pathways_case`."""
    from naer.site.pathways import numbers

    plain = frame["number"].to_list()
    citizens = frame.select(
        "key",
        pl.Series("number_index", [numbers.index(one) for one in plain], pl.String),
        pl.Series("number_cipher", [numbers.seal(one) for one in plain], pl.Binary),
        pl.lit("").alias("number_system"),
        "name",
        "born",
        "municipality",
        pl.col("practice").alias("gp_id"),
        *standing,
        pl.lit(False).alias("provisional"),
        pl.lit(None, pl.Int64).alias("wake"),
    )
    cases = frame.select(
        pl.col("key").alias("citizen_id"),
        "municipality",
        pl.col("case").alias("kind"),
        "opened",
        pl.lit(None, pl.Date).alias("closed"),
    )
    return citizens, cases
