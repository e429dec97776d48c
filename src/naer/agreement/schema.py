"""A JSON Schema (draft 2020-12) of an agreement file, so that editors complete and check while typing.

It is built from the key tables the reader uses. It knows the shape of a file and not its meaning:
what contradicts itself, and what a base allows, is for `naer agreement check`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from naer.agreement.conditions import OPERATORS
from naer.agreement.language import LANGUAGES
from naer.agreement.reading import AGREEMENT_KEYS
from naer.agreement.reading_calendar import KEYS as CALENDAR_KEYS
from naer.agreement.reading_clause import CLAUSE_KEYS, ESCALATE_TO, OUTCOMES, SINCE_OPERATORS
from naer.events.kinds import KINDS

Schema = dict[str, Any]

_ELAPSED_UNITS = r"min|h|days?|weeks?|months?"
_UNITS = rf"{_ELAPSED_UNITS}|working hours?|working days?"
_CLOCK = r"by ([01][0-9]|2[0-3]):[0-5][0-9]|by 24:00"
_DURATION = rf"[0-9]{{1,8}} +({_UNITS})"
_LATER = r"same day|next day|next working day|[0-9]{1,4} (working )?days? later"
_BACK = rf"[0-9]{{1,8}} +({_ELAPSED_UNITS}|working days?)"
_DATE = r"^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$"
_DAYS = r"(mon|tue|wed|thu|fri|sat|sun)"
_SPAN = r"^[0-9]{2}:[0-9]{2} *[-–] *[0-9]{2}:[0-9]{2}$"
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}


def schema() -> Schema:
    """The schema, as plain values for json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Naer agreement",
        "description": "Who owes what to whom, by when, after which event.",
        **_mapping(
            {key: _described(AGREEMENT_WORDS[key], _AGREEMENT[key]()) for key in AGREEMENT_KEYS},
            required=("agreement", "country", "clauses"),
        ),
        "$defs": {
            "clause": _mapping(
                {key: _described(CLAUSE_WORDS[key], _or_null(_CLAUSE[key]())) for key in CLAUSE_KEYS},
                required=("id", "source"),
            ),
            "text": _text(),
            "kind": _kind(),
            "event": _event(),
            "events": _one_or_list({"$ref": "#/$defs/event"}),
            "conditions": _conditions(),
            "duration": _pattern(_DURATION, "24 h"),
            "timeline": _timeline(),
        },
    }


AGREEMENT_WORDS = {
    "agreement": "Its id, also the name of the file.",
    "title": "A text, or one for each language.",
    "country": "Time zone and public holidays follow from it.",
    "extends": "The id of the agreement it builds on; a clause of it is overridden by its id.",
    "valid": "First and last day in force, both included. The version in force at the trigger decides.",
    "applies": "Conditions on the trigger: where the agreement holds. Without it, everywhere.",
    "parties": "Name of a party to its role.",
    "calendars": "Name of a calendar to its days and hours.",
    "events": "Kinds of its own: name to the activity, or activities, of the log.",
    "unless": "Kinds that release every clause that does not survive them.",
    "clauses": "The clauses.",
}
"""What each key of an agreement means, in one line."""

CLAUSE_WORDS = {
    "id": "The clause's id; an overlay overrides by it.",
    "source": "Where the agreement or the law says it.",
    "title": "A text, or one for each language.",
    "verified": "false: the number still has to be confirmed at the source.",
    "owed_by": "The party that owes.",
    "owed_to": "The party it is owed to.",
    "after": "What opens an obligation: a kind, or a list of which any will do.",
    "where": "Conditions on what opens it; all must hold.",
    "calendar": "A name in `calendars`.",
    "when": "Only when it happens inside (open) or outside (closed) the calendar's hours.",
    "start": "When the time starts: at once, or at the calendar's next opening.",
    "since": "How long it must be since an earlier event.",
    "deliver": "What fulfils it: a kind, or a list of which any will do.",
    "within": "The limit: a duration, at once, or a clock time on a named day.",
    "before": "The event it must come before; instead of `within`.",
    "ahead": "How long before that event.",
    "anchor": "What the time is counted from; of a list the latest.",
    "unless": "What releases it, without fault, when it comes in time.",
    "survives": "Which of the agreement's `unless` do not release it.",
    "waiver": "Who may waive it.",
    "accept_earlier": "What was done this long before the trigger also counts.",
    "pause": "The kinds between which time stands still.",
    "repeat": "When it happens again: a new obligation each time, only the first, or a restart.",
    "scope": "Read each pathway alone, or all the citizen's pathways as one.",
    "match": "An attribute that what opens it and what fulfils it must share.",
    "evidence": "partial: not everything that is done is recorded.",
    "may_loosen": "Keys that an overlay may loosen; true for all.",
    "escalate": "Who is told, and when.",
    "deviation": "When a breach is proposed as a deviation: how late, how often within how long.",
    "examples": "The clause's own tests: a timeline and the outcomes it must give.",
}
"""What each key of a clause means, in one line."""

