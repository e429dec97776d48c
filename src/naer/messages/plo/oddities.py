"""What is strange in a Norwegian letter that is accepted: flags for people here (HIS 80415 keeps them so)."""

from naer.events.instant import DAY, local_date
from naer.messages.content import Letter
from naer.messages.plo import types
from naer.messages.plo.facts import Row, lacking, main_row, rows
from naer.messages.plo.findings import Findings
from naer.messages.plo.times import ZONE, Point, is_vague, unclear
from naer.messages.plo.types import MessageType

_ORDER = (types.ADMITTED, types.READY, types.NOT_READY, types.DISCHARGED)
"""Events of one stay in the order in which they can happen."""
_WORDS = {
    "status": "the patient's status",
    "course": "the expected course",
    "expected": "the date on which the patient is expected to be ready",
}


def note(letter: Letter, findings: Findings) -> None:
    """Flags what departs from the norms without making the message unusable."""
    known = types.TYPES[letter.type]
    if letter.status in ("change", "cancel", "addition") and not letter.parent:
        findings.flag(
            "conversation",
            "The message changes or cancels another, but does not say which.",
            "MsgHead/MsgInfo/ConversationRef",
        )
    found = rows(letter)
    for row in found:
        _note_time(row, findings)
    if known.family == "logistics":
        _note_event(letter, known, found, findings)
    if known.code == "HELSEOPPL_SOKNAD" and letter.status != "cancel":
        _note_warning(letter, findings)
    _note_order(letter, found, findings)


def _path(row: Row) -> str:
    return f"TidsfestetHendelse[{row.number}]"


def _note_time(row: Row, findings: Findings) -> None:
    path = f"{_path(row)}/TidspunktForHendelse"
    if not row.time:
        findings.flag("time", "An event has no time.", path)
    elif is_vague(row.time):
        findings.flag("time", "An event has only a year, a month or a time of day.", path)
    strange = unclear(row.time)
    if strange == "twice":
        findings.flag(
            "time", "A time without offset is in the doubled hour; its first reading is used.", path
        )
    elif strange == "never":
        findings.flag("time", "A time without offset is in the hour that was left out.", path)


def _note_event(letter: Letter, known: MessageType, found: list[Row], findings: Findings) -> None:
    row = main_row(known, found)
    if row is None:
        findings.flag(
            "code",
            f"No event has code {known.event} of list 9121; the time of the message is used.",
            f"{known.part}/TidsfestetHendelse",
        )
        return
    if not row.code:
        findings.flag("code", "The event has no code; the type of the message says what it is.", _path(row))
    if row.estimate and known.event != types.READY:
        findings.flag(
            "estimate", "The event is marked as an estimate; the type of the message decides.", _path(row)
        )
    at = row.point
    if at is not None and at.at > letter.sent + DAY:
        findings.flag("time", "The event is later than the message that tells of it.", _path(row))


def _note_warning(letter: Letter, findings: Findings) -> None:
    content = letter.details.get("content")
    if content is None:
        findings.flag(
            "content",
            "Version 1.5 has no code for a warning: the first is read as one, a change as its update.",
            "HelseopplysningerVedSoknad",
        )
    elif content not in types.CONTENT_NAMES:
        findings.flag(
            "content",
            "The content is neither a warning nor an update; it is kept as correspondence.",
            "TypeInnholdIMelding/TypeInnhold",
        )
        return
    for one in lacking(letter):
        findings.flag("content", f"A warning must say {_WORDS[one]} (§ 8).", "HelseopplysningerVedSoknad")


def _note_order(letter: Letter, found: list[Row], findings: Findings) -> None:
    placed = [
        (_ORDER.index(row.code), row, row.point)
        for row in found
        if row.code in _ORDER and row.point is not None
    ]
    for place, row, at in placed:
        if any(place > other and _before(at, before) for other, _, before in placed):
            findings.flag("time", "The events of the message are in an order that cannot be.", _path(row))
        if letter.type == "HELSEOPPL_SOKNAD" and row.code == types.READY and at.at < letter.sent - DAY:
            findings.flag("time", "The expected date is before the message.", _path(row))


def _before(first: Point, second: Point) -> bool:
    """Whether one point is before another; a date alone is compared as a day."""
    if "day" in (first.precision, second.precision):
        return local_date(first.at, ZONE) < local_date(second.at, ZONE)
    return first.at < second.at
