"""What a message of the discharge family says, checked against Naer's own profile."""

import math

from naer.events.instant import Instant
from naer.messages.content import Episode, Fact, Letter, Party, Scalar, Status
from naer.messages.medcom.bundle import Bundle
from naer.messages.medcom.discharge_codes import (
    BY_CODE,
    DETAIL_SYSTEM,
    EVENT_SYSTEM,
    KIND_SYSTEM,
    NOTE_SYSTEM,
    PART_SYSTEM,
    RESERVED,
    STATUSES,
    TYPES,
)
from naer.messages.medcom.discharge_faults import HUGE
from naer.messages.medcom.findings import MAX_ID, Findings, instant_of, plain
from naer.messages.medcom.notification import episodes
from naer.messages.medcom.patient import person
from naer.messages.medcom.report_resources import REPORT_TYPES, Component, Composition, Observation
from naer.messages.medcom.resources import Encounter, MessageHeader, Provenance
from naer.messages.medcom.segments import clean

MAX_FACTS = 50
MAX_VALUES = 100


def letter(
    bundle: Bundle,
    header: MessageHeader,
    own: Provenance | None,
    sent: Instant | None,
    sender: Party | None,
    receiver: Party | None,
    findings: Findings,
) -> Letter | None:
    """The letter, or None when a mandatory part is missing; what is wrong goes into `findings`."""
    bundle.open(REPORT_TYPES)
    code = header.event_coding.code if header.event_coding else ""
    name = BY_CODE[code]
    patient = person(bundle, findings)
    composition = _composition(bundle, header, findings)
    if own is None:
        findings.refuse("required", "The message has no Provenance.", "Provenance")
    if composition is None:
        return None
    status = _status(composition, own, findings)
    parent, root = _line(composition, own, findings)
    if status != "new" and not parent:
        findings.refuse(
            "required", "A change or cancellation names what it is about.", "Composition.relatesTo"
        )
    facts, notes, details = _content(composition, bundle, findings)
    _conform(name, status, facts, findings)
    if patient is None or sender is None or receiver is None or sent is None:
        return None
    return Letter(
        type=name,
        version=_version(composition, name, findings),
        message_id=header.id,
        sent=sent,
        sender=sender,
        receiver=receiver,
        person=patient,
        status=status,
        parent=parent,
        root=root,
        episode=_episode(composition, bundle, findings),
        facts=facts,
        notes=notes,
        details=details,
    )


def _composition(bundle: Bundle, header: MessageHeader, findings: Findings) -> Composition | None:
    for reference in header.focus:
        if (found := bundle.follow(reference, Composition)) is not None:
            return found
    if "Composition" not in bundle.types:
        findings.refuse("required", "The message has no Composition.", "Composition")
    elif bundle.all(Composition):
        findings.refuse(
            "structure", "The header's focus does not name the Composition.", "MessageHeader.focus"
        )
    return None


def _status(said: Composition, own: Provenance | None, findings: Findings) -> Status:
    relation = said.relates_to[0].code if said.relates_to else ""
    activity = own.code if own else ""
    for status, (word, known, _, relates) in STATUSES.items():
        if (said.status, relation) == (word, relates):
            if own is not None and activity != known:
                findings.flag("business-rule", "Status and activity do not agree.", "Provenance.activity")
            return status
    findings.refuse(
        "MSG_VALUESET_VALUE_UNKNOWN", "The status of the report is not known.", "Composition.status"
    )
    return "new"


def _line(said: Composition, own: Provenance | None, findings: Findings) -> tuple[str, str]:
    parent = plain(own.previous or "", MAX_ID) if own else ""
    target = said.relates_to[0].target_identifier if said.relates_to else None
    if target is not None and target.value and target.value != parent:
        findings.flag(
            "conflict", "The report and its Provenance name different messages.", "Composition.relatesTo"
        )
        parent = plain(target.value.strip(), MAX_ID)
    whats = [one.what for one in (own.entity if own else []) if one.role == "derivation" and one.what]
    root = whats[0].reference.rpartition("/")[2].rpartition(":")[2] if whats else ""
    return parent, plain(root, MAX_ID)


def _version(said: Composition, name: str, findings: Findings) -> str:
    path = "Composition.type"
    coding = said.type.coding[0] if said.type and said.type.coding else None
    if coding is None or coding.code != name or coding.system != EVENT_SYSTEM:
        findings.flag("conflict", "The report is of another type than the message.", path)
    return plain(coding.version.strip(), 40) if coding else ""


