"""What a Norwegian letter means as events: a pure function of its type, details and conversation.

The type of the message decides; Anslag (estimate or not) is kept and decides nothing, because norms,
profiles and examples contradict one another about it. A time that is missing or only a year is the time at
which the message was written.
"""

from collections.abc import Iterator

from naer.messages.content import Fact, Letter, Scalar
from naer.messages.plo import types
from naer.messages.plo.times import Point, point
from naer.messages.plo.types import MessageType

DEAD_AT_DISCHARGE = ("2", "3")
"""List 8431: dead, dead by suicide."""
_WARNINGS = {types.EARLY_WARNING: "admission_warning", types.UPDATED: "warning_updated"}
_NAMES = {
    types.ADMITTED: "admitted_at",
    types.DISCHARGED: "discharged_at",
    types.READY: "ready_at",
    types.NOT_READY: "withdrawn_at",
    types.DEAD: "died_at",
}


class Row:
    """One TidsfestetHendelse of a letter: its number and values."""

    def __init__(self, letter: Letter, number: int) -> None:
        def text(name: str) -> str:
            return str(letter.details.get(f"event{number}.{name}", ""))

        estimate = letter.details.get(f"event{number}.estimate")
        self.number = number
        self.code, self.time = text("code"), text("time")
        self.estimate = estimate if isinstance(estimate, bool) else None

    @property
    def point(self) -> Point | None:
        """Its instant and precision; None when it was not said, or only as a year or month."""
        return point(self.time)


def rows(letter: Letter) -> list[Row]:
    """Every TidsfestetHendelse of a letter, in the order of the message."""
    numbers = {
        int(name[5 : name.index(".")])
        for name in letter.details
        if name.startswith("event") and name[5:6].isdigit() and "." in name
    }
    return [Row(letter, number) for number in sorted(numbers)]


def main_row(known: MessageType, found: list[Row]) -> Row | None:
    """The event that the message is about: found by code, or the only one when that has no code."""
    for row in found:
        if row.code == known.event:
            return row
    uncoded = [row for row in found if not row.code]
    return uncoded[0] if len(uncoded) == 1 else None


def facts(letter: Letter) -> tuple[Fact, ...]:
    """The facts of a letter, whatever its `facts` say. A cancellation is one fact: that it cancels."""
    known = types.TYPES.get(letter.type)
    if known is None:
        return ()
    if letter.status == "cancel":
        return (_cancelled(letter, known),)
    if known.family == "logistics":
        return tuple(_logistics(letter, known))
    if known.code == "HELSEOPPL_SOKNAD":
        return tuple(_warning(letter, known))
    if known.family == "dialogue":
        return (_dialogue(letter),)
    attributes: dict[str, Scalar] = {}
    if letter.parent and letter.status == "new":
        attributes["answers"] = letter.parent
    return (Fact(kind=known.kind, at=letter.sent, attributes=attributes),)


def kind_of(letter: Letter) -> str:
    """The kind of event that a letter is about, also when it cancels one."""
    known = types.TYPES[letter.type]
    if known.code == "HELSEOPPL_SOKNAD":
        return _warning_kind(letter)
    if known.code == "DIALOG_HELSEFAGLIG" and _is_answer_on_ready(letter):
        return "municipality_answer"
    return known.kind


def _cancelled(letter: Letter, known: MessageType) -> Fact:
    attributes: dict[str, Scalar] = {"of": kind_of(letter)}
    row = main_row(known, rows(letter)) if known.event else None
    if row is not None and row.time:
        attributes["of_at"] = row.time
    return Fact(kind="cancelled", at=letter.sent, attributes=attributes)


