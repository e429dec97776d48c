"""The shape of Norwegian person ids: birth numbers, D-numbers, help numbers, DUF numbers.

Two rules hold side by side: until 2032 both control digits must leave the remainder 0; from 2032 the first
may leave 0, 1, 2 or 3 (Skatteetaten, new birth number). Synthetic series add to the month: 80 (Tenor), 40,
65. Neither sex nor age is ever read from a number.
"""

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SERIES = (0, 40, 65, 80)
"""What is added to the month: nothing for real numbers, the rest in synthetic series and H-numbers."""
_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_FIRST_REMAINDERS = frozenset((0, 1, 2, 3))


def clean(text: str) -> str:
    """The digits, without the blanks people write in them."""
    return "".join(text.split())


def is_possible(number: str, kind: str) -> bool:
    """Whether a number can be one of its kind (list 8116: FNR, DNR, HNR, FHN, DUF).

    H-numbers and numbers of an unknown kind are given out by institutions, by no rule that all follow:
    there only length and digits are asked.
    """
    if not (number.isascii() and number.isdigit()):
        return False
    if kind == "DUF":
        return len(number) == 12
    if len(number) != 11:
        return False
    if kind in ("FNR", "DNR"):
        return _has_date(number) and _controlled(number)
    if kind == "FHN":
        return number[0] in "89" and _controlled(number)
    return True


def is_d_number(number: str) -> bool:
    """Whether the day has 40 added, as in numbers for people without a birth number."""
    return len(number) == 11 and "4" <= number[0] <= "7"


def _has_date(number: str) -> bool:
    day, month = int(number[:2]), int(number[2:4])
    day -= 40 if day > 40 else 0
    return any(1 <= month - added <= 12 and 1 <= day <= _DAYS[month - added - 1] for added in _SERIES)


def _controlled(number: str) -> bool:
    digits = [int(digit) for digit in number]
    first = sum(weight * digit for weight, digit in zip(_FIRST, digits, strict=False)) % 11
    second = sum(weight * digit for weight, digit in zip(_SECOND, digits, strict=True)) % 11
    return first in _FIRST_REMAINDERS and second == 0
