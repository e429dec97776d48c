"""$process-message takes messages in as the intake does, with the voice of the caller's own organisation."""

import pytest

from naer.events.instant import HOUR, Instant
from naer.messages.content import Party
from naer.site.accounts.models import Organisation
from naer.site.messaging.models import Message
from naer.site.pathways import voices
from tests.integration.fhir.system import System, register
from tests.place import HOSPITAL, MUNICIPALITY, OTHER_HOSPITAL, Place

ADDRESS = "/fhir/$process-message"
JSON = "application/fhir+json"


def test_a_hospital_system_sends_for_its_own_hospital(here: Place, now: Instant) -> None:
    system = register(now, HOSPITAL, "discharge_nurse", "system/MessageHeader.write")
    data = here.notification("STIN", now - HOUR, report_requested=True)
    answer = system.browser.post(ADDRESS, data, content_type=JSON, headers=system.headers())
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(JSON)
    header = answer.json()["entry"][0]["resource"]
    assert (header["resourceType"], header["response"]["code"]) == ("MessageHeader", "ok")
    assert Message.objects.get().acknowledgement == "ok"
    here.citizen.refresh_from_db()
    assert here.citizen.status == "admitted"


def test_not_for_another_one(here: Place, now: Instant) -> None:
    system = register(now, OTHER_HOSPITAL, "discharge_nurse")
    data = here.notification("STIN", now - HOUR)
    answer = system.browser.post(ADDRESS, data, content_type=JSON, headers=system.headers())
    assert answer.status_code == 403
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert not Message.objects.exists()


def test_an_integration_brings_anybodys(here: Place, now: Instant) -> None:
    system = register(now, role="integration", scope="system/MessageHeader.write")
    data = here.notification("STIN", now - HOUR)
    answer = system.browser.post(ADDRESS, data, content_type=JSON, headers=system.headers())
    assert answer.status_code == 200


def test_without_scope_or_token_nothing_is_taken(here: Place, now: Instant) -> None:
    system = register(now, HOSPITAL, "discharge_nurse", "system/Task.write")
    data = here.notification("STIN", now - HOUR)
    assert system.browser.post(ADDRESS, data, content_type=JSON).status_code == 401
    answer = system.browser.post(ADDRESS, data, content_type=JSON, headers=system.headers())
    assert answer.status_code == 403
    assert "insufficient_scope" in answer["WWW-Authenticate"]
    wrong = {"Authorization": "Bearer wrong"}
    assert system.browser.post(ADDRESS, data, content_type=JSON, headers=wrong).status_code == 401
    assert not Message.objects.exists()


def test_what_is_no_message_is_refused(system: System) -> None:
    headers = system.headers()
    for body, kind, status in (
        (b"{", JSON, 400),
        (b"{}", JSON, 400),
        (b"", JSON, 415),
        (b"x", "text/plain", 415),
    ):
        answer = system.browser.post(ADDRESS, body, content_type=kind, headers=headers)
        assert answer.status_code == status, (body, answer.content)
        assert answer.json()["resourceType"] == "OperationOutcome"
    asked = system.browser.post(f"{ADDRESS}?async=true", b"{}", content_type=JSON, headers=headers)
    assert asked.status_code == 400


@pytest.mark.parametrize(
    "sender",
    [
        Party(sor=OTHER_HOSPITAL.sor, gln=HOSPITAL.gln, name="?"),
        Party(sor=HOSPITAL.sor, gln=OTHER_HOSPITAL.gln, name="?"),
        Party(sor=OTHER_HOSPITAL.gln, gln=HOSPITAL.gln, name="?"),
    ],
)
def test_no_id_of_the_sender_may_be_anothers(here: Place, now: Instant, sender: Party) -> None:
    system = register(now, HOSPITAL, "discharge_nurse", "system/MessageHeader.write")
    data = here.notification("STIN", now - HOUR, sender=sender)
    answer = system.browser.post(ADDRESS, data, content_type=JSON, headers=system.headers())
    assert answer.status_code == 403
    assert not Message.objects.exists()


def test_an_id_that_nobody_has_may_stand_beside_the_own(here: Place, now: Instant) -> None:
    system = register(now, HOSPITAL, "discharge_nurse", "system/MessageHeader.write")
    sender = Party(sor=HOSPITAL.sor, gln="5790000000999", name="?")
    data = here.notification("STIN", now - HOUR, sender=sender)
    answer = system.browser.post(ADDRESS, data, content_type=JSON, headers=system.headers())
    assert answer.status_code == 200


def test_a_her_id_counts_in_its_own_place_only(here: Place) -> None:
    Organisation.objects.get(pk=MUNICIPALITY.sor).addresses.create(system="her", value="91001")
    assert voices.ids(Party(sor="her:91001", her="91002", service="91003")) == ["her:91003", "her:91002"]
    assert voices.organisations(Party(sor="her:91001")) == frozenset()
    assert voices.organisations(Party(service="91001", sor=HOSPITAL.sor)) == {MUNICIPALITY.sor, HOSPITAL.sor}
    assert voices.organisations(None) == frozenset()
