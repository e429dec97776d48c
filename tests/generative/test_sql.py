"""The plainest clauses once more, in SQL that knows nothing of Naer's code, as anybody would write it."""

from random import Random

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.instant import HOUR
from naer.events.log import effective
from tests.generative import drivers, variety

RULES = (
    ("c0", ["start"], ["report"], ["exit"], 24 * HOUR, "pathway"),
    ("c1", ["start", "plan"], ["report", "hold"], [], 90 * HOUR // 60, "pathway"),
    ("c2", ["start"], ["start"], ["stop", "gone"], 48 * HOUR, "citizen"),
    ("c3", ["report"], ["plan"], ["hold"], 0, "citizen"),
)
"""Clause, after, deliver, unless, time allowed, scope."""

WORDS = {24 * HOUR: "24 h", 90 * HOUR // 60: "90 min", 48 * HOUR: "48 h", 0: "0 h"}

QUERY = """
WITH owed AS (
    SELECT rules.*, place, id, happened, pathway, citizen, happened + allowed AS due
    FROM events JOIN rules ON list_contains(rules.after, events.kind)
), closing AS (
    SELECT owed.clause, owed.id, event.id AS closed_by, event.happened AS closed,
           event.place > owed.place AS later, abs(event.place - owed.place) AS distance,
           list_contains(deliver, kind) AS delivers, kind LIKE 'waived %' AS waives
    FROM owed JOIN events AS event
      ON CASE scope WHEN 'citizen' THEN owed.citizen = event.citizen ELSE owed.pathway = event.pathway END
     AND CASE WHEN event.place < owed.place
              THEN event.happened = owed.happened AND list_contains(deliver, kind)
              ELSE event.place > owed.place
               AND list_contains(list_append(list_concat(deliver, release), 'waived ' || clause), kind) END
), closed AS (
    SELECT * FROM closing QUALIFY row_number() OVER (PARTITION BY clause, id ORDER BY later, distance) = 1
)
SELECT clause, id, due, closed_by, CASE
    WHEN delivers THEN CASE WHEN closed <= due THEN 'kept' ELSE 'late' END
    WHEN waives OR closed <= due THEN 'released'
    WHEN closed > due THEN 'missing'
    WHEN due < $now THEN 'missing' ELSE 'open' END
FROM owed LEFT JOIN closed USING (clause, id)
"""


def by_sql(case: variety.Case) -> list[tuple[object, ...]]:
    """(clause, trigger, due, closed by, outcome) of every obligation."""
    log = effective(case.events, case.now).events
    own = {name: kind for kind, names in variety.EVENTS.items() for name in names}
    events = pl.DataFrame(
        {
            "place": range(len(log)),
            "id": [str(event.id) for event in log],
            "happened": [event.at for event in log],
            "pathway": [event.pathway for event in log],
            "citizen": [event.citizen or f"nobody in {event.pathway}" for event in log],
            "kind": [
                f"waived {event.attributes.get('clause')}"
                if event.kind == "waived"
                else own.get(event.kind, "")
                for event in log
            ],
        },
        schema_overrides={"place": pl.Int64, "id": pl.String, "happened": pl.Int64, "kind": pl.String},
    )
    rules = pl.DataFrame(
        RULES, schema=["clause", "after", "deliver", "release", "allowed", "scope"], orient="row"
    )
    with duckdb.connect() as database:
        database.register("events", events.to_arrow())
        database.register("rules", rules.to_arrow())
        return sorted(database.execute(QUERY, {"now": case.now}).fetchall(), key=repr)


@pytest.mark.statement("S22", "S23", "S24", "S25", "S28")
@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_plain_clauses_are_judged_as_a_query_would(seed):
    rng = Random(seed)
    case = variety.case(rng, 10)
    clauses = [
        {
            "id": clause, "source": "generated", "after": after, "deliver": deliver, "within": WORDS[allowed],
            "scope": scope, "unless": release or None,
        }
        for clause, after, deliver, release, allowed, scope in RULES
    ]  # fmt: skip
    head = {"agreement": "generated", "country": "DK", "events": variety.EVENTS, "clauses": clauses}
    now = case.now or rng.choice(case.events).at
    plain = variety.Case(variety.portfolio({"generated": [head]}), case.events, now)
    expected = by_sql(plain)
    for driver in (drivers.reference, drivers.briefly, drivers.polars):
        found = [(row[2], str(row[3]), row[7], None if row[10] is None else str(row[10]), row[8])
                 for row in driver(plain).obligations]  # fmt: skip
        assert sorted(found, key=repr) == expected
