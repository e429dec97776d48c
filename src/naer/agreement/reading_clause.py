"""One clause of an agreement, from YAML to the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from naer.agreement.deadlines import ahead, duration, within
from naer.agreement.document import Node
from naer.agreement.language import Anchor, Clause, Example, Party, Pattern, Pause, Since, Step, Threshold
from naer.agreement.reading_values import (
    Kinds,
    Notes,
    choice,
    conditions,
    keys,
    near,
    some,
    text,
    truth,
    word,
    written,
)
from naer.events.calendar import WorkCalendar

CLAUSE_KEYS = (
    "id", "source", "title", "verified", "owed_by", "owed_to", "after", "where", "calendar", "when",
    "start", "since", "deliver", "within", "before", "ahead", "anchor", "unless", "survives", "waiver",
    "accept_earlier", "pause", "repeat", "scope", "match", "evidence", "may_loosen", "escalate",
    "deviation", "examples",
)  # fmt: skip
OUTCOMES = ("kept", "late", "missing", "open", "released", "superseded")
SINCE_OPERATORS = ("over", "at least", "under", "at most")
ESCALATE_TO = ("owed_by", "owed_to", "owed_by.leader", "owed_to.leader")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a clause needs of its agreement."""

    kinds: Kinds
    parties: Mapping[str, Party]
    calendars: Mapping[str, WorkCalendar]
    default_calendar: WorkCalendar
    unless: tuple[Pattern, ...]


def clause(node: Node, around: Surroundings, notes: Notes) -> Clause | None:
    """The clause a mapping describes; None when it has no id."""
    if not node.is_mapping:
        notes.add(node, f"a clause is a mapping and begins with `- id:`, not {node.plain()!r}")
        return None
    entries = {
        key: value
        for key, value in keys(node, CLAUSE_KEYS, "a clause", notes).items()
        if value.value is not None
    }
    name = word(entries["id"], "id", notes) if "id" in entries else None
    if name is None:
        notes.add(node, "a clause needs `id`")
        return None
    source = word(entries["source"], "source", notes) if "source" in entries else None
    if source is None:
        notes.add(node, f"clause `{name}` needs `source`: where the agreement or the law says it")
    made: dict[str, Any] = {}
    for key, value in entries.items():
        made |= _read(key, value, around, notes)
    made["unless"] = made.get("unless", ()) + _surviving(entries.get("survives"), around, notes)
    made.setdefault("calendar", around.default_calendar)
    return Clause(id=name, source=source or "", node=node, **made)


def _read(key: str, node: Node, around: Surroundings, notes: Notes) -> dict[str, Any]:
    """The model's fields that one key sets."""
    kinds = around.kinds
    match key:
        case "title":
            return {key: text(node, key, notes)}
        case "verified":
            return {key: truth(node, key, notes)}
        case "owed_by" | "owed_to":
            return {key: _party(node, key, around, notes)}
        case "after" | "deliver" | "unless":
            return {key: kinds.patterns(node, key, notes)}
        case "where":
            return {key: conditions(node, key, notes)}
        case "calendar":
            return _calendar(node, around, notes)
        case "when":
            return {key: choice(node, ("open", "closed"), key, notes)}
        case "start":
            return {"next_opening": choice(node, ("at once", "next opening"), key, notes) == "next opening"}
        case "since":
            return {key: _since(node, kinds, notes)}
        case "within":
            return {key: written(node, within, key, notes)}
        case "before":
            return {key: kinds.pattern(node, key, notes)}
        case "ahead":
            return {key: written(node, ahead, key, notes)}
        case "anchor":
            return {"anchors": tuple(_anchor(one, kinds, notes) for one in some(node, "anchor", notes))}
        case "waiver":
            return {key: choice(node, ("owed_to", "owed_by", "both"), key, notes)}
        case "accept_earlier":
            return {key: _earlier(node, notes)}
        case "pause":
            return {key: _pause(node, kinds, notes)}
        case "repeat":
            return {key: choice(node, ("each", "first", "restart"), key, notes) or "each"}
        case "scope":
            return {key: choice(node, ("pathway", "citizen"), key, notes) or "pathway"}
        case "match":
            return {key: word(node, key, notes)}
        case "evidence":
            return {"partial": choice(node, ("complete", "partial"), key, notes) == "partial"}
        case "escalate":
            return {key: tuple(step for one in node.each() if (step := _step(one, notes)))}
        case "deviation":
            return {key: _threshold(node, notes)}
        case "examples":
            return {key: tuple(found for one in node.each() if (found := _example(one, notes)))}
        case "may_loosen":
            loosened(node, notes)
    return {}


def loosened(node: Node, notes: Notes) -> tuple[str, ...]:
    """The keys a `may_loosen` names; every key for true."""
    if isinstance(node.value, bool):
        return CLAUSE_KEYS if node.value else ()
    for one in node.each():
        if one.value not in CLAUSE_KEYS:
            notes.add(
                one, f"may_loosen: {one.plain()!r} is no key of a clause{near(str(one.value), CLAUSE_KEYS)}"
            )
    return tuple(str(one.value) for one in node.each())


def _party(node: Node, key: str, around: Surroundings, notes: Notes) -> str | None:
    name = word(node, key, notes)
    if name is not None and name not in around.parties:
        notes.add(node, f"{key}: no party `{name}` under `parties:`{near(name, around.parties)}")
    return name


def _calendar(node: Node, around: Surroundings, notes: Notes) -> dict[str, Any]:
    name = word(node, "calendar", notes)
    if name is not None and name in around.calendars:
        return {"calendar": around.calendars[name]}
    notes.add(node, f"no calendar `{name}` under `calendars:`{near(str(name), around.calendars)}")
    return {}


