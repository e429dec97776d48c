"""A hospital without a system of its own tells of a stay: what the municipality gets, and what it sees."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django.fixtures import Settings

from naer.events.instant import HOUR, MINUTE, Instant
from naer.messages import read
from naer.site.access import rules
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation
from naer.site.messaging import business_answer, notifying, record
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.notifying import Telling
from naer.site.pathways import actions
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from naer.site.ui import words
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, OTHER_MUNICIPALITY, Place, new_id


def tell(here: Place, code: str, at: Instant, now: Instant, *, number: str = NUMBERS[0]) -> str:
    """The hospital's nurse tells it; the pathway."""
    receiver = Organisation.objects.get(pk=MUNICIPALITY.sor)
    telling = Telling(code, at, receiver, True)
    doris = here.users["doris"]
    known = Citizen.objects.filter(pk=here.citizen.pk).exclude(status="none")
    if code in ("STAA", "STIN") and (number != NUMBERS[0] or not known.filter(status="acute-ambulant")):
        _, event = notifying.begin(doris, number, "Karen Testgaard", telling, now=now, new_id=new_id)
        return event.pathway
    citizen = Citizen.objects.get(pk=here.citizen.pk)
    pathway, _ = notifying.newest(citizen, HOSPITAL.sor, now)
    return notifying.go_on(doris, citizen, pathway, telling, now=now, new_id=new_id).pathway


def status(here: Place) -> str:
    return Citizen.objects.get(pk=here.citizen.pk).status


def test_a_stay_is_told_from_start_to_end(here: Place, now: Instant) -> None:
    for step, (code, stands) in enumerate(
        [("STAA", "acute-ambulant"), ("STIN", "admitted"), ("RE_STIN", "admitted"), ("STOR", "on-leave"),
         ("SLOR", "admitted"), ("SLHJ", "discharged"), ("AN_SLHJ", "admitted"), ("MORS", "deceased")]
    ):  # fmt: skip
        at = now + step * HOUR
        tell(here, code, at - MINUTE, at)
        assert status(here) == stands, code
    sent = list(OutgoingMessage.objects.order_by("pk"))
    assert [one.type for one in sent] == [
        "STAA",
        "STIN",
        "RE_STIN",
        "STOR",
        "SLOR",
        "SLHJ",
        "AN_SLHJ",
        "MORS",
    ]
    assert {one.receiver for one in sent} == {MUNICIPALITY.sor}
    for one in sent:
        incoming = read(record.unpack(bytes(one.content)), "application/fhir+json")
        assert (incoming.issues, incoming.flags) == ([], [])
        assert incoming.notification is not None
        assert incoming.notification.person_number == NUMBERS[0]
    assert len({event.pathway for event in LoggedEvent.objects.all()}) == 1


def test_the_municipality_owes_the_report_that_was_asked_for(here: Place, now: Instant) -> None:
    tell(here, "STIN", now - HOUR, now)
    owed = Obligation.objects.get(clause="admission-report")
    assert (owed.owed_by, owed.owed_to) == (MUNICIPALITY.sor, HOSPITAL.sor)
    assert rules.may_see(here.users["doris"], here.citizen, now)
    assert AccessEntry.objects.filter(user="doris", action="notify", relation="stay").exists()


def test_without_a_legal_basis_the_hospital_has_its_own_record_and_nobody_owes(
    here: Place, now: Instant
) -> None:
    here.citizen.cases.all().delete()
    tell(here, "STIN", now - HOUR, now)
    event = LoggedEvent.objects.get(kind="admitted")
    assert event.municipality is None
    assert "report_requested" not in json.loads(event.attributes)
    assert not Obligation.objects.filter(clause="admission-report").exists()
    assert not rules.may_see(here.users["mette"], here.citizen, now)
    assert rules.may_see(here.users["doris"], here.citizen, now)


def test_somebody_nobody_knew_is_made_known(here: Place, now: Instant) -> None:
    tell(here, "STAA", now - HOUR, now, number=NUMBERS[2])
    made = Citizen.objects.get(provisional=True)
    assert (made.name, made.status) == ("Karen Testgaard", "acute-ambulant")


def test_a_stay_begins_once(here: Place, now: Instant) -> None:
    tell(here, "STIN", now - HOUR, now)
    with pytest.raises(ActionRefusedError, match="begun already"):
        tell(here, "STIN", now, now)
    with pytest.raises(ActionRefusedError, match="SLOR cannot follow"):
        tell(here, "SLOR", now, now)
    assert OutgoingMessage.objects.count() == 1


def test_nobody_else_tells(here: Place, now: Instant) -> None:
    receiver = Organisation.objects.get(pk=OTHER_MUNICIPALITY.sor)
    for who in ("mette", "gunnar", "adam", "dina"):
        with pytest.raises(PermissionDenied):
            notifying.begin(
                here.users[who], NUMBERS[0], "", Telling("STIN", now, receiver), now=now, new_id=new_id
            )
    tell(here, "STIN", now - HOUR, now)
    with pytest.raises(PermissionDenied):
        notifying.go_on(
            here.users["dennis"], here.citizen, "", Telling("SLHJ", now, receiver), now=now, new_id=new_id
        )


def test_a_hospital_with_a_system_tells_by_it(here: Place, now: Instant) -> None:
    assert notifying.may_tell(here.users["doris"], now)
    here.admit(now)
    assert not notifying.may_tell(here.users["doris"], now)
    assert notifying.may_tell(here.users["dennis"], now)
    assert notifying.may_tell(here.users["doris"], now + 31 * 24 * HOUR)


def test_it_goes_in_the_format_of_the_connection(
    here: Place, now: Instant, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "connections.toml"
    way = 'transport = "file"\naddress = "out"\nformat = "xml"\n'
    file.write_text(f'[[connection]]\nreceiver = "{MUNICIPALITY.sor}"\n{way}')
    settings.CONNECTIONS = str(file)
    for step, code in enumerate(("STIN", "SLHJ")):
        tell(here, code, now + step * HOUR - MINUTE, now + step * HOUR)
    for one in OutgoingMessage.objects.all():
        data = record.unpack(bytes(one.content))
        assert (one.format, data.lstrip()[:1]) == ("xml", b"<")
        incoming = read(data, "application/fhir+xml")
        assert (incoming.issues, incoming.flags) == ([], [])
        assert incoming.notification is not None
    assert list(OutgoingMessage.objects.order_by("pk").values_list("type", flat=True)) == ["STIN", "SLHJ"]


def test_a_report_is_the_business_answer_to_the_notification(here: Place, now: Instant) -> None:
    tell(here, "STIN", now - HOUR, now)
    (sent,) = OutgoingMessage.objects.all()
    assert business_answer.first(sent) is None
    owed = Obligation.objects.get(clause="admission-report")
    actions.fulfil(
        here.users["mette"], owed.pk, kind="admission_report", at=now, attributes={}, now=now, new_id=new_id
    )
    answer = business_answer.first(sent)
    assert answer is not None
    assert (answer.what, answer.incoming) == (words.kind("admission_report"), 0)
