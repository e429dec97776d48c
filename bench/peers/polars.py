"""Polars, streaming: filter to a clause's kinds, look at the next row with `shift`.

It may do so because a stay has each trigger once, so that the next row is what ends the obligation;
Naer asks for no such thing. With `--sort` the log is a feed in order of arrival and is sorted first.
"""

import sys
from pathlib import Path

import polars as pl

from bench.peers.question import CLAUSES, READMISSION, Clause, save


def main(log: str, answer: str, *how: str) -> None:
    """Read, judge, count, write."""
    events = pl.scan_parquet(Path(log) / "*.parquet")
    now = events.select(pl.col("at").max()).collect(engine="streaming").item()
    limit = pl.lit(now)
    queries = [_tallied(events, clause, limit, bool(how)) for clause in (*CLAUSES, READMISSION)]
    save(answer, pl.concat(pl.collect_all(queries, engine="streaming")).rows())


def _tallied(events: pl.LazyFrame, clause: Clause, now: pl.Expr, unsorted: bool) -> pl.LazyFrame:
    owner, at, due = pl.col(clause.scope), pl.col("at"), pl.duration(hours=clause.hours)
    wanted = events.filter(pl.col("kind").is_in(clause.kinds)).select(
        clause.scope, "kind", "at", "municipality"
    )
    if unsorted:
        wanted = wanted.sort(clause.scope, "at")
    alone = owner != owner.shift(-1, fill_value=-1)
    seen = wanted.with_columns(
        then=pl.when(~alone).then(pl.col("kind").shift(-1)), after=at.shift(-1) - at
    ).filter(pl.col("kind") == clause.trigger)
    delivered, released = pl.col("then") == clause.delivery, pl.col("then").is_in(clause.releases)
    timely, waiting = pl.col("after") <= due, pl.col("then").is_null()
    over = (waiting & (at + due < now)) | (released & ~timely)
    return (
        seen.with_columns(elapsed=pl.when(delivered).then(pl.col("after").cast(pl.Int64)))
        .group_by("municipality")
        .agg(
            pl.len(),
            (delivered & timely).sum().alias("kept"),
            (delivered & ~timely).sum().alias("late"),
            over.sum().alias("missing"),
            (waiting & (at + due >= now)).sum().alias("open"),
            (released & timely).sum().alias("released"),
            pl.col("elapsed").quantile(0.5, "linear").alias("median"),
            pl.col("elapsed").quantile(0.9, "linear").alias("p90"),
        )
        .select(
            pl.lit(clause.id).alias("clause"),
            pl.col("municipality").cast(pl.String),
            pl.exclude("municipality"),
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
