"""Meeting an obligation by the message that meets it, in both countries; and recording with a message."""

import json
from typing import ClassVar

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from naer.events.instant import HOUR, MINUTE, local
from naer.events.kinds import KINDS
from naer.messages import read
from naer.messages.content import Letter, Party
from naer.messages.medcom.discharge_codes import TYPES as DANISH
from naer.messages.plo.facts import lacking
from naer.messages.plo.types import TYPES as NORWEGIAN
from naer.site.accounts.models import Address, Organisation, User
from naer.site.messaging import dead_letters, parties, telling
from naer.site.messaging.models import Message, OutgoingMessage, StoredLetter
from naer.site.messaging.record import unpack
from naer.site.messaging.tellers import TELLERS
from naer.site.pathways import numbers
from naer.site.pathways.models import LoggedEvent, Obligation
from naer.site.ui.times import ZONE
from tests.integration.outbox.office import Office, again
from tests.place import HOSPITAL, MUNICIPALITY, PRACTICE

State = OutgoingMessage.State


@pytest.fixture
def owed(office: Office, monkeypatch: pytest.MonkeyPatch) -> Obligation:
    """A report on the citizen's care, asked for by the hospital's notification."""
    monkeypatch.setattr("naer.site.clock.now", lambda: office.now)
    office.here.admit(office.now)
    return Obligation.objects.get(clause="admission-report", outcome="")


def client_of(office: Office, name: str) -> Client:
    client = Client()
    client.force_login(office.here.users[name])
    return client


def address(owed: Obligation) -> str:
    return f"/citizens/{owed.citizen_id}/obligations/{owed.pk}/"


def given(office: Office, channel: str = "send", **more: str) -> dict[str, str]:
    at = local(office.now, ZONE).strftime("%Y-%m-%dT%H:%M")
    return {"act": "fulfil", "kind": "admission_report", "at": at, "channel": channel, "note": "", **more}


