"""pandas: filter to a clause's kinds, look at the next row with `shift`.

With `--sort` the log is a feed in order of arrival and is sorted first.
"""

import sys

import pandas as pd

from bench.peers.question import CLAUSES, COLUMNS, READMISSION, Clause, save


def main(log: str, answer: str, *how: str) -> None:
    """Read, judge, count, write."""
    events = pd.read_parquet(log, columns=list(COLUMNS))
    events["at"] = events["at"].astype("int64")
    if how:
        events = events.sort_values(["pathway", "at"], ignore_index=True)
    now = int(events["at"].max())
    rows = [row for clause in CLAUSES for row in _tallied(events, clause, now)]
    citizens = events[events["kind"].isin(READMISSION.kinds)]
    if how:
        citizens = citizens.sort_values(["citizen", "at"])
    save(answer, rows + _tallied(citizens, READMISSION, now))


def _tallied(events: pd.DataFrame, clause: Clause, now: int) -> list[tuple[object, ...]]:
    wanted = events.loc[events["kind"].isin(clause.kinds), [clause.scope, "kind", "at", "municipality"]]
    same = wanted[clause.scope].eq(wanted[clause.scope].shift(-1))
    then = wanted["kind"].astype("object").shift(-1).where(same)
    after = wanted["at"].shift(-1) - wanted["at"]
    seen = (wanted["kind"] == clause.trigger).to_numpy()
    at, then, after = wanted["at"][seen], then[seen], after[seen]
    delivered, timely, waiting = then == clause.delivery, after <= clause.microseconds, then.isna()
    released, over = ~delivered & ~waiting, at + clause.microseconds < now
    groups = pd.DataFrame(
        {
            "triggered": 1,
            "kept": delivered & timely,
            "late": delivered & ~timely,
            "missing": (waiting & over) | (released & ~timely),
            "open": waiting & ~over,
            "released": released & timely,
        }
    ).groupby(wanted["municipality"][seen], observed=True)
    counts = groups.sum()
    taken = after[delivered].groupby(wanted["municipality"][seen][delivered], observed=True)
    counts["median"], counts["p90"] = taken.quantile(0.5), taken.quantile(0.9)
    return [
        (clause.id, str(key), *map(int, row[:6]), *(None if one != one else float(one) for one in row[6:]))
        for key, *row in counts.itertuples()
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
