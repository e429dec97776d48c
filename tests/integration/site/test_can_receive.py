"""Whether the municipality can receive: said on the page, read out of what others wrote."""

import re

from django.urls import reverse

from naer.events.instant import MINUTE, Instant
from naer.messages import read
from naer.site.messaging import record
from naer.site.messaging.models import OutgoingMessage, Thread
from naer.site.pathways.models import Citizen, LoggedEvent
from tests.integration.site.conftest import SignedIn
from tests.integration.site.talk import letter_of, page, pass_on, reply, stay, write
from tests.place import MUNICIPALITY, Place

__all__ = ["stay"]


class TestCanReceive:
    def test_yes_is_recorded_and_sent_in_words(self, stay: Place, now: Instant, as_: SignedIn) -> None:
        mette = as_("mette")
        address = reverse("can-receive", args=[stay.citizen.key])
        assert address in page(mette, reverse("citizen", args=[stay.citizen.key]))
        given = {"can": "no", "since": "2026-12-01T10:00", "text": "Ring først.", "phone": "12345678"}
        assert mette.post(address, given).status_code == 302
        event = LoggedEvent.objects.get(kind="municipality_answer")
        assert '"can_receive":false' in event.attributes
        assert '"from":"2026-12-01T' in event.attributes
        assert event.organisation == MUNICIPALITY.sor
        (out,) = OutgoingMessage.objects.filter(kind="letter")
        letter = read(record.unpack(bytes(out.content)), None).letter
        assert letter is not None
        assert letter.conversation is not None
        said = letter.conversation.segments[0].text
        assert said == "Vi KAN ENDNU IKKE MODTAGE borgeren; tidligst 01.12.2026 kl. 10:00.\n\nRing først."
        pass_on(now + 2 * MINUTE)
        assert LoggedEvent.objects.filter(kind="municipality_answer").count() == 1
        doris = as_("doris")
        pk = letter_of(page(doris, reverse("conversations")))
        assert "Recorded: no, not yet." in page(doris, reverse("conversation", args=[pk]))

    def test_words_are_proposed_and_confirmed_by_a_person(
        self, stay: Place, now: Instant, as_: SignedIn
    ) -> None:
        kept = write(stay, now - 10 * MINUTE)
        thread = Thread.objects.get(pk=kept.thread_id)
        reply(stay, thread, "mette", "Vi kan modtage fra 01.12.2026 kl. 10:00.", now - 8 * MINUTE)
        pass_on(now - 7 * MINUTE)
        doris = as_("doris")
        shown = page(doris, reverse("conversation", args=[kept.pk]))
        assert "The words of the message seem to say this." in shown
        assert 'value="2026-12-01T10:00"' in shown
        assert not LoggedEvent.objects.filter(kind="municipality_answer").exists()
        letter = re.search(r'value="reading"><input type="hidden" name="letter" value="(\d+)"', shown)
        assert letter is not None
        mark = reverse("conversation-mark", args=[kept.pk])
        given = {"act": "reading", "letter": letter[1], "can": "yes", "since": "2026-12-01T10:00"}
        doris.post(mark, given)
        shown = page(doris, reverse("conversation", args=[kept.pk]))
        assert "Recorded: yes, it can." in shown
        doris.post(mark, given | {"can": "no", "since": ""})
        shown = page(doris, reverse("conversation", args=[kept.pk]))
        assert "Recorded: no, not yet." in shown
        events = LoggedEvent.objects.filter(kind="municipality_answer").order_by("seq")
        assert [event.changes is None for event in events] == [True, False]
        assert {event.organisation for event in events} == {MUNICIPALITY.sor}
        assert as_("mette").post(mark, given).status_code == 404

    def test_nobody_else_answers_for_the_municipality(self, stay: Place, as_: SignedIn) -> None:
        address = reverse("can-receive", args=[stay.citizen.key])
        assert as_("doris").get(address).status_code == 404
        Citizen.objects.update(status="discharged")
        assert as_("mette").get(address).status_code == 404