_AGREEMENT: dict[str, Callable[[], Schema]] = {
    "agreement": lambda: _name(),
    "title": lambda: {"$ref": "#/$defs/text"},
    "country": lambda: {"enum": ["DK", "NO"]},
    "extends": lambda: _or_null(_name()),
    "valid": lambda: _or_null(_mapping({"from": _or_null(_date()), "to": _or_null(_date())})),
    "applies": lambda: _or_null({"$ref": "#/$defs/conditions"}),
    "parties": lambda: _or_null(_named(_party())),
    "calendars": lambda: _or_null(_named(_calendar())),
    "events": lambda: _or_null(_named(_one_or_list(_name()))),
    "unless": lambda: _or_null({"$ref": "#/$defs/events"}),
    "clauses": lambda: {"type": "array", "items": {"$ref": "#/$defs/clause"}},
}

_CLAUSE: dict[str, Callable[[], Schema]] = {
    "id": lambda: _name(),
    "source": lambda: _name(),
    "title": lambda: {"$ref": "#/$defs/text"},
    "verified": lambda: {"type": "boolean"},
    "owed_by": lambda: _name(),
    "owed_to": lambda: _name(),
    "after": lambda: {"$ref": "#/$defs/events"},
    "where": lambda: {"$ref": "#/$defs/conditions"},
    "calendar": lambda: _name(),
    "when": lambda: {"enum": ["open", "closed"]},
    "start": lambda: {"enum": ["at once", "next opening"]},
    "since": lambda: _since(),
    "deliver": lambda: {"$ref": "#/$defs/events"},
    "within": lambda: _pattern(
        rf"{_DURATION}|at once|({_CLOCK}) ({_LATER})",
        "24 h",
        "5 working days",
        "by 12:00 next working day",
        "at once",
    ),
    "before": lambda: {"$ref": "#/$defs/event"},
    "ahead": lambda: _pattern(
        rf"{_BACK}|({_CLOCK}) (same day|day before|working day before)", "1 day", "by 24:00 day before"
    ),
    "anchor": lambda: _one_or_list(_anchor()),
    "unless": lambda: {"$ref": "#/$defs/events"},
    "survives": lambda: _one_or_list(_name()),
    "waiver": lambda: {"enum": ["owed_to", "owed_by", "both"]},
    "accept_earlier": lambda: _pattern(_BACK, "14 days"),
    "pause": lambda: _mapping(
        {"from": {"$ref": "#/$defs/event"}, "until": {"$ref": "#/$defs/event"}}, required=("from", "until")
    ),
    "repeat": lambda: {"enum": ["each", "first", "restart"]},
    "scope": lambda: {"enum": ["pathway", "citizen"]},
    "match": lambda: _name(),
    "evidence": lambda: {"enum": ["complete", "partial"]},
    "may_loosen": lambda: {"anyOf": [{"type": "boolean"}, _one_or_list({"enum": list(CLAUSE_KEYS)})]},
    "escalate": lambda: _one_or_list(_step()),
    "deviation": lambda: _threshold(),
    "examples": lambda: _one_or_list(_example()),
}


def _mapping(properties: dict[str, Schema], required: Iterable[str] = ()) -> Schema:
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": list(required)} if required else {})


def _named(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _described(text: str, value: Schema) -> Schema:
    return {"description": text, **value}


def _one_or_list(value: Schema) -> Schema:
    return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}


def _or_null(value: Schema) -> Schema:
    """Every key may be null: an overlay removes the base's key with it (S7)."""
    return {"anyOf": [value, {"type": "null"}]}


def _name() -> Schema:
    return {"type": ["string", "number"], "minLength": 1}