def _episode(said: Composition, bundle: Bundle, findings: Findings) -> Episode | None:
    encounter = bundle.follow(said.encounter, Encounter)
    if encounter is None:
        return None
    found = episodes(encounter, findings)
    return found[0] if found else None


def _content(
    said: Composition, bundle: Bundle, findings: Findings
) -> tuple[tuple[Fact, ...], tuple[tuple[str, str], ...], dict[str, Scalar]]:
    facts: list[Fact] = []
    notes: list[tuple[str, str]] = []
    details: dict[str, Scalar] = {}
    for section in said.section[:500]:
        for reference in section.entry[:500]:
            one = bundle.follow(reference, Observation)
            coding = one.code.coding[0] if one and one.code and one.code.coding else None
            if one is None or coding is None:
                findings.flag(
                    "not-found", "A part of the report is not in the message.", "Composition.section"
                )
            elif coding.system == KIND_SYSTEM:
                fact = _fact(one, coding.code, findings)
                facts += [fact] if fact else []
            elif coding.system == NOTE_SYSTEM and one.value_string:
                notes.append((plain(section.title.strip()), clean(one.value_string, findings)))
            elif coding.system == DETAIL_SYSTEM:
                details |= _values(one.component, findings)
            else:
                findings.flag(
                    "MSG_CodeSystem_VALUE_UNKNOWN", "A part is of an unknown kind.", "Observation.code"
                )
    if len(facts) > MAX_FACTS:
        findings.refuse("too-long", f"A letter says up to {MAX_FACTS} things.", "Observation")
    return tuple(facts), tuple(notes), details


def _fact(one: Observation, kind: str, findings: Findings) -> Fact | None:
    path = "Observation.effectiveDateTime"
    text = one.effective_date_time
    if text is None:
        findings.refuse("required", f"{path} is missing.", path)
        return None
    day = len(text) == len("2026-01-31")
    at = _day(text, findings) if day else findings.moment(text, path)
    if at is None:
        return None
    attributes = _values(one.component, findings)
    if RESERVED & attributes.keys():
        findings.refuse("business-rule", "A fact sets what only its letter may say.", "Observation.component")
    part = next((name.value for name in one.identifier if name.system == PART_SYSTEM), "")
    return Fact(
        kind=plain(kind, 100),
        at=at,
        attributes=attributes,
        suffix=plain(part, MAX_ID),
        precision="day" if day else "instant",
    )


def _day(text: str, findings: Findings) -> Instant | None:
    at = instant_of(text)
    if at is None:
        findings.refuse("MSG_Datatype_Wrong", "The date cannot be read.", "Observation.effectiveDateTime")
    return at


def _values(components: list[Component], findings: Findings) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    for one in components[:MAX_VALUES]:
        codings = one.code.coding if one.code else []
        name = plain(codings[0].code, MAX_ID) if codings else ""
        value = _value(one, findings)
        if name and value is not None:
            values[name] = value
        else:
            findings.flag("value", "A value of the report cannot be read.", "Observation.component")
    return values


def _value(one: Component, findings: Findings) -> Scalar | None:
    if one.value_boolean is not None:
        return one.value_boolean
    if one.value_string is not None:
        return clean(one.value_string, findings)
    quantity = one.value_quantity
    number = one.value_integer if quantity is None else quantity.value
    if number is None or (isinstance(number, str) and len(number) > 40):
        return None
    whole = quantity is None or quantity.unit == "whole"
    try:
        found = int(number) if whole else float(number)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) < HUGE else None


def _conform(name: str, status: Status, facts: tuple[Fact, ...], findings: Findings) -> None:
    kinds = TYPES[name].kinds
    said = {fact.kind for fact in facts}
    if status in ("new", "change") and kinds[0] not in said:
        findings.refuse("required", "The message does not say what it is for.", "Observation.code")
    if said - set(kinds):
        findings.refuse(
            "MSG_VALUESET_VALUE_UNKNOWN", "The message says what it is not for.", "Observation.code"
        )
    if len({fact.suffix for fact in facts}) != len(facts):
        findings.refuse(
            "duplicate", "Two things in the message have the same suffix.", "Observation.identifier"
        )
