"""A message sent twice: whether an organisation wrote the very same to another moments ago."""

from typing import Any

from naer.events.instant import Instant
from naer.messages.content import Letter
from naer.site.messaging import dead_letters, letters
from naer.site.messaging.models import StoredLetter
from naer.site.pathways.models import Citizen
from naer.site.pathways.repeats import TWICE


def just_sent(
    letter: Letter, citizen: Citizen, sender: str, receiver: str, now: Instant
) -> StoredLetter | None:
    """The letter that says what `letter` says, when it was sent moments ago and not taken back.

    Organisations by key. The caller holds the citizen's lock.
    """
    lately = StoredLetter.objects.filter(
        citizen=citizen, sender=sender, receiver=receiver, sent__gt=now - TWICE, outgoing__isnull=False
    ).select_related("outgoing")
    wanted = _gist(letter)
    for row in lately:
        if dead_letters.never_left(row.outgoing):
            continue
        if _gist(letters.whole(row, letters.unpack(bytes(row.content)))) == wanted:
            return row
    return None


def _gist(letter: Letter) -> tuple[Any, ...]:
    """What a letter says and answers, without what is new in each: ids, times, the name of its thread."""
    said = letter.conversation
    whole = (letter.type, letter.parent, letter.details)
    if said is None:
        return whole
    about = (said.activity, said.category, said.topic, said.priority, said.previous)
    segments = (
        (one.text, one.author, one.phone, one.title, one.content_type, one.data, one.url)
        for one in said.segments
    )
    return *whole, *about, said.from_unit, said.to_unit, tuple(segments)