def _since(node: Node, kinds: Kinds, notes: Notes) -> Since | None:
    entries = keys(node, ("last", "first", "reset", *SINCE_OPERATORS), "since", notes)
    if not node.is_mapping:
        return None
    operators = [one for one in SINCE_OPERATORS if one in entries]
    if (
        len(operators) != 1
        or ("last" in entries) == ("first" in entries)
        or ("last" in entries and "reset" in entries)
    ):
        notes.add(
            node, "since needs {last: K} or {first: K, reset: K}, and one of over, at least, under, at most"
        )
        return None
    length = written(entries[operators[0]], duration, f"since.{operators[0]}", notes)
    found = {
        key: kinds.pattern(entries[key], f"since.{key}", notes)
        for key in ("last", "first", "reset")
        if key in entries
    }
    return Since(operators[0], length, **found) if length else None  # type: ignore[arg-type]


def _anchor(node: Node, kinds: Kinds, notes: Notes) -> Anchor:
    if not node.is_mapping:
        return Anchor(choice(node, ("at", "sent", "received"), "anchor", notes) or "at")
    entries = keys(node, ("last", "attribute"), "anchor", notes)
    if not entries:
        notes.add(node, "anchor needs at, sent, received, {last: K} or {attribute: A}")
    return Anchor(
        "",
        kinds.pattern(entries["last"], "anchor.last", notes) if "last" in entries else None,
        word(entries["attribute"], "anchor.attribute", notes) if "attribute" in entries else None,
    )


def _earlier(node: Node, notes: Notes) -> object:
    length = written(node, duration, "accept_earlier", notes)
    if length is not None and length.unit == "working hours":
        notes.add(node, "accept_earlier counts back in time or in days, not in hours of work")
    return length


def _pause(node: Node, kinds: Kinds, notes: Notes) -> Pause | None:
    entries = keys(node, ("from", "until"), "pause", notes)
    if not node.is_mapping:
        return None
    if "from" not in entries or "until" not in entries:
        notes.add(node, "pause needs {from: K, until: K}")
        return None
    return Pause(
        kinds.pattern(entries["from"], "pause.from", notes),
        kinds.pattern(entries["until"], "pause.until", notes),
    )


def _step(node: Node, notes: Notes) -> Step | None:
    entries = keys(node, ("at", "to"), "escalate", notes)
    if not node.is_mapping:
        return None
    if "at" not in entries or "to" not in entries:
        notes.add(node, "a step of `escalate` needs {at: due - 2 h, to: owed_by}")
        return None
    to = choice(entries["to"], ESCALATE_TO, "escalate.to", notes)
    made = written(entries["at"], _moment, "escalate.at", notes)
    return Step(*made, to) if made and to else None


def _threshold(node: Node, notes: Notes) -> Threshold | None:
    entries = keys(node, ("over", "times", "within"), "deviation", notes)
    if not node.is_mapping:
        return None
    if not {"over", "times"} & set(entries):
        notes.add(node, "deviation needs {over: 4 h}, or {times: 3, within: 30 days}, or both")
        return None
    over = written(entries["over"], duration, "deviation.over", notes) if "over" in entries else None
    within = written(entries["within"], duration, "deviation.within", notes) if "within" in entries else None
    times = entries["times"].value if "times" in entries else 1
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= 1000:
        notes.add(entries["times"], "deviation.times is a whole number from 1 to 1000")
        return None
    if (times > 1) != ("within" in entries):
        notes.add(node, "deviation: `times` over 1 and `within` belong together: {times: 3, within: 30 days}")
        return None
    if within is not None and within.unit == "working hours":
        notes.add(entries["within"], "deviation.within counts back in time or in days, not in hours of work")
        return None
    return Threshold(over, times, within)


def _moment(words: str) -> tuple[Any, int, Any]:
    base, _, rest = words.strip().partition(" ")
    sign, _, length = rest.strip().partition(" ")
    if base == "due" and not rest:
        return base, 1, None
    if base not in ("due", "trigger") or sign not in ("+", "-") or (base == "trigger" and sign == "-"):
        raise ValueError(f"{words!r}: write due, due - 2 h, due + 4 h or trigger + 1 h")
    read = duration(length)
    if sign == "-" and read.unit == "working hours":
        raise ValueError(f"{words!r}: count back in time or in days, not in hours of work")
    return base, 1 if sign == "+" else -1, read


def _surviving(node: Node | None, around: Surroundings, notes: Notes) -> tuple[Pattern, ...]:
    """The agreement's `unless` less the kinds this clause survives."""
    if node is None:
        return around.unless
    survived = {word(one, "survives", notes) for one in node.each()}
    known = {kind for pattern in around.unless for kind in pattern.kinds}
    for name in sorted(str(name) for name in survived - known):
        notes.add(
            node, f"survives: `{name}` is not among the agreement's `unless`{near(name, sorted(known))}"
        )
    kept = []
    for pattern in around.unless:
        kinds = tuple(kind for kind in pattern.kinds if kind not in survived)
        if kinds:
            kept.append(Pattern(kinds, frozenset(around.kinds.activities(kinds)), pattern.where))
    return tuple(kept)


def _example(node: Node, notes: Notes) -> Example | None:
    entries = keys(node, ("timeline", "now", "expect"), "an example", notes)
    if not node.is_mapping:
        return None
    if "timeline" not in entries or "expect" not in entries:
        notes.add(node, "an example needs `timeline` and `expect`")
        return None
    outcomes = []
    for one in entries["expect"].each():
        if one.value not in OUTCOMES:
            notes.add(one, f"expect: {one.plain()!r} is no outcome{near(str(one.value), OUTCOMES)}")
        outcomes.append(str(one.value))
    return Example(entries["timeline"], entries.get("now"), tuple(outcomes), node)
