"""A search as it was asked: parameters read from an address or a form, and the links that ask on."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import msgspec
from django.http import HttpRequest

from naer.messages.fhir.elements import ID
from naer.site import vault
from naer.site.fhir.answers import Refused
from naer.site.fhir.parameters import understood
from naer.site.fhir.types import Asked, Query, ResourceType, Wanted
from naer.site.fhir.values import split

COUNT, MOST = 50, 500
"""Resources on a page without `_count`, and at most."""
LONGEST = 200
"""Parameters in one search, and values of all of them."""
MOST_VALUES, MOST_IDS = 50, 200
"""Values of one parameter, and ids in one `_id`: each is a condition, and a database takes so many nested."""
AFTER, SEALED = "_after", "_sealed"
RESULT = {
    "_count": "how many resources on a page, at most 500",
    "_include": "add what a reference names: Task:patient, or * for every one that can be",
    "_total": "accurate: say how many meet the search; none (default), estimate: do not",
    "_summary": "count: only the number; false: everything",
    "_elements": "only these elements, and those that must be there",
    "_format": "json, as this server writes nothing else",
    "_pretty": "true: with line breaks",
    AFTER: "where the page begins: from the links of an answer",
    SEALED: "a posted search that goes on: from the links of an answer",
}
"""Parameters about the answer itself."""

Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Search:
    """One search, understood."""

    query: Query
    used: Pairs
    """What was understood, for the link to itself and on."""
    private: bool = False
    """Whether it names a person: then no link shows it."""
    ignored: list[str] = field(default_factory=list)
    """Parameters that are not known here."""
    after: str = ""
    count: int = COUNT
    only_count: bool = False
    total: bool = False
    includes: tuple[str, ...] = ()
    elements: frozenset[str] = frozenset()

    def links(self, address: str, next_place: str | None) -> list[dict[str, str]]:
        """`self` and `next`; one that names a person goes on under a seal, and `self` leaves that out."""
        hidden = {name for name, _ in self.used if self._is_private(name)}
        shown = [(name, value) for name, value in self.used if name not in hidden]
        links = [{"relation": "self", "url": _url(address, shown)}]
        if next_place is not None:
            on = [pair for pair in self.used if pair[0] != AFTER] + [(AFTER, next_place)]
            links.append({"relation": "next", "url": _url(address, [(SEALED, seal(on))] if hidden else on)})
        return links

    def _is_private(self, name: str) -> bool:
        plain, _, modifier = name.partition(":")
        return any(
            one.private and (one.parameter.name, one.modifier) == (plain, modifier)
            for one in self.query.wanted
        )


def asked_for(request: HttpRequest, kind: ResourceType, asked: Asked) -> Search:
    """The search in a request: address and, when posted, body.

    Raises:
        Refused: 400 for what cannot be understood, and with `Prefer: handling=strict` for what is not known.
    """
    pairs = _pairs(request)
    sealed = [value for name, value in pairs if name == SEALED]
    if sealed:
        return read(unseal(sealed[0]), kind, asked, posted=True, strict=False)
    strict = "handling=strict" in request.headers.get("Prefer", "").replace(" ", "").lower()
    return read(pairs, kind, asked, posted=request.method == "POST", strict=strict)


def _pairs(request: HttpRequest) -> Pairs:
    pairs = [(name, value) for name, values in request.GET.lists() for value in values]
    if request.method == "POST":
        if (request.content_type or "") not in ("application/x-www-form-urlencoded", ""):
            raise Refused(415, "not-supported", "post a search as application/x-www-form-urlencoded")
        pairs += [(name, value) for name, values in request.POST.lists() for value in values]
    if len(pairs) > LONGEST:
        raise Refused(400, "too-costly", "a search has at most 200 parameters")
    return pairs


def read(pairs: Pairs, kind: ResourceType, asked: Asked, *, posted: bool, strict: bool) -> Search:
    """A search from its parameters, in the order they were given.

    Raises:
        Refused: as `asked_for`.
    """
    search = Search(Query(), [])
    wanted: list[Wanted] = []
    ids: frozenset[str] | None = None
    for name, value in pairs:
        plain, _, modifier = name.partition(":")
        if "\0" in value:
            raise Refused(400, "value", "a value holds a null character")
        if value == "":
            continue
        if plain in RESULT:
            _result(search, name, value, kind)
        elif name == "_id":
            given = frozenset(one for one in split(value, MOST_IDS) if ID.fullmatch(one))
            ids = given if ids is None else ids & given
        elif plain in kind.parameters:
            wanted.append(_condition(kind, plain, modifier, value, posted))
        else:
            search.ignored.append(_shown(name))
            continue
        search.used.append((name, value))
    if strict and search.ignored:
        names = ", ".join(search.ignored)
        raise Refused(400, "not-supported", f"parameters that are not known for this type: {names}")
    if sum(len(one.values) for one in wanted) > LONGEST:
        raise Refused(400, "too-costly", "a search has at most 200 values")
    for one in wanted:
        understood(one, asked)
    search.query = Query(tuple(wanted), ids)
    search.private = any(one.private for one in wanted)
    return search


def _condition(kind: ResourceType, name: str, modifier: str, value: str, posted: bool) -> Wanted:
    parameter = kind.parameters[name]
    if modifier and modifier not in parameter.modifiers and modifier not in parameter.targets:
        raise Refused(400, "not-supported", f"{name} has no such modifier here")
    values = tuple(split(value, MOST_VALUES))
    wanted = Wanted(parameter, modifier, values)
    if wanted.private and not posted:
        raise Refused(
            400,
            "security",
            f"{name} names a person and stands in no address: POST the search to {kind.name}/_search",
        )
    return wanted


def _result(search: Search, name: str, value: str, kind: ResourceType) -> None:
    """A parameter about the answer."""
    match name:
        case "_count":
            if not (value.isascii() and value.isdecimal() and len(value) < 10):
                raise Refused(400, "value", "_count is a whole number")
            search.count = min(int(value), MOST)
            search.only_count = search.only_count or search.count == 0
        case "_summary":
            if value not in ("count", "false"):
                raise Refused(400, "not-supported", "_summary is count or false here")
            search.only_count = search.only_count or value == "count"
        case "_total":
            if value not in ("none", "estimate", "accurate"):
                raise Refused(400, "value", "_total is none, estimate or accurate")
            search.total = value == "accurate"
        case "_include":
            search.includes += _included(value, kind)
        case "_elements":
            search.elements |= frozenset(part.strip() for part in value.split(","))
        case "_after":
            search.after = value
        case "_format" | "_pretty":
            pass
        case _:
            raise Refused(400, "not-supported", "this parameter has no such modifier here")


def _included(value: str, kind: ResourceType) -> tuple[str, ...]:
    if value in ("*", f"{kind.name}:*"):
        return tuple(kind.includes)
    source, _, rest = value.partition(":")
    name, _, target = rest.partition(":")
    if source != kind.name or name not in kind.includes or (target and target not in kind.includes[name][1]):
        known = ", ".join(f"{kind.name}:{one}" for one in kind.includes) or "none"
        raise Refused(400, "not-supported", f"_include: those of this type are {known}")
    return (name,)


def _shown(name: str) -> str:
    """A name that was sent, as an answer repeats it: only if it looks like one."""
    plain = name[:40]
    known = plain.replace("-", "").replace("_", "").replace(":", "").replace(".", "")
    return plain if known.isascii() and known.isalpha() else "(not a name)"


def _url(address: str, pairs: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(pairs), quote_via=quote, safe="|,:/")
    return f"{address}?{query}" if query else address


_pairs_decoder = msgspec.json.Decoder(list[tuple[str, str]])


def seal(pairs: Sequence[tuple[str, str]]) -> str:
    """Parameters that name a person, for an address: encrypted, and only Naer can read them."""
    sealed = vault.seal("fhir search", msgspec.json.encode(list(pairs)))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(text: str) -> Pairs:
    """The parameters under a seal.

    Raises:
        Refused: 400 when it is none of Naer's.
    """
    try:
        return _pairs_decoder.decode(
            vault.unseal("fhir search", base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        )
    except (binascii.Error, ValueError, IndexError):
        raise Refused(400, "value", "_sealed: take it from a link of an answer") from None
