"""Conversations of the small place, in every state that a page can show."""

from naer.events.instant import HOUR, MINUTE, Instant
from naer.site.messaging import correspondence, drafts, record
from naer.site.messaging.models import OutgoingMessage, StoredLetter, Thread
from tests import place

PDF = b"%PDF-1.4 invented"


class Talk:
    """People of the small place who write to one another."""

    def __init__(self, here: place.Place) -> None:
        self.here = here

    def begin(
        self, who: str, receiver: str, text: str, category: str, at: Instant, **more: str
    ) -> StoredLetter:
        """A new conversation, with a file."""
        file = drafts.File("Fund fra fysioterapien.pdf", "application/pdf", PDF)
        written = drafts.Written(text, phone="+45 12 34 56 78", files=[file])
        subject = correspondence.Subject(category, **more)
        return correspondence.begin(
            self.here.users[who], self.here.citizen, receiver, written, subject, now=at, new_id=place.new_id
        )

    def answer(self, who: str, thread: Thread, text: str, at: Instant) -> None:
        written = drafts.Written(text, phone="+45 12 34 56 79")
        correspondence.reply(self.here.users[who], thread, written, now=at, new_id=place.new_id)

    def arrive(self, at: Instant) -> None:
        """Let what waits come in, and be acknowledged."""
        for one in OutgoingMessage.objects.filter(state="waiting", kind="letter").order_by("pk"):
            self.here.receive(record.unpack(bytes(one.content)), now=at)
            OutgoingMessage.objects.filter(pk=one.pk).update(state="acknowledged", sent=at, answered=at)


def converse(here: place.Place, now: Instant) -> dict[str, int]:
    """One that went to and fro, one that nobody has read, one that waits: rows to address them by."""
    talk = Talk(here)
    first = talk.begin(
        "doris",
        place.MUNICIPALITY.sor,
        "Kan Karen gå på trapper? Soveværelset er ovenpå.\n\nVi vil gerne vide det inden klokken 12.",
        "discharge",
        now - 5 * HOUR,
    )
    talk.arrive(now - 5 * HOUR + MINUTE)
    thread = Thread.objects.get(pk=first.thread_id)
    talk.answer("mette", thread, "Ja, med gelænder og støtte.", now - 4 * HOUR)
    talk.arrive(now - 4 * HOUR + MINUTE)
    talk.answer("doris", thread, "Tak. Og hvornår kan I modtage hende?", now - 2 * HOUR)
    talk.answer("mette", thread, "Vi kan modtage hende fra 01.12.2026 kl. 10:00.", now - 2 * HOUR)
    talk.arrive(now - 2 * HOUR + MINUTE)
    text = "Er der styr på medicinen derhjemme?"
    other = talk.begin("gunnar", place.MUNICIPALITY.sor, text, "other", now - HOUR, topic="Dosisdispensering")
    talk.arrive(now - HOUR + MINUTE)
    waiting = talk.begin("mette", place.PRACTICE.sor, "Vi mangler en recept.", "medicine", now)
    came = StoredLetter.objects.filter(outgoing=None).order_by("pk")
    return {
        "talk": came.filter(thread=thread)[0].pk,
        "unread": came.get(thread=other.thread_id).pk,
        "waiting": waiting.pk,
    }
