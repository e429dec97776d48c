"""A letter as it will be read once it was written: with what the standard asks, without what it cannot say.

Whoever composes a letter gives type, parties, person, facts, and perhaps notes; the rest follows from these
here. Nothing is invented: a time or place that is not known is written as an element without a value.
"""

from collections.abc import Mapping

import msgspec

from naer.events.instant import local
from naer.messages import person_number
from naer.messages.content import Fact, Letter, Party, Person, Scalar, Segment
from naer.messages.plo import limits, types
from naer.messages.plo.elements import moment
from naer.messages.plo.facts import facts
from naer.messages.plo.limits import CONTACTS
from naer.messages.plo.msghead import line
from naer.messages.plo.parts import MAX_TEXT, block
from naer.messages.plo.rows import Row, listed, numbered, parted
from naer.messages.plo.times import ZONE
from naer.messages.plo.types import MessageType

SUMMARY_CONTENT = ("11", "9139")
"""TypeInnhold of UTSKRIVNINGSRAPPORT, and its list."""
_SHORT = 200
_CONTENT = {"admission_warning": types.EARLY_WARNING, "warning_updated": types.UPDATED}
_ORDER = tuple(CONTACTS)
_LINES = frozenset({"contact"})
"""Rows whose texts are one line, but for their note."""


def complete(letter: Letter) -> Letter:
    """The letter as its own message will say it; `complete` of a completed letter is the same.

    Raises:
        ValueError: when the type or its version is not known, or it cannot say something; what, by name.
    """
    known = types.TYPES.get(letter.type)
    if known is None:
        raise ValueError(f"{letter.type!r} is no Norwegian message that is written here")
    version = letter.version or _version(letter, known)
    known.form(version)
    parent, root = letter.parent or letter.root, letter.root or letter.parent
    done = msgspec.structs.replace(
        letter,
        version=version,
        status="new" if known.family == "dialogue" else letter.status,
        parent=parent,
        root=root,
        sender=_party(letter.sender),
        receiver=_party(letter.receiver),
        person=_person(letter.person),
        episode=None,
        copies=tuple(_party(copy) for copy in letter.copies),
    )
    limits.refuse(done, limits.head(done))
    done = _dialogue(done, known) if known.family == "dialogue" else _care(done, known)
    done = msgspec.structs.replace(done, facts=facts(done))
    lost = {fact.kind for fact in letter.facts} - {fact.kind for fact in done.facts}
    if lost:
        raise ValueError(f"{letter.type} {version} cannot tell {', '.join(sorted(lost))}")
    return done


def _version(letter: Letter, known: MessageType) -> str:
    """The version to write: a question with a subject needs the dialogue message 1.1."""
    said = letter.conversation
    if known.code == "DIALOG_FORESPORSEL" and said is not None and said.topic:
        return "v1.1"
    return known.form().version


def _party(party: Party) -> Party:
    """The party as the head names it; a service without an id of its own is not written to."""
    service_name = line(party.service_name) if party.service else ""
    return Party(name=line(party.name), her=party.her, service=party.service, service_name=service_name)


def _person(person: Person) -> Person:
    number = _number(person.number)
    system = line(person.system) or ("DNR" if person_number.is_d_number(number) else "FNR")
    given = [line(name) for name in person.given if line(name)]
    others = [(line(kind), _number(other)) for kind, other in person.others]
    return msgspec.structs.replace(
        person,
        number=number,
        system=system,
        family=line(person.family),
        given=tuple(part for part in (*given[:1], line(" ".join(given[1:]))) if part),
        others=tuple(pair for pair in others if pair != (system, number)),
    )


def _number(text: str) -> str:
    return person_number.clean(line(text))


def _plain(letter: Letter, plain: Row) -> Row:
    """The values without a number, as they are read; with when it was issued."""
    kept = _row(plain, "plain")
    kept.setdefault("issued", moment(letter.sent))
    for name, party in (("sender", letter.sender), ("receiver", letter.receiver)):
        if kept.get(f"{name}_professional") in (False, True) and not (
            party.service and kept[f"{name}_professional"]
        ):
            del kept[f"{name}_professional"]
    return kept


