"""Norwegian person ids: two rules of control digits side by side, series for synthetic people."""

import pytest

from naer.messages.plo.person_number import is_d_number, is_possible
from tests.contract.plo.sample import NUMBER

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def controlled(nine: str, remainder: int = 0) -> str | None:
    """Nine digits with the two control digits, the first leaving `remainder`; None when there are none."""
    first = (remainder - sum(w * int(d) for w, d in zip(_FIRST, nine, strict=True))) % 11
    if first > 9:
        return None
    ten = f"{nine}{first}"
    second = -sum(w * int(d) for w, d in zip(_SECOND, ten, strict=True)) % 11
    return None if second > 9 else f"{ten}{second}"


def made(start: str, remainder: int = 0) -> str:
    return next(filter(None, (controlled(f"{start}{serial}", remainder) for serial in range(100, 999))))


@pytest.mark.parametrize("remainder", range(11))
def test_the_first_control_digit_may_leave_0_to_3(remainder):
    """Old numbers leave 0; those given from 2032 may leave 0, 1, 2 or 3."""
    assert is_possible(made("158150", remainder), "FNR") is (remainder < 4)


def test_the_second_control_digit_leaves_0():
    wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    assert is_possible(NUMBER, "FNR")
    assert not is_possible(wrong, "FNR")


@pytest.mark.parametrize(
    ("start", "possible"),
    [
        ("158150", True),
        ("154150", True),
        ("156650", True),
        ("558150", True),
        ("308200", False),
        ("298200", True),
        ("318400", False),
        ("008150", False),
        ("158050", False),
        ("728150", False),
        ("159350", False),
    ],
)
def test_the_first_six_digits_are_a_date_in_some_series(start, possible):
    assert is_possible(made(start), "FNR") is possible


def test_kinds_of_number():
    help_number = made("858150")
    assert is_possible(help_number, "FHN")
    assert not is_possible(help_number, "FNR")
    assert not is_possible(NUMBER, "FHN")
    assert is_possible("201012345678", "DUF")
    assert not is_possible(NUMBER, "DUF")
    assert is_possible("12345678901", "HNR")
    assert not is_possible("1234567890", "HNR")
    assert not is_possible("１５８１５０１００１６", "FNR")
    assert is_d_number(made("558150"))
    assert not is_d_number(NUMBER)