class TestDenmark:
    def test_the_page_offers_it_to_the_one_who_owes(self, office: Office, owed: Obligation) -> None:
        shown = client_of(office, "mette").get(address(owed)).content.decode()
        assert f"Message, sent from here to {HOSPITAL.name}" in shown
        other = client_of(office, "doris").get(address(owed)).content.decode()
        assert "sent from here" not in other

    def test_the_report_goes_out_and_meets_the_obligation(self, office: Office, owed: Obligation) -> None:
        answer = client_of(office, "mette").post(address(owed), given(office, note="Hjælp morgen og aften"))
        assert answer.status_code == 302
        written = OutgoingMessage.objects.get(kind="letter")
        assert (written.standard, written.receiver, written.by) == ("medcom-xdis16", HOSPITAL.sor, "mette")
        event = LoggedEvent.objects.get(kind="admission_report")
        assert event.id == written.message_id == written.event
        assert Obligation.objects.get(pk=owed.pk).outcome == "kept"
        letter = read(unpack(bytes(written.content)), None).letter
        assert letter is not None
        assert letter.notes == (("Bemærkning", "Hjælp morgen og aften"),)
        assert letter.parent == owed.trigger
        assert letter.episode is not None
        assert letter.facts[0].kind == "admission_report"
        assert "note" not in letter.facts[0].attributes
        assert StoredLetter.objects.get(outgoing=written).type == "XDIS16"

    def test_both_sides_here_give_one_event_and_one_receipt(self, office: Office, owed: Obligation) -> None:
        client_of(office, "mette").post(address(owed), given(office))
        assert office.deliver().sent == 0, "it waits, so that it can be taken back"
        assert office.deliver(later=telling.HOLD).sent == 1
        written = OutgoingMessage.objects.get(kind="letter")
        assert again(written).state == State.ACKNOWLEDGED
        assert LoggedEvent.objects.filter(kind="admission_report").count() == 1
        sent = LoggedEvent.objects.get(kind="message_sent")
        assert (sent.pathway, sent.organisation) == (written.pathway, MUNICIPALITY.sor)
        assert Message.objects.get(message_id=written.message_id).acknowledgement == "ok"
        assert Obligation.objects.get(pk=owed.pk).outcome == "kept"

    def test_the_citizens_page_shows_how_far_it_got(self, office: Office, owed: Obligation) -> None:
        client_of(office, "mette").post(address(owed), given(office))
        written = OutgoingMessage.objects.get(kind="letter")
        page = f"/citizens/{owed.citizen_id}/"
        shown = client_of(office, "mette").get(page).content.decode()
        assert f'id="out-{written.pk}"' in shown
        assert f'id="out-{written.pk}"' not in client_of(office, "doris").get(page).content.decode()

    def test_told_another_way_nothing_is_sent(self, office: Office, owed: Obligation) -> None:
        client_of(office, "mette").post(address(owed), given(office, channel="phone"))
        assert not OutgoingMessage.objects.filter(kind="letter").exists()
        assert Obligation.objects.get(pk=owed.pk).outcome == "kept"

    def test_what_cannot_be_written_is_said_and_nothing_is_recorded(
        self, office: Office, owed: Obligation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nameless = parties.party(HOSPITAL.sor)
        monkeypatch.setattr(parties, "party", lambda *_: type(nameless)(name="Nobody"))
        answer = client_of(office, "mette").post(address(owed), given(office))
        assert answer.status_code == 422
        assert "It cannot be sent:" in answer.content.decode()
        assert not LoggedEvent.objects.filter(kind="admission_report").exists()
        assert Obligation.objects.get(pk=owed.pk).outcome == ""

    def test_taken_back_before_it_leaves(self, office: Office, owed: Obligation) -> None:
        client_of(office, "mette").post(address(owed), given(office))
        written = OutgoingMessage.objects.get(kind="letter")
        assert dead_letters.take_back(written, office.here.users["mette"], now=office.now + MINUTE // 2)
        assert office.deliver(later=HOUR).sent == 0

    def test_taking_back_what_was_recorded_stops_the_message(self, office: Office, owed: Obligation) -> None:
        mette = client_of(office, "mette")
        mette.post(address(owed), given(office))
        event = LoggedEvent.objects.get(kind="admission_report")
        page = f"/citizens/{owed.citizen_id}/undo/{event.id}/"
        assert "A message told it." in mette.get(page).content.decode()
        answer = mette.post(page, follow=True)
        assert "stopped before it left" in answer.content.decode()
        assert OutgoingMessage.objects.get(kind="letter").state == State.GIVEN_UP
        assert Obligation.objects.get(pk=owed.pk).outcome == ""

    def test_taking_back_what_has_left_sends_a_cancellation(self, office: Office, owed: Obligation) -> None:
        mette = client_of(office, "mette")
        mette.post(address(owed), given(office))
        office.deliver(later=telling.HOLD)
        event = LoggedEvent.objects.get(kind="admission_report")
        answer = mette.post(f"/citizens/{owed.citizen_id}/undo/{event.id}/", follow=True)
        assert "A message that cancels the first" in answer.content.decode()
        written = OutgoingMessage.objects.filter(kind="letter").latest("pk")
        letter = read(unpack(bytes(written.content)), None).letter
        assert letter is not None
        assert (letter.type, letter.status, letter.parent) == ("XDIS16", "cancel", event.id)
        office.deliver()
        assert again(written).state == State.ACKNOWLEDGED
        assert LoggedEvent.objects.filter(kind="cancelled").count() == 1
        assert Obligation.objects.get(pk=owed.pk).outcome == ""

    def test_a_hospital_records_that_somebody_is_ready_and_tells_it(
        self, office: Office, owed: Obligation
    ) -> None:
        page = f"/citizens/{owed.citizen_id}/record/?kind=ready_for_discharge"
        doris = client_of(office, "doris")
        assert f"sent from here to {MUNICIPALITY.name}" in doris.get(page).content.decode()
        course = LoggedEvent.objects.get(kind="admitted").pathway
        answer = doris.post(page, given(office) | {"course": course})
        assert answer.status_code == 302
        assert OutgoingMessage.objects.get(kind="letter").type == "XDIS19"
        office.deliver(later=telling.HOLD)
        assert LoggedEvent.objects.filter(kind="ready_for_discharge").count() == 1


class TestAddressee:
    """Whom a message goes to follows from who tells what."""

    def record(self, office: Office, who: str, kind: str) -> OutgoingMessage:
        course = LoggedEvent.objects.get(kind="admitted").pathway
        page = f"/citizens/{office.here.citizen.key}/record/?kind={kind}"
        answer = client_of(office, who).post(page, given(office) | {"course": course})
        assert answer.status_code == 302, answer.content.decode()
        return OutgoingMessage.objects.filter(kind="letter").latest("pk")

    def test_a_doctor_refers_to_the_municipality_and_it_closes_to_the_doctor(
        self, office: Office, owed: Obligation
    ) -> None:
        referral = self.record(office, "gunnar", "acute_referral")
        assert (referral.type, referral.receiver) == ("XREF22", MUNICIPALITY.sor)
        closing = self.record(office, "mette", "acute_closing")
        assert (closing.type, closing.receiver) == ("XDIS22", PRACTICE.sor)

    def test_nobody_asked_and_nothing_is_offered_to_close(self, office: Office, owed: Obligation) -> None:
        course = LoggedEvent.objects.get(kind="admitted").pathway
        mette = office.here.users["mette"]
        assert telling.offer_about(mette, office.here.citizen, course, "acute_closing") is None


class TestAdditions:
    """What a Danish letter may say beside what it is for goes as an addition to the letter."""

    FIRST: ClassVar = {
        "expected_ready": "care_forecast",
        "need_assessed": "care_forecast",
        "treatment_finished": "ready_for_discharge",
        "ready_withdrawn": "ready_for_discharge",
        "medication_list": "discharge_report",
    }

    @pytest.mark.parametrize("kind", FIRST)
    def test_it_adds_to_the_letter_before_it(self, office: Office, owed: Obligation, kind: str) -> None:
        doris = client_of(office, "doris")
        course = LoggedEvent.objects.get(kind="admitted").pathway
        more = {"course": course} | ({"expected_at": "2026-12-01T10:00"} if kind == "expected_ready" else {})
        citizen = f"/citizens/{office.here.citizen.key}"
        page = f"{citizen}/record/?kind={kind}"
        assert "sent from here" not in doris.get(page).content.decode(), "there is nothing to add to"
        doris.post(f"{citizen}/record/?kind={self.FIRST[kind]}", given(office) | more)
        first = OutgoingMessage.objects.get(kind="letter")
        office.deliver(later=telling.HOLD)
        assert doris.post(page, given(office) | more).status_code == 302
        written = OutgoingMessage.objects.filter(kind="letter").latest("pk")
        letter = read(unpack(bytes(written.content)), None).letter
        assert letter is not None
        assert (letter.type, letter.status, letter.parent) == (first.type, "addition", first.message_id)
        assert [fact.kind for fact in letter.facts] == [kind]
        assert ("expected_at" in letter.facts[0].attributes) is (kind == "expected_ready")
        office.deliver(later=telling.HOLD)
        assert again(written).state == State.ACKNOWLEDGED
        assert LoggedEvent.objects.filter(kind=kind).count() == 1

        answer = doris.post(f"{citizen}/undo/{written.event}/", follow=True)
        assert answer.status_code == 200
        assert OutgoingMessage.objects.filter(kind="letter").count() == 2, "the first letter still stands"


def with_her(key: str, number: str, service: str = "") -> None:
    """Give an organisation a HER id, as a Norwegian one has."""
    organisation = Organisation.objects.get(pk=key)
    Address.objects.create(
        organisation=organisation, system="her", value=number, service=service, name="Tjeneste"
    )


class TestNorway:
    """The same parties, addressed by HER ids; the person number is of the Tenor series."""

    @pytest.fixture(autouse=True)
    def norwegian(self, office: Office, owed: Obligation) -> None:
        for key, number, service in (
            (HOSPITAL.sor, "8100001", ""),
            (PRACTICE.sor, "8300001", ""),
            (MUNICIPALITY.sor, "8200001", ""),
            (MUNICIPALITY.sor, "8200002", "KP02"),
            (MUNICIPALITY.sor, "8200003", "KD0501"),
        ):
            with_her(key, number, service)
        citizen = office.here.citizen
        citizen.number_cipher = numbers.seal("15815010016")
        citizen.number_index = numbers.index("15815010016")
        citizen.save()

    def test_the_report_is_a_norwegian_one(self, office: Office, owed: Obligation) -> None:
        answer = client_of(office, "mette").post(address(owed), given(office, note="Bor alene"))
        assert answer.status_code == 302, answer.content.decode()
        written = OutgoingMessage.objects.get(kind="letter")
        assert (written.standard, written.format) == ("plo-innleggelsesrapport", "xml")
        letter = read(unpack(bytes(written.content)), "application/xml").letter
        assert letter is not None
        assert (letter.sender.service, letter.receiver.her) == ("8200002", "8100001")
        assert "Bor alene" in [text for _, text in letter.notes]

    def test_it_comes_in_is_receipted_and_is_one_event(self, office: Office, owed: Obligation) -> None:
        client_of(office, "mette").post(address(owed), given(office))
        office.deliver(later=telling.HOLD)
        written = OutgoingMessage.objects.get(kind="letter")
        assert written.state == State.ACKNOWLEDGED
        assert LoggedEvent.objects.filter(kind="admission_report").count() == 1
        assert Message.objects.get(channel="answer").standard == "apprec"

    def test_ready_goes_to_the_case_handling_service(self, office: Office, owed: Obligation) -> None:
        course = LoggedEvent.objects.get(kind="admitted").pathway
        page = f"/citizens/{owed.citizen_id}/record/?kind=ready_for_discharge"
        client_of(office, "doris").post(page, given(office) | {"course": course})
        letter = read(unpack(bytes(OutgoingMessage.objects.get(kind="letter").content)), None).letter
        assert letter is not None
        assert (letter.type, letter.receiver.service) == ("LOG_UTSKRIVNINGSKLAR", "8200003")
        assert {fact.kind for fact in letter.facts} == {"ready_for_discharge", "admitted"}

    def test_a_note_stays_here_when_the_message_has_no_room_for_it(
        self, office: Office, owed: Obligation
    ) -> None:
        course = LoggedEvent.objects.get(kind="admitted").pathway
        page = f"/citizens/{owed.citizen_id}/record/?kind=ready_for_discharge"
        doris = client_of(office, "doris")
        assert "has no room for the note" in doris.get(page).content.decode()
        assert doris.post(page, given(office, note="Ring først") | {"course": course}).status_code == 302
        letter = read(unpack(bytes(OutgoingMessage.objects.get(kind="letter").content)), None).letter
        assert letter is not None
        assert (letter.type, letter.notes) == ("LOG_UTSKRIVNINGSKLAR", ())
        assert "Ring først" in LoggedEvent.objects.get(kind="ready_for_discharge").attributes

    def record(self, office: Office, who: str, kind: str, **more: str) -> Letter:
        """Record a kind on the stay's page and send it; the letter that went out."""
        course = LoggedEvent.objects.get(kind="admitted").pathway
        page = f"/citizens/{office.here.citizen.key}/record/?kind={kind}"
        answer = client_of(office, who).post(page, given(office, **more) | {"course": course})
        assert answer.status_code == 302, answer.content.decode()
        written = OutgoingMessage.objects.filter(kind="letter").latest("pk")
        letter = read(unpack(bytes(written.content)), "application/xml").letter
        assert letter is not None
        return letter

    WARNED: ClassVar = {
        "patient_status": "Sengeliggende",
        "expected_course": "Hjem om en uke",
        "expected_at": "2026-12-01T10:00",
    }

    def test_a_warning_says_all_that_is_asked(self, office: Office, owed: Obligation) -> None:
        letter = self.record(office, "doris", "admission_warning", note="Ring gjerne", **self.WARNED)
        assert lacking(letter) == ()
        assert [text for _, text in letter.notes] == ["Sengeliggende", "Hjem om en uke", "Ring gjerne"]
        assert [fact.kind for fact in letter.facts] == ["admission_warning", "expected_ready"]
        said = json.loads(LoggedEvent.objects.get(kind="admission_warning").attributes)
        assert said["complete"] is True
        office.deliver(later=telling.HOLD)
        (expected,) = LoggedEvent.objects.filter(kind="expected_ready")
        assert expected.id == f"{letter.message_id}~expected"
        assert LoggedEvent.objects.filter(kind="admission_warning").count() == 1

    def test_a_warning_that_lacks_something_does_not_claim_it(self, office: Office, owed: Obligation) -> None:
        letter = self.record(office, "doris", "admission_warning", patient_status="Oppegående")
        assert lacking(letter) == ("course", "expected")
        said = json.loads(LoggedEvent.objects.get(kind="admission_warning").attributes)
        assert said["complete"] is False
        assert not LoggedEvent.objects.filter(kind="expected_ready").exists()

    def test_an_update_changes_the_warning_before_it(self, office: Office, owed: Obligation) -> None:
        first = self.record(office, "doris", "admission_warning", **self.WARNED)
        office.deliver(later=telling.HOLD)
        second = self.record(office, "doris", "warning_updated", **self.WARNED)
        third = self.record(office, "doris", "warning_updated", **self.WARNED, note="Om to uker")
        assert (second.status, second.parent, second.root) == ("change", first.message_id, first.message_id)
        assert (third.parent, third.root) == (second.message_id, first.message_id)
        assert second.facts[0].kind == "warning_updated"

    def test_what_the_warning_has_no_place_for_is_refused_by_name(
        self, office: Office, owed: Obligation
    ) -> None:
        course = LoggedEvent.objects.get(kind="admitted").pathway
        page = f"/citizens/{owed.citizen_id}/record/?kind=admission_warning"
        form = given(office, expected_days="4") | {"course": course}
        answer = client_of(office, "doris").post(page, form)
        assert answer.status_code == 422
        assert "The message has no place for this." in answer.content.decode()
        assert not OutgoingMessage.objects.filter(kind="letter").exists()

    def test_taking_back_a_warning_takes_back_what_it_brought(self, office: Office, owed: Obligation) -> None:
        letter = self.record(office, "doris", "admission_warning", **self.WARNED)
        doris = client_of(office, "doris")
        doris.post(f"/citizens/{owed.citizen_id}/undo/{letter.message_id}/")
        gone = set(LoggedEvent.objects.filter(kind="cancelled").values_list("changes", flat=True))
        assert gone == {letter.message_id, f"{letter.message_id}~expected"}

    @pytest.mark.parametrize(
        ("who", "kind", "type", "receiver", "more"),
        [
            (
                "mette",
                "service_offer",
                "ORIENTERING_TJENESTETILBUD",
                PRACTICE,
                {"service": "Hjemmesykepleie"},
            ),
            ("mette", "health_information", "HELSEOPPLYSNINGER_LEGE", PRACTICE, {"note": "Kuttet medisin"}),
            ("gunnar", "medical_information", "MEDISINSKE_OPPLYSNINGER", MUNICIPALITY, {"note": "Allergi"}),
        ],
    )
    def test_doctor_and_municipality_tell_each_other(
        self,
        office: Office,
        owed: Obligation,
        who: str,
        kind: str,
        type: str,
        receiver: Party,
        more: dict[str, str],
    ) -> None:
        letter = self.record(office, who, kind, **more)
        assert letter.type == type
        assert OutgoingMessage.objects.get(kind="letter").receiver == receiver.sor
        said = [text for _, text in letter.notes] + [letter.details.get("service1.name")]
        assert next(iter(more.values())) in said
        office.deliver(later=telling.HOLD)
        assert OutgoingMessage.objects.get(kind="letter").state == State.ACKNOWLEDGED
        assert LoggedEvent.objects.filter(kind=kind).count() == 1

    def test_an_offer_without_a_service_is_asked_for_it(self, office: Office, owed: Obligation) -> None:
        page = f"/citizens/{owed.citizen_id}/record/?kind=service_offer"
        answer = client_of(office, "mette").post(page, given(office))
        assert answer.status_code == 422
        assert "the message cannot be sent without it" in answer.content.decode()

    def test_a_norwegian_hospital_records_the_stay_itself(
        self, office: Office, owed: Obligation, settings: Settings
    ) -> None:
        page = f"/citizens/{owed.citizen_id}/record/?kind=discharged"
        assert client_of(office, "doris").get(page).status_code == 404
        settings.COUNTRY = "NO"
        admitted = self.record(office, "doris", "admitted")
        assert (admitted.type, admitted.receiver.service) == ("LOG_INNLAGT", "8200002")

    def test_the_discharge_brings_its_notice(
        self, office: Office, owed: Obligation, settings: Settings
    ) -> None:
        settings.COUNTRY = "NO"
        letter = self.record(office, "doris", "discharged")
        assert letter.type == "LOG_UTSKREVET"
        office.deliver(later=telling.HOLD)
        assert OutgoingMessage.objects.get(kind="letter").state == State.ACKNOWLEDGED
        (discharged,) = LoggedEvent.objects.filter(kind="discharged")
        (notice,) = LoggedEvent.objects.filter(kind="discharge_notice")
        assert (discharged.id, notice.id) == (letter.message_id, f"{letter.message_id}~notice")

    def test_a_discharge_that_was_recorded_alone_is_told_afterwards(
        self, office: Office, owed: Obligation, settings: Settings
    ) -> None:
        """The notice owed of it meets its obligation by the message; the discharge stays one event."""
        settings.COUNTRY = "NO"
        here, doris = office.here, office.here.users["doris"]
        course = LoggedEvent.objects.get(kind="admitted").pathway
        assert telling.offer_about(doris, here.citizen, course, "discharge_notice") is None
        page = f"/citizens/{here.citizen.key}/record/?kind="
        said = given(office, "phone") | {"course": course}
        assert client_of(office, "doris").post(f"{page}discharged", said).status_code == 302
        discharged = LoggedEvent.objects.get(kind="discharged")
        office.now += MINUTE
        letter = self.record(office, "doris", "discharge_notice")
        assert (letter.type, letter.status) == ("LOG_UTSKREVET", "new")
        assert [(fact.kind, fact.suffix) for fact in letter.facts] == [
            ("discharged", ""),
            ("discharge_notice", "notice"),
        ]
        assert abs(letter.facts[0].at - discharged.at) < MINUTE
        office.deliver(later=telling.HOLD)
        assert OutgoingMessage.objects.get(kind="letter").state == State.ACKNOWLEDGED
        assert LoggedEvent.objects.get(kind="discharge_notice").id == f"{letter.message_id}~notice"
        told = LoggedEvent.objects.filter(kind="discharged").order_by("seq")
        assert [(one.id, one.changes) for one in told] == [
            (discharged.id, None),
            (letter.message_id, discharged.id),
        ]
        notice = f"/citizens/{here.citizen.key}/undo/{letter.message_id}~notice/"
        assert client_of(office, "doris").post(notice).status_code == 302
        written = OutgoingMessage.objects.filter(kind="letter").latest("pk")
        back = read(unpack(bytes(written.content)), "application/xml").letter
        assert back is not None
        assert (back.status, back.parent) == ("cancel", letter.message_id)

    def test_a_death_is_told_between_municipality_and_doctor(
        self, office: Office, owed: Obligation, settings: Settings
    ) -> None:
        settings.COUNTRY = "NO"
        course = LoggedEvent.objects.get(kind="admitted").pathway
        doris = office.here.users["doris"]
        assert telling.offer_about(doris, office.here.citizen, course, "died") is None
        assert self.record(office, "mette", "died").type == "LOG_DOD"
        assert OutgoingMessage.objects.get(kind="letter").receiver == PRACTICE.sor

    def test_what_was_told_in_error_is_withdrawn_by_a_c(self, office: Office, owed: Obligation) -> None:
        course = LoggedEvent.objects.get(kind="admitted").pathway
        doris = client_of(office, "doris")
        page = f"/citizens/{owed.citizen_id}/record/?kind=ready_for_discharge"
        doris.post(page, given(office) | {"course": course})
        office.deliver(later=telling.HOLD)
        event = LoggedEvent.objects.get(kind="ready_for_discharge")
        doris.post(f"/citizens/{owed.citizen_id}/undo/{event.id}/")
        written = OutgoingMessage.objects.filter(kind="letter").latest("pk")
        letter = read(unpack(bytes(written.content)), None).letter
        assert letter is not None
        assert (letter.type, letter.status, letter.parent) == ("LOG_UTSKRIVNINGSKLAR", "cancel", event.id)
        office.deliver()
        assert again(written).state == State.ACKNOWLEDGED
        assert LoggedEvent.objects.filter(kind="cancelled").count() == 1


def test_nothing_is_offered_to_oneself_or_to_nobody(office: Office) -> None:
    mette: User = office.here.users["mette"]
    assert telling.offer(mette, MUNICIPALITY.sor, ["admission_report"]) is None
    assert telling.offer(mette, "unknown", ["admission_report"]) is None
    assert telling.offer(mette, HOSPITAL.sor, ["home_visit"]) is None
    assert telling.offer(mette, HOSPITAL.sor, ["admission_report", "home_visit"]) == telling.Offer(
        "DK", frozenset({"admission_report"}), HOSPITAL.sor, HOSPITAL.name
    )


def test_every_teller_names_a_message_that_can_be_written() -> None:
    for kind, tellers in TELLERS.items():
        assert kind in KINDS
        for country, teller in tellers.items():
            assert teller.type in (DANISH if country == "DK" else NORWEGIAN)
