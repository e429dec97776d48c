"""The list of an organisation's conversations: what each is about, with whom, and what nobody has read."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils.text import Truncator

from naer.events.instant import Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import conversation_words as words
from naer.site.messaging import letters
from naer.site.messaging.conversations import other_side, party_of, segments_of
from naer.site.messaging.models import StoredLetter, Thread, ThreadParty
from naer.site.pathways import bounded
from naer.site.pathways.models import Citizen
from naer.site.pathways.names import Party, named

UNREAD, ALL = "unread", "all"
_GIST = 110
"""Characters of the newest text that the list shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in the list."""

    thread: Thread
    letter: int
    """Row of one of its letters: what its address is made of."""
    about: str
    gist: str
    partner: Party
    ours: bool
    """Whether the newest message is our own."""
    unread: int
    newest: Instant


def listed(user: User, now: Instant, which: str = ALL) -> QuerySet[Thread]:
    """The conversations `user` may read, newest first; or only those with something unread."""
    found = rules.threads(user, now)
    mine = ThreadParty.objects.filter(organisation=user.organisation_id)
    if which == UNREAD:
        found = found.filter(pk__in=mine.filter(unread__gt=0).values("thread"))
    return found.select_related("citizen").order_by("-newest", "pk")


def of_citizen(user: User, citizen: Citizen, now: Instant) -> QuerySet[Thread]:
    """The conversations about a citizen that `user` may read, newest first."""
    return listed(user, now).filter(citizen=citizen)


def unread(user: User) -> int:
    """How many conversations have something that nobody in the organisation of `user` has read, none counted
    beyond `bounded.MOST + 1`."""
    return bounded.counts({"": rules.unread_threads(user)})[""]


def rows(threads: Iterable[Thread], organisation: str) -> list[Row]:
    """The list, with what each conversation is about; the number of queries does not grow with it."""
    wanted = list(threads)
    keys = [thread.key for thread in wanted]
    mine = Q(sender=organisation) | Q(receiver=organisation, outgoing=None)
    newest: dict[str, StoredLetter] = {}
    fresh: dict[str, StoredLetter] = {}
    for letter in StoredLetter.objects.filter(mine, thread__in=keys).order_by("sent", "pk"):
        newest[letter.thread_id or ""] = letter
        if letter.read is None and letter.receiver == organisation:
            fresh[letter.thread_id or ""] = letter
    shown = newest | fresh  # what nobody has read stands before what was written last
    counted = dict(
        ThreadParty.objects.filter(thread__in=keys, organisation=organisation).values_list("thread", "unread")
    )
    parties = named({(other_side(one, organisation), "") for one in shown.values()})
    return [
        replace(
            _row(thread, shown[thread.key], organisation, parties),
            unread=counted.get(thread.key, 0),
            newest=newest[thread.key].sent,
        )
        for thread in wanted
        if thread.key in shown
    ]


def _row(
    thread: Thread,
    stored: StoredLetter,
    organisation: str,
    parties: dict[tuple[str, str], Party],
) -> Row:
    """The line of a conversation by one of its letters, as if that were the newest and nothing unread."""
    letter = letters.unpack(bytes(stored.content))
    brought = [one for one in segments_of(letter) if one.new and one.text] or list(segments_of(letter))
    gist = " ".join(brought[-1].text.split()) if brought else ""
    return Row(
        thread=thread,
        letter=stored.pk,
        about=words.about(letter),
        gist=Truncator(gist).chars(_GIST),
        partner=party_of(parties, other_side(stored, organisation), letter, organisation),
        ours=stored.sender == organisation,
        unread=0,
        newest=stored.sent,
    )
