"""Nobody slips into a conversation, or ahead of its time."""

import msgspec
import pytest

from naer.events.instant import HOUR, MINUTE, Instant
from naer.messages import read
from naer.messages.content import Person
from naer.messages.medcom import carecommunication
from naer.messages.medcom.codes import CPR
from naer.site.messaging import correspondence, drafts, intake, letters, record
from naer.site.messaging.answer import Raw
from naer.site.messaging.models import OutgoingMessage, StoredLetter, Thread
from naer.site.pathways.actor import Process
from tests.integration.site.talk import pass_on, reply, stay, write
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, PRACTICE, Place, new_id

__all__ = ["stay"]


def slip_in(here: Place, thread: Thread, sent: Instant, now: Instant) -> None:
    """The practice writes into a conversation that it takes no part in, about the same citizen."""
    letter = drafts.begin(
        drafts.Written("Hvad blev der sagt?", author="Ib", role="speciallaegeipraksis", phone="12345678"),
        drafts.Sending(PRACTICE, MUNICIPALITY, sent, new_id),
        Person(number=NUMBERS[0], system=CPR, family="Testgaard", given=("Karen",)),
        category="discharge",
    )
    theirs = letters.unpack(bytes(StoredLetter.objects.filter(thread=thread)[0].content)).conversation
    assert letter.conversation is not None
    assert theirs is not None
    said = msgspec.structs.replace(letter.conversation, thread=theirs.thread)
    data = carecommunication.write(msgspec.structs.replace(letter, conversation=said), new_id=new_id)
    (answer,) = intake.receive([Raw(data, None, "http")], now=now, new_id=new_id, actor=Process("test"))
    assert answer.acknowledgement == "ok", answer.issues


def test_who_slips_into_a_conversation_gets_nothing_of_it(stay: Place, now: Instant) -> None:
    kept = write(stay, now)
    thread = kept.thread
    assert thread is not None
    slip_in(stay, thread, now + HOUR, now + HOUR)
    assert Thread.objects.count() == 1
    reply(stay, thread, "mette", "Det kan vi ikke sige her.", now + 2 * HOUR)
    out = OutgoingMessage.objects.get(receiver=PRACTICE.sor)
    letter = read(record.unpack(bytes(out.content)), None).letter
    assert letter is not None
    assert letter.conversation is not None
    assert [one.text for one in letter.conversation.segments if one.text] == [
        "Hvad blev der sagt?",
        "Det kan vi ikke sige her.",
    ]
    assert kept.message_id not in {one.message_id for one in letter.conversation.chain}


def test_a_clock_that_runs_ahead_is_not_the_latest_for_ever(stay: Place, now: Instant) -> None:
    kept = write(stay, now)
    thread = kept.thread
    assert thread is not None
    slip_in(stay, thread, now + 9_000 * HOUR, now + HOUR)
    thread.refresh_from_db()
    assert thread.newest == now + HOUR + letters.AHEAD
    reply(stay, thread, "doris", "Kan hun gå på trapper nu?", now + 2 * HOUR)
    pass_on(now + 2 * HOUR + MINUTE)
    reply(stay, thread, "mette", "Ja.", now + 3 * HOUR)
    assert OutgoingMessage.objects.filter(sender=MUNICIPALITY.sor).latest("pk").receiver == HOSPITAL.sor


def test_a_reply_to_what_is_not_the_latest_any_more_is_refused(stay: Place, now: Instant) -> None:
    kept = write(stay, now)
    assert kept.thread is not None
    reply(stay, kept.thread, "mette", "Ja.", now + HOUR)
    with pytest.raises(correspondence.MovedOnError):
        correspondence.reply(
            stay.users["mette"],
            kept.thread,
            drafts.Written("Ja.", phone="12345678"),
            answers=kept.message_id,
            now=now + HOUR,
            new_id=new_id,
        )
    assert OutgoingMessage.objects.filter(sender=MUNICIPALITY.sor, kind="letter").count() == 1