def _logistics(letter: Letter, known: MessageType) -> Iterator[Fact]:
    found = rows(letter)
    row = main_row(known, found)
    said = row.point if row is not None else None
    attributes: dict[str, Scalar] = {}
    if row is not None and row.estimate is not None:
        attributes["estimate"] = row.estimate
    if said is None:
        attributes["time_missing"] = True
    if known.code == "LOG_INNLAGT":
        attributes["has_services"] = True
    others = {code: next((one for one in found if one.code == code), None) for code in known.others}
    for code, other in others.items():
        if other is not None and other.time:
            attributes[_NAMES[code]] = other.time
    if known.code == "LOG_UTSKREVET":
        for name, attribute in (("condition", "condition"), ("to", "discharged_to")):
            if name in letter.details:
                attributes[attribute] = letter.details[name]
    yield _fact(known.kind, said, letter, attributes)
    admitted = others.get(types.ADMITTED)
    if admitted is not None and admitted.point is not None:
        reported: dict[str, Scalar] = {"reported": True}
        if admitted.estimate is not None:
            reported["estimate"] = admitted.estimate
        yield _fact("admitted", admitted.point, letter, reported, "admitted")
    if known.code == "LOG_UTSKREVET":
        yield Fact(kind="discharge_notice", at=letter.sent, suffix="notice")
        if letter.details.get("condition") in DEAD_AT_DISCHARGE:
            yield _fact("died", said, letter, {}, "died")


def _fact(
    kind: str, said: Point | None, letter: Letter, attributes: dict[str, Scalar], suffix: str = ""
) -> Fact:
    return Fact(
        kind=kind,
        at=letter.sent if said is None else said.at,
        attributes=attributes,
        suffix=suffix,
        precision="instant" if said is None else said.precision,
    )


def _warning_kind(letter: Letter) -> str:
    content = letter.details.get("content")
    if content is None:  # v1.5 has no such code: the first is the warning, a change its update
        content = types.UPDATED if letter.status == "change" else types.EARLY_WARNING
    return _WARNINGS.get(str(content), "correspondence")


def _warning(letter: Letter, known: MessageType) -> Iterator[Fact]:
    ready = main_row(known, rows(letter))
    kind = _warning_kind(letter)
    attributes: dict[str, Scalar] = {}
    if kind in _WARNINGS.values():
        attributes["complete"] = not lacking(letter)
    yield Fact(kind=kind, at=letter.sent, attributes=attributes)
    if ready is not None and ready.point is not None:
        expected: dict[str, Scalar] = {"expected_at": ready.time}
        if ready.estimate is not None:
            expected["estimate"] = ready.estimate
        yield Fact(kind="expected_ready", at=letter.sent, attributes=expected, suffix="expected")


def lacking(letter: Letter) -> tuple[str, ...]:
    """What § 8 asks for and a warning does not say: status, course, expected (date of being ready)."""
    headings = {
        str(letter.details.get(f"note{number}.code", ""))
        for number, (_, text) in enumerate(letter.notes, start=1)
        if text and letter.details.get(f"note{number}.list") == types.HEADING_LIST
    }
    missing = []
    if types.PATIENT_STATUS not in headings:
        missing.append("status")
    if types.EXPECTED_COURSE not in headings:
        missing.append("course")
    row = main_row(types.TYPES["HELSEOPPL_SOKNAD"], rows(letter))
    if row is None or row.point is None:
        missing.append("expected")
    return tuple(missing)


def _dialogue(letter: Letter) -> Fact:
    attributes: dict[str, Scalar] = {}
    if letter.parent:
        attributes["answers"] = letter.parent
    kind = kind_of(letter)
    said = letter.conversation
    if said is not None and said.category and kind != "municipality_answer":
        attributes["fault" if kind == "message_fault" else "theme"] = said.category
    return Fact(kind=kind, at=letter.sent, attributes=attributes)


def _is_answer_on_ready(letter: Letter) -> bool:
    said = letter.conversation
    listed = letter.details.get("category_list", types.THEME_LIST)
    return said is not None and said.category == types.ANSWER_ON_READY and listed == types.THEME_LIST
