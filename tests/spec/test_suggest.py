"""What a log suggests: pairs that look agreed, their exact times, and a file that passes its check."""

import datetime as dt
import random
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from naer.agreement import load
from naer.agreement.check import check
from naer.agreement.loader import LIBRARY
from naer.events.event import Event
from naer.events.instant import DAY, HOUR, MINUTE, ZONES
from naer.history.courses import Courses, of_events, of_log
from naer.history.draft import draft
from naer.history.suggest import Suggestion, Wanted, readable, suggest
from naer.logs.store import Builder
from naer.logs.store import of_events as of_raw

ALL = Wanted(support=1, share=Fraction(1, 2), answering=Fraction(0))
DAYS = (dt.date(2026, 1, 1), dt.date(2026, 1, 31))


def told(*stories: str, places: dict[int, str] | None = None) -> Courses:
    """Each story is a pathway: `a@0 b@90` has a kind a at 0 and a kind b at 90 minutes."""
    events: list[Event] = []
    for number, story in enumerate(stories):
        for word in story.split():
            kind, _, minute = word.partition("@")
            events.append(
                Event(
                    id=len(events) + 1,
                    pathway=str(number),
                    kind=kind,
                    at=int(minute) * MINUTE,
                    municipality=(places or {}).get(number),
                )
            )
    return of_events(events)


def pairs(found: list[Suggestion]) -> set[tuple[str, str]]:
    return {(one.after, one.deliver) for one in found}


def one(found: list[Suggestion], after: str, deliver: str) -> Suggestion:
    return next(it for it in found if (it.after, it.deliver) == (after, deliver))


# What follows what


@pytest.mark.parametrize(
    ("stories", "support", "followed"),
    [
        (["a@0 b@60", "a@0 b@30"], 2, 2),
        (["a@0 b@60", "a@0"], 2, 1),
        (["a@0 b@60 b@70", "a@0 c@5 b@9"], 2, 2),  # the first b counts
        (["a@0 a@10 b@60"], 2, 1),  # the first a is not answered before the next
        (["a@0 b@10 a@10"], 2, 2),  # at the next a's own instant it answers both
        (["b@0 a@0"], 1, 1),  # the same instant counts wherever it stands in the log
        (["a@0 a@0 b@60"], 2, 2),  # two at one instant are both answered
    ],
)
def test_an_event_is_followed_by_the_first_before_the_next_of_its_kind(
    stories: list[str], support: int, followed: int
) -> None:
    courses = told(*stories, "a@0 b@5")  # one more, so that there is a time to tell
    found = suggest(courses, Wanted(support=1, share=Fraction(1, 10), answering=Fraction(0)))
    times = one(found, "a", "b").times
    assert (times.support, times.followed) == (support + 1, followed + 1)


def test_another_pathway_answers_nothing() -> None:
    assert not suggest(told("a@0", "b@60"), ALL)


def test_percentiles_are_exact_and_linear_between_ranks() -> None:
    found = suggest(told(*(f"a@0 b@{minutes}" for minutes in (10, 20, 30, 40))), ALL)
    quantiles = one(found, "a", "b").times.quantiles
    assert quantiles == {
        50: 25 * MINUTE,
        80: 34 * MINUTE,
        90: 37 * MINUTE,
        95: Fraction(385, 10) * MINUTE,
    }
    assert str(one(found, "a", "b").within) == "45 min"


def test_direct_is_the_share_with_nothing_between() -> None:
    found = suggest(told("a@0 b@60", "a@0 x@30 b@60", "a@0 x@0 b@60", "a@0 b@60 x@60"), ALL)
    assert one(found, "a", "b").direct == Fraction(3, 4)