def _pattern(pattern: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": f"^({pattern})$", "examples": list(examples)}


def _date() -> Schema:
    return {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def _text() -> Schema:
    return {
        "anyOf": [
            {"type": ["string", "number"], "minLength": 1},
            _mapping({language: {"type": ["string", "number"], "minLength": 1} for language in LANGUAGES}),
        ]
    }


def _kind() -> Schema:
    """One of the vocabulary (offered by editors), or a name under `events:`."""
    known = [{"const": kind.name, "description": kind.meaning} for kind in KINDS.values()]
    return {"anyOf": [*known, {"type": "string", "minLength": 1, "description": "A name under `events:`."}]}


def _event() -> Schema:
    kinds = _one_or_list({"$ref": "#/$defs/kind"})
    return {
        "anyOf": [
            {"$ref": "#/$defs/kind"},
            _mapping({"kind": kinds, "where": {"$ref": "#/$defs/conditions"}}, required=("kind",)),
        ]
    }


def _conditions() -> Schema:
    members: Schema = {"type": "array", "items": _SCALAR, "minItems": 1}
    operators = {name: dict(_SCALAR) for name in OPERATORS} | {"in": members, "exists": {"type": "boolean"}}
    return _named({"anyOf": [_SCALAR, members, _mapping(operators) | {"minProperties": 1}]})


def _party() -> Schema:
    return _mapping({"is": _name(), "of": {"enum": ["residence", "stay", "event"]}}, required=("is",))


def _calendar() -> Schema:
    span: Schema = {"type": "string", "pattern": _SPAN}
    days = _pattern(rf"{_DAYS}( *- *{_DAYS})?( *, *{_DAYS}( *- *{_DAYS})?)*", "mon-fri")
    dates = _or_null(_one_or_list({"type": "string", "pattern": _DATE}))
    known: dict[str, Schema] = {
        "days": _one_or_list(days),
        "hours": {"anyOf": [span, _named(_or_null(span))]},
        "holidays": {"enum": ["public", "none"]},
        "add": _described("Days off beside the holidays.", dates),
        "remove": _described("Days that are working days although they are holidays.", dates),
    }
    return _mapping({key: known[key] for key in CALENDAR_KEYS})


def _since() -> Schema:
    event: Schema = {"$ref": "#/$defs/event"}
    lengths: dict[str, Schema] = {name: {"$ref": "#/$defs/duration"} for name in SINCE_OPERATORS}
    return _mapping({"last": event, "first": event, "reset": event, **lengths}) | {
        "allOf": [
            {"oneOf": [{"required": [name]} for name in SINCE_OPERATORS]},
            {"oneOf": [{"required": ["last"]}, {"required": ["first"]}]},
        ]
    }


def _anchor() -> Schema:
    parts = _mapping({"last": {"$ref": "#/$defs/event"}, "attribute": _name()}) | {"minProperties": 1}
    return {"anyOf": [{"enum": ["at", "sent", "received"]}, parts]}


def _step() -> Schema:
    moment = _pattern(rf"due|due \+ {_DURATION}|due - {_BACK}|trigger \+ {_DURATION}", "due - 2 h")
    return _mapping({"at": moment, "to": {"enum": list(ESCALATE_TO)}}, required=("at", "to"))


def _threshold() -> Schema:
    times: Schema = {"type": "integer", "minimum": 1, "maximum": 1000}
    over, within = _pattern(_DURATION, "4 h"), _pattern(_BACK, "30 days")
    return _mapping({"over": over, "times": times, "within": within}) | {
        "anyOf": [{"required": ["over"]}, {"required": ["times"]}]
    }


def _example() -> Schema:
    expect: Schema = {"enum": list(OUTCOMES)}
    return _mapping(
        {
            "timeline": {"$ref": "#/$defs/timeline"},
            "now": {"type": ["string", "null"]},
            "expect": {"anyOf": [expect, {"type": "array", "items": expect}]},
        },
        required=("timeline", "expect"),
    )


def _timeline() -> Schema:
    told = {"anyOf": [{"$ref": "#/$defs/kind"}, _named(_or_null({"type": "object"}))]}
    return {
        "type": "object",
        "description": "A time to a kind, to {kind: {attribute: value}}, or to a list of these.",
        "additionalProperties": _one_or_list(told),
    }
