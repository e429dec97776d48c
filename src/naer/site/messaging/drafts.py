"""What somebody wrote, as the letter that carries it: begun, answered, forwarded. Pure: nothing is stored.

The rules are those of the thread (MedCom CareCommunication 5.0, use cases; KITH dialogue messages): a reply
goes to the sender of the latest message and repeats the conversation, with attachments by title only; a
forward is a conversation of its own and carries the content.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from naer.events.instant import Instant
from naer.messages.content import Activity, Conversation, Episode, Letter, Party, Person, Segment, Step
from naer.site.messaging.conversation_words import ANSWER, CARE, NOTE, REQUEST

NewId = Callable[[], str]
CARE_TYPE, CARE_VERSION = "CARE_COMMUNICATION", "5.0"
_DIALOGUE_VERSION = {REQUEST: "v1.0", ANSWER: "v1.0", NOTE: "v1.1"}


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
    episode: Episode | None = None,
) -> Letter:
    """A new conversation. In Norway `category` is the type of message, or the theme of a health dialogue."""
    message = sending.new_id()
    care = standard == CARE
    type_ = CARE_TYPE if care else REQUEST if category == REQUEST else NOTE
    said = Conversation(
        thread=_urn(sending.new_id()) if care else message,
        activity="new-message",
        segments=_segments(written, sending, care),
        category="" if not care and category in (REQUEST, NOTE) else category,
        topic=topic,
        priority=priority,
        to_unit=to_unit,
    )
    return _letter(type_, message, sending, person, said, episode=episode)


def reply(letters: Sequence[Letter], written: Written, sending: Sending) -> Letter:
    """The answer to the latest of the letters of a conversation.

    Raises:
        ValueError: when there is none.
    """
    last = latest(letters)
    before = _said(last)
    care = last.type == CARE_TYPE
    quoted = [quote(one) for one in _all_segments(letters)] if care else []
    ours = _is(last.sender, sending.sender)
    said = Conversation(
        thread=before.thread,
        activity="reply-message",
        segments=(*quoted, *_segments(written, sending, care)),
        category=before.category,
        topic=before.topic,
        priority=before.priority,
        previous=last.message_id,
        from_unit=before.from_unit if ours else before.to_unit,
        to_unit=before.to_unit if ours else before.from_unit,
        from_role=before.from_role if ours else before.to_role,
        to_role=before.to_role if ours else before.from_role,
        chain=_chain(letters) if care else (),
    )
    type_ = ANSWER if last.type == REQUEST and not ours else last.type
    root = min(letters, key=_order)
    return _letter(type_, sending.new_id(), sending, last.person, said, last=last, root=root)


def forward(
    letters: Sequence[Letter], chosen: frozenset[str], written: Written, sending: Sending, to_unit: str = ""
) -> Letter:
    """The chosen messages (ids) of a conversation to somebody else, in a conversation of their own.

    Each goes with all that it brought, files included; their data must be there.

    Raises:
        ValueError: when no message is chosen.
    """
    passed = [one for one in sorted(letters, key=_order) if one.message_id in chosen]
    if not passed:
        raise ValueError("nothing was chosen to be forwarded")
    last = passed[-1]
    before = _said(last)
    older = [msgspec.structs.replace(one, new=False) for one in _all_segments(passed, own=True)]
    said = Conversation(
        thread=_urn(sending.new_id()),
        activity="forward-message",
        segments=(*older, *_segments(written, sending, care=True)),
        category=before.category,
        topic=before.topic,
        priority=before.priority,
        previous=last.message_id,
        to_unit=to_unit,
        chain=tuple(_step(one) for one in passed),
    )
    return _letter(CARE_TYPE, sending.new_id(), sending, last.person, said, episode=last.episode)


def latest(letters: Sequence[Letter]) -> Letter:
    """The letter that is answered: the one sent last.

    Raises:
        ValueError: when there is none.
    """
    if not letters:
        raise ValueError("there is no message to answer")
    return max(letters, key=_order)


def partner(letters: Sequence[Letter], ours: Callable[[Party], bool]) -> Party:
    """Whom a reply goes to: the sender of the latest letter, or its receiver when it is our own."""
    last = latest(letters)
    return last.receiver if ours(last.sender) else last.sender


def quote(segment: Segment) -> Segment:
    """A segment as a reply repeats it: an attachment by id, time and title, without its content."""
    return msgspec.structs.replace(segment, new=False, data=None, url="" if segment.data else segment.url)


def _letter(
    type_: str,
    message: str,
    sending: Sending,
    person: Person,
    said: Conversation,
    *,
    last: Letter | None = None,
    root: Letter | None = None,
    episode: Episode | None = None,
) -> Letter:
    care = type_ == CARE_TYPE
    return Letter(
        type=type_,
        version=CARE_VERSION if care else _DIALOGUE_VERSION.get(type_, ""),
        message_id=message,
        sent=sending.now,
        sender=sending.sender,
        receiver=sending.receiver,
        person=person,
        parent=last.message_id if last is not None else "",
        root=(root.root or root.message_id) if root is not None else "",
        episode=last.episode if last is not None else episode,
        conversation=said,
    )


def _segments(written: Written, sending: Sending, care: bool) -> tuple[Segment, ...]:
    """The text, then the files, each with an id of its own."""
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
    return (segment(text=written.text), *files)


def _all_segments(letters: Sequence[Letter], *, own: bool = False) -> list[Segment]:
    """Every segment of some letters once, in time order; `own`: only what each letter brought itself."""
    found: dict[tuple[str, str], Segment] = {}
    for letter in sorted(letters, key=_order):
        for one in _said(letter).segments:
            if own and not one.new:
                continue
            known = found.get((one.id, one.text))
            if known is None or (known.data is None and one.data is not None):
                found[one.id, one.text] = one
    return sorted(found.values(), key=lambda one: (one.at, one.is_attachment))


def _chain(letters: Sequence[Letter]) -> tuple[Step, ...]:
    """The earlier messages, oldest first: those that were repeated to us, and those that came themselves."""
    steps = {step.message_id: step for letter in letters for step in _said(letter).chain}
    steps |= {letter.message_id: _step(letter) for letter in letters}
    return tuple(sorted(steps.values(), key=lambda step: (step.sent, step.message_id)))


def _step(letter: Letter) -> Step:
    said = _said(letter)
    return Step(
        message_id=letter.message_id,
        activity=said.activity,
        sent=letter.sent,
        agent=letter.sender.sor or letter.sender.gln,
        segments=tuple(one.id for one in said.segments if one.new),
        previous=said.previous,
    )


def _said(letter: Letter) -> Conversation:
    """What a letter in a conversation says.

    Raises:
        ValueError: when it is in none.
    """
    if letter.conversation is None:
        raise ValueError(f"{letter.type} is in no conversation")
    return letter.conversation


def _order(letter: Letter) -> tuple[Instant, str]:
    return (letter.sent, letter.message_id)


def _is(left: Party, right: Party) -> bool:
    """Whether two parties share an id."""
    mine = {left.sor, left.gln, left.her} - {""}
    return not mine.isdisjoint({right.sor, right.gln, right.her} - {""})


def _urn(id_: str) -> str:
    return f"urn:uuid:{id_}"


__all__ = [
    "Activity",
    "File",
    "Sending",
    "Written",
    "begin",
    "forward",
    "latest",
    "partner",
    "quote",
    "reply",
]