def test_municipalities_are_those_of_the_pathway_where_an_event_names_none() -> None:
    events = [
        Event(id=1, pathway="1", kind="a", at=0),
        Event(id=2, pathway="1", kind="b", at=HOUR, municipality="851"),
        Event(id=3, pathway="2", kind="a", at=0, municipality="860"),
        Event(id=4, pathway="3", kind="a", at=0),
        Event(id=5, pathway="3", kind="b", at=2 * HOUR),
    ]
    found = one(suggest(of_events(events), ALL, by_municipality=True), "a", "b").municipalities
    assert {place: (times.support, times.followed) for place, times in found.items()} == {
        "851": (1, 1),
        "860": (1, 0),
        "": (1, 1),
    }
    alone = suggest(of_events(events, municipality="851"), ALL)
    assert one(alone, "a", "b").times.support == 1


# What is left out


def test_support_share_and_what_it_explains_decide() -> None:
    courses = told(*["a@0 b@60"] * 8, *["a@0"] * 2, *["b@0"] * 30)
    assert pairs(suggest(courses, Wanted(10, Fraction(8, 10), Fraction(8, 38)))) == {("a", "b")}
    assert not suggest(courses, Wanted(11, Fraction(8, 10), Fraction(0)))
    assert not suggest(courses, Wanted(10, Fraction(81, 100), Fraction(0)))
    assert not suggest(courses, Wanted(10, Fraction(8, 10), Fraction(9, 38)))


def test_what_two_steps_say_is_not_said_in_one() -> None:
    found = suggest(told(*(f"a@0 b@{n} c@{n + 60}" for n in range(10, 50))), ALL)
    assert pairs(found) == {("a", "b"), ("b", "c")}


def test_a_step_that_is_just_too_rare_to_be_said_explains_all_the_same() -> None:
    stories = [f"a@0 b@{n} c@{n + 60}" for n in range(10, 90)] + [f"a@0 b@{n}" for n in range(10, 30)]
    assert pairs(suggest(told(*stories, *["b@0 x@5"] * 2))) == {("a", "b")}


def test_what_comes_just_as_surely_without_it_is_not_its_doing() -> None:
    stories = [f"in@0 out@{1000 + n}" + (f" call@{n}" if n % 2 else "") for n in range(1, 80)]
    found = suggest(told(*stories), Wanted(support=30))
    assert pairs(found) == {("in", "out")}


def test_two_names_of_one_moment_are_no_agreement() -> None:
    assert not suggest(told(*["a@0 b@0"] * 40))


def test_cancelled_and_repeated_events_do_not_count(tmp_path: Path) -> None:
    rows = {
        "id": ["1", "2", "2", "3", "4", "5", "6"],
        "pathway": ["p", "p", "p", "p", "q", "q", "q"],
        "kind": ["a", "b", "b", "cancelled", "a", "b", "b"],
        "at": [f"2026-01-01 {hour:02}:00:00" for hour in (8, 9, 9, 10, 8, 9, 11)],
        "changes": [None, None, None, "2", None, None, "5"],
    }
    path = tmp_path / "log.parquet"
    pl.DataFrame(rows).write_parquet(path)
    found = one(suggest(of_log(path, zone=ZONES["DK"]), ALL), "a", "b").times
    assert (found.support, found.followed, found.quantiles[50]) == (2, 1, Fraction(3 * HOUR))


def test_a_log_store_suggests_what_its_log_does(tmp_path: Path) -> None:
    events = planted_events(random.Random(5))
    store = tmp_path / "store"
    with Builder(store) as build:
        build.add(of_raw(events))
        build.finish()
    assert suggest(of_log(store, zone=ZONES["DK"]), by_municipality=True) == suggest(
        of_events(events), by_municipality=True
    )


@pytest.mark.parametrize(
    ("elapsed", "written"),
    [
        (1, "5 min"),
        (5 * MINUTE, "5 min"),
        (5 * MINUTE + 1, "10 min"),
        (HOUR + 1, "2 h"),
        (25 * HOUR, "36 h"),
        (72 * HOUR + 1, "4 days"),
        (11 * DAY, "12 days"),
        (15 * DAY, "3 weeks"),
        (400 * DAY, "58 weeks"),
    ],
)
def test_a_limit_is_rounded_up_to_what_people_write(elapsed: int, written: str) -> None:
    assert str(readable(Fraction(elapsed))) == written


