"""What somebody wrote, as the letter that carries it: begun, answered, forwarded. Pure: nothing is stored.

Danish conversations follow `naer.messages.medcom.replying`; a Norwegian dialogue message quotes nothing, and
only names the message it answers (HIS 1077, 1152).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from naer.events.instant import Instant
from naer.messages.content import Conversation, Episode, Letter, Party, Person, Segment
from naer.messages.medcom import replying, thread
from naer.messages.medcom.communication import TYPE as CARE_TYPE
from naer.messages.medcom.communication import VERSION as CARE_VERSION
from naer.messages.medcom.segments import clean
from naer.messages.plo.types import ANSWER_ON_READY, TYPES
from naer.site.messaging.conversation_words import ANSWER, CARE, FAULT, NOTE, REQUEST

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: its name, its media type, its bytes."""

    title: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote, and who they are in it."""

    text: str
    author: str = ""
    role: str = ""
    phone: str = ""
    files: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """From whom to whom, when, and where new identities come from."""

    sender: Party
    receiver: Party
    now: Instant
    new_id: NewId


def begin(
    written: Written,
    sending: Sending,
    person: Person,
    *,
    standard: str = CARE,
    category: str,
    topic: str = "",
    priority: str = "",
    to_unit: str = "",
    from_unit: str = "",
    episode: Episode | None = None,
) -> Letter:
    """A new conversation. In Norway `category` is the type of message, or the theme of a health dialogue.

    A Norwegian request has no room for a topic: it is then the first line of the text.
    """
    message = sending.new_id()
    care = standard == CARE
    type_ = CARE_TYPE if care else REQUEST if category == REQUEST else NOTE
    if type_ == REQUEST and topic:
        written, topic = replace(written, text=f"{topic}\n\n{written.text}"), ""
    said = Conversation(
        thread=_urn(sending.new_id()) if care else message,
        activity="new-message",
        segments=_segments(written, sending, care),
        category="" if not care and category in (REQUEST, NOTE) else category,
        topic=topic,
        priority=priority,
        to_unit=to_unit,
        from_unit=from_unit if care else "",
    )
    return Letter(
        type=type_,
        version=CARE_VERSION if care else TYPES[type_].form().version,
        message_id=message,
        sent=sending.now,
        sender=sending.sender,
        receiver=sending.receiver,
        person=person,
        episode=episode,
        conversation=said,
        details={"segment1.kind": "question"} if type_ == REQUEST else {},
    )


def reply(letters: Sequence[Letter], written: Written, sending: Sending) -> Letter:
    """The answer to the latest of the letters of a conversation.

    Raises:
        ValueError: when there is none.
    """
    last = replying.latest(letters)
    if last.type == CARE_TYPE:
        return replying.reply(
            letters,
            _segments(written, sending, care=True),
            message_id=sending.new_id(),
            sent=sending.now,
            sender=sending.sender,
            from_unit=_unit_of(letters, sending.sender),
        )
    before = last.conversation
    assert before is not None  # `latest` has only conversations
    message = sending.new_id()
    ours = same(last.sender, sending.sender)
    first = min(letters, key=lambda one: (one.sent, one.message_id))
    type_ = ANSWER if last.type == REQUEST and not ours else NOTE if last.type == FAULT else last.type
    return Letter(
        type=type_,
        version=_version(type_, last),
        message_id=message,
        sent=sending.now,
        sender=sending.sender,
        receiver=sending.receiver,
        person=last.person,
        parent=last.message_id,
        root=first.root or first.message_id,
        conversation=Conversation(
            thread=before.thread,
            activity="reply-message",
            segments=_segments(written, sending, care=False),
            category="" if type_ != last.type or before.category == ANSWER_ON_READY else before.category,
            topic=before.topic,
            previous=last.message_id,
        ),
    )


def _version(type_: str, last: Letter) -> str:
    """The version of the message that is answered, as far as the type has it."""
    known = TYPES[type_]
    forms = {form.version for form in known.forms}
    return last.version if last.version in forms else known.form().version


def forward(
    letters: Sequence[Letter], chosen: frozenset[str], written: Written, sending: Sending, to_unit: str = ""
) -> Letter:
    """The chosen messages (ids) of a CareCommunication to somebody else, in a conversation of their own.

    Each goes with all that it brought, files included; their data must be there.

    Raises:
        ValueError: when no message is chosen.
    """
    entries = thread.ordered(letters)
    kept = {entry.segment.id for entry in entries if entry.message in chosen}
    if not kept:
        raise ValueError("nothing was chosen to be forwarded")
    return replying.forward(
        letters,
        _segments(written, sending, care=True),
        new_thread=_urn(sending.new_id()),
        message_id=sending.new_id(),
        sent=sending.now,
        sender=sending.sender,
        receiver=sending.receiver,
        chosen=None if all(entry.segment.id in kept for entry in entries) else kept,
        to_unit=to_unit,
    )


def partner(letters: Sequence[Letter], ours: Party) -> Party:
    """Whom a reply goes to: the sender of the latest letter, or its receiver when it is our own."""
    last = replying.latest(letters)
    return last.receiver if same(last.sender, ours) else last.sender


def same(left: Party, right: Party) -> bool:
    """Whether two parties share an id."""
    mine = {left.sor, left.gln, left.her, left.service} - {""}
    return not mine.isdisjoint({right.sor, right.gln, right.her, right.service} - {""})


def _segments(written: Written, sending: Sending, care: bool) -> tuple[Segment, ...]:
    """The text, then the files, each with an id of its own; a Norwegian one has the telephone in its text."""
    text = clean(written.text)
    if written.phone and not care:
        written, text = replace(written, phone=""), f"{text}\n\nTelefon: {written.phone}"
    assigner = sending.sender.sor or sending.sender.gln or sending.sender.her

    def segment(**more: object) -> Segment:
        return Segment(
            id=_urn(sending.new_id()) if care else sending.new_id(),
            at=sending.now,
            author=written.author,
            role=written.role,
            phone=written.phone,
            assigner=assigner,
            **more,  # type: ignore[arg-type]
        )

    files = [segment(title=one.title, content_type=one.content_type, data=one.data) for one in written.files]
    return (segment(text=text), *files)


def _unit_of(letters: Sequence[Letter], ours: Party) -> str:
    """The team of ours that the conversation was written to or from last."""
    for letter in sorted(letters, key=lambda one: (one.sent, one.message_id), reverse=True):
        said = letter.conversation
        if said is not None:
            unit = said.from_unit if same(letter.sender, ours) else said.to_unit
            if unit:
                return unit
    return ""


def _urn(id_: str) -> str:
    return f"urn:uuid:{id_}"
