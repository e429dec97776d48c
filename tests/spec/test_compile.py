"""An agreement compiled: what shares a slot, which era judges, what is refused."""

import pytest

from naer.agreement import load
from naer.agreement.check import check
from naer.agreement.loader import LIBRARY
from naer.columnar.compile import CannotCompile, compile_line, uncompiled

HEAD = """
agreement: many
country: DK
valid: {from: 2024-01-01, to: null}
clauses:
"""


def written(tmp_path, clauses, name="many.yaml", head=HEAD):
    path = tmp_path / name
    path.write_text(head + clauses, encoding="utf-8")
    return path


def clause(name: str, where: str = "", more: str = "") -> str:
    condition = f"    where: {{{where}}}\n" if where else ""
    return (
        f"  - id: {name}\n    source: here\n    after: admitted\n{condition}"
        f"    deliver: admission_report\n    within: 24 h\n{more}"
    )


def test_more_conditions_than_a_role_table_holds_are_refused_with_the_clauses_line(tmp_path):
    path = written(tmp_path, "".join(clause(f"c{n}", f"ward: w{n}") for n in range(21)))
    line = load(path).lines[0]
    with pytest.raises(CannotCompile) as refused:
        compile_line(line)
    problem = refused.value.problems[0]
    last = max(one.node.line for one in line.versions[-1].clauses)
    assert problem.line == last
    assert "21 different conditions" in str(problem)
    report = check([path], LIBRARY, uncompiled)
    assert problem in report.problems


def test_as_many_conditions_as_it_holds_are_not(tmp_path):
    path = written(tmp_path, "".join(clause(f"c{n}", f"ward: w{n}") for n in range(20)))
    assert uncompiled(load(path).lines[0]) == ()


def test_a_clause_that_a_new_version_did_not_change_keeps_its_slot(tmp_path):
    written(tmp_path, clause("same") + clause("other"), "many@2024-01-01.yaml")
    newer = HEAD.replace("2024-01-01", "2025-01-01")
    first = tmp_path / "many@2024-01-01.yaml"
    first.write_text(
        first.read_text(encoding="utf-8").replace("to: null", "to: 2024-12-31"), encoding="utf-8"
    )
    changed = clause("same", more="    title: {en: said anew}\n") + clause("other").replace("24 h", "12 h")
    path = written(tmp_path, changed, "many@2025-01-01.yaml", newer)
    plan = compile_line(load(path).lines[0])
    assert [[slot.clause.id for slot in plan.slots].count(name) for name in ("same", "other")] == [1, 2]
    assert plan.slot_of[0][0] == plan.slot_of[0][1]


def test_a_gap_between_versions_is_an_era_without_one(tmp_path):
    path = written(tmp_path, clause("only"))
    plan = compile_line(load(path).lines[0])
    assert [era.version for era in plan.eras] == [None, 0]
