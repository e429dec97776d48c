"""PySpark on one machine with two threads: the same aggregations as in DuckDB, after one shuffle by stay.

The times of a stay's triggers come from a window over the stay, the first ending after each from a
grouping that needs no second shuffle. Readmission looks at the next row of the citizen. With `--windows`
every clause looks at the next row among its kinds.
"""

import sys
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from bench.peers.question import CLAUSES, COLUMNS, COUNTS, FIGURES, READMISSION, Clause, save


def main(log: str, answer: str, *how: str) -> None:
    """Read, judge, count, write."""
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "4g")
        .config("spark.sql.shuffle.partitions", 32)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", False)
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    events = spark.read.parquet(log).select(*COLUMNS[:3], F.unix_micros("at").alias("at"), "municipality")
    now = F.lit(events.agg(F.max("at")).collect()[0][0])
    citizens = _next(events, READMISSION)
    stays = reduce(DataFrame.union, [_next(events, one) for one in CLAUSES]) if how else _judged(events)
    rows = _tallied(stays, now).collect() + _tallied(citizens, now).collect()
    save(answer, [tuple(row) for row in rows])
    process = spark.sparkContext._gateway.proc  # type: ignore[union-attr]
    spark.stop()
    process.stdin.close()
    process.wait()


def _judged(events: DataFrame) -> DataFrame:
    """clause, municipality, allowed, t, after, delivered: one row for each obligation of a stay."""
    stay = Window.partitionBy("pathway")
    triggers = sorted({clause.trigger for clause in CLAUSES})
    endings = sorted({(clause.trigger, kind) for clause in CLAUSES for kind in clause.closers})
    kind, at = F.col("kind"), F.col("at")
    timed = events.select(
        "pathway", "kind", "at", "municipality",
        *(F.max(F.when(kind == name, at)).over(stay).alias(f"t_{name}") for name in triggers),
    )  # fmt: skip
    grouped = timed.groupBy("pathway").agg(
        F.first("municipality").alias("municipality"),
        *(F.first(f"t_{name}").alias(f"t_{name}") for name in triggers),
        *(
            F.min(F.when((kind == ending) & (at > F.col(f"t_{name}")), at)).alias(f"t_{name}_{ending}")
            for name, ending in endings
        ),
    )
    each = F.explode(F.array(*(_obligation(clause) for clause in CLAUSES))).alias("one")
    return grouped.select("municipality", each).select("municipality", "one.*").where("t IS NOT NULL")


def _obligation(clause: Clause) -> Column:
    delivery = F.col(f"t_{clause.trigger}_{clause.delivery}")
    releases = [F.col(f"t_{clause.trigger}_{kind}") for kind in clause.releases]
    release = F.least(*releases) if len(releases) > 1 else releases[0]
    return F.struct(
        F.lit(clause.id).alias("clause"),
        F.lit(clause.microseconds).alias("allowed"),
        F.col(f"t_{clause.trigger}").alias("t"),
        F.least(delivery, release).alias("after"),
        F.coalesce(delivery < release, delivery.isNotNull()).alias("delivered"),
    )


def _next(events: DataFrame, clause: Clause) -> DataFrame:
    owner = Window.partitionBy(clause.scope).orderBy("at")
    wanted = events.where(F.col("kind").isin(*clause.kinds))
    return wanted.select(
        "municipality",
        "kind",
        F.lit(clause.id).alias("clause"),
        F.lit(clause.microseconds).alias("allowed"),
        F.col("at").alias("t"),
        F.lead("at").over(owner).alias("after"),
        F.coalesce(F.lead("kind").over(owner) == clause.delivery, F.lit(False)).alias("delivered"),
    ).where(F.col("kind") == clause.trigger)


def _tallied(judged: DataFrame, now: Column) -> DataFrame:
    after, delivered, due = F.col("after"), F.col("delivered"), F.col("t") + F.col("allowed")
    figures = {
        "triggered": F.lit(True),
        "kept": delivered & (after <= due),
        "late": delivered & (after > due),
        "missing": ~delivered & (F.coalesce(after, now) > due),
        "open": after.isNull() & (due >= now),
        "released": ~delivered & (after <= due),
    }
    quantiles = F.percentile(F.when(delivered, after - F.col("t")), [0.5, 0.9])
    tallied = judged.groupBy("clause", "municipality").agg(
        *(F.count_if(figures[name]).alias(name) for name in COUNTS), quantiles.alias("both")
    )
    return tallied.select(*FIGURES[:-2], F.col("both")[0], F.col("both")[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
