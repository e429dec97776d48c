"""pm4py, a smaller question: in how many stays was the delivery there in time.

Only the clauses that nothing but death releases (the dead do nothing more), for the whole country, no
quantiles, no readmission. What it counts are the *kept* of those clauses.
"""

import sys

import pandas as pd
import pm4py
from pm4py.algo.filtering.pandas.ltl import ltl_checker

from bench.peers.question import CLAUSES, save

_NAMES = {"pathway": "case:concept:name", "kind": "concept:name", "at": "time:timestamp"}


def main(log: str, answer: str) -> None:
    """Read the sorted log, format it as pm4py wants, filter once for each clause, count."""
    events = pd.read_parquet(log, columns=list(_NAMES)).rename(columns=_NAMES)
    events = events.astype({"case:concept:name": "string", "concept:name": "string"})
    events = pm4py.format_dataframe(events)
    rows = []
    for clause in CLAUSES:
        if clause.releases == ("died",):
            given = {ltl_checker.Parameters.TIMESTAMP_DIFF_BOUNDARIES: [[0, clause.hours * 3600]]}
            kept = ltl_checker.eventually_follows(events, [clause.trigger, clause.delivery], given)
            rows.append((clause.id, int(kept["case:concept:name"].nunique())))
    save(answer, rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
