"""The agreements that ship with Naer: each loads, passes its own examples, and says where it is from."""

import datetime as dt
from pathlib import Path

import pytest

from naer.agreement import Agreement, Clause, library
from naer.agreement.check import check
from naer.agreement.deadlines import AtOnce
from naer.agreement.loader import LIBRARY

FILES = sorted(LIBRARY.glob("*.yaml"))
AGREEMENTS = [version for line in library().lines for version in line.versions]
CLAUSES = [(agreement, clause) for agreement in AGREEMENTS for clause in agreement.clauses]
RUN = [(agreement, clause) for agreement, clause in CLAUSES if not clause.is_text]
OWN = [pair for pair in RUN if pair[1].node.file == pair[0].node.file]
NORTH_JUTLAND = {"773", "787", "810", "813", "820", "825", "840", "846", "849", "851", "860"}


def _name(value: object) -> str:
    return value.id if isinstance(value, Agreement | Clause) else str(value)


def test_what_is_shipped() -> None:
    shipped = {agreement.id for agreement in AGREEMENTS}
    assert {"dk-national", "nordjylland-example", "no-national", "nordvik-example"} <= shipped


def test_the_library_of_one_country_has_no_other() -> None:
    assert {line.versions[0].country for line in library("NO").lines} == {"NO"}
    assert {line.id for line in library("NO").lines} | {line.id for line in library("DK").lines} == {
        line.id for line in library().lines
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_agreement_passes_its_check(file: Path) -> None:
    report = check([file], LIBRARY)
    assert not report.problems
    assert report.examples >= 10


@pytest.mark.parametrize(("agreement", "clause"), CLAUSES, ids=_name)
def test_clause_has_source_and_three_languages(agreement: Agreement, clause: Clause) -> None:
    assert len(clause.source) > 15
    assert {"en", "da", "nb"} <= set(clause.title), f"{clause.id} is not titled in every language"
    assert len({clause.title[language] for language in ("en", "da", "nb")}) == 3


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=_name)
def test_agreement_is_titled_in_three_languages(agreement: Agreement) -> None:
    assert {"en", "da", "nb"} <= set(agreement.title)


@pytest.mark.parametrize(("agreement", "clause"), OWN, ids=_name)
def test_examples_tell_more_than_one_outcome(agreement: Agreement, clause: Clause) -> None:
    told = {example.expect for example in clause.examples}
    assert len(told) > 1, f"the examples of {clause.id} all end the same way"


@pytest.mark.parametrize(("agreement", "clause"), CLAUSES, ids=_name)
def test_unverified_numbers_say_so_in_their_source(agreement: Agreement, clause: Clause) -> None:
    assert clause.verified or "unverified" in clause.source


def test_no_national_rule_has_a_number_nobody_verified() -> None:
    assert all(clause.verified for agreement, clause in CLAUSES if agreement.id == "dk-national")


def test_the_example_holds_in_eleven_municipalities() -> None:
    example = next(agreement for agreement in AGREEMENTS if agreement.id == "nordjylland-example")
    (condition,) = example.applies
    assert set(condition.value) == NORTH_JUTLAND


def test_what_is_missing_from_the_example_agreement_is_marked() -> None:
    unverified = {clause.id for agreement, clause in CLAUSES if not clause.verified}
    assert {"admission-report", "discharge-window", "follow-up-visit-1"} <= unverified


# Norway

NORWAY = library("NO").line("no-national")


def _norway(day: str) -> dict[str, Clause]:
    assert NORWAY is not None
    version = NORWAY.at(dt.date.fromisoformat(day))
    assert version is not None
    return {clause.id: clause for clause in version.clauses}


@pytest.mark.parametrize(
    ("clause", "first", "last"),
    [
        ("co-financing", "2012-01-01", "2014-12-31"),
        ("receipt-municipality", "2017-01-01", None),
        ("transfer-after-answer", "2012-01-01", None),
        ("gp-answer", "2019-01-01", None),
        ("individual-plan-notice", "2022-08-01", None),
        ("children-coordinator", "2022-08-01", None),
        ("core-record", "2026-01-01", None),
        ("refugee-exception", "2026-01-01", "2026-06-30"),
    ],
)
@pytest.mark.statement("S6")
def test_a_norwegian_rule_holds_from_and_to_its_day(clause: str, first: str, last: str | None) -> None:
    day = dt.date.fromisoformat(first)
    assert clause in _norway(first)
    if first != "2012-01-01":
        assert clause not in _norway((day - dt.timedelta(days=1)).isoformat())
    if last is None:
        assert clause in _norway("2030-01-01")
    else:
        assert clause in _norway(last)
        assert clause not in _norway((dt.date.fromisoformat(last) + dt.timedelta(days=1)).isoformat())


def test_before_2012_no_norwegian_rule_is_in_force() -> None:
    assert NORWAY is not None
    assert NORWAY.at(dt.date(2011, 12, 31)) is None


def test_the_limits_of_the_text_since_2019_are_verified_and_those_taken_back_in_time_are_not() -> None:
    assert all(_norway("2026-08-01")[name].verified for name in ("admission-warning", "later-warning"))
    assert not any(_norway("2014-03-03")[name].verified for name in ("admission-warning", "later-warning"))
    assert _norway("2014-03-03")["admission-report"].verified


@pytest.mark.parametrize("clause", ["ready-notice", "municipality-answer", "offer-ready"])
def test_straks_has_no_number_in_the_national_rules(clause: str) -> None:
    assert isinstance(_norway("2026-08-01")[clause].within, AtOnce)


@pytest.mark.statement("S8")
def test_the_invented_region_gives_straks_a_number_and_says_that_it_is_invented() -> None:
    line = library("NO").line("nordvik-example")
    assert line is not None
    clause = line.versions[-1].clause("ready-notice")
    assert clause is not None
    assert str(clause.within) == "2 h"
    own = [one for one in line.versions[-1].clauses if one.node.file.endswith("nordvik-example.yaml")]
    assert own
    assert all(not one.verified and "nvented" in one.source for one in own)
