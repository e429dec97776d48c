"""What each Norwegian message can say: its values, their form, and how many of them.

Asked before a letter is written, so that what our own reader would not give back is refused by name.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from naer.messages import person_number
from naer.messages.content import Conversation, Letter, Party, Person, Scalar
from naer.messages.plo import types
from naer.messages.plo.findings import is_id
from naer.messages.plo.msghead import MAX_COPIES, SEXES
from naer.messages.plo.parts import MAX_ROWS
from naer.messages.plo.rows import Row
from naer.messages.plo.times import is_valid, point

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d{1,18}(\.\d*)?|\.\d{1,18})", re.ASCII)
_DIGITS = re.compile(r"\d{1,20}", re.ASCII)
MAX_FILES, MAX_TEXTS = 50, 200

Test = Callable[[Scalar], bool]


def _text(value: Scalar) -> bool:
    return isinstance(value, str)


def _flag(value: Scalar) -> bool:
    return isinstance(value, bool)


def _time(value: Scalar) -> bool:
    return isinstance(value, str) and is_valid(value)


def _date(value: Scalar) -> bool:
    return isinstance(value, str) and "T" not in value and point(value) is not None


def _formed(pattern: re.Pattern[str]) -> Test:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(*words: str) -> Test:
    return lambda value: value in words


def _each(test: Test, *names: str) -> dict[str, Test]:
    return dict.fromkeys(names, test)


_DECIMALS, _NUMBERS, _LISTS = _formed(_DECIMAL), _formed(_WHOLE), _formed(_DIGITS)
PLAIN: dict[str, Test] = {
    "issued": _time,
    **_each(_flag, "sender_professional", "receiver_professional"),
    **_each(_flag, "forward_reserved", "answers_request", "lives_alone"),
    **_each(_flag, "own_application", "away", "forwarded"),
    **_each(_text, "marital", "language", "content", "condition", "to", "away_note"),
    **_each(_date, "away_from", "away_to"),
    **_each(_LISTS, "content_list", "category_list"),
}
"""Values without a number: what each must be."""
FIELDS: dict[str, dict[str, Test]] = {
    "event": {"time": _time, "estimate": _flag} | _each(_text, "code", "text", "note", "place"),
    "diagnosis": {"code": _text, "list": _LISTS, "text": _text, "main": _flag},
    "service": _each(_text, "type", "name", "by", "about", "unit", "note")
    | {"private": _flag, "units": _DECIMALS, "from": _date, "to": _date},
    "need": _each(_text, "type", "name", "at", "about", "unit") | {"units": _DECIMALS},
    "function": {"variable": _text, "value": _NUMBERS, "note": _text},
    "medicine": dict.fromkeys(
        ("name", "dose", "atc", "form", "unit", "use", "for", "note", "multidose"), _text
    )
    | {"strength": _DECIMALS, "from": _time, "to": _time},
    "allergy": {"text": _text, "code": _text},
    "contact": {"kind": _text, "approved": _date}
    | _each(_text, "role", "type", "name", "phone", "id", "id_type", "note"),
    "note": {"code": _text, "list": _LISTS, "remark": _text},
    "segment": {"kind": _one_of("question", "quoted"), "remark": _text},
}
"""Rows: what each of their values must be."""
CONTACTS: dict[str, frozenset[str]] = {
    "relative": frozenset({"role"}),
    "unit": frozenset(),
    "professional": frozenset({"role", "type"}),
    "responsible": frozenset({"role", "type", "approved"}),
}
"""Contacts in the order of the schema, and what only some of them have."""
_HEAD = frozenset({"issued", "sender_professional", "receiver_professional"})
_START = _HEAD | {"forward_reserved", "answers_request", "lives_alone", "marital", "language"}
_REPORT = frozenset({"diagnosis", "allergy", "note", "function", "contact"})
_SAYS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "HELSEOPPL_SOKNAD": (
        frozenset({"content", "content_list", "own_application"}),
        _REPORT | {"event", "need"},
    ),
    "INNLEGGELSESRAPPORT": (frozenset(), _REPORT | {"medicine", "service"}),
    "UTSKRIVNINGSRAPPORT": (frozenset({"content", "content_list"}), _REPORT | {"event", "medicine", "need"}),
    "ORIENTERING_TJENESTETILBUD": (frozenset(), frozenset({"contact", "service"})),
    "MEDISINSKE_OPPLYSNINGER": (
        frozenset({"content", "content_list", "own_application"}),
        _REPORT | {"medicine", "need"},
    ),
    "HELSEOPPLYSNINGER_LEGE": (frozenset({"content"}), _REPORT | {"medicine"}),
    "FRAVARSMELDING": (
        frozenset({"away", "forwarded", "away_from", "away_to", "away_note"}),
        frozenset({"contact"}),
    ),
    "LOG_UTSKREVET": (frozenset({"condition", "to"}), frozenset({"contact", "event"})),
}
"""Type → its plain values beside those that all have, and its rows. A logistics message: contacts, events."""
_LOGISTICS = (frozenset[str](), frozenset({"contact", "event"}))
_ONE_EVENT = frozenset({"LOG_INNLAGT", "LOG_UTSKREVET", "LOG_DOD"})


def refuse(letter: Letter, what: Iterable[str]) -> None:
    """Raises ValueError when there is anything that cannot be said; names only, never values."""
    if names := list(dict.fromkeys(what)):
        raise ValueError(f"{letter.type} {letter.version} cannot say {', '.join(names[:10])}")


def head(letter: Letter) -> Iterable[str]:
    """What of the head cannot be said."""
    if not is_id(letter.message_id):
        yield "message_id"
    for name in ("parent", "root"):
        reference = getattr(letter, name)
        if reference and (not is_id(reference) or reference == letter.message_id):
            yield name
    for name, party in (("sender", letter.sender), ("receiver", letter.receiver)):
        if not _is_addressed(party):
            yield f"{name} (HER id)"
    if len(letter.copies) > MAX_COPIES or not all(map(_is_addressed, letter.copies)):
        yield "copies"
    yield from _person(letter.person)


def _is_addressed(party: Party) -> bool:
    return all(_DIGITS.fullmatch(number) for number in (party.her, party.service or "0"))


def _person(person: Person) -> Iterable[str]:
    numbers = [(person.system, person.number), *person.others]
    known = [pair for pair in numbers if pair[0] in types.PERSON_ID_TYPES]
    known.sort(key=lambda pair: types.PERSON_ID_TYPES.index(pair[0]))
    possible = [pair for pair in known if person_number.is_possible(pair[1], pair[0])]
    if not possible or possible[0] != numbers[0]:
        yield "person.number"
    if len(numbers) > 20 or not all(
        kind and number and len(kind) <= 20 and len(number) <= 64 for kind, number in numbers
    ):
        yield "person.others"
    if person.born and not _date(person.born):
        yield "person.born"
    if person.sex and person.sex not in SEXES.values():
        yield "person.sex"


def care(
    letter: Letter, plain: Mapping[str, Scalar], rows: Mapping[str, Sequence[Row]], notes: int
) -> Iterable[str]:
    """What of a care message cannot be said."""
    own, sorts = _SAYS.get(letter.type, _LOGISTICS)
    allowed = _START | own
    if letter.type == "HELSEOPPL_SOKNAD" and letter.version == "v1.5":
        allowed, sorts = allowed - {"content", "content_list"}, sorts - {"event"}
    yield from _plain(plain, allowed)
    if "content_list" in plain and "content" not in plain:
        yield "content_list"
    for name, found in rows.items():
        if found and name not in sorts:
            yield from (f"{name}1.{key}" for key in found[0])
            yield f"{name}1"
        if len(found) > MAX_ROWS:
            yield f"{name}{MAX_ROWS + 1}"
        for number, row in enumerate(found, 1):
            yield from (f"{name}{number}.{key}" for key in _wrong(FIELDS[name], row))
    for number, row in enumerate(rows["contact"], 1):
        beyond = {"role", "type", "approved"} - CONTACTS[str(row["kind"])]
        yield from (f"contact{number}.{key}" for key in beyond & row.keys())
    if notes and ("note" not in sorts or notes > MAX_ROWS):
        yield "notes"
    if letter.type in _ONE_EVENT and len(rows["event"]) != 1:
        yield "more than one event" if rows["event"] else "no event"
    if letter.type == "ORIENTERING_TJENESTETILBUD" and not rows["service"]:
        yield "an offer without a service"


def _plain(plain: Mapping[str, Scalar], allowed: frozenset[str]) -> Iterable[str]:
    for name, value in plain.items():
        if name not in allowed or not PLAIN[name](value):
            yield name[:60]


def _wrong(fields: Mapping[str, Test], row: Row) -> Iterable[str]:
    for name, value in row.items():
        test = fields.get(name)
        if test is None or not test(value):
            yield name[:60]


def dialogue(
    letter: Letter, said: Conversation, plain: Mapping[str, Scalar], rows: Sequence[Row]
) -> Iterable[str]:
    """What of a dialogue message cannot be said; `rows` stand beside its texts."""
    yield from _plain(plain, _HEAD | {"category_list"})
    texts = [segment for segment in said.segments if not segment.is_attachment]
    if len(texts) > MAX_TEXTS or len(said.segments) - len(texts) > MAX_FILES:
        yield "so many segments"
    ids = [segment.id for segment in said.segments]
    if len(set(ids)) < len(ids) or not all(map(is_id, ids)):
        yield "segment.id"
    kinds = [str(row.get("kind", "note")) for row in rows]
    for number, row in enumerate(rows, 1):
        yield from (f"segment{number}.{key}" for key in _wrong(FIELDS["segment"], row))
        if kinds[number - 1] == "quoted" and kinds[number - 2 : number - 1] != ["note"]:
            yield f"segment{number}.kind"
    if "question" in kinds and "note" in kinds:
        yield "notes beside questions"
    asks = kinds[:1] == ["question"]
    if said.priority and not asks:
        yield "conversation.priority"
    if said.topic and asks and letter.version == "v1.0":
        yield "conversation.topic"
    if not texts and (said.category or said.topic or "category_list" in plain):
        yield "a conversation without a text"
