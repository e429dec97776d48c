"""Writes letters as Norwegian messages: MsgHead 1.2 with a care message or a dialogue message.

Nothing is lost on the way out: a letter of which a part would not be read again is refused (`limits`). With
the national schemas at hand (`NAER_PLO_SCHEMAS`) what is written must validate too.
"""

import base64
from collections.abc import Callable

from naer.messages.content import Letter, Party, Person
from naer.messages.plo import schemas, types
from naer.messages.plo.completion import complete
from naer.messages.plo.elements import Node, add, begin, code, moment, root, written
from naer.messages.plo.msghead import SEXES
from naer.messages.plo.types import BASE64, MSGHEAD, MessageType
from naer.messages.plo.writing_care import payload as care
from naer.messages.plo.writing_dialogue import payload as dialogue
from naer.messages.plo.xml import MAX_BYTES, parse

NewId = Callable[[], str]

_SEX_CODES = {word: number for number, word in SEXES.items()}
_SEX_NAMES = {"1": "Mann", "2": "Kvinne", "0": "Ikke kjent", "9": "Ikke spesifisert"}


def write(letter: Letter, *, new_id: NewId) -> bytes:
    """The message that says what `complete(letter)` says; `read` of it gives just that letter.

    `new_id` gives ids to the parts of the record inside. Times without a zone of their own are Norwegian.

    Raises:
        ValueError: when the letter has something that this type or version cannot say, by name; or the
            national schemas are at hand and do not take it.
    """
    done = complete(letter)
    known = types.TYPES[done.type]
    message = root(MSGHEAD, "MsgHead")
    _info(message, done, known)
    _document(message, done, known, new_id)
    data = written(message)
    if len(data) > MAX_BYTES:
        raise ValueError(f"{letter.type} is larger than {MAX_BYTES} bytes")
    _validate(data, done)
    return data


def _validate(data: bytes, letter: Letter) -> None:
    """With the national schemas at hand it must validate before it leaves."""
    at_hand = schemas.configured()
    faults = at_hand.check(parse(data)) if at_hand is not None else []
    if faults:
        told = "; ".join(sorted({f"{fault.path}: {fault.text}" for fault in faults})[:5])
        raise ValueError(f"{letter.type} {letter.version} does not validate: {told}")


def _info(message: Node, letter: Letter, known: MessageType) -> None:
    info = add(message, MSGHEAD, "MsgInfo")
    code(info, MSGHEAD, "Type", known.code, known.name)
    add(info, MSGHEAD, "MIGversion", types.MIG_VERSION)
    add(info, MSGHEAD, "GenDate", moment(letter.sent))
    add(info, MSGHEAD, "MsgId", letter.message_id)
    if letter.parent:
        reference = add(info, MSGHEAD, "ConversationRef")
        add(reference, MSGHEAD, "RefToParent", letter.parent)
        add(reference, MSGHEAD, "RefToConversation", letter.root)
    for role, party in (("Sender", letter.sender), ("Receiver", letter.receiver)):
        professional = letter.details.get(f"{role.lower()}_professional") is True
        _organisation(add(info, MSGHEAD, role), party, professional)
    for copy in letter.copies:
        other = add(info, MSGHEAD, "OtherReceiver")
        add(other, MSGHEAD, "RoleReceiver", DN="Kopimottaker")
        _organisation(other, copy, False)
    _patient(info, letter.person)


def _organisation(parent: Node, party: Party, professional: bool) -> None:
    """An organisation with its HER id, and within it the service or the doctor written to."""
    organisation = add(parent, MSGHEAD, "Organisation")
    add(organisation, MSGHEAD, "OrganisationName", party.name)
    _ident(organisation, party.her, "HER", "HER-id", types.ORGANISATION_IDS)
    if not (party.service or party.service_name):
        return
    if professional:
        person = add(organisation, MSGHEAD, "HealthcareProfessional")
        *given, family = party.service_name.split() or [""]
        add(person, MSGHEAD, "FamilyName", family)
        if given:
            add(person, MSGHEAD, "GivenName", " ".join(given))
        _ident(person, party.service, "HER", "HER-id", types.PERSON_IDS)
        return
    service = add(organisation, MSGHEAD, "Organisation")
    add(service, MSGHEAD, "OrganisationName", party.service_name)
    _ident(service, party.service, "HER", "HER-id", types.ORGANISATION_IDS)


def _ident(parent: Node, number: str, kind: str, words: str, listed: str) -> None:
    ident = add(parent, MSGHEAD, "Ident")
    add(ident, MSGHEAD, "Id", number)
    code(ident, MSGHEAD, "TypeId", kind, words, listed)


def _patient(info: Node, person: Person) -> None:
    patient = add(info, MSGHEAD, "Patient")
    if person.family:
        add(patient, MSGHEAD, "FamilyName", person.family)
    if person.given[1:]:
        add(patient, MSGHEAD, "MiddleName", " ".join(person.given[1:]))
    if person.given:
        add(patient, MSGHEAD, "GivenName", person.given[0])
    if person.born:
        add(patient, MSGHEAD, "DateOfBirth", person.born)
    if number := _SEX_CODES.get(person.sex):
        code(patient, MSGHEAD, "Sex", number, _SEX_NAMES[number])
    for kind, number in ((person.system, person.number), *person.others):
        _ident(patient, number, kind, types.PERSON_ID_NAMES.get(kind, ""), types.PERSON_IDS)


def _document(message: Node, letter: Letter, known: MessageType, new_id: NewId) -> None:
    reference = add(add(message, MSGHEAD, "Document"), MSGHEAD, "RefDoc")
    add(reference, MSGHEAD, "IssueDate", V=str(letter.details["issued"]))
    code(reference, MSGHEAD, "MsgType", "XML", "XML-instans")
    content = add(reference, MSGHEAD, "Content")
    form = known.form(letter.version)
    if known.family != "dialogue":
        care(content, letter, known, form, new_id)
        return
    dialogue(content, letter, form)
    for segment in letter.conversation.segments if letter.conversation else ():
        if segment.data is not None:
            beside = add(add(message, MSGHEAD, "Document"), MSGHEAD, "RefDoc")
            code(beside, MSGHEAD, "MsgType", "A", "Vedlegg")
            add(beside, MSGHEAD, "Id", segment.id)
            add(beside, MSGHEAD, "MimeType", segment.content_type)
            add(beside, MSGHEAD, "Description", segment.title)
            container = begin(add(beside, MSGHEAD, "Content"), BASE64, "Base64Container")
            container.text = base64.b64encode(segment.data).decode("ascii")
