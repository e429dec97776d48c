"""Small readers from a Node to one value; what is wrong is noted with its line, not raised."""

import datetime as dt
import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping

from naer.agreement.conditions import OPERATORS, Condition, Conditions
from naer.agreement.document import Node, Problem
from naer.agreement.language import LANGUAGES, Pattern, Text
from naer.events.kinds import KINDS


class Notes:
    """The problems found while reading, in the order they were found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, node: Node, message: str, *, warning: bool = False) -> None:
        """Note a problem at a node."""
        problem = node.problem(message, warning=warning)
        if problem not in self.problems:
            self.problems.append(problem)


def near(word: str, known: Iterable[str]) -> str:
    """ "; did you mean `x`?" for a word that is close to a known one, else the known ones."""
    choices = list(known)
    close = difflib.get_close_matches(word, choices, 1)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; known: {', '.join(choices)}" if choices and len(choices) <= 12 else ""


def unknown_kind(name: str, what: str, known: Iterable[str]) -> str:
    """What is wrong with a kind that nobody named."""
    hint = near(name, known) or "; use one of the vocabulary, or name it under `events:`"
    return f"unknown kind `{name}` in {what}{hint}"


def keys(node: Node, known: Collection[str], what: str, notes: Notes) -> Mapping[str, Node]:
    """The entries of a mapping; an unknown key is an error."""
    if not node.is_mapping:
        notes.add(node, f"{what} must be a mapping, for example {{{next(iter(known))}: …}}")
        return {}
    for key, value in node.items().items():
        if key not in known:
            notes.add(value, f"unknown key `{key}` in {what}{near(key, known)}")
    return node.items()


def word(node: Node, what: str, notes: Notes) -> str | None:
    """A text that is not empty."""
    if isinstance(node.value, str) and node.value.strip():
        return node.value
    if isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return str(node.value)
    notes.add(node, f"{what} must be a text")
    return None


def choice[T: str](node: Node, known: tuple[T, ...], what: str, notes: Notes) -> T | None:
    """One of a few words."""
    for one in known:
        if node.value == one:
            return one
    notes.add(node, f"{what} must be one of {', '.join(known)}, not {node.plain()!r}")
    return None


def some(node: Node, what: str, notes: Notes) -> Iterable[Node]:
    """The one, or each of a list; an empty list says nothing and is an error."""
    if node.is_list and not node.value:
        notes.add(node, f"{what} is empty")
    return node.each()


def truth(node: Node, what: str, notes: Notes) -> bool:
    """true or false."""
    if isinstance(node.value, bool):
        return node.value
    notes.add(node, f"{what} must be true or false, not {node.plain()!r}")
    return False


def written[T](node: Node, read: Callable[[str], T], what: str, notes: Notes) -> T | None:
    """A text in a small notation of its own, such as a duration."""
    if node.is_mapping or node.is_list or isinstance(node.value, bool | None):
        notes.add(node, f"{what} must be a text, not {node.plain()!r}")
        return None
    try:
        return read(str(node.value))
    except (ValueError, OverflowError) as error:
        notes.add(node, f"{what}: {error}")
        return None


def text(node: Node, what: str, notes: Notes) -> Text:
    """A text, or one for each language."""
    if node.is_mapping:
        entries = keys(node, LANGUAGES, what, notes)
        return {key: word(value, what, notes) or "" for key, value in entries.items()}
    return {"": word(node, what, notes) or ""}


def day(node: Node, what: str, notes: Notes) -> dt.date | None:
    """A date, or nothing."""
    if node.value is None:
        return None
    try:
        return dt.date.fromisoformat(str(node.value))
    except ValueError:
        notes.add(node, f"{what} must be a date such as 2024-04-02, not {node.plain()!r}")
        return None


def conditions(node: Node, what: str, notes: Notes) -> Conditions:
    """CONDITIONS: attribute to a value, a list of values, or {operator: value}."""
    if not node.is_mapping:
        notes.add(node, f"{what} must map attributes to values, for example {{report_requested: true}}")
        return ()
    found: list[Condition] = []
    for name, value in node.items().items():
        found.extend(_condition(name, value, what, notes))
    return tuple(found)


def _condition(name: str, node: Node, what: str, notes: Notes) -> Iterable[Condition]:
    if node.is_list:
        yield Condition(name, "in", _members(node, what, notes))
    elif node.is_mapping:
        if not node.items():
            notes.add(node, f'{what}: {{}} after `{name}` says nothing; write a value or {{">=": 65}}')
        for operator, value in node.items().items():
            if operator == "in":
                yield Condition(name, "in", _members(value, what, notes))
            elif operator == "exists":
                yield Condition(name, "exists", truth(value, "exists", notes))
            elif operator not in OPERATORS:
                notes.add(
                    value, f"unknown operator `{operator}`{near(operator, [*OPERATORS, 'in', 'exists'])}"
                )
            else:
                yield Condition(name, operator, _scalar(value, what, notes))
    else:
        yield Condition(name, "==", _scalar(node, what, notes))


def _members(node: Node, what: str, notes: Notes) -> tuple[object, ...]:
    if not node.is_list or not node.value:
        notes.add(node, f"{what}: `in` needs a list of values")
        return ()
    return tuple(_scalar(member, what, notes) for member in node.each())


def _scalar(node: Node, what: str, notes: Notes) -> object:
    if node.is_list or node.is_mapping or node.value is None:
        notes.add(
            node,
            f"{what}: a text, a number, true or false is needed here; for absence write {{exists: false}}",
        )
        return ""
    return node.value


class Kinds:
    """The kinds an agreement may name: the vocabulary, and its own `events:`."""

    def __init__(self, own: Mapping[str, tuple[str, ...]]) -> None:
        self.own = own

    def pattern(self, node: Node, what: str, notes: Notes) -> Pattern:
        """EVENT: a kind, or {kind: K, where: CONDITIONS}."""
        where: Conditions = ()
        kind = node
        if node.is_mapping:
            entries = keys(node, ("kind", "where"), what, notes)
            if "where" in entries:
                where = conditions(entries["where"], f"{what}.where", notes)
            if "kind" not in entries:
                notes.add(node, f"{what} needs `kind`")
                return Pattern((), frozenset(), where)
            kind = entries["kind"]
        names = tuple(name for one in some(kind, what, notes) if (name := self._known(one, what, notes)))
        return Pattern(names, frozenset(self.activities(names)), where)

    def patterns(self, node: Node, what: str, notes: Notes) -> tuple[Pattern, ...]:
        """EVENT or a list of them."""
        return tuple(self.pattern(one, what, notes) for one in some(node, what, notes))

    def activities(self, names: Iterable[str]) -> Iterable[str]:
        """What a log calls these kinds."""
        for name in names:
            yield from self.own.get(name, (name,))

    def _known(self, node: Node, what: str, notes: Notes) -> str | None:
        name = word(node, what, notes)
        if name is not None and name not in self.own and name not in KINDS:
            notes.add(node, unknown_kind(name, what, [*self.own, *KINDS]))
            return None
        return name


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MARK = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})\Z")


def weekdays(text_: str) -> tuple[int, ...]:
    """`mon-fri`, `sat`, `mon,wed-fri` as weekday numbers, Monday 0.

    Raises:
        ValueError: saying how days are written.
    """
    found: list[int] = []
    for part in text_.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            raise ValueError(f"{text_!r}: days are written mon-fri, or mon,wed,fri")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        span = range(start, end + 1) if start <= end else (*range(start, 7), *range(end + 1))
        found.extend(span)
    return tuple(found)


def date_mark(text_: str) -> tuple[int, int] | tuple[int, int, int]:
    """`12-24` of every year, or `2026-12-24`.

    Raises:
        ValueError: when it is no date.
    """
    found = _MARK.match(text_)
    if found is None:
        raise ValueError(f"{text_!r} is no date; write MM-DD or YYYY-MM-DD")
    year, month, date = found.groups()
    try:
        dt.date(int(year or 2024), int(month), int(date))
    except ValueError as error:
        raise ValueError(f"{text_!r} is no date: {error}; write MM-DD or YYYY-MM-DD") from None
    return (int(year), int(month), int(date)) if year else (int(month), int(date))
