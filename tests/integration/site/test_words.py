"""Whatever is stored as a name has words, in every language."""

from typing import get_args

import pytest
from django.utils.translation import override

from naer.events.instant import DAY, HOUR, MINUTE
from naer.events.kinds import KINDS
from naer.messages.medcom.codes import CODES
from naer.site.agreements.in_force import agreements
from naer.site.agreements.terms import terms
from naer.site.messaging import legal_basis
from naer.site.messaging.answer import Acknowledgement
from naer.site.messaging.models import Message
from naer.site.ui import translations, words
from naer.site.ui.state import State, state

NOW = 1_800_000_000_000_000


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_translations_are_complete(language: str) -> None:
    assert translations.problems(language) == []


def test_every_phrase_of_the_templates_is_found() -> None:
    found = {phrase.text for phrase in translations.phrases()}
    assert {"Skip to content", "Overdue %(time)s", "Came to the emergency department"} <= found
    assert "%(number)s citizens you have a care relation to" in {
        phrase.plural for phrase in translations.phrases()
    }


def test_every_kind_of_event_has_words() -> None:
    assert set(KINDS) <= set(words.KINDS)


def test_every_kind_of_case_has_words() -> None:
    assert set(legal_basis.KINDS) == set(words.CASES)


def test_every_code_has_words() -> None:
    for code in CODES:
        assert words.code(code).lower() != code.lower().replace("_", " "), code


def test_every_answer_has_words() -> None:
    assert set(get_args(Acknowledgement)) == set(words.ANSWERS)
    assert Message._meta.get_field("acknowledgement").max_length


@pytest.mark.parametrize("language", ["da", "nb", "en"])
def test_every_clause_of_the_library_is_told(language: str) -> None:
    with override(language):
        for line in agreements().lines:
            for agreement in line.versions:
                for clause in agreement.clauses:
                    shown = terms(agreement, clause)
                    assert shown.told.title
                    assert shown.text
                    assert shown.source
                    assert shown.is_text or (shown.opens and shown.limit), clause.id


@pytest.mark.parametrize(
    ("outcome", "due", "closed", "shown"),
    [
        ("", NOW + 4 * HOUR, None, State("open", "Open, in 4 h 0 min")),
        ("", NOW + 2 * HOUR, None, State("soon", "Due in 2 h 0 min")),
        ("", NOW + 48 * MINUTE, None, State("soon", "Due in 48 min")),
        ("", NOW, None, State("soon", "Due in 0 min")),
        ("", NOW - 72 * MINUTE, None, State("over", "Overdue 1 h 12 min", breach=True)),
        ("", None, None, State("open", "Open for 1 d 0 h")),
        ("kept", NOW, NOW - 2 * HOUR, State("kept", "Kept 2 h 0 min early")),
        ("kept", NOW, NOW, State("kept", "Kept on time")),
        ("kept", None, NOW, State("kept", "Kept")),
        ("late", NOW - 3 * HOUR, NOW, State("late", "Kept 3 h 0 min late", breach=True)),
        ("missing", NOW - HOUR, None, State("over", "Not delivered", breach=True)),
        ("released", NOW - HOUR, NOW, State("released", "Released")),
        ("superseded", NOW - HOUR, NOW, State("released", "Replaced by a later one")),
    ],
)
def test_states(outcome: str, due: int | None, closed: int | None, shown: State) -> None:
    assert state(outcome, due, closed, NOW, start=NOW - DAY) == shown


@pytest.mark.statement("S31")
@pytest.mark.parametrize("outcome", ["", "missing"])
def test_partial_evidence_is_never_a_breach(outcome: str) -> None:
    shown = state(outcome, NOW - HOUR, None, NOW, start=NOW - DAY, partial=True)
    assert shown == State("released", "Not recorded")
    assert not shown.breach
