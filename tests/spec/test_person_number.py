"""Person numbers of both countries: which characters can be one, and what is not asked of them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naer.messages import person_number
from naer.messages.person_number import is_cpr, is_d_number, is_possible, is_replacement, kind

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


NUMBER = made("158150")

TABLE: list[tuple[str, str | None, str]] = [
    ("710190-1234", "CPR", "day + 60"),
    (" 71 01 90 1234 ", "CPR", "with blanks"),
    ("7101901233", "CPR", "any last digit: no modulus since 2007"),
    ("9002800000", None, "30 February"),
    ("8902005000", "CPR", "29 February 2000: the seventh digit says the century"),
    ("8902000000", None, "29 February 1900 was none"),
    ("7113901234", None, "no month 13"),
    ("6001901234", None, "day 60 is none: 61 is the first"),
    ("9201901234", None, "day 32"),
    ("710190123", None, "nine digits"),
    ("710190123４", None, "a digit of another script"),
    ("7101901AB2", "eCPR", "national, 1900 to 1999"),
    ("710105-7ab3", "eCPR", "national, 2000 to 2099, small letters"),
    ("7101050AB4", "eCPR", "regional"),
    ("7101902AB4", None, "2 is no century of a replacement number"),
    ("71019011B4", None, "one letter"),
    ("7101901ABX", None, "ends with no digit"),
    (made("158150"), "FNR", "month + 80 (Tenor)"),
    (made("156650"), "FNR", "month + 65"),
    (made("558150"), "DNR", "day + 40"),
    (made("158150", 3), "FNR", "the rule of 2032"),
    (made("158150", 4), None, "the first control digit leaves 4"),
    (made("858150"), None, "an FH-number is one where its kind is told"),
    (made("308200"), None, "30 February"),
    ("", None, "nothing"),
    ("Karen", None, "a name"),
]


@pytest.mark.parametrize(("text", "is_kind", "why"), TABLE)
def test_kind(text: str, is_kind: str | None, why: str) -> None:
    assert kind(text) == is_kind, why


@pytest.mark.parametrize("remainder", range(11))
def test_the_first_control_digit_may_leave_0_to_3_from_2032(remainder: int) -> None:
    """Old numbers leave 0; those given from 2032 may leave 0, 1, 2 or 3. A number does not say when."""
    number = made("158150", remainder)
    assert is_possible(number, "FNR") is (remainder < 4)
    assert is_possible(number, "FNR", on=dt.date(2031, 12, 31)) is (remainder == 0)
    assert is_possible(number, "FNR", on=dt.date(2032, 1, 1)) is (remainder < 4)
    help_number = made("858150", remainder)
    assert is_possible(help_number, "FHN") is (remainder < 4)


def test_the_second_control_digit_leaves_0() -> None:
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
def test_the_first_six_digits_are_a_date_in_some_series(start: str, possible: bool) -> None:
    assert is_possible(made(start), "FNR") is possible


def test_kinds_of_number() -> None:
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


@given(st.text(max_size=14) | st.from_regex(r"[0-9]{6}[-\s]?[0-9A-Za-z]{4,6}", fullmatch=True))
def test_whatever_is_written(text: str) -> None:
    """Never an error; what is a number resembles one, and is one kind only."""
    found = kind(text)
    number = person_number.clean(text)
    assert person_number.clean(number) == number
    assert [is_cpr(number), is_replacement(number), is_possible(number, "FNR")].count(True) == (
        found is not None
    )
    if found is not None and " " not in text.strip():
        assert person_number.resembles(text) or len(text.split()) > 1 or "--" in text or text.count("-") > 1