# A planted agreement is found again


def planted(rng: random.Random) -> Courses:
    return of_events(planted_events(rng))


def planted_events(rng: random.Random, pathways: int = 800) -> list[Event]:
    """A stay: a report within 24 h of admission, an answer within 4 h of the ready notice, and noise."""
    events: list[Event] = []

    def add(pathway: int, kind: str, at: float) -> None:
        place = "851" if kind == "admitted" and pathway % 3 else None
        key = f"e{len(events)}"
        events.append(Event(id=key, pathway=str(pathway), kind=kind, at=int(at), municipality=place))

    for pathway in range(pathways):
        start = rng.uniform(0, 300) * DAY
        add(pathway, "admitted", start)
        if rng.random() < 0.9:
            add(pathway, "admission_report", start + rng.uniform(1, 24) * HOUR)
        for _ in range(rng.randrange(3)):
            add(pathway, "phone_call", start + rng.uniform(0, 90) * HOUR)
        ready = start + rng.uniform(40, 90) * HOUR
        add(pathway, "ready_for_discharge", ready)
        answer = ready + rng.uniform(0.2, 4) * HOUR
        if rng.random() < 0.93:
            add(pathway, "municipality_answer", answer)
        add(pathway, "discharged", answer + rng.uniform(2, 20) * HOUR)
        if rng.random() < 0.02:
            add(pathway, "died", answer + 40 * HOUR)
    rng.shuffle(events)
    return events


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_agreement_is_found_again(seed: int) -> None:
    found = suggest(planted(random.Random(seed)))
    assert pairs(found) == {
        ("admitted", "admission_report"),
        ("admitted", "ready_for_discharge"),
        ("ready_for_discharge", "municipality_answer"),
        ("ready_for_discharge", "discharged"),
    }
    assert str(one(found, "admitted", "admission_report").within) in ("24 h", "18 h")
    assert str(one(found, "ready_for_discharge", "municipality_answer").within) == "4 h"


# The file


def test_the_draft_passes_its_check_and_says_that_nobody_agreed(tmp_path: Path) -> None:
    courses = planted(random.Random(0))
    text = draft(
        suggest(courses),
        name="today",
        country="NO",
        log="log.xes",
        days=DAYS,
        kinds=courses.kinds,
        municipality="0301",
    )
    path = tmp_path / "today.yaml"
    path.write_text(text)
    report = check([path], LIBRARY)
    assert (report.problems, report.warnings, report.examples) == ([], [], 8)
    agreement = load(path).lines[0].versions[0]
    assert agreement.applies[0].value == "0301"
    for clause in agreement.clauses:
        assert not clause.verified
        assert "observed in log.xes, 2026-01-01 to 2026-01-31" in clause.source
        assert set(clause.title) == {"da", "nb", "en"}
        assert clause.unless[0].kinds == ("died",)
    answer = agreement.clause("municipality-answer-after-ready-for-discharge")
    assert answer is not None
    assert answer.owed_by == "municipality"
    assert answer.title["nb"] == (
        "Svaret fra kommunen innen 4 timer etter meldingen om utskrivingsklar pasient"
    )


def test_activities_of_ones_own_get_names_that_the_language_takes(tmp_path: Path) -> None:
    events: list[Event] = []
    for number in range(40):
        for kind, at in (("Indlæggelse på afd. 3", 0), ("indlæggelse: på afd 3", 60), ("007", 90 + number)):
            events.append(Event(id=len(events), pathway=str(number), kind=kind, at=at * MINUTE))
    courses = of_events(events)
    found = suggest(courses)
    path = tmp_path / "own.yaml"
    path.write_text(draft(found, name="own", country="DK", log="x.csv", days=DAYS, kinds=courses.kinds))
    assert not check([path], LIBRARY).problems
    own = load(path).lines[0].versions[0].events
    assert {activities[0] for activities in own.values()} == set(courses.kinds)
    assert len(own) == 3
