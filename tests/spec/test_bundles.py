"""Clauses that differ only in their limit are followed as one; whatever else differs keeps them apart."""

import pytest

from naer.columnar.bundles import Courses
from naer.columnar.compile import compile_line
from naer.columnar.parameters import parameters
from tests.generative import cases

VISIT = {"source": "test", "owed_by": "town", "after": "start", "deliver": "report", "within": "24 h"}


def bundles(*clauses, named=(), grouped=0):
    """The clauses of each bundle, by the number of the first."""
    clauses = [VISIT | clause | {"id": f"c{number}"} for number, clause in enumerate(clauses)]
    line = cases.portfolio(
        [
            {
                "agreement": "a",
                "title": "A",
                "country": "DK",
                "events": cases.EVENTS,
                "parties": {"town": {"is": "municipality"}},
                "clauses": clauses,
            }
        ]
    ).lines[0]
    plan = compile_line(line)
    columns = [[-1]] * (len(clauses) - grouped) + [[0]] * grouped
    found = Courses(plan, parameters(plan).slots).bundled(columns, frozenset(named))
    return found.same.tolist(), found.starts.tolist(), found.pairs.tolist()


def test_limits_of_any_kind_are_followed_together():
    limits = ("48 h", "2 working days", "by 12:00 next day", "at once", "3 months")
    same, starts, pairs = bundles({}, *({"within": one} for one in limits))
    assert same == [0] * 6
    assert starts == [0, 6, 6, 6, 6, 6, 6]
    assert pairs == list(range(6))


@pytest.mark.parametrize(
    "other",
    [
        {"unless": "stop"}, {"after": "plan"}, {"deliver": "call"}, {"scope": "citizen"}, {"repeat": "first"},
        {"accept_earlier": "1 h"}, {"start": "next opening"}, {"when": "open"}, {"where": {"n": 1}},
        {"anchor": "sent"}, {"since": {"last": "plan", "over": "1 h"}},
        {"pause": {"from": "hold", "until": "go_on"}}, {"match": "n"},
    ],
)  # fmt: skip
def test_what_opens_or_closes_otherwise_is_followed_apart(other):
    same, starts, _ = bundles({}, {"within": "48 h"} | other)
    assert same == [0, 1]
    assert starts == [0, 1, 2]


def test_one_that_is_waived_or_grouped_otherwise_is_followed_apart():
    assert bundles({}, {"within": "48 h"}, {"within": "4 h"}, named={"c1"})[0] == [0, 1, 0]
    assert bundles({}, {"within": "48 h"}, {"within": "4 h"}, grouped=1)[0] == [0, 0, 2]
