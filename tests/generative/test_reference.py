"""The reference evaluator against a second reading of the page, and the properties it must have."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naer.agreement import AgreementError
from naer.agreement.obligation import Obligation
from naer.agreement.timeline import judge
from naer.events.event import Event
from naer.events.instant import ZONES
from naer.events.log import Ledger, effective
from tests.generative import cases, oracle

bounded = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
randoms = st.randoms(use_true_random=False)
FINAL = ("kept", "late", "released", "superseded")


def judged(versions, raw, now):
    """What the reference says, in the form of the oracle, and its ledger."""
    excluded = Ledger()
    found = judge(cases.portfolio(versions), raw, now, None, excluded)
    return found, {str(row["reason"]): row["events"] for row in excluded.rows()}


def verdict(one: Obligation) -> oracle.Verdict:
    return oracle.Verdict(
        clause=one.clause,
        version=str(one.version) if one.version else None,
        trigger=one.trigger.id,
        start=one.start,
        due=one.due,
        outcome=one.outcome,
        ended=one.ended,
        closed_by=one.closed_by.id if one.closed_by else None,
        elapsed=one.elapsed,
        working=one.working,
    )


def agrees(rng: Random) -> None:
    versions = cases.agreement(rng)
    for _ in range(3):
        raw = cases.log(rng)
        now = cases.now(rng, raw)
        found, ledger = judged(versions, raw, now)
        expected, counted = oracle.judge(versions, raw, now)
        assert Counter(map(verdict, found)) == Counter(expected)
        assert ledger == dict(counted)


@pytest.mark.statement(
    "S3", "S4", "S5", "S6", "S10", "S11", "S13", "S14", "S16", "S17", "S18", "S19", "S20", "S21", "S22",
    "S23", "S24", "S25", "S26", "S28", "S30", "S35",
)  # fmt: skip
@given(rng=randoms)
@bounded
def test_two_readings_of_the_page_agree(rng):
    agrees(rng)


@pytest.mark.parametrize("seed", range(8))
def test_two_readings_of_the_page_agree_on_many_cases(seed):
    """Hypothesis finds the small; these seeds are simply many."""
    for number in range(40):
        agrees(Random(seed * 1_000_000 + number))


@pytest.mark.statement("S2", "S3", "S4")
@given(rng=randoms)
@bounded
def test_the_feed_may_come_in_any_order_and_any_number_of_times(rng):
    versions, raw = cases.agreement(rng), cases.log(rng)
    now = cases.now(rng, raw)
    found, ledger = judged(versions, raw, now)
    again = raw + rng.choices(raw, k=rng.randint(0, 5))
    rng.shuffle(again)
    other, counted = judged(versions, again, now)
    assert other == found
    assert ledger | {"duplicate": 0} == counted | {"duplicate": 0}


@pytest.mark.statement("S22", "S24", "S27", "S29")
@given(rng=randoms)
@bounded
def test_every_obligation_has_one_identity_and_one_outcome(rng):
    versions, raw = cases.agreement(rng), cases.log(rng)
    now = cases.now(rng, raw)
    found, _ = judged(versions, raw, now)
    identities = [(one.clause, one.trigger.id) for one in found]
    assert len(identities) == len(set(identities))
    for one in found:
        assert one.outcome in (*FINAL, "missing", "open")
        assert (one.elapsed is not None) == (one.outcome in ("kept", "late"))
        assert (one.closed_by is None) == (
            one.outcome == "open" or (one.outcome == "missing" and not one.ended)
        )
        assert one.elapsed is None or one.elapsed >= 0 <= (one.working or 0) <= one.elapsed
        assert one.paused >= 0
        if one.outcome == "missing":
            assert one.due is not None
            assert one.ended or now is None or one.due < now
        if one.outcome == "open":
            assert one.due is None or (now is not None and one.due >= now)
        if one.outcome == "late":
            assert one.closed_by.at > one.due


@pytest.mark.statement("S5", "S22", "S27")
@given(rng=randoms)
@bounded
def test_what_is_final_stays_final_when_now_moves_on(rng):
    """Only `before` judges anew (S17), and only a change of the log takes an obligation away (S29)."""
    versions = cases.agreement(rng)
    raw = cases.log(rng)
    holding = effective(raw).events
    if not holding:
        return
    moments = sorted({event.at for event in holding})
    judging = {
        one["id"] for version in versions for one in version["clauses"] if "before" in one and "after" in one
    }
    earlier: dict[tuple[str, object], Obligation] = {}
    for now in moments:
        found, _ = judged(versions, raw, now)
        state = {(one.clause, one.trigger.id): one for one in found}
        assert earlier.keys() <= state.keys()
        for identity, before in earlier.items():
            if identity[0] in judging or before.closed_by is None or before.closed_by.at >= now:
                continue
            after = state[identity]
            assert (after.outcome, after.due, after.closed_by, after.elapsed) == (
                before.outcome,
                before.due,
                before.closed_by,
                before.elapsed,
            )
        earlier = {identity: one for identity, one in state.items() if one.outcome in FINAL or one.ended} | {
            identity: one for identity, one in state.items() if one.outcome in ("open", "missing")
        }


@pytest.mark.statement("S12", "S13", "S14", "S16")
@given(rng=randoms)
@bounded
def test_calendar_arithmetic_agrees_day_by_day(rng):
    spec = rng.choice([next(iter(one.values())) for one in cases.CALENDARS if one])
    country = rng.choice(("DK", "NO"))
    head = {"agreement": "generated", "country": country, "calendars": {"c": spec}}
    clause = {"id": "c", "source": "s", "after": "admitted", "deliver": "care_plan", "within": "1 h"}
    (line,) = cases.portfolio([head | {"clauses": [clause]}]).lines
    fast, slow = line.versions[0].clauses[0].calendar, oracle.Calendar(country, spec)
    start, end = sorted(rng.choices(cases.times(rng), k=2))
    amount = rng.choice((0, 1, 3_600_000_000, 8 * 3_600_000_000, 100 * 3_600_000_000))
    assert fast.is_open(start) == slow.open_at(start)
    assert fast.next_opening(start) == slow.opening(start)
    assert fast.working_time(start, end) == slow.worked(start, end)
    assert fast.add_working(start, amount) == slow.after_work(start, amount)
    day = oracle.clock(start, ZONES[country]).date()
    for count in range(-9, 10):
        assert fast.working_day(day, count) == slow.nth(day, count)


def test_generated_agreements_are_refused_only_for_a_reason_the_page_gives():
    refused = 0
    for seed in range(300):
        try:
            cases.portfolio(cases.agreement(Random(seed)))
        except AgreementError:
            refused += 1
    assert refused == 0
    assert isinstance(cases.log(Random(1))[0], Event)
