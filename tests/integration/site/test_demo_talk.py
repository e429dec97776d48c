"""The demo's people have written to one another: through the outbox and the intake, once."""

from django.urls import reverse

from naer.demo import talk
from naer.events.instant import Instant
from naer.site.accounts.models import Organisation, User
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from tests.integration.site.conftest import SignedIn
from tests.place import HOSPITAL, Place


def test_there_is_something_to_read(here: Place, now: Instant, as_: SignedIn) -> None:
    hospital = Organisation.objects.get(pk=HOSPITAL.sor)
    camilla = User.objects.create(
        username="camilla", first_name="Camilla", role="discharge_nurse", organisation=hospital, is_demo=True
    )
    here.users["camilla"] = camilla
    here.admit(now, hours=10)
    assert talk.begin(now) == 1
    assert talk.begin(now) == 1
    assert set(OutgoingMessage.objects.filter(kind="letter").values_list("state", flat=True)) == {
        "acknowledged"
    }
    assert StoredLetter.objects.filter(outgoing=None).count() == 3
    assert all(letter.sent < now for letter in StoredLetter.objects.all())
    listed = as_("mette").get(reverse("conversations")).content.decode()
    assert "Hvornår kan I modtage Karen?" in listed
    assert "Everything is read." in as_("camilla").get(reverse("conversations")).content.decode()


def test_without_the_demo_nobody_writes(here: Place, now: Instant) -> None:
    here.admit(now, hours=10)
    assert talk.begin(now) == 0
