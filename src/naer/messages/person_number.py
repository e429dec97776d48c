"""Person numbers of Denmark and Norway: their shapes, and what is asked of each.

Asked are length, characters, the date, and check digits only where they are promised. Neither sex nor age is
ever read from a number: since 2032 (Norway) and for replacement numbers it does not tell them.

| kind | country | shape | check digits |
|---|---|---|---|
| CPR | DK | DDMMYYSSSS; the seventh digit tells the century | none: numbers without exist since 2007 |
| eCPR | DK | DDMMYYCAAG: C 1 or 7 national, 0 or 6 regional; AA letters, G a digit | none |
| FNR | NO | DDMMYYIIIKK | both; from 2032 the first may leave 0, 1, 2 or 3 |
| DNR | NO | as FNR, 40 added to the day | as FNR |
| HNR | NO | as FNR, 40 added to the month; given out by institutions | not asked |
| FHN | NO | 11 digits, the first 8 or 9 | as FNR |
| DUF | NO | 12 digits | not asked |

Synthetic numbers: Denmark adds 60 to the day (as cpr.dk recommends for replacement numbers, too), Norway 80
(Tenor), 65 or 40 to the month.

Sources: cpr.dk, "Opbygning af CPR-nummeret" and "Personnumre uden kontrolciffer"; nspop.dk, "Formatet for
nationale erstatningspersonnumre"; skatteetaten.no on the birth number of 2032 (the relaxed rule);
list 8116 (kinds in Norway). The additions 65 and 40 in synthetic series are unverified.
"""

import datetime as dt
import re
from typing import Literal

Kind = Literal["CPR", "eCPR", "FNR", "DNR", "HNR", "FHN", "DUF"]
"""The kinds of number, by the names of list 8116 in Norway."""

RELAXED_FROM = dt.date(2032, 1, 1)
"""From this day Norway gives numbers whose first control sum leaves 0, 1, 2 or 3; old ones stay valid."""

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SERIES = (0, 40, 65, 80)
"""What is added to the month: nothing for real numbers, the rest in synthetic series and H-numbers."""
_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_RESEMBLES = re.compile(r"\s*\d{6}[-\s]?[0-9A-Za-z]{4,5}\s*\Z")
_CENTURIES = "0167"
"""The seventh character of a Danish replacement number: two centuries, regional and national."""


def clean(text: str) -> str:
    """The characters of a number, without the hyphen and the blanks people write in it."""
    return "".join(text.split()).replace("-", "")


def kind(text: str) -> Kind | None:
    """The kind of number that somebody wrote, when it can be one: with hyphen and blanks, of either country.

    Numbers that only institutions give (HNR, FHN, DUF) need their kind told, and are not found here.
    """
    number = clean(text)
    if is_cpr(number):
        return "CPR"
    if is_replacement(number):
        return "eCPR"
    if is_possible(number, "FNR"):
        return "DNR" if is_d_number(number) else "FNR"
    return None


def resembles(text: str) -> bool:
    """Whether somebody may have meant a whole number: kept out of names and sessions, even when none."""
    return _RESEMBLES.match(text) is not None


def is_cpr(number: str) -> bool:
    """Whether ten digits with a date, and a century by the seventh digit; day + 60 is a test number."""
    if len(number) != 10 or not _digits(number):
        return False
    day, month = int(number[:2]), int(number[2:4])
    try:
        dt.date(_year(int(number[4:6]), int(number[6])), month, day - 60 if day > 60 else day)
    except ValueError:
        return False
    return True


def is_replacement(number: str) -> bool:
    """Whether a Danish replacement number with letters (eCPR): of somebody without a person number."""
    if len(number) != 10 or not _digits(number[:7] + number[9]) or number[6] not in _CENTURIES:
        return False
    day, month, letters = int(number[:2]), int(number[2:4]), number[7:9]
    dated = 1 <= month <= 12 and 1 <= (day - 60 if day > 60 else day) <= _DAYS[month - 1]
    return dated and letters.isascii() and letters.isalpha()


def is_possible(number: str, kind: str, on: dt.date | None = None) -> bool:
    """Whether a Norwegian number can be one of its kind (FNR, DNR, HNR, FHN, DUF; others: 11 digits).

    `on` is the day it was given: before 2032 the stricter rule holds. Without it both rules are taken, since
    a number says nothing of when it was given.
    """
    if not _digits(number):
        return False
    if kind == "DUF":
        return len(number) == 12
    if len(number) != 11:
        return False
    if kind in ("FNR", "DNR"):
        return _has_date(number) and _controlled(number, on)
    if kind == "FHN":
        return number[0] in "89" and _controlled(number, on)
    return True


def is_d_number(number: str) -> bool:
    """Whether the day has 40 added, as in numbers for people without a birth number."""
    return len(number) == 11 and "4" <= number[0] <= "7"


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _year(short: int, seventh: int) -> int:
    if seventh < 4:
        return 1900 + short
    if seventh in (4, 9):
        return (2000 if short < 37 else 1900) + short
    return (2000 if short < 58 else 1800) + short


def _has_date(number: str) -> bool:
    day, month = int(number[:2]), int(number[2:4])
    day -= 40 if day > 40 else 0
    return any(1 <= month - added <= 12 and 1 <= day <= _DAYS[month - added - 1] for added in _SERIES)


def _controlled(number: str, on: dt.date | None) -> bool:
    digits = [int(digit) for digit in number]
    first = sum(weight * digit for weight, digit in zip(_FIRST, digits, strict=False)) % 11
    second = sum(weight * digit for weight, digit in zip(_SECOND, digits, strict=True)) % 11
    most = 3 if on is None or on >= RELAXED_FROM else 0
    return first <= most and second == 0