# Care messages


def _care(letter: Letter, known: MessageType) -> Letter:
    plain, rows = parted(letter.details)
    plain = _plain(letter, plain)
    events = listed(rows["event"]) or _events(letter, known)
    services, diagnoses = listed(rows["service"]), listed(rows["diagnosis"])
    if known.code == "ORIENTERING_TJENESTETILBUD" and letter.status == "cancel" and not services:
        services = [{}]
    if known.code == "HELSEOPPL_SOKNAD":
        _warning(letter, plain)
        if letter.version == "v1.5":
            events = []
            plain.setdefault("own_application", False)
    elif known.code == "UTSKRIVNINGSRAPPORT":
        plain.setdefault("content", SUMMARY_CONTENT[0])
        plain.setdefault("content_list", SUMMARY_CONTENT[1])
    elif known.code == "FRAVARSMELDING":
        plain.setdefault("away", True)
    for row in events:
        row.setdefault("estimate", False)
    for row in services:
        row.setdefault("private", False)
    if letter.version == "v1.5":
        for row in diagnoses:
            row.setdefault("main", False)
    allergies = sorted(listed(rows["allergy"]), key=lambda row: bool(row.get("code")))
    contacts = sorted(listed(rows["contact"]), key=lambda row: _place(row.get("kind")))
    notes, about = _notes(letter, rows["note"])
    sorts = {
        "event": events,
        "diagnosis": diagnoses,
        "service": services,
        "need": listed(rows["need"]),
        "function": listed(rows["function"]),
        "medicine": listed(rows["medicine"]),
        "allergy": allergies,
        "contact": contacts,
    }
    cleaned = {name: [kept for row in found if (kept := _row(row, name))] for name, found in sorts.items()}
    limits.refuse(letter, limits.care(letter, plain, cleaned | {"note": about}, len(notes)))
    details = plain | numbered("note", about)
    for name, kept_rows in cleaned.items():
        details |= numbered(name, kept_rows)
    return msgspec.structs.replace(letter, details=details, notes=notes, conversation=None)


def _row(row: Mapping[str, Scalar], sort: str) -> Row:
    """The values as they are read: without blanks at their ends, and without those that are empty."""
    cleaned: Row = {}
    for name, value in row.items():
        kept = value
        if isinstance(value, str):
            kept = _short(value) if sort in _LINES and name != "note" else _long(value)
        if kept != "":
            cleaned[name] = kept
    return cleaned


def _long(text: str) -> str:
    """A text for people, whole.

    Raises:
        ValueError: when it is longer than is read.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"a text is longer than {MAX_TEXT} characters")
    return block(text)


def _short(text: str) -> str:
    """One line.

    Raises:
        ValueError: when it is longer than is read.
    """
    kept = line(text)
    if len(kept) == _SHORT and len(" ".join(text.split())) > _SHORT:
        raise ValueError(f"a name or title is longer than {_SHORT} characters")
    return kept


def _place(kind: Scalar | None) -> int:
    if kind not in _ORDER:
        raise ValueError(f"a contact is one of {', '.join(_ORDER)}")
    return _ORDER.index(str(kind))


def _notes(letter: Letter, rows: Mapping[int, Row]) -> tuple[tuple[tuple[str, str], ...], list[Row]]:
    notes = tuple((_short(heading), _long(text)) for heading, text in letter.notes)
    return notes, [_row(rows.get(number, {}), "note") for number in range(1, len(notes) + 1)]


def _warning(letter: Letter, plain: dict[str, Scalar]) -> None:
    """Which warning it is: said, or as its facts tell, or (a cancellation) what it cancels."""
    if letter.version == "v1.5":
        return
    told = {fact.kind for fact in letter.facts} | {str(fact.attributes.get("of")) for fact in letter.facts}
    content = next((code for kind, code in _CONTENT.items() if kind in told), types.EARLY_WARNING)
    plain.setdefault("content", content)
    plain.setdefault("content_list", types.CONTENT_LIST)


def _events(letter: Letter, known: MessageType) -> list[Row]:
    """The rows that a composed letter's facts give, in the order of the profile: admitted, ready, main."""
    if not known.event:
        return []
    told = {fact.kind: fact for fact in letter.facts}
    if known.code == "HELSEOPPL_SOKNAD":
        expected = told.get("expected_ready")
        time = str(expected.attributes.get("expected_at", "")) if expected else ""
        return [_coded(known.event, time, estimate=True)]
    main = told.get(known.kind)
    time = (
        _time(main)
        if main
        else str(told["cancelled"].attributes.get("of_at", ""))
        if "cancelled" in told
        else ""
    )
    rows = []
    for code, kind, name in (
        (types.ADMITTED, "admitted", "admitted_at"),
        (types.READY, "ready_for_discharge", "ready_at"),
    ):
        if code in known.others:
            other = str(main.attributes.get(name, "")) if main else ""
            other = other or (_time(told[kind]) if kind in told else "")
            rows += [_coded(code, other)] if other else []
    estimate = bool(main.attributes.get("estimate", False)) if main else False
    return [*rows, _coded(known.event, time, estimate=estimate)]


