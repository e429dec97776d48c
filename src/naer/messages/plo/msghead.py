"""The envelope of every Norwegian message: MsgHead 1.2 (HIS 80601)."""

from dataclasses import dataclass

from naer.events.instant import Instant
from naer.messages import person_number
from naer.messages.content import Party, Person
from naer.messages.plo import types
from naer.messages.plo.findings import Findings, is_id
from naer.messages.plo.times import is_valid, point, unclear
from naer.messages.plo.xml import Node, child, children, coded, said

SEXES = {"1": "male", "2": "female", "0": "unknown", "9": "other"}
"""List 3101 in the words of FHIR."""
MAX_COPIES = 50


@dataclass(frozen=True, slots=True)
class Addressed:
    """A sender or receiver; `professional` says that its service is a person (HealthcareProfessional)."""

    party: Party
    professional: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What the head says; an id or time that cannot be used is empty, with the reason among the findings."""

    type: str
    message_id: str
    sent: Instant | None
    parent: str
    root: str
    sender: Addressed | None
    receiver: Addressed | None
    copies: tuple[Party, ...]
    person: Person | None
    issued: str


def head(root: Node, findings: Findings) -> Head:
    """The head of a message; what must refuse it is refused.

    The codes are those of list 8221: E10 the message id, E21 the receiver, E30 no person number, E31 an
    impossible one, E36 no patient, X99 the sender.
    """
    info = child(root, "MsgInfo")
    if said(info, "MIGversion") not in ("", types.MIG_VERSION):  # an empty one has the fixed value
        findings.refuse("T02", f"The version of the head must be {types.MIG_VERSION}.", "MsgHead/MIGversion")
    message_id = said(info, "MsgId")
    if not is_id(message_id):
        text = "The message id must be 1 to 64 visible characters." if message_id else "MsgId is missing."
        findings.refuse("E10", text, "MsgHead/MsgInfo/MsgId")
        message_id = ""
    conversation = child(info, "ConversationRef")
    sender = _addressed(child(child(info, "Sender"), "Organisation"))
    if sender is None or not sender.party.her:
        findings.refuse("X99", "The sender has no HER id.", "MsgHead/MsgInfo/Sender")
        sender = None
    receiver = _addressed(child(child(info, "Receiver"), "Organisation"))
    if receiver is None or not receiver.party.her:
        findings.refuse("E21", "The receiver has no HER id.", "MsgHead/MsgInfo/Receiver")
        receiver = None
    if child(root, "Signature") is not None:
        findings.flag("S99", "The signature in the message is not checked.", "MsgHead/Signature")
    return Head(
        type=coded(info, "Type"),
        message_id=message_id,
        sent=_sent(said(info, "GenDate"), findings),
        parent=_reference(said(conversation, "RefToParent"), findings),
        root=_reference(said(conversation, "RefToConversation"), findings),
        sender=sender,
        receiver=receiver,
        copies=_copies(info),
        person=_person(child(info, "Patient"), findings),
        issued=_issued(root),
    )


def _sent(text: str, findings: Findings) -> Instant | None:
    found = point(text)
    if found is None or found.precision == "day":
        return None  # refused by the check of structure
    if unclear(text):
        findings.flag(
            "value", "GenDate is in the hour of a clock change, without offset.", "MsgHead/MsgInfo/GenDate"
        )
    return found.at


def _issued(root: Node) -> str:
    text = coded(child(child(root, "Document"), "RefDoc"), "IssueDate")
    return text if is_valid(text) else ""


def _reference(text: str, findings: Findings) -> str:
    if not text or is_id(text):
        return text
    findings.flag("value", "A reference to a message is no id that can be kept.", "MsgHead/ConversationRef")
    return ""


def _addressed(organisation: Node | None) -> Addressed | None:
    if organisation is None:
        return None
    name, her = line(said(organisation, "OrganisationName")), _her(organisation)
    inner = organisation
    service = service_name = ""
    professional = False
    for _ in range(8):
        nested = child(inner, "Organisation")
        person = child(inner, "HealthcareProfessional")
        if person is not None and _her(person):
            service, service_name, professional = _her(person), full_name(person), True
        if nested is None:
            break
        if _her(nested):
            service, service_name, professional = _her(nested), line(said(nested, "OrganisationName")), False
        inner = nested
    return Addressed(
        Party(name=name, her=her, service=service, service_name=service_name), professional and bool(service)
    )


def _her(element: Node) -> str:
    for ident in children(element, "Ident"):
        number = said(ident, "Id")
        if coded(ident, "TypeId") == "HER" and number.isascii() and number.isdigit() and len(number) <= 20:
            return number
    return ""


def _copies(info: Node | None) -> tuple[Party, ...]:
    found = []
    for other in children(info, "OtherReceiver")[:MAX_COPIES]:
        addressed = _addressed(child(other, "Organisation"))
        if addressed is not None and addressed.party.her:
            found.append(addressed.party)
    return tuple(found)


def _person(patient: Node | None, findings: Findings) -> Person | None:
    path = "MsgHead/MsgInfo/Patient"
    if patient is None:
        findings.refuse("E36", "The message names no patient.", path)
        return None
    numbers = []
    for ident in children(patient, "Ident")[:20]:
        number = person_number.clean(said(ident, "Id"))
        kind = coded(ident, "TypeId")[:20]
        if number and kind:
            numbers.append((kind, number[:64]))
    known = [(kind, number) for kind, number in numbers if kind in types.PERSON_ID_TYPES]
    if not known:
        findings.refuse("E30", "The patient has no birth number, D-number or help number.", f"{path}/Ident")
        return None
    known.sort(key=lambda pair: types.PERSON_ID_TYPES.index(pair[0]))
    possible = [(kind, number) for kind, number in known if person_number.is_possible(number, kind)]
    if not possible:
        findings.refuse("E31", "The patient's number is not possible.", f"{path}/Ident")
        return None
    if len(possible) < len(known):
        findings.flag("E31", "One of the patient's numbers is not possible.", f"{path}/Ident")
    kind, number = possible[0]
    if kind == "FNR" and person_number.is_d_number(number):
        findings.flag("value", "A D-number is sent as a birth number.", f"{path}/Ident")
    family, given = line(said(patient, "FamilyName")), line(said(patient, "GivenName"))
    if not (family or given):
        findings.flag("E32", "The patient's name is missing.", path)
    middle = line(said(patient, "MiddleName"))
    return Person(
        number=number,
        system=kind,
        family=family,
        given=tuple(one for one in (given, middle) if one),
        born=said(patient, "DateOfBirth"),
        sex=SEXES.get(coded(patient, "Sex"), ""),
        others=tuple((kind, number) for kind, number in numbers if (kind, number) != possible[0]),
    )


def full_name(element: Node) -> str:
    """Given, middle and family name of a person in the head, in fk1 or in a dialogue message."""
    parts = (said(element, "GivenName"), said(element, "MiddleName"), said(element, "FamilyName"))
    return line(" ".join(part for part in parts if part))


def line(text: str) -> str:
    """A name fit for a page and a database: one line without doubled blanks, up to 200 characters."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())[:200].strip()


def is_head(root: Node) -> bool:
    """Whether it is a MsgHead of version 1.2."""
    return root.tag == f"{{{types.MSGHEAD}}}MsgHead"
