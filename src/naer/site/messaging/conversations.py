"""Conversations as people read them: the list of an organisation's, and one in the order it was said.

Everything is a function of the letters that were kept. A reader's organisation sees the letters it sent or
received, and no others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Q
from django.http import Http404
from django.utils.text import Truncator

from naer.events.instant import Instant
from naer.messages.content import Letter, Segment
from naer.messages.medcom.communication import TYPE as CARE_TYPE
from naer.messages.medcom.thread import Entry, arrange, parallel, told
from naer.site.accounts.models import User
from naer.site.messaging import conversation_words as words
from naer.site.messaging import dead_letters, letters, outgoing_words, remarks
from naer.site.messaging.models import OutgoingMessage, StoredLetter, Thread
from naer.site.pathways.models import Citizen
from naer.site.pathways.names import Party, named
from naer.site.ui.state import State
from naer.site.ui.times import when

_GIST = 110
"""Characters of a message that a choice shows."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file in a conversation. `letter` and `place` lead to its content; without it, it was left out."""

    title: str
    content_type: str
    letter: int = 0
    place: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What one message brought at its place in the conversation: texts, and the files that came with them."""

    name: str
    at: Instant
    who: Party
    segments: tuple[Segment, ...]
    files: tuple[Attached, ...]
    ours: bool = False
    unread: bool = False
    late: bool = False
    conflict: bool = False
    crossed: bool = False
    """Whether another answered the same message at the same time."""
    quoted: bool = False
    """Whether only a quotation brings it: the message itself has not come."""
    forwarded: bool = False
    row: StoredLetter | None = None
    outgoing: OutgoingMessage | None = None
    read: Instant | None = None
    """When the other side opened it, where both are in this installation."""

    @property
    def first(self) -> Segment:
        return self.segments[0]

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.segments if one.text]

    @property
    def delivery(self) -> State | None:
        """How far our own message has come."""
        return outgoing_words.state(self.outgoing) if self.outgoing is not None else None

    @property
    def may_take_back(self) -> bool:
        """Whether it has not left yet."""
        return self.outgoing is not None and "take-back" in dead_letters.possible(self.outgoing)

    @property
    def may_remark(self) -> bool:
        """Whether something can be said of the message itself: it came to us, in a Norwegian standard."""
        return not self.ours and self.row is not None and self.row.standard in remarks.ABOUT


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as somebody of an organisation sees it."""

    thread: Thread
    citizen: Citizen
    newest: Letter
    about: str
    said: list[Said]
    partner: Party
    letters: list[tuple[StoredLetter, Letter]] = field(repr=False)

    @property
    def unread(self) -> int:
        return sum(row.read is None and not said.ours for said in self.said if (row := said.row))

    @property
    def care(self) -> bool:
        """Whether it is a Danish CareCommunication, with the rules of those."""
        return self.newest.type == CARE_TYPE


def conversation(user: User, thread: Thread) -> Conversation:
    """One conversation, everything said once and at its place, for the organisation of `user`.

    Raises:
        Http404: when nothing in it is for that organisation to read.
    """
    organisation = user.organisation_id or ""
    held = letters.of_thread(thread.key, organisation)
    if not held:
        raise Http404
    by_id = {letter.message_id: (row, letter) for row, letter in held}
    _, newest = max(held, key=lambda one: (one[1].sent, one[1].message_id))
    done = {row.message_id for row, _ in held if row.read is not None or row.sender == organisation}
    messages = [told(letter, row.stored) for row, letter in held]
    crossed = parallel(messages)
    entries = arrange(messages, read=done)
    parties = named(
        {(key, "") for row, _ in held for key in (row.sender, row.receiver)}
        | {(entry.segment.assigner, "") for entry in entries if entry.segment.assigner}
    )
    opened = _opened(held, organisation)
    said = [
        _said(list(group), by_id, organisation, parties, crossed, opened)
        for _, group in groupby(entries, key=_together)
    ]
    row = by_id[newest.message_id][0]
    return Conversation(
        thread=thread,
        citizen=thread.citizen,
        newest=newest,
        about=words.about(newest),
        said=said,
        partner=party_of(parties, other_side(row, organisation), newest, organisation),
        letters=held,
    )


