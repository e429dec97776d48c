"""Search parameters as conditions on rows, and as checks of resources."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Q

from naer.events.instant import Instant, parse
from naer.messages.fhir.elements import Element
from naer.site.fhir import values
from naer.site.fhir.answers import Refused
from naer.site.fhir.types import Asked, Wanted
from naer.site.ui.times import ZONE

NOBODY = Q(pk__in=())
ALL = ~NOBODY
TEXTS = frozenset({"exact", "contains"})
NOT = frozenset({"not"})


# ------------------------------------------------------------------ on rows


def instants(field: str) -> Callable[[Wanted, str, Asked], Q]:
    """A date parameter on a column of microseconds."""

    def rows(_: Wanted, value: str, asked: Asked) -> Q:
        return compared(field, values.date(value, asked.now), lambda at: at)

    return rows


def compared(field: str, date: values.Date, stored: Callable[[Instant], Any]) -> Q:
    """A date compared with a column; `stored` makes an instant what the column holds."""
    try:
        start, end = stored(date.start), stored(date.end)
    except OverflowError:
        raise Refused(400, "value", "a date lies before the year 10000") from None
    match date.prefix:
        case "gt" | "sa":
            return Q(**{f"{field}__gte": end})
        case "lt" | "eb":
            return Q(**{f"{field}__lt": start})
        case "ge":
            return Q(**{f"{field}__gte": start})
        case "le":
            return Q(**{f"{field}__lt": end})
        case "ne":
            return Q(**{f"{field}__lt": start}) | Q(**{f"{field}__gte": end})
    return Q(**{f"{field}__gte": start, f"{field}__lt": end})


def texts(*fields: str) -> Callable[[Wanted, str, Asked], Q]:
    """A string parameter: the beginning of a word, any case; `:exact` and `:contains` as FHIR has them."""

    def rows(wanted: Wanted, value: str, _: Asked) -> Q:
        text, found = values.plain(value), NOBODY
        for field in fields:
            match wanted.modifier:
                case "exact":
                    found |= Q(**{field: text})
                case "contains":
                    found |= Q(**{f"{field}__icontains": text})
                case _:
                    found |= Q(**{f"{field}__istartswith": text}) | Q(**{f"{field}__icontains": f" {text}"})
        return found

    return rows


def codes(known: Mapping[str, Callable[[Asked], Q]], *systems: str) -> Callable[[Wanted, str, Asked], Q]:
    """A token parameter with known codes: code → condition. Without a system, any will do."""

    def rows(_: Wanted, value: str, asked: Asked) -> Q:
        token = values.token(value)
        if token.system is not None and token.system not in systems:
            return NOBODY
        found = NOBODY
        for code, condition in known.items():
            if token.code in (None, code):
                found |= condition(asked)
        return found

    return rows


def column(field: str, *systems: str) -> Callable[[Wanted, str, Asked], Q]:
    """A token parameter on a column that holds the code itself."""

    def rows(_: Wanted, value: str, __: Asked) -> Q:
        token = values.token(value)
        if token.system is not None and token.system not in systems:
            return NOBODY
        return ALL if token.code is None else Q(**{field: token.code})

    return rows


def references(
    field: str, *kinds: str, key: Callable[[str], object | None] = str
) -> Callable[[Wanted, str, Asked], Q]:
    """A reference parameter on a column; `key` makes the id what the column holds, None when it cannot."""

    def rows(wanted: Wanted, value: str, asked: Asked) -> Q:
        named = values.target(value, asked.base, kinds)
        if named is None or (wanted.modifier in kinds and named[0] not in ("", wanted.modifier)):
            return NOBODY
        found = key(named[1])
        return NOBODY if found is None else Q(**{field: found})

    return rows


def number(text: str) -> int | None:
    """The row that an id names: a whole number that a column has room for."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def text_id(text: str) -> object | None:
    """The row that an id names, where the key is text."""
    return text if len(text) <= 64 else None


