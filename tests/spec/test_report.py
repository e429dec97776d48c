"""What a replay reports: counts, groups, quantiles, the share kept."""

import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naer.agreement.obligation import Obligation, ResolvedParty
from naer.agreement.report import OUTCOMES, Tally, quantile, report
from naer.events.event import Event
from naer.events.instant import HOUR, ZONES, parse

DK = ZONES["DK"]


def obligation(outcome="kept", hours=None, *, clause="c", at="2026-03-02 10:00", **fields):
    trigger = Event(id=1, pathway="7", kind="admitted", at=parse(at, DK), **fields)
    return Obligation(
        agreement="a",
        version=None,
        clause=clause,
        trigger=trigger,
        owed_by=ResolvedParty("851", "municipality"),
        owed_to=ResolvedParty("unknown", "hospital"),
        start=trigger.at,
        due=None,
        outcome=outcome,
        elapsed=None if hours is None else round(hours * HOUR),
    )


def only(obligations):
    (tally,) = report(obligations, ["c"], DK)
    return tally


@pytest.mark.statement("S33")
@pytest.mark.parametrize(
    ("elapsed_hours", "median", "p90"),
    [
        ([], None, None),
        ([5], 5, 5),
        ([1, 3], 2, 2.8),  # rank 0.9 of 0..1
        ([1, 2, 10], 2, 8.4),  # rank 1.8: 2 + 0.8 × 8
        ([4, 3, 2, 1], 2.5, 3.7),  # ranks 1.5 and 2.7
        ([0, 0, 0, 1], 0, 0.7),
        (range(11), 5, 9),
    ],
)
def test_median_and_90th_percentile_by_hand(elapsed_hours, median, p90):
    tally = only([obligation(hours=hours) for hours in elapsed_hours])
    assert (tally.median_hours, tally.p90_hours) == (median, p90)


@pytest.mark.statement("S33")
def test_quantiles_are_over_kept_and_late_only():
    waiting = [obligation(outcome) for outcome in ("missing", "open", "released", "superseded")]
    tally = only([obligation("kept", 1), obligation("late", 3), *waiting])
    assert tally.median_hours == 2


@pytest.mark.statement("S33")
def test_one_microsecond_counts():
    tally = only([obligation(hours=Fraction(1, HOUR)), obligation(hours=0), obligation(hours=0)])
    assert tally.p90_hours == float(Fraction(4, 5) / HOUR)


@pytest.mark.statement("S33")
@given(st.lists(st.integers(0, 10**15), min_size=2), st.integers(1, 9))
def test_quantiles_agree_with_the_statistics_module(values, tenth):
    values.sort()
    expected = statistics.quantiles([Fraction(value) for value in values], n=10, method="inclusive")[
        tenth - 1
    ]
    assert quantile(values, Fraction(tenth, 10)) == expected


@pytest.mark.statement("S34")
@pytest.mark.parametrize(
    ("outcomes", "share"),
    [
        ("kept kept kept late", 0.75),
        ("kept missing released released superseded open", 0.5),
        ("missing", 0.0),
        ("open released superseded", None),
        ("", None),
    ],
)
def test_share_kept(outcomes, share):
    assert only([obligation(outcome) for outcome in outcomes.split()]).share_kept == share


@given(st.lists(st.sampled_from(OUTCOMES)))
def test_triggered_is_the_sum_of_the_outcomes(outcomes):
    tally = only([obligation(outcome) for outcome in outcomes])
    assert tally.triggered == len(outcomes)
    assert {outcome: getattr(tally, outcome) for outcome in OUTCOMES} == {
        outcome: outcomes.count(outcome) for outcome in OUTCOMES
    }


def test_a_tally_that_does_not_add_up_cannot_be_made():
    with pytest.raises(AssertionError, match="clause c"):
        Tally("c", (), 2, 1, 0, 0, 0, 0, 0, None, None)


def test_clauses_stand_in_the_agreements_order_also_when_never_triggered():
    tallies = report([obligation(clause="b")], ["c", "b", "a"], DK)
    assert [(tally.clause, tally.triggered) for tally in tallies] == [("c", 0), ("b", 1), ("a", 0)]


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("municipality", "851"),
        ("organisation", "aalborg"),
        ("owed_by", "851"),
        ("owed_to", None),
        ("hospital", None),
        ("kind", "admitted"),
        ("month", "2026-03"),
        ("year", "2026"),
        ("weekday", "sun"),
        ("acute", "true"),
        ("ward", "7"),
        ("absent", None),
    ],
)
def test_groups_are_as_at_the_trigger_and_local(name, group):
    one = obligation(
        at="2026-02-28T23:30:00Z",  # 1 March, 00:30 in Denmark: a Sunday
        municipality="851",
        organisation="aalborg",
        attributes={"acute": True, "ward": 7},
    )
    (tally,) = report([one], ["c"], DK, by=[name])
    assert tally.group == (group,)


@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(["a", "b", None]), st.integers(1, 12))))
def test_groups_add_up_to_the_whole(rows):
    obligations = [
        obligation(outcome, at=f"2026-{month:02}-01", municipality=place) for outcome, place, month in rows
    ]
    whole = only(obligations)
    groups = report(obligations, ["c"], DK, by=["municipality", "month"])
    for name in ("triggered", *OUTCOMES):
        assert sum(getattr(group, name) for group in groups) == getattr(whole, name)
    assert [group.group for group in groups] == sorted(
        {group.group for group in groups}, key=lambda group: (group[0] is None, group[0] or "", group[1])
    )
