"""The small place with something of every kind: a stay, plans, obligations, letters, services, results."""

from pathlib import Path
from typing import Any

from django.conf import settings

from naer.events.instant import DAY, HOUR, Instant
from naer.messages.content import Conversation, Letter, Party, Segment
from naer.messages.content import Person as Named
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Address, Organisation
from naer.site.governance.count import count
from naer.site.messaging import letters
from naer.site.pathways import actions
from tests import place
from tests.place import Place

RECORDED: dict[str, dict[str, Any]] = {
    "treatment_plan": {},
    "care_plan": {"note": "Besøg morgen og aften"},
    "rehabilitation_plan": {},
    "request": {"to": "municipality"},
}


def fill(here: Place, now: Instant) -> None:
    """Two days in the life of `here.citizen`."""
    here.receive(here.notification("STIN", now - 2 * DAY, report_requested=True), now=now - 2 * DAY)
    for hours, (kind, said) in enumerate(RECORDED.items()):
        record(here, kind, now - DAY + hours * HOUR, said, now)
    letter(here, now)
    services()


def record(
    here: Place, kind: str, at: Instant, said: dict[str, Any], now: Instant, who: str = "doris"
) -> str:
    """Somebody records that something happened."""
    from naer.site.pathways.models import LoggedEvent

    pathway = LoggedEvent.objects.filter(citizen=here.citizen.key).order_by("seq")[0].pathway
    event = actions.record_event(
        here.users[who], here.citizen.key, pathway, kind, at, said, now=now, new_id=place.new_id
    )
    return str(event.id)


def letter(here: Place, now: Instant, receiver: Party = place.MUNICIPALITY, thread: int = 1) -> None:
    """The hospital wrote to the municipality, or to somebody else, in a conversation."""
    said = Conversation(
        thread=f"8d5e1c0a-8a0e-4a40-9a0e-00000000000{thread}",
        activity="new-message",
        segments=(Segment(id="1", at=now - HOUR, text="Kan I tage imod Karen i morgen?"),),
        category="carecoordination",
        topic="Udskrivning",
    )
    letters.keep(
        Letter(
            type="CARE_COMMUNICATION",
            message_id=f"8d5e1c0a-8a0e-4a40-9a0e-10000000000{thread}",
            sent=now - HOUR,
            sender=place.HOSPITAL,
            receiver=receiver,
            person=Named(number=place.NUMBERS[0]),
            conversation=said,
            notes=(("Funktionsevne", "Går med rollator"),),
        ),
        standard="medcom-carecommunication",
        citizen=here.citizen,
        sender=str(place.HOSPITAL.sor),
        receiver=str(receiver.sor),
        outgoing=None,
        now=now - HOUR,
    )


def counted(store: Path, now: Instant) -> None:
    """Let the results be counted."""
    settings.LOG_STORE = store
    count(store, now, now)


def services() -> None:
    """The municipality has an address for its home nursing, and one of its own."""
    organisation = Organisation.objects.get(pk=place.MUNICIPALITY.sor)
    Address.objects.create(organisation=organisation, value="8094000", name="Prøvekommunen")
    Address.objects.create(organisation=organisation, value="8094001", service="KP02", name="Hjemmesykepleie")


def traced(action: str = "look-fhir") -> list[AccessEntry]:
    """What the trace holds of one action."""
    return list(AccessEntry.objects.filter(action=action).order_by("pk"))
