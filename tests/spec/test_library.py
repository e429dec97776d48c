"""The agreements that ship with Naer: each loads, passes its own examples, and says where it is from."""

from pathlib import Path

import pytest

from naer.agreement import Agreement, Clause, library
from naer.agreement.check import check
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
    assert {"dk-national", "nordjylland-example"} <= {agreement.id for agreement in AGREEMENTS}


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
