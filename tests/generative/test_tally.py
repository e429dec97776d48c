"""Counting from columns says what the report says of obligations, for any agreement, log and grouping."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.agreement import evaluate
from naer.agreement.report import GROUPINGS, report
from naer.columnar import counting
from naer.columnar.compile import compile_line
from naer.columnar.evaluate import Evaluator
from naer.columnar.tally import Counter
from naer.events.log import effective
from naer.events.pack import pack
from naer.history.reference import by_citizen
from tests import columns
from tests.generative import cases

NAMES = (*GROUPINGS, "n", "flag", "m", "when", "nobody")


@pytest.fixture(params=[True, False], ids=["numba", "numpy"])
def compiled(request, monkeypatch):
    monkeypatch.setattr(counting, "COMPILED", request.param)


@pytest.mark.statement("S33", "S34")
@pytest.mark.usefixtures("compiled")
@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
def test_chunks_counted_and_merged_are_the_report(rng: Random, by):
    portfolio = with_parties(cases.agreement(rng), rng)
    log = [sender(event, rng) for event in cases.log(rng)]
    now = cases.now(rng, log)
    register = rng.choice((None, Towns()))
    line = portfolio.lines[0]
    plan = compile_line(line)
    counter = Counter(plan, by, register)
    everything, parts = [], []
    for events in by_citizen(effective(log, now).events):
        obligations = evaluate(portfolio, events, now, register)
        chunk = pack(events)
        parts.append(counter.cells(chunk, columns.found(plan, chunk, obligations)))
        everything += obligations
    clauses = list(line.triggers)
    totals, groups = counter.tallies(parts)
    assert totals == report(everything, clauses, line.zone)
    if by:
        assert groups == report(everything, clauses, line.zone, by)


class Towns:
    """A register that knows some."""

    def roles(self, organisation):
        return {"H1": frozenset({"hospital"}), "M1": frozenset({"municipality"})}.get(
            organisation, frozenset()
        )

    def municipality(self, code):
        return {"851": "M1"}.get(code, code)

    def resolve(self, role, of, citizen, at):
        if role == "gp":
            return {"one": "G1"}.get(citizen)
        return ("M1" if at % 2 else "unknown") if role == "municipality" else None


def with_parties(versions, rng):
    for version in versions:
        version["parties"] = {
            "ward": {"is": "hospital"},
            "town": {"is": "municipality", "of": "residence"},
            "doctor": {"is": "gp"},
            "citizen": {"is": "citizen"},
        }
        for clause in version["clauses"]:
            clause["owed_by"] = rng.choice(list(version["parties"]))
            clause["owed_to"] = rng.choice(list(version["parties"]))
            clause["verified"] = rng.choice((True, False))
            if rng.random() < 0.3:
                clause["evidence"] = "partial"
    return cases.portfolio(versions)


def with_twins(versions, rng):
    """The same with clauses that differ from another in how long it may take; the log may waive only one."""
    for version in versions:
        for clause in list(version["clauses"]):
            if "within" in clause and "pause" not in clause and rng.random() < 0.7:
                within = rng.choice([one for one in cases.WITHIN if one != "at once"])
                version["clauses"] += [clause | {"id": clause["id"] + "-twin", "within": within}]
    return versions


def sender(event, rng):
    organisation = rng.choice((None, None, "H1", "M1", "H2", "unknown"))
    return type(event)(
        **{name: getattr(event, name) for name in event.__struct_fields__} | {"organisation": organisation}
    )


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
def test_counted_while_judging_is_judged_and_counted(rng: Random, by):
    portfolio = with_parties(with_twins(cases.agreement(rng), rng), rng)
    log = [sender(event, rng) for event in cases.log(rng)]
    now = cases.now(rng, log)
    plan = compile_line(portfolio.lines[0])
    chunk = pack(effective(log, None).events)
    evaluator = Evaluator(plan)
    together, apart = Counter(plan, by), Counter(plan, by)
    layout = together.layout(chunk)
    assert layout is not None or {"owed_by", "owed_to"} & set(by)
    counted = None if layout is None else evaluator.count(chunk, now, layout)
    if counted is not None:
        cells, left_out = counted
        found = evaluator.evaluate(chunk, now)
        assert (left_out == found.left_out).all()
        evaluator.count(chunk, None, layout)  # in the same memory: nothing of what was counted may change
        again, _ = evaluator.count(chunk, now, layout)
        expected = apart.tallies([apart.cells(chunk, found)])
        assert together.tallies([cells]) == expected
        assert together.tallies([again]) == expected
