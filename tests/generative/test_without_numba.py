"""Without numba the columnar engine runs the oracle, and says the same."""

from random import Random

import pytest

from naer.agreement import load
from naer.events.event import Event
from naer.events.instant import DAY, HOUR
from naer.history import replay
from tests.generative import variety

CLOCK = 4_102_444_800_000_000  # 2100-01-01
BEGAN = 20_000 * DAY
WAIVABLE = """
agreement: waivable
country: DK
parties: {hospital: {is: hospital}, municipality: {is: municipality, of: residence}}
clauses:
  - id: report
    source: own
    owed_by: hospital
    owed_to: municipality
    after: admitted
    deliver: admission_report
    within: 24 h
    waiver: owed_to
"""


@pytest.mark.parametrize("seed", range(12))
def test_the_fallback_says_what_the_reference_says(monkeypatch, seed):
    case = variety.case(Random(f"without numba/{seed}"), 25)
    same(monkeypatch, case.portfolio, case.events, case.now, case.register)


@pytest.mark.statement("S9", "S25")
@pytest.mark.parametrize("who", ["HERE", "ELSEWHERE"])
def test_whose_waiver_counts_is_asked_of_the_register(monkeypatch, tmp_path, who):
    (tmp_path / "waivable.yaml").write_text(WAIVABLE)
    about = {"pathway": "p", "citizen": "c"}
    log = [
        Event(id="1", kind="admitted", at=BEGAN, organisation="HOSPITAL", **about),
        Event(
            id="2", kind="waived", at=BEGAN + HOUR, organisation=who, attributes={"clause": "report"}, **about
        ),
    ]
    found = same(monkeypatch, load(tmp_path / "waivable.yaml"), log, BEGAN + 2 * DAY, Here())
    assert (found.tallies[0].released == 1) == (who == "HERE")


class Here:
    """A register: everybody lives HERE."""

    def roles(self, organisation):
        return frozenset({"hospital"} if organisation == "HOSPITAL" else {"municipality"})

    def municipality(self, code):
        return code

    def resolve(self, role, of, citizen, at):
        return "HERE" if role == "municipality" else None


def same(monkeypatch, portfolio, log, now, register):
    asked = {"clock": CLOCK, "now": now, "by": ("owed_by",), "register": register}
    fresh = replay(portfolio, log, engine="reference", **asked)
    monkeypatch.setattr("naer.history.columns.find_spec", lambda _: None)
    monkeypatch.setattr(
        "naer.columnar.evaluate.Evaluator", None
    )  # who asked the kernel all the same would fail
    found = replay(portfolio, log, **asked)
    assert (found.tallies, found.groups, found.excluded) == (fresh.tallies, fresh.groups, fresh.excluded)
    return fresh
