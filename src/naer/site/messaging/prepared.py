"""What can be done about a message before anybody is asked about it: outside the transaction, on any core.

Most messages are kept and acknowledged, so the positive answer is written, and it and the content are
compressed and sealed, before it is known. For a message that is not kept they are thrown away.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

import structlog

from naer.events.instant import Instant
from naer.messages import read
from naer.messages.envelope import Format, Incoming, Issue
from naer.site.messaging import answering
from naer.site.messaging.answer import Prepared, Raw
from naer.site.messaging.record import pack
from naer.site.pathways import numbers

_OUR_FAULT = Issue("exception", "the message could not be read, by a fault of ours", "", "fatal")
_log = structlog.get_logger("naer.intake")


def prepare(raw: Raw, *, now: Instant, new_id: Callable[[], str]) -> Prepared:
    """The message read, with what is needed when it is kept. Never raises for what a message says."""
    return prepare_all([raw], now=now, new_id=new_id)[0]


def prepare_all(raws: Sequence[Raw], *, now: Instant, new_id: Callable[[], str]) -> list[Prepared]:
    """What `prepare` gives for each, in order.

    One that fails by a fault of ours is refused alone, with its envelope unread, and heard of in the log.
    """
    try:
        return _prepared(raws, now, new_id)
    except Exception as error:
        if len(raws) > 1:
            return [prepare(raw, now=now, new_id=new_id) for raw in raws]
        (raw,) = raws
        _log.error("message not read", exc_info=error, length=len(raw.data))
        return [Prepared(raw.channel, _unread(raw), to=raw.to)]


def _prepared(raws: Sequence[Raw], now: Instant, new_id: Callable[[], str]) -> list[Prepared]:
    """Each step is done for all before the next, which takes a fifth less time: the processor's caches hold
    the code of one step, not of all of them."""
    incomings = [read(raw.data, raw.content_type) for raw in raws]
    thanks = [_thanks(incoming, now, new_id) for incoming in incomings]
    answers = [pack(said) if said else b"" for said in thanks]
    contents = [
        pack(raw.data if incoming.trimmed is None else incoming.trimmed) if said else b""
        for raw, incoming, said in zip(raws, incomings, thanks, strict=True)
    ]
    found = [numbers.indices(one.notification.person_number) if one.notification else () for one in incomings]
    return [
        Prepared(raw.channel, incoming, said, answer, content, raw.to, indices)
        for raw, incoming, said, answer, content, indices in zip(
            raws, incomings, thanks, answers, contents, found, strict=True
        )
    ]


def _thanks(incoming: Incoming, now: Instant, new_id: Callable[[], str]) -> bytes:
    """The positive acknowledgement; empty when it is not foreseen."""
    refused = incoming.notification is None and (incoming.letter is None or bool(incoming.issues))
    if refused or not incoming.answerable:
        return b""
    word = answering.acceptance(incoming)
    return answering.written(incoming, word, incoming.partial, now=now, new_id=new_id)[0]


def _unread(raw: Raw) -> Incoming:
    """A message that is refused by our fault: nothing is known of it but its bytes."""
    written: Format = "xml" if raw.data.lstrip()[:1] == b"<" else "json"
    return Incoming(format=written, content_hash=sha256(raw.data).hexdigest(), issues=[_OUR_FAULT])
