"""The constraint table of a CareCommunication that is to be sent: what is wrong with it, in plain words."""

import re
from collections.abc import Iterator

from naer.messages import person_number
from naer.messages.content import Conversation, Letter, Segment
from naer.messages.envelope import Issue
from naer.messages.medcom.carecommunication_codes import (
    ACTIVITIES,
    ATTACHMENT_TYPES,
    CATEGORIES,
    PRIORITIES,
    PRIORITY_CATEGORY,
    TOPIC_CATEGORY,
    UUID,
)
from naer.messages.medcom.codes import CPR
from naer.messages.medcom.findings import MAX_ID, plain
from naer.messages.medcom.segments import MAX_SEGMENTS, clean, one_line

FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)


def faults(letter: Letter) -> list[Issue]:
    """Every rule of the standard that the letter breaks; empty when it can be sent."""
    said = letter.conversation
    if said is None:
        return [Issue("required", "The letter is no conversation.", "Communication")]
    return [*_envelope(letter), *_line(letter, said), *_conversation(said), *_segments(said)]


def _envelope(letter: Letter) -> Iterator[Issue]:
    if FHIR_ID.fullmatch(letter.message_id) is None:
        yield Issue(
            "value", "The message id has up to 64 letters, digits, hyphens and points.", "MessageHeader.id"
        )
    if not (letter.sender.sor and letter.sender.gln):
        yield Issue("required", "The sender needs a SOR id and a location number.", "MessageHeader.sender")
    if not (letter.receiver.sor or letter.receiver.gln):
        path = "MessageHeader.destination"
        yield Issue("required", "The receiver needs a SOR id or a location number.", path)
    numbers = ((letter.person.system, letter.person.number), *letter.person.others)
    for system, number in numbers:
        official = system in ("", CPR)
        if not number or person_number.clean(number) != number or plain(number, MAX_ID) != number:
            yield Issue("value", "A number of the patient is missing or not plain.", "Patient.identifier")
        elif official and not person_number.is_cpr(number):
            yield Issue("value", "The person number does not have the shape of one.", "Patient.identifier")
    if not letter.person.family and not letter.person.given:
        yield Issue("required", "The patient has no name.", "Patient.name")
    if letter.copies:
        yield Issue(
            "invariant",
            "A CareCommunication has one receiver; copies are not allowed.",
            "MessageHeader.destination",
        )


def _line(letter: Letter, said: Conversation) -> Iterator[Issue]:
    earlier = [step.message_id for step in said.chain]
    if letter.message_id in (said.previous, *earlier) or len(set(earlier)) != len(earlier):
        yield Issue("value", "A message is earlier than itself, or told of twice.", "Provenance.target")


def _conversation(said: Conversation) -> Iterator[Issue]:
    if said.activity not in ACTIVITIES:
        yield Issue("value", "The activity must be new, reply or forward.", "Provenance.activity")
    if said.activity in ("new-message", "forward-message") and UUID.fullmatch(said.thread) is None:
        yield Issue("value", "A new thread is named by urn:uuid: and a UUID.", "Communication.identifier")
    if not said.thread or len(said.thread) > MAX_ID or plain(said.thread.strip()) != said.thread:
        yield Issue("value", "The thread has no usable id.", "Communication.identifier")
    answers = said.activity != "new-message"
    if answers and not said.previous:
        yield Issue("required", "A reply or forward names the message before it.", "Provenance.entity")
    if not answers and (said.previous or said.chain):
        yield Issue("value", "A new message has none before it.", "Provenance.entity")
    # What others chose for the thread is kept in a reply, also when it is in no value set of today.
    if said.category not in CATEGORIES and not (answers and said.category):
        yield Issue("required", "The message needs one of the 18 categories.", "Communication.category")
    if said.category == TOPIC_CATEGORY and not said.topic.strip():
        yield Issue("required", "The category other needs a topic.", "Communication.topic")
    if said.priority and (said.priority not in PRIORITIES or said.category != PRIORITY_CATEGORY):
        yield Issue(
            "invariant",
            "Only a message regarding a referral may be routine or asap.",
            "Communication.priority",
        )
    for name in (said.from_unit, said.from_role, said.to_unit, said.to_role, said.topic):
        if plain(name.strip(), 500) != name:
            yield Issue("value", "A name or topic is one line of up to 500 characters.", "Communication")


def _segments(said: Conversation) -> Iterator[Issue]:
    path = "Communication.payload"
    new = [segment for segment in said.segments if segment.new]
    if not any(not one.is_attachment and one.text.strip() for one in said.segments):
        yield Issue("required", "The message needs a text.", path)
    if not new:
        yield Issue("required", "The message brings nothing new.", path)
    if len(said.segments) > MAX_SEGMENTS:
        yield Issue("too-long", f"The message has more than {MAX_SEGMENTS} segments.", path)
    if said.activity == "new-message" and len(new) != len(said.segments):
        yield Issue("value", "A new message quotes nothing.", path)
    for segment in said.segments:
        if not segment.id or len(segment.id) > MAX_ID or plain(segment.id.strip()) != segment.id:
            yield Issue("value", "A segment has no usable id.", path + ".extension")
        if clean(segment.text) != segment.text:
            yield Issue("value", "A text has characters that cannot be sent.", path + ".contentString")
        if segment.is_attachment:
            yield from _attachment(segment, path + ".contentAttachment")
        elif segment.new:
            yield from _text(segment, path)
        if segment.new and UUID.fullmatch(segment.id) is None:
            yield Issue("value", "A new segment is named by urn:uuid: and a UUID.", path + ".extension")


def _text(segment: Segment, path: str) -> Iterator[Issue]:
    if not segment.text.strip():
        yield Issue("required", "A text is empty.", path + ".contentString")
    if not (segment.author and segment.role):
        yield Issue("required", "A text needs the name and the role of who wrote it.", path + ".extension")
    if one_line(segment.author) != segment.author or plain(segment.role.strip(), 100) != segment.role:
        yield Issue("value", "A name or role is one line.", path + ".extension")
    if not segment.phone:
        yield Issue("required", "A text needs a phone number to call back.", path + ".extension")


def _attachment(segment: Segment, path: str) -> Iterator[Issue]:
    if segment.text:
        yield Issue("value", "A segment is a text or an attachment, not both.", path)
    if not segment.new:
        return
    if not segment.title:
        yield Issue("required", "An attachment needs a title.", path + ".title")
    if segment.data is None and not segment.url:
        yield Issue("required", "An attachment is a file or a link.", path + ".data")
    if segment.data is not None and segment.content_type not in ATTACHMENT_TYPES:
        yield Issue("value", "Attachments are PDF, GIF, JPEG, PNG, TIFF or BMP.", path + ".contentType")
    if segment.url and not segment.url.lower().startswith(("https://", "http://")):
        yield Issue("value", "A link is a web address.", path + ".url")
