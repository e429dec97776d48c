"""Letters kept, and the threads they make: everything that came in or was written here but notifications.

A thread stores nothing but its letters: what it shows is a function of them, so that it is the same in
whatever order they came.
"""

import zlib
from collections.abc import Iterable, Sequence

import msgspec
from django.db.models import Q

from naer.events.instant import MINUTE, Instant
from naer.messages import read
from naer.messages.content import Letter
from naer.messages.medcom.carecommunication_codes import key
from naer.site import bulk, vault
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.messaging.record import unpack as bytes_of
from naer.site.pathways.models import Citizen

AHEAD = 5 * MINUTE
"""How much later than it came a letter may say it was sent: a wrong clock puts it before nothing else."""
_PURPOSE = "letter"
_decoder = msgspec.msgpack.Decoder(Letter)

_THREAD = {
    "key": "text",
    "identifier": "text",
    "standard": "text",
    "citizen_id": "text",
    "newest": "bigint",
}
_THREAD_CONFLICT = """ON CONFLICT ("key") DO UPDATE SET newest =
CASE WHEN excluded.newest > messaging_thread.newest THEN excluded.newest ELSE messaging_thread.newest END"""
_LETTER = {
    "citizen_id": "text",
    "thread_id": "text",
    "message_id": "text",
    "content_hash": "text",
    "standard": "text",
    "type": "text",
    "sender": "text",
    "receiver": "text",
    "sent": "bigint",
    "stored": "bigint",
    "read_by": "text",
    "content": "bytea",
}
_LETTER_SQL = """
INSERT INTO messaging_storedletter (incoming_id, {}) SELECT m.id, {} FROM messaging_message m, {{given}}
WHERE m.message_id = given.message_id AND m.content_hash = given.content_hash
 AND m.duplicate_of_id IS NULL""".format(  # noqa: S608 - names of our own
    ", ".join(f'"{name}"' for name in _LETTER), ", ".join(f'given."{name}"' for name in _LETTER)
)
_PARTY = {"thread_id": "text", "organisation": "text", "newest": "bigint"}
_PARTY_SQL = """
INSERT INTO messaging_threadparty (thread_id, organisation, newest, unread)
SELECT given.thread_id, given.organisation, given.newest, (
    SELECT count(*) FROM messaging_storedletter l
    WHERE l.thread_id = given.thread_id AND l.receiver = given.organisation
      AND l.incoming_id IS NOT NULL AND l."read" IS NULL)
FROM {given} WHERE true
ON CONFLICT (thread_id, organisation) DO UPDATE SET unread = excluded.unread, newest =
CASE WHEN excluded.newest > messaging_threadparty.newest
     THEN excluded.newest ELSE messaging_threadparty.newest END"""
_OF_THREADS_SQL = "SELECT thread_id, content FROM messaging_storedletter WHERE thread_id {in} ORDER BY id"


class Kept(msgspec.Struct, frozen=True):
    """One incoming letter to be stored. `sender` and `receiver` are organisation keys, or ids as sent."""

    letter: Letter
    standard: str
    citizen: str
    sender: str
    receiver: str
    content_hash: str

    @property
    def thread(self) -> str | None:
        """Key of its thread; None for a letter that is in no conversation."""
        return thread_key(self.citizen, self.letter)


def thread_key(citizen: str, letter: Letter) -> str | None:
    """Key of the thread a letter about a citizen is in, None for one without conversation."""
    identifier = _identifier(letter)
    return f"{citizen}.{identifier}" if identifier else None


def pack(letter: Letter) -> bytes:
    """The letter with all it holds, compressed and sealed."""
    return vault.seal(_PURPOSE, zlib.compress(msgspec.msgpack.encode(letter), 1))


def unpack(sealed: bytes) -> Letter:
    """What `pack` was given.

    Raises:
        vault.UnknownKeyError: when the key it was sealed with is gone.
    """
    return _decoder.decode(zlib.decompress(vault.unseal(_PURPOSE, sealed)))


def slim(letter: Letter) -> Letter:
    """The letter without the data of its attachments; `attachment` reads them from the message."""
    said = letter.conversation
    if said is None or all(segment.data is None for segment in said.segments):
        return letter
    segments = tuple(msgspec.structs.replace(segment, data=None) for segment in said.segments)
    return msgspec.structs.replace(letter, conversation=msgspec.structs.replace(said, segments=segments))


def write(kept: Sequence[Kept], now: Instant, writes: bulk.Writes) -> None:
    """Put incoming letters into `writes`, behind what is there: their messages are stored before."""
    if not kept:
        return
    threads: dict[str, bulk.Row] = {}
    parties: dict[tuple[str, str], Instant] = {}
    rows = []
    for one in kept:
        letter, thread, sent = one.letter, one.thread, min(one.letter.sent, now + AHEAD)
        if thread is not None:
            newest = max(sent, threads[thread][4] if thread in threads else sent)
            threads[thread] = (thread, _identifier(letter), one.standard, one.citizen, newest)
            for organisation in {one.sender, one.receiver} - {""}:
                known = parties.get((thread, organisation), sent)
                parties[thread, organisation] = max(known, sent)
        rows.append(
            (
                one.citizen,
                thread,
                letter.message_id,
                one.content_hash,
                one.standard,
                letter.type,
                one.sender,
                one.receiver,
                sent,
                now,
                "",
                pack(slim(letter)),
            )
        )
    writes.then()
    writes.insert("messaging_thread", _THREAD, threads.values(), _THREAD_CONFLICT)
    writes.then()
    writes.each(_LETTER_SQL, _LETTER, rows)
    writes.then()
    writes.each(_PARTY_SQL, _PARTY, ((*names, newest) for names, newest in parties.items()))


