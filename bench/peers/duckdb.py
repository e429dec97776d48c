"""DuckDB: the best of four queries written by hand.

Times of a stay's triggers are aggregated, joined back, and the first of each ending after its trigger is
aggregated again. It may do so because a stay has each trigger once and lies in one municipality. Window
functions over a clause's kinds took 1.7 times as much processor time at 10 million events, ASOF JOIN 1.5
times, one window for all clauses more.
"""

import sys
from collections.abc import Iterable

import duckdb

from bench.peers.question import CLAUSES, READMISSION, Clause, save


def main(log: str, answer: str) -> None:
    """Aggregate, join, aggregate, count, write."""
    database = duckdb.connect()
    database.execute(
        'CREATE TEMP VIEW log AS SELECT pathway, citizen, kind, municipality, epoch_us(file."at") AS t '
        f"FROM read_parquet('{log}/*.parquet') AS file"
    )
    now = database.execute("SELECT max(t) FROM log").fetchall()[0][0]
    triggers = sorted({clause.trigger for clause in CLAUSES})
    endings = sorted({(clause.trigger, kind) for clause in CLAUSES for kind in clause.closers})
    database.execute(
        "CREATE TEMP TABLE stays AS SELECT pathway, any_value(municipality) AS municipality, "
        + ", ".join(f"max(t) FILTER (kind = '{kind}') AS t_{kind}" for kind in triggers)
        + f" FROM log WHERE kind IN ({_listed(triggers)}) GROUP BY pathway"
    )
    database.execute(
        "CREATE TEMP TABLE judged AS SELECT any_value(stays.municipality) AS municipality, "
        + ", ".join(f"any_value(t_{kind}) AS t_{kind}" for kind in triggers)
        + ", "
        + ", ".join(
            f"min(t) FILTER (kind = '{ending}' AND t > t_{kind}) AS t_{kind}_{ending}"
            for kind, ending in endings
        )
        + " FROM log JOIN stays USING (pathway) GROUP BY pathway"
    )
    rows = []
    for clause, source in [
        *((clause, _ended(clause)) for clause in CLAUSES),
        (READMISSION, _next(READMISSION)),
    ]:
        rows += database.execute(_tallied(clause, source, now)).fetchall()
    save(answer, [(*row[:-1], *(row[-1] or (None, None))) for row in rows])


def _ended(clause: Clause) -> str:
    """municipality, t of the trigger, `delivered`, `after`: the time of what came first."""
    delivery = f"t_{clause.trigger}_{clause.delivery}"
    release = f"least({', '.join(f't_{clause.trigger}_{kind}' for kind in clause.releases)})"
    return (
        f"SELECT municipality, t_{clause.trigger} AS t, least({delivery}, {release}) AS after, "
        f"coalesce({delivery} < {release}, {delivery} IS NOT NULL) AS delivered "
        f"FROM judged WHERE t_{clause.trigger} IS NOT NULL"
    )


def _next(clause: Clause) -> str:
    """The same by a window, over the whole of a citizen."""
    return (
        f"SELECT municipality, t, lead(t) OVER owner AS after, "
        f"coalesce(lead(kind) OVER owner = '{clause.delivery}', false) AS delivered "
        f"FROM log WHERE kind IN ({_listed(clause.kinds)}) "
        f"WINDOW owner AS (PARTITION BY {clause.scope} ORDER BY t) QUALIFY kind = '{clause.trigger}'"
    )


def _tallied(clause: Clause, source: str, now: int) -> str:
    due = f"t + {clause.microseconds}"
    return (
        f"SELECT '{clause.id}', municipality, count(*), "
        f"count(*) FILTER (delivered AND after <= {due}), "
        f"count(*) FILTER (delivered AND after > {due}), "
        f"count(*) FILTER (NOT delivered AND coalesce(after, {now}) > {due}), "
        f"count(*) FILTER (after IS NULL AND {due} >= {now}), "
        f"count(*) FILTER (NOT delivered AND after <= {due}), "
        f"quantile_cont(after - t, [0.5, 0.9]) FILTER (delivered) FROM ({source}) GROUP BY municipality"
    )


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


if __name__ == "__main__":
    main(*sys.argv[1:])
