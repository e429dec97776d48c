"""A conversation put in order: the messages of a thread, in whatever order they came, give the same segments.

Source: MedCom's rules for CareCommunication threads (1-25). Order is by the segments' own times, never by
arrival; of identical times the initiator's comes first. Nothing is lost: a segment that only a quotation
brings has its place, and two that share an id but say different things are both kept.
"""

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Sequence

import msgspec

from naer.events.instant import Instant
from naer.messages.content import Conversation, Letter, Segment
from naer.messages.medcom.carecommunication_codes import key


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a thread: `sender` is the SOR id or location number of who sent it."""

    message_id: str
    sender: str
    sent: Instant
    conversation: Conversation
    received: Instant = 0

    def __repr__(self) -> str:
        return f"Told(message_id={self.message_id!r}, sent={self.sent!r}, …)"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A segment at its place in the thread.

    `name` tells segments apart also where an id was used twice. `message` brought it ("" when messages only
    quote it), `carried` are all that have it, by time. `unread` is what a reader has not seen; `late` came
    after something newer; `conflict` shares its id with another text.
    """

    name: str
    segment: Segment
    message: str
    carried: tuple[str, ...]
    unread: bool
    late: bool
    conflict: bool


def told(letter: Letter, received: Instant = 0) -> Told:
    """A letter as a message of its thread.

    Raises:
        ValueError: when the letter is no conversation.
    """
    if letter.conversation is None:
        raise ValueError("the letter is no conversation")
    return Told(
        message_id=letter.message_id,
        sender=letter.sender.sor or letter.sender.gln,
        sent=letter.sent,
        received=received,
        conversation=letter.conversation,
    )


def arrange(messages: Iterable[Told], *, read: Container[str] = (), reader: str = "") -> tuple[Entry, ...]:
    """The segments of one thread in order, each once.

    `read` holds the ids of the messages that were read, with all they carry; what `reader` (a SOR id or
    location number) wrote itself is never unread.
    """
    ordered = sorted(messages, key=lambda one: (one.sent, one.message_id, one.received))
    first = initiator(ordered)
    found: dict[str, list[_Copy]] = {}
    for message in ordered:
        for place, segment in enumerate(message.conversation.segments):
            copies = found.setdefault(key(segment.id), [])
            copies.append(_Copy(message, place, segment))
    variants = [_Variant(group, first) for copies in found.values() for group in _alike(copies)]
    shared = Counter(key(one.segment.id) for one in variants)
    variants.sort(key=lambda one: one.order)
    late = _late(variants)
    return tuple(
        Entry(
            name=one.name,
            segment=one.segment,
            message=one.message,
            carried=one.carried,
            unread=not any(name in read for name in one.carried) and not (reader and one.writer == reader),
            late=one.name in late,
            conflict=shared[key(one.segment.id)] > 1,
        )
        for one in variants
    )


def initiator(messages: Sequence[Told]) -> str:
    """Who wrote first in the thread, as far as any of its messages knows; "" for no message."""
    earliest = [(one.sent, one.message_id, one.sender) for one in messages]
    earliest += [
        (step.sent, step.message_id, step.agent) for one in messages for step in one.conversation.chain
    ]
    return min(earliest, default=(0, "", ""))[2]


def ordered(letters: Iterable[Letter]) -> tuple[Entry, ...]:
    """The segments of a thread's letters in order, when nobody asks who has read them or when they came."""
    return arrange(told(letter) for letter in letters)


def position(entries: Sequence[Entry], message_id: str, letter: Letter | None = None) -> int:
    """1-based place of the first segment that a message brought; 0 when it brought none.

    Where the id stood on several contents, `letter` says which of them is meant.
    """
    said = letter.conversation if letter else None
    own = {(key(one.id), one.text) for one in said.segments if one.new} if said else None
    for place, entry in enumerate(entries, 1):
        brought = own is None or (key(entry.segment.id), entry.segment.text) in own
        if entry.message == message_id and brought:
            return place
    return 0


def parallel(messages: Iterable[Told]) -> frozenset[str]:
    """Ids of the messages that answer one and the same message, where there are several."""
    answers: dict[str, set[str]] = {}
    for one in messages:
        said = one.conversation
        if said.activity == "reply-message" and said.previous:
            answers.setdefault(said.previous, set()).add(one.message_id)
    return frozenset(name for group in answers.values() if len(group) > 1 for name in group)


class _Copy(msgspec.Struct, frozen=True):
    message: Told
    place: int
    segment: Segment

    @property
    def rank(self) -> tuple[bool, Instant, str, int]:
        """The copy that brought it comes first, else the one that was sent first."""
        return (not self.segment.new, self.message.sent, self.message.message_id, self.place)


class _Variant:
    """The copies of one segment in several messages, as one."""

    def __init__(self, copies: list[_Copy], initiator: str) -> None:
        best = min(copies, key=lambda copy: copy.rank)
        data = next((one.segment.data for one in copies if one.segment.data is not None), None)
        self.segment = msgspec.structs.replace(best.segment, data=data)
        self.message = best.message.message_id if best.segment.new else ""
        self.writer = best.segment.assigner or (best.message.sender if best.segment.new else "")
        self.carried = tuple(dict.fromkeys(copy.message.message_id for copy in sorted(copies, key=_by_time)))
        self.received = min(copy.message.received for copy in copies)
        said = (self.segment.text, self.segment.title, self.segment.url)
        digest = hashlib.sha256("\x00".join(said).encode("utf-8", "replace") + b"\x00" + (data or b""))
        self.name = f"{key(self.segment.id)}:{digest.hexdigest()[:12]}"
        self.order = (
            self.segment.at,
            self.writer != initiator,
            best.message.sent,
            best.message.message_id,
            best.place,
            self.name,
        )


def _by_time(copy: _Copy) -> tuple[Instant, str]:
    return (copy.message.sent, copy.message.message_id)


def _alike(copies: list[_Copy]) -> list[list[_Copy]]:
    """The copies of an id in groups that say the same; content that was left out agrees with any."""
    by_said: dict[tuple[str, str, str], list[_Copy]] = {}
    for copy in sorted(copies, key=lambda one: one.rank):
        one = copy.segment
        by_said.setdefault((one.text, one.title, one.url), []).append(copy)
    groups = []
    for said in by_said.values():
        by_data: dict[bytes, list[_Copy]] = {}
        for copy in said:
            if copy.segment.data is not None:
                by_data.setdefault(copy.segment.data, []).append(copy)
        same = list(by_data.values()) or [[]]
        same[0] += [copy for copy in said if copy.segment.data is None]
        groups += same
    return groups


def _late(variants: Sequence[_Variant]) -> set[str]:
    """Those that came after a message that had something later in the thread."""
    late: set[str] = set()
    soonest: Instant | None = None
    for one in reversed(variants):
        if soonest is not None and soonest < one.received:
            late.add(one.name)
        soonest = one.received if soonest is None else min(soonest, one.received)
    return late