def keep(
    letter: Letter,
    *,
    standard: str,
    citizen: Citizen,
    sender: str,
    receiver: str,
    outgoing: OutgoingMessage | None,
    now: Instant,
) -> StoredLetter:
    """Store a letter that was written here, inside the caller's transaction. It is read by its writer."""
    thread = thread_key(citizen.key, letter)
    if thread is not None:
        row = (thread, _identifier(letter), standard, citizen.key, letter.sent)
        _now("messaging_thread", _THREAD, row, _THREAD_CONFLICT)
    stored = StoredLetter.objects.create(
        outgoing=outgoing,
        citizen=citizen,
        thread_id=thread,
        message_id=letter.message_id,
        standard=standard,
        type=letter.type,
        sender=sender,
        receiver=receiver,
        sent=letter.sent,
        stored=now,
        content=pack(slim(letter)),
    )
    if thread is not None:
        _count(thread, {sender, receiver} - {""}, letter.sent)
    return stored


def of_threads(threads: Iterable[str]) -> dict[str, list[Letter]]:
    """The letters of some threads, by thread: one that went out and came in here stands there twice."""
    found: dict[str, list[Letter]] = {}
    for thread, content in bulk.read([(_OF_THREADS_SQL, [sorted(set(threads))])])[0]:
        found.setdefault(thread, []).append(unpack(_bytes(content)))
    return found


def of_thread(thread: str, organisation: str | None = None) -> list[tuple[StoredLetter, Letter]]:
    """The letters of a thread that an organisation sent or received, in the order they were sent.

    None means all. A letter that was written here and came in here too is there once: as it went out for its
    sender, else as it came in. One that says it was sent after it came (`AHEAD`) has the time of its row.
    """
    rows = StoredLetter.objects.filter(thread=thread).select_related("outgoing")
    if organisation is not None:
        rows = rows.filter(Q(sender=organisation) | Q(receiver=organisation))
    came = {row.message_id for row in rows if row.outgoing is None}
    gone = {row.message_id for row in rows if row.outgoing is not None}
    wanted = []
    for row in rows.order_by("sent", "message_id", "content_hash"):
        mine = row.sender == organisation
        if row.message_id in came & gone and (row.outgoing is not None) != mine:
            continue
        if organisation is not None and not mine and row.outgoing is not None:
            continue  # written here to them, and not delivered yet
        letter = unpack(bytes(row.content))
        wanted.append((row, msgspec.structs.replace(letter, sent=min(letter.sent, row.sent))))
    return wanted


def mark_read(thread: str, organisation: str, *, by: str, now: Instant) -> int:
    """Somebody of an organisation opened a thread; gives how many letters were new to it."""
    fresh = StoredLetter.objects.filter(
        thread=thread, receiver=organisation, read=None, incoming__isnull=False
    ).update(read=now, read_by=by[:64])
    if fresh:
        _count(thread, {organisation}, 0)
    return fresh


def attachment(stored: StoredLetter, place: int) -> tuple[str, bytes] | None:
    """(media type, data) of a segment by its place in the letter, from 0; None when it has no data."""
    sealed = stored.incoming.content if stored.incoming is not None else None
    if stored.outgoing is not None:
        sealed = stored.outgoing.content
    letter = read(bytes_of(bytes(sealed)), None).letter if sealed else None
    segments = letter.conversation.segments if letter is not None and letter.conversation else ()
    if not 0 <= place < len(segments) or segments[place].data is None:
        return None
    return segments[place].content_type, segments[place].data or b""


def whole(stored: StoredLetter, letter: Letter) -> Letter:
    """The letter with the data of its attachments."""
    conversation = letter.conversation
    if conversation is None or not any(one.is_attachment for one in conversation.segments):
        return letter
    segments = []
    for place, one in enumerate(conversation.segments):
        found = attachment(stored, place) if one.is_attachment and not one.url else None
        segments.append(msgspec.structs.replace(one, data=found[1]) if found else one)
    return msgspec.structs.replace(
        letter, conversation=msgspec.structs.replace(conversation, segments=tuple(segments))
    )


def _identifier(letter: Letter) -> str:
    return key(letter.conversation.thread)[:64] if letter.conversation is not None else ""


def _count(thread: str, organisations: set[str], newest: Instant) -> None:
    writes = bulk.Writes()
    writes.each(_PARTY_SQL, _PARTY, ((thread, one, newest) for one in sorted(organisations)))
    writes.flush()


def _now(table: str, columns: dict[str, str], row: bulk.Row, conflict: str) -> None:
    writes = bulk.Writes()
    writes.insert(table, columns, [row], conflict)
    writes.flush()


def _bytes(value: bytes | memoryview | str) -> bytes:
    """Bytes as read: PostgreSQL gives text (\\x and hexadecimal) where several answers come as one."""
    if isinstance(value, str):
        return bytes.fromhex(value.removeprefix("\\x"))
    return bytes(value)
