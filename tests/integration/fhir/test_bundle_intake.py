"""Bundles of resources through the intake: by files, and by $process-message for the own organisation."""

import json

from naer.events.instant import HOUR, Instant, text
from naer.site.messaging.models import Message
from naer.site.pathways.models import LoggedEvent
from tests.contract.fhir.test_bundle import STAY, bundle
from tests.integration.fhir.system import register
from tests.place import HOSPITAL, OTHER_HOSPITAL, Place


def _stay(now: Instant, hours: int = 3) -> bytes:
    stay = STAY | {"status": "in-progress", "period": {"start": text(now - hours * HOUR)}}
    return json.dumps(bundle(stay, timestamp=text(now))).encode()


def test_it_is_taken_in_once(here: Place, now: Instant) -> None:
    data = _stay(now)
    first, second = here.receive(data, now=now)[0], here.receive(data, now=now)[0]
    assert (first.standard, first.acknowledgement, first.stored) == ("fhir-bundle", "ok", True)
    assert json.loads(first.body)["resourceType"] == "OperationOutcome"
    assert second.duplicate
    here.citizen.refresh_from_db()
    assert here.citizen.status == "admitted"
    assert LoggedEvent.objects.filter(kind="admitted", organisation=HOSPITAL.sor).count() == 1


def test_a_system_sends_for_its_own_organisation(here: Place, now: Instant) -> None:
    own = register(now, HOSPITAL, "discharge_nurse", "system/MessageHeader.write")
    other = register(now, OTHER_HOSPITAL, "discharge_nurse", "system/MessageHeader.write")
    address, kind = "/fhir/$process-message", "application/fhir+json"
    data = _stay(now)
    answer = other.browser.post(address, data, content_type=kind, headers=other.headers())
    assert answer.status_code == 403
    answer = own.browser.post(address, data, content_type=kind, headers=own.headers())
    assert answer.status_code == 200
    assert Message.objects.get().acknowledgement == "ok"
