"""Messages written here, and the clock to deliver them by."""

from dataclasses import dataclass, field

from naer.events.instant import Instant
from naer.messages.content import Party, Person
from naer.messages.medcom import hospitalnotification
from naer.site import clock
from naer.site.messaging import composing, delivery
from naer.site.messaging.delivery import Delivered
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways.actor import Process
from tests import place
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, Place, new_id

SENDER = Process("test")
DELIVERER = Process("outbox")


@dataclass
class Office:
    """The small place with an outbox; `now` is its clock."""

    here: Place = field(default_factory=place.build)
    now: Instant = field(default_factory=clock.now)

    def write(
        self, code: str = "STIN", *, form: str = "json", hold: Instant = 0, sender: Party = HOSPITAL
    ) -> OutgoingMessage:
        """A notification of the hospital's about the citizen, put into the outbox."""
        header = new_id()
        data = hospitalnotification.write(
            code,
            person=Person(number=NUMBERS[0], family="Testgaard", given=("Karen",)),
            sender=sender,
            receiver=MUNICIPALITY,
            episodes=["episode-1"],
            header=header,
            sent=self.now,
            start=self.now,
            new_id=new_id,
            format=form,  # type: ignore[arg-type]
        )
        return composing.put(
            data,
            message_id=header,
            standard="medcom-hospitalnotification",
            type=code,
            format=form,  # type: ignore[arg-type]
            sender=HOSPITAL.sor,
            receiver=MUNICIPALITY.sor,
            citizen=self.here.citizen,
            actor=SENDER,
            now=self.now,
            hold=hold,
        )

    def deliver(self, later: Instant = 0) -> Delivered:
        """One round, `later` microseconds after the last."""
        self.now += later
        return delivery.deliver(lambda: self.now, new_id=new_id, actor=DELIVERER)


def again(message: OutgoingMessage) -> OutgoingMessage:
    """The message as it is stored now."""
    return OutgoingMessage.objects.get(pk=message.pk)
