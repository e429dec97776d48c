"""Conditions on the attributes of an event (S20)."""

import operator
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import msgspec

from naer.events.event import Event

ANYTHING: dict[str, Any] = {"*": "meets every condition"}
"""The attributes of a bare kind in a timeline: they meet every `where`, `applies` and `match`."""

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FIELDS = ("organisation", "municipality")
"""Attributes that are fields of the event itself."""


class Condition(msgspec.Struct, frozen=True):
    """`attribute operator value`; the operator is one of OPERATORS, `in` or `exists`."""

    attribute: str
    operator: str
    value: Any

    def holds(self, event: Event) -> bool:
        """Whether the event meets it; a missing or unreadable attribute does not."""
        found = attribute(event, self.attribute)
        if self.operator == "exists":
            return (found is not None) is self.value
        if found is None:
            return False
        if self.operator == "==" and type(found) is type(self.value):
            return bool(found == self.value)
        if self.operator == "in":
            if isinstance(found, str):
                texts = _texts(self.value)
                if found in texts or len(texts) == len(self.value):
                    return found in texts
            return any(_compare(operator.eq, found, wanted) for wanted in self.value)
        return _compare(OPERATORS[self.operator], found, self.value)


Conditions = tuple[Condition, ...]


def all_hold(conditions: Iterable[Condition], event: Event) -> bool:
    """Whether an event meets every condition; a bare kind of a timeline meets them all."""
    if event.attributes is ANYTHING:
        return True
    for condition in conditions:  # noqa: SIM110 - a plain loop: the hottest line of an evaluation
        if not condition.holds(event):
            return False
    return True


def attribute(event: Event, name: str) -> Any:
    """An attribute, or the organisation or municipality, of an event; None when it is missing."""
    if name == "organisation":
        return event.organisation
    if name == "municipality":
        return event.municipality
    return event.attributes.get(name)


@lru_cache(maxsize=1024)
def _texts(values: tuple[Any, ...]) -> frozenset[str]:
    """The texts among some values, to be found at once."""
    return frozenset(value for value in values if isinstance(value, str))


def _compare(how: Callable[[Any, Any], bool], found: Any, wanted: Any) -> bool:
    """Compare with the attribute read as the type the clause writes."""
    try:
        return how(read_as(wanted, found), wanted)
    except (ValueError, TypeError):
        return False


def read_as(wanted: Any, found: Any) -> Any:
    """`found` as the type of `wanted`: text from a file becomes a truth value or a number (S20).

    Raises:
        ValueError: when it cannot be read as that type.
    """
    if isinstance(wanted, bool):
        if isinstance(found, str):
            word = found.strip().lower()
            if word in ("true", "1"):
                return True
            if word in ("false", "0"):
                return False
        if isinstance(found, bool) or found in (0, 1):
            return bool(found)
        raise ValueError(f"{found!r} is neither true nor false")
    if isinstance(wanted, int | float):
        if isinstance(found, bool):
            raise ValueError("a truth value is no number")  # noqa: TRY004
        return found if isinstance(found, int | float) else number(str(found))
    if isinstance(found, bool):
        return "true" if found else "false"
    return found if isinstance(found, str) else str(found)


def number(text: str) -> int | float:
    """A number written as text."""
    try:
        return int(text)
    except ValueError:
        return float(text)