def visible_letter(user: User, thread: Thread, pk: int) -> StoredLetter | None:
    """A letter of a conversation, when the organisation of `user` sent or received it."""
    mine = Q(sender=user.organisation_id) | Q(receiver=user.organisation_id, outgoing=None)
    found = StoredLetter.objects.filter(mine, thread=thread, pk=pk)
    return found.select_related("outgoing", "incoming").first()


def choices(shown: Conversation, now: Instant) -> list[tuple[str, str]]:
    """(message id, words) of what can be forwarded, in the order it was said: not what never left."""
    found: dict[str, str] = {}
    for one in shown.said:
        if dead_letters.never_left(one.outgoing):
            continue
        if one.row is not None and one.row.message_id not in found:
            gist = " ".join(" ".join(one.texts).split())
            found[one.row.message_id] = f"{one.who.name}, {when(one.at, now)}: {Truncator(gist).chars(_GIST)}"
    return list(found.items())


def _together(entry: Entry) -> tuple[str, str, bool]:
    """What stands together: what one message brought; of what is only quoted, each text with its files."""
    if entry.message:
        return entry.message, "", False
    return "", f"{entry.segment.assigner} {entry.segment.at} {entry.segment.author}", True


def _said(
    entries: Sequence[Entry],
    by_id: dict[str, tuple[StoredLetter, Letter]],
    organisation: str,
    parties: dict[tuple[str, str], Party],
    crossed: frozenset[str],
    opened: dict[str, Instant],
) -> Said:
    first = entries[0]
    row, letter = by_id.get(first.message, (None, None))
    sender = row.sender if row is not None else first.segment.assigner
    name = letter.sender.name if letter is not None else ""
    who = parties.get((sender, ""), Party(sender, "", ""))
    segments = tuple(entry.segment for entry in entries)
    texts = tuple(one for one in segments if not one.is_attachment)
    return Said(
        name=first.name,
        at=first.segment.at,
        who=Party(sender, who.role, who.name if who.role else name or sender),
        segments=texts or segments[:1],
        files=tuple(_file(entry, by_id) for entry in entries if entry.segment.is_attachment),
        ours=sender == organisation,
        unread=any(entry.unread for entry in entries),
        late=any(entry.late for entry in entries),
        conflict=any(entry.conflict for entry in entries),
        crossed=first.message in crossed,
        quoted=row is None,
        forwarded=letter is not None and _activity(letter) == "forward-message",
        row=row,
        outgoing=row.outgoing if row is not None and row.sender == organisation else None,
        read=opened.get(first.message),
    )


def _file(entry: Entry, by_id: dict[str, tuple[StoredLetter, Letter]]) -> Attached:
    """A file with where its content is: in the message that brought it, else in one that forwards it."""
    segment = entry.segment
    for message in (entry.message, *entry.carried):
        row, letter = by_id.get(message, (None, None))
        if row is None or letter is None:
            continue
        for place, one in enumerate(segments_of(letter)):
            whole = one.new or _activity(letter) == "forward-message"
            if one.id == segment.id and one.title == segment.title and whole and not one.url:
                return Attached(segment.title, segment.content_type, row.pk, place)
    return Attached(segment.title, segment.content_type, url=segment.url)


def _opened(held: Sequence[tuple[StoredLetter, Letter]], organisation: str) -> dict[str, Instant]:
    """When the other side first opened what the organisation wrote, by message."""
    ours = [row.message_id for row, _ in held if row.sender == organisation]
    came = StoredLetter.objects.filter(
        message_id__in=ours, sender=organisation, outgoing=None, read__isnull=False
    )
    return {row.message_id: row.read for row in came.defer("content") if row.read is not None}


def party_of(parties: dict[tuple[str, str], Party], key: str, letter: Letter, organisation: str) -> Party:
    """The other side, by its name in the register, else as the letter names it."""
    known = parties.get((key, ""), Party(key, "", ""))
    called = letter.receiver if key != organisation and letter.receiver.sor == key else letter.sender
    return Party(key, known.role, known.name if known.role else called.name or key)


def other_side(row: StoredLetter, organisation: str) -> str:
    return row.receiver if row.sender == organisation else row.sender


def segments_of(letter: Letter) -> tuple[Segment, ...]:
    return letter.conversation.segments if letter.conversation is not None else ()


def _activity(letter: Letter) -> str:
    return letter.conversation.activity if letter.conversation is not None else ""
