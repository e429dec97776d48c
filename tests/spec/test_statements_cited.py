"""Every statement of the agreement language is protected by a test that says so.

A test cites what it protects with `@pytest.mark.statement("S12", …)`.
"""

import pytest

from tools import statements

LISTED = statements.listed()


def test_the_reference_page_lists_all_statements_in_order() -> None:
    assert list(LISTED) == [f"S{number}" for number in range(1, 37)]


@pytest.mark.parametrize("name", LISTED)
def test_statement_is_cited(name: str) -> None:
    assert statements.cited().get(name), f'no test is marked @pytest.mark.statement("{name}")'


def test_no_test_cites_a_statement_that_does_not_exist() -> None:
    assert set(statements.cited()) <= set(LISTED)