def _coded(code: str, time: str, estimate: bool = False) -> Row:
    return (
        {"code": code, "time": time, "estimate": estimate} if time else {"code": code, "estimate": estimate}
    )


def _time(fact: Fact) -> str:
    """The time of a fact: as a date when only the day was said."""
    day = local(fact.at, ZONE)
    if fact.precision == "day" and day.time().isoformat() == "00:00:00":
        return day.date().isoformat()
    return moment(fact.at)


# Dialogue


def _dialogue(letter: Letter, known: MessageType) -> Letter:
    said = letter.conversation
    if said is None:
        raise ValueError(f"{letter.type} needs a conversation")
    plain, rows = parted(letter.details)
    plain = _plain(letter, plain)
    if known.code == "DIALOG_HELSEFAGLIG" and said.category:
        plain.setdefault("category_list", types.THEME_LIST)
    if known.code == "DIALOG_AVVIK" and said.category:
        plain.setdefault("category_list", types.FAULT_LIST)
    texts: list[tuple[Segment, Row]] = []
    files: list[Segment] = []
    for number, segment in enumerate(said.segments, 1):
        row = _row(rows["segment"].get(number, {}), "segment")
        if segment.is_attachment:
            files.append(segment)
        elif segment.new or row.get("kind") == "quoted":
            if known.code == "DIALOG_FORESPORSEL" and not row.get("kind"):
                row["kind"] = "question"
            texts.append((segment, row))
    details = plain | {
        f"segment{number}.{name}": value
        for number, (_, row) in enumerate(texts, 1)
        for name, value in row.items()
    }
    segments = [_text(segment, row, letter) for segment, row in texts]
    segments += [_file(segment, number, letter) for number, segment in enumerate(files, 1)]
    conversation = msgspec.structs.replace(
        said,
        thread=letter.root or letter.parent or letter.message_id,
        activity="reply-message" if letter.parent else "new-message",
        segments=tuple(segments),
        category=_short(said.category),
        topic=_short(said.topic),
        priority=_short(said.priority),
        previous=letter.parent,
        from_unit="",
        to_unit="",
        from_role="",
        to_role="",
        chain=(),
    )
    limits.refuse(letter, limits.dialogue(letter, conversation, plain, [row for _, row in texts]))
    return msgspec.structs.replace(letter, details=details, conversation=conversation, notes=())


def _text(segment: Segment, row: Row, letter: Letter) -> Segment:
    return Segment(
        id=segment.id,
        at=letter.sent,
        text=_long(segment.text),
        author=_short(segment.author),
        role=_short(segment.role),
        phone=_short(segment.phone),
        new=row.get("kind") != "quoted",
    )


def _file(segment: Segment, number: int, letter: Letter) -> Segment:
    if segment.data is None:
        raise ValueError("a file is sent as itself, not as a link")
    return Segment(
        id=segment.id,
        at=letter.sent,
        title=_short(segment.title) or f"file {number}",
        content_type=_short(segment.content_type) or "application/octet-stream",
        data=segment.data,
    )
