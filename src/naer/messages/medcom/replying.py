"""A reply to a thread or a forward of it, as a letter: parties turned round, segments quoted, chain kept."""

from collections.abc import Container, Sequence

import msgspec

from naer.events.instant import Instant
from naer.messages.content import Conversation, Letter, Party, Segment, Step
from naer.messages.medcom.carecommunication_codes import key
from naer.messages.medcom.communication import TYPE, VERSION
from naer.messages.medcom.thread import arrange, told


def latest(thread: Sequence[Letter]) -> Letter:
    """The newest message of a thread, the only one that may be replied to.

    Raises:
        ValueError: when there is none, or one is no conversation.
    """
    if not thread or any(letter.conversation is None for letter in thread):
        raise ValueError("a thread has conversations and nothing else")
    return max(thread, key=lambda letter: (letter.sent, letter.message_id))


def reply(
    thread: Sequence[Letter],
    segments: Sequence[Segment],
    *,
    message_id: str,
    sent: Instant,
    sender: Party,
    from_unit: str = "",
    from_role: str = "",
) -> Letter:
    """A reply by `sender` to the newest message, which may be its own: the other party receives it.

    All that was said is quoted, attachments without their content; who wrote becomes who is written to.

    Raises:
        ValueError: when the thread is empty.
    """
    before = latest(thread)
    said = _said(before)
    own = _same(before.sender, sender)
    unit, role = (said.to_unit, said.to_role) if own else (said.from_unit, said.from_role)
    quoted = [
        msgspec.structs.replace(entry.segment, new=False, data=None)
        for entry in arrange(told(letter) for letter in thread)
    ]
    conversation = Conversation(
        thread=said.thread,
        activity="reply-message",
        segments=(*quoted, *_new(segments)),
        category=said.category,
        topic=said.topic,
        priority=said.priority,
        previous=before.message_id,
        from_unit=from_unit,
        from_role=from_role,
        to_unit=unit,
        to_role=role,
        chain=_chain(thread),
    )
    receiver = before.receiver if own else before.sender
    return _letter(before, conversation, message_id, sent, sender, receiver)


def forward(
    thread: Sequence[Letter],
    segments: Sequence[Segment],
    *,
    new_thread: str,
    message_id: str,
    sent: Instant,
    sender: Party,
    receiver: Party,
    chosen: Container[str] | None = None,
    from_unit: str = "",
    from_role: str = "",
    to_unit: str = "",
    to_role: str = "",
) -> Letter:
    """The thread passed on to another as a new thread, attachments with their content.

    `chosen` holds the ids of the segments to pass on, all when None; their messages' Provenances go along.

    Raises:
        ValueError: when the thread is empty, or only attachments were left out.
    """
    before = latest(thread)
    said = _said(before)
    entries = arrange(told(letter) for letter in thread)
    kept = [entry.segment for entry in entries if chosen is None or entry.segment.id in chosen]
    left = [entry.segment for entry in entries if chosen is not None and entry.segment.id not in chosen]
    if left and all(segment.is_attachment for segment in left):
        raise ValueError("a forward never leaves out attachments alone")
    names = {key(segment.id) for segment in kept}
    chain = tuple(
        msgspec.structs.replace(step, segments=tuple(name for name in step.segments if key(name) in names))
        for step in _chain(thread)
        if not left or any(key(name) in names for name in step.segments)
    )
    conversation = Conversation(
        thread=new_thread,
        activity="forward-message",
        segments=(*(msgspec.structs.replace(segment, new=False) for segment in kept), *_new(segments)),
        category=said.category,
        topic=said.topic,
        priority=said.priority,
        previous=before.message_id,
        from_unit=from_unit,
        from_role=from_role,
        to_unit=to_unit,
        to_role=to_role,
        chain=chain,
    )
    return _letter(before, conversation, message_id, sent, sender, receiver)


def step(letter: Letter) -> Step:
    """A message as those after it in the thread repeat it."""
    said = _said(letter)
    return Step(
        message_id=letter.message_id,
        activity=said.activity,
        sent=letter.sent,
        agent=letter.sender.sor or letter.sender.gln,
        segments=tuple(segment.id for segment in said.segments if segment.new),
        previous=said.previous,
    )


def _chain(thread: Sequence[Letter]) -> tuple[Step, ...]:
    """Every message the thread knows of, each once, oldest first; what was received counts before hearsay."""
    known: dict[str, Step] = {}
    for letter in sorted(thread, key=lambda one: (one.sent, one.message_id)):
        for one in _said(letter).chain:
            known.setdefault(one.message_id, one)
    known |= {letter.message_id: step(letter) for letter in thread}
    return tuple(sorted(known.values(), key=lambda one: (one.sent, one.message_id)))


def _letter(
    before: Letter, said: Conversation, message_id: str, sent: Instant, sender: Party, receiver: Party
) -> Letter:
    return Letter(
        type=TYPE,
        version=VERSION,
        message_id=message_id,
        sent=sent,
        sender=sender,
        receiver=receiver,
        person=before.person,
        parent=before.message_id,
        episode=before.episode,
        conversation=said,
        details=before.details,
    )


def _new(segments: Sequence[Segment]) -> list[Segment]:
    return [msgspec.structs.replace(segment, new=True) for segment in segments]


def _said(letter: Letter) -> Conversation:
    if letter.conversation is None:
        raise ValueError("the letter is no conversation")
    return letter.conversation


def _same(left: Party, right: Party) -> bool:
    return bool((left.sor and left.sor == right.sor) or (left.gln and left.gln == right.gln))
