"""What keeps a letter of the discharge family from being sent, in plain words."""

import math
import re
from collections.abc import Iterator, Mapping

from naer.events.instant import ZONES, local_date, parse
from naer.messages import person_number
from naer.messages.content import Fact, Letter, Scalar
from naer.messages.envelope import Issue
from naer.messages.medcom.carecommunication_faults import FHIR_ID
from naer.messages.medcom.codes import CPR
from naer.messages.medcom.discharge_codes import RESERVED, STATUSES, TYPES
from naer.messages.medcom.findings import MAX_ID, plain
from naer.messages.medcom.segments import clean

_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}", re.ASCII)
MAX_TEXT = 1_000_000
HUGE = 2**63
"""Numbers from here on fit no database; nothing of the vocabulary is near."""


def faults(letter: Letter) -> list[Issue]:
    """Every rule of the profile that the letter breaks; empty when it can be sent."""
    if letter.type not in TYPES:
        return [Issue("value", "The letter is none of the discharge family.", "MessageHeader.event")]
    return [*_envelope(letter), *_person(letter), *_facts(letter), *_texts(letter)]


def _envelope(letter: Letter) -> Iterator[Issue]:
    for name in (letter.message_id, *(one for one in (letter.parent, letter.root) if one)):
        if FHIR_ID.fullmatch(name) is None:
            text = "A message id has up to 64 letters, digits, hyphens and points."
            yield Issue("value", text, "MessageHeader.id")
    if letter.status not in STATUSES:
        yield Issue(
            "value", "The letter is new, a change, an addition or a cancellation.", "Composition.status"
        )
    elif letter.status != "new" and not letter.parent:
        yield Issue("required", "A change or cancellation names what it is about.", "Composition.relatesTo")
    if letter.root and not letter.parent:
        yield Issue("value", "A letter with a root has a parent.", "Provenance.entity")
    for party, path in (
        (letter.sender, "MessageHeader.sender"),
        (letter.receiver, "MessageHeader.destination"),
    ):
        if not (party.sor or party.gln):
            yield Issue("required", "A party needs a SOR id or a location number.", path)
    if letter.copies:
        yield Issue("invariant", "One receiver; write one letter for each.", "MessageHeader.destination")
    if letter.conversation is not None:
        yield Issue("value", "The letter is no conversation.", "Communication")


def _person(letter: Letter) -> Iterator[Issue]:
    path = "Patient.identifier"
    for system, number in ((letter.person.system, letter.person.number), *letter.person.others):
        if not number or person_number.clean(number) != number or plain(number, MAX_ID) != number:
            yield Issue("value", "A number of the patient is missing or not plain.", path)
        elif system in ("", CPR) and not person_number.is_cpr(number):
            yield Issue("value", "The person number does not have the shape of one.", path)
    if not letter.person.family and not letter.person.given:
        yield Issue("required", "The patient has no name.", "Patient.name")


def _facts(letter: Letter) -> Iterator[Issue]:
    kinds = TYPES[letter.type].kinds
    said = [fact.kind for fact in letter.facts]
    if letter.status in ("new", "change") and kinds[0] not in said:
        yield Issue("required", "The letter does not say what it is for.", "Observation.code")
    if set(said) - set(kinds):
        yield Issue("value", "The letter says what it is not for.", "Observation.code")
    if len({fact.suffix for fact in letter.facts}) != len(letter.facts):
        yield Issue("value", "Two facts of a letter have the same suffix.", "Observation.identifier")
    for fact in letter.facts:
        if fact.suffix and _NAME.fullmatch(fact.suffix) is None:
            yield Issue("value", "A suffix has letters, digits, _ and -.", "Observation.identifier")
        if fact.precision == "day" and not _is_day(fact):
            yield Issue("value", "A fact of a day is at its first instant.", "Observation.effective")
        if RESERVED & fact.attributes.keys():
            yield Issue("value", "A fact sets what only its letter may say.", "Observation.component")
        yield from _values(fact.attributes, "Observation.component")
    yield from _values(letter.details, "Observation.component")


def _is_day(fact: Fact) -> bool:
    zone = ZONES["DK"]
    return parse(local_date(fact.at, zone).isoformat(), zone) == fact.at


def _values(values: Mapping[str, Scalar], path: str) -> Iterator[Issue]:
    for name, value in values.items():
        if _NAME.fullmatch(name) is None:
            yield Issue("value", "The name of a value has letters, digits, _ and -.", path)
        if isinstance(value, str) and (not value or clean(value) != value or len(value) > MAX_TEXT):
            yield Issue("value", "A text is empty or has characters that cannot be sent.", path)
        if not isinstance(value, str) and not (math.isfinite(value) and abs(value) < HUGE):
            yield Issue("value", "A number is not finite or has more than 63 bits.", path)


def _texts(letter: Letter) -> Iterator[Issue]:
    for heading, text in letter.notes:
        if not heading or plain(heading.strip()) != heading:
            yield Issue(
                "value", "A heading is one line of up to 200 characters.", "Composition.section.title"
            )
        if not text.strip() or clean(text) != text or len(text) > MAX_TEXT:
            yield Issue(
                "value", "A note is empty or has characters that cannot be sent.", "Composition.section"
            )