# ------------------------------------------------------------------ on resources


def met(wanted: Wanted, resource: Element, asked: Asked) -> bool:
    """Whether a resource meets one condition, by what its parameter says it holds."""
    of = wanted.parameter.of
    if of is None:
        return True
    held = list(of(resource))
    found = any(_meets(wanted, value, one, asked) for value in wanted.values for one in held)
    return not found if wanted.modifier == "not" else found


def _meets(wanted: Wanted, value: str, held: Any, asked: Asked) -> bool:
    match wanted.parameter.type:
        case "token":
            system, code = held
            return values.token(value).meets(str(system), str(code))
        case "date":
            return values.date(value, asked.now).meets(held)
        case "reference":
            named = values.target(value, asked.base, wanted.parameter.targets)
            if named is None:
                return bool(value == held)
            kind = named[0] or (wanted.modifier if wanted.modifier in wanted.parameter.targets else "")
            left, _, right = str(held).partition("/")
            return right == named[1] and kind in ("", left)
        case "uri":
            return bool(values.plain(value) == held)
    text, told = values.plain(value).casefold(), str(held).casefold()
    match wanted.modifier:
        case "exact":
            return bool(values.plain(value) == held)
        case "contains":
            return text in told
    return told.startswith(text) or f" {text}" in told


def understood(wanted: Wanted, asked: Asked) -> None:
    """Read every value once, so that one that cannot be is refused whatever is stored.

    Raises:
        Refused: 400.
    """
    for value in wanted.values:
        match wanted.parameter.type:
            case "token":
                values.token(value)
            case "date":
                values.date(value, asked.now)


def codings(*path: str) -> Callable[[Element], Iterable[object]]:
    """The (system, code) pairs under an element: code, Coding, CodeableConcept or Identifier, or lists."""

    def of(resource: Element) -> Iterable[object]:
        for one in at(resource, *path):
            if isinstance(one, str):
                yield ("", one)
            elif isinstance(one, dict) and "coding" in one:
                yield from ((c.get("system", ""), c.get("code", "")) for c in one["coding"])
            elif isinstance(one, dict):
                yield (one.get("system", ""), one.get("code", one.get("value", "")))

    return of


def coded(of: str, *path: str) -> Callable[[Element], Iterable[object]]:
    """The codes of an element of type code, with the system that FHIR gives them."""
    return lambda resource: [(of, code) for code in at(resource, *path)]


def named(*path: str) -> Callable[[Element], Iterable[object]]:
    """The references under an element, as "Type/id"."""

    def of(resource: Element) -> Iterable[object]:
        for one in at(resource, *path):
            if isinstance(one, dict) and "reference" in one:
                yield one["reference"]

    return of


def text(*path: str) -> Callable[[Element], Iterable[object]]:
    """The text of an element."""
    return lambda resource: at(resource, *path)


def span(*path: str) -> Callable[[Element], Iterable[object]]:
    """The span of a date, an instant or a Period."""

    def of(resource: Element) -> Iterable[object]:
        for one in at(resource, *path):
            if isinstance(one, dict):
                start, end = one.get("start"), one.get("end")
                yield (_begins(start), _ends(end))
            elif isinstance(one, str):
                yield (_begins(one), _ends(one))

    return of


def at(resource: Any, *path: str) -> list[Any]:
    """What lies under a path of element names, through lists."""
    found = [resource]
    for name in path:
        found = [one[name] for one in found if isinstance(one, dict) and name in one]
        found = [one for some in found for one in (some if isinstance(some, list) else [some])]
    return found


def _begins(written: str | None) -> Instant | None:
    if written is None:
        return None
    return values.date(written, 0).start if len(written) < 11 else parse(written, ZONE)


def _ends(written: str | None) -> Instant | None:
    if written is None:
        return None
    return values.date(written, 0).end if len(written) < 11 else parse(written, ZONE) + 1
