"""The shape of a Danish person number; never its check digit (numbers without one exist since 2007)."""

import datetime as dt


def clean(text: str) -> str:
    """The ten digits, without the hyphen or space people write in them."""
    return text.strip().replace("-", "").replace(" ", "")


def has_shape(number: str) -> bool:
    """Whether ten digits with a date, and a century by the seventh digit; day + 60 is a test number."""
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        return False
    day, month = int(number[:2]), int(number[2:4])
    try:
        dt.date(_year(int(number[4:6]), int(number[6])), month, day - 60 if day > 60 else day)
    except ValueError:
        return False
    return True


def _year(short: int, seventh: int) -> int:
    if seventh < 4:
        return 1900 + short
    if seventh in (4, 9):
        return (2000 if short < 37 else 1900) + short
    return (2000 if short < 58 else 1800) + short
