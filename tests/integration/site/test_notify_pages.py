"""The pages of a hospital that notifies from Naer: what they offer, and that a mistake sends nothing."""

import json

import pytest
from django.urls import reverse

from naer.events.instant import HOUR, Instant, local
from naer.messages import read
from naer.site.messaging import record
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways.models import Citizen, LoggedEvent
from naer.site.ui.times import ZONE
from tests.integration.site.conftest import SignedIn
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, OTHER_HOSPITAL, Place


def at(instant: Instant) -> str:
    return local(instant, ZONE).strftime("%Y-%m-%dT%H:%M")


def came(now: Instant, **more: str) -> dict[str, str]:
    given = {"number": NUMBERS[0], "name": "Karen Testgaard", "code": "STIN", "at": at(now - HOUR)}
    return given | {"report": "on", "receiver": MUNICIPALITY.sor} | more


def test_from_arrival_to_discharge_by_the_pages(here: Place, now: Instant, as_: SignedIn) -> None:
    doris = as_("doris")
    assert reverse("admit") in doris.get(reverse("citizens")).content.decode()
    answer = doris.post(reverse("admit"), came(now))
    assert answer["Location"] == reverse("citizen", args=[here.citizen.key])
    record = doris.get(reverse("record", args=[here.citizen.key])).content.decode()
    assert "The stay, by hospital notification" in record
    assert "?code=SLOR" not in record
    notify = reverse("notify", args=[here.citizen.key])
    assert notify + "?code=SLHJ" in record
    page = doris.get(notify + "?code=SLHJ").content.decode()
    assert "admission report" not in page
    sent = doris.post(notify + "?code=SLHJ", {"at": at(now), "receiver": MUNICIPALITY.sor})
    assert sent.status_code == 302
    assert Citizen.objects.get(pk=here.citizen.pk).status == "discharged"
    page = doris.get(notify + "?code=AN_SLHJ").content.decode()
    assert "as if it never had" in page
    assert doris.post(notify + "?code=AN_SLHJ", {"receiver": MUNICIPALITY.sor}).status_code == 302
    assert Citizen.objects.get(pk=here.citizen.pk).status == "admitted"
    assert OutgoingMessage.objects.count() == 3


def test_another_hospital_may_get_the_report(here: Place, now: Instant, as_: SignedIn) -> None:
    doris = as_("doris")
    refused = doris.post(reverse("admit"), came(now, report="", report_to=OTHER_HOSPITAL.sor))
    assert (refused.status_code, "Ask for the report too" in refused.content.decode()) == (422, True)
    own = doris.post(reverse("admit"), came(now, report_to=HOSPITAL.sor))
    assert (own.status_code, OutgoingMessage.objects.count()) == (422, 0)
    assert doris.post(reverse("admit"), came(now, report_to=OTHER_HOSPITAL.sor)).status_code == 302
    sent = read(record.unpack(bytes(OutgoingMessage.objects.get().content)), None)
    assert (sent.issues, sent.flags) == ([], [])
    assert sent.notification is not None
    assert sent.notification.report_recipient is not None
    assert sent.notification.report_recipient.sor == OTHER_HOSPITAL.sor
    event = LoggedEvent.objects.get(kind="admitted")
    assert json.loads(event.attributes)["report_recipient"] == OTHER_HOSPITAL.sor
    page = doris.get(reverse("notify", args=[here.citizen.key]) + "?code=SLHJ").content.decode()
    assert "report_to" not in page


def test_a_death_is_meant(here: Place, now: Instant, as_: SignedIn) -> None:
    doris = as_("doris")
    doris.post(reverse("admit"), came(now))
    notify = reverse("notify", args=[here.citizen.key]) + "?code=MORS"
    refused = doris.post(notify, {"at": at(now), "receiver": MUNICIPALITY.sor})
    assert (refused.status_code, "Tick the box if you mean it." in refused.content.decode()) == (422, True)
    assert LoggedEvent.objects.count() == 1
    assert doris.post(notify, {"at": at(now), "receiver": MUNICIPALITY.sor, "sure": "on"}).status_code == 302
    assert Citizen.objects.get(pk=here.citizen.pk).status == "deceased"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"number": "123"}, "That is not a person number"),
        ({"number": "3113451234"}, "That is not a person number"),
        ({"name": ""}, "This field is required."),
        ({"at": "2099-01-01T10:00"}, "That is in the future"),
        ({"at": "0026-01-01T10:00"}, "Check the year"),
        ({"code": "SLHJ"}, "Select a valid choice"),
        ({"receiver": "nobody"}, "Select a valid choice"),
    ],
)
def test_mistakes_stand_under_their_field(
    more: dict[str, str], said: str, here: Place, now: Instant, as_: SignedIn
) -> None:
    answer = as_("doris").post(reverse("admit"), came(now, **more))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert page.count(more.get("number") or "\0") <= 1  # the field holds it, the error does not
    assert not OutgoingMessage.objects.exists()
    assert not LoggedEvent.objects.exists()


def test_a_second_start_is_told(here: Place, now: Instant, as_: SignedIn) -> None:
    doris = as_("doris")
    doris.post(reverse("admit"), came(now))
    again = doris.post(reverse("admit"), came(now))
    assert (again.status_code, "begun already" in again.content.decode()) == (422, True)
    assert OutgoingMessage.objects.count() == 1


def test_what_is_not_offered_is_not_there(here: Place, now: Instant, as_: SignedIn) -> None:
    doris = as_("doris")
    doris.post(reverse("admit"), came(now))
    notify = reverse("notify", args=[here.citizen.key])
    for code in ("", "SLOR", "AN_MORS", "DROP"):
        assert doris.get(notify, {"code": code}).status_code == 404
    for who in ("mette", "gunnar", "dennis"):
        assert as_(who).get(notify, {"code": "SLHJ"}).status_code == 404
        assert reverse("notify", args=[here.citizen.key]) not in as_(who).get(
            reverse("record", args=[here.citizen.key])
        ).content.decode()  # fmt: skip


def test_where_a_system_notifies_nobody_does_it_by_hand(here: Place, now: Instant, as_: SignedIn) -> None:
    here.admit(now)
    page = as_("doris").get(reverse("admit")).content.decode()
    assert "Your hospital’s own system notifies" in page
    assert as_("doris").post(reverse("admit"), came(now)).status_code == 200
    assert not OutgoingMessage.objects.exclude(kind="escalation").exists()
