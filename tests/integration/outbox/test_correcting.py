"""Correcting what a message told, in both countries: before it left, after a refusal, after it arrived."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from naer.events.event import Event
from naer.events.instant import HOUR, MINUTE, Instant, local
from naer.messages import read
from naer.messages.content import Letter
from naer.site.messaging import telling
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.record import unpack
from naer.site.pathways import live, numbers, store
from naer.site.pathways.models import LoggedEvent, Obligation
from naer.site.ui.times import ZONE
from tests.integration.outbox.office import Office, again
from tests.integration.outbox.test_telling import address, client_of, given, owed, with_her
from tests.place import HOSPITAL, MUNICIPALITY

__all__ = ["owed"]
State = OutgoingMessage.State


def letter_of(message: OutgoingMessage) -> Letter:
    letter = read(unpack(bytes(message.content)), None).letter
    assert letter is not None
    return letter


def last() -> OutgoingMessage:
    return OutgoingMessage.objects.filter(kind="letter").latest("pk")


def standing(office: Office, *kinds: str) -> list[Event]:
    (state,) = store.load([office.here.citizen.key], locked=False).values()
    return [event for event in live.log(state.events, office.now).events if event.kind in kinds]


def clock(at: Instant) -> str:
    return local(at, ZONE).strftime("%Y-%m-%dT%H:%M")


def correct(client: Client, message: OutgoingMessage, **fields: str) -> Any:
    return client.post(reverse("message-correct", args=[message.pk]), fields)


def record(office: Office, who: str, kind: str, **fields: str) -> OutgoingMessage:
    course = LoggedEvent.objects.filter(kind="admitted").order_by("seq")[0].pathway
    page = f"/citizens/{office.here.citizen.key}/record/?kind={kind}"
    answer = client_of(office, who).post(page, given(office) | {"course": course} | fields)
    assert answer.status_code == 302, answer.content.decode()
    return last()


class TestDenmark:
    @pytest.fixture
    def sent(self, office: Office, owed: Obligation) -> OutgoingMessage:
        """An admission report that waits to leave."""
        client_of(office, "mette").post(address(owed), given(office, note="Hjælp om morgenen"))
        return last()

    def test_what_arrived_is_changed_by_another_and_may_still_be_taken_back(
        self, office: Office, owed: Obligation, sent: OutgoingMessage
    ) -> None:
        office.deliver(later=telling.HOLD)
        mette = client_of(office, "mette")
        form = reverse("message-correct", args=[sent.pk])
        assert form in mette.get(reverse("message-out", args=[sent.pk])).content.decode()
        shown = mette.get(form).content.decode()
        assert "Hjælp om morgenen" in shown
        assert 'name="at"' not in shown, "a report is given when it is sent"
        assert correct(mette, sent, note="Hjælp om morgenen").status_code == 422, "nothing is changed"
        assert correct(mette, sent, note="<b>Hjælp</b> om aftenen").status_code == 302
        change = last()
        letter = letter_of(change)
        assert (letter.type, letter.status, letter.parent) == ("XDIS16", "change", sent.message_id)
        assert letter.root == sent.message_id
        assert letter.notes == (("Bemærkning", "<b>Hjælp</b> om aftenen"),)
        assert mette.get(form).status_code == 404, "the later one is corrected"
        office.deliver(later=telling.HOLD)
        assert again(change).state == State.ACKNOWLEDGED
        (event,) = standing(office, "admission_report")
        assert event.attributes["note"] == "<b>Hjælp</b> om aftenen"
        assert event.at == LoggedEvent.objects.get(id=sent.event).at, "never later than it was given"
        assert Obligation.objects.get(pk=owed.pk).outcome == "kept"
        mette.post(f"/citizens/{owed.citizen_id}/undo/{sent.event}/")
        cancelled = letter_of(last())
        assert (cancelled.status, cancelled.parent, cancelled.root) == (
            "cancel",
            change.message_id,
            sent.message_id,
        )
        assert not standing(office, "admission_report")

    def test_what_has_not_left_is_stopped_and_goes_corrected(
        self, office: Office, owed: Obligation, sent: OutgoingMessage
    ) -> None:
        mette = client_of(office, "mette")
        assert correct(mette, sent, note="Ingen hjælp").status_code == 302
        assert again(sent).state == State.GIVEN_UP
        letter = letter_of(last())
        assert (letter.status, letter.parent, letter.notes[0][1]) == ("new", owed.trigger, "Ingen hjælp")
        assert Obligation.objects.get(pk=owed.pk).outcome == "kept"
        office.now += MINUTE // 2
        mette.post(reverse("message-out", args=[last().pk]), {"act": "take-back"})
        assert not standing(office, "admission_report"), "nobody was told"
        assert Obligation.objects.get(pk=owed.pk).outcome == ""
        assert office.deliver(later=HOUR).sent == 0

    def test_what_was_refused_goes_anew(
        self, office: Office, owed: Obligation, sent: OutgoingMessage
    ) -> None:
        office.deliver(later=telling.HOLD)
        OutgoingMessage.objects.filter(pk=sent.pk).update(state="refused", answered_with="fatal-error")
        assert correct(client_of(office, "mette"), sent, note="Igen").status_code == 302
        assert again(sent).state == State.GIVEN_UP
        letter = letter_of(last())
        assert (letter.status, letter.parent, letter.notes[0][1]) == ("new", owed.trigger, "Igen")
        assert len(standing(office, "admission_report")) == 1

    def test_a_correction_that_is_stopped_leaves_what_stood(
        self, office: Office, owed: Obligation, sent: OutgoingMessage
    ) -> None:
        office.deliver(later=telling.HOLD)
        mette = client_of(office, "mette")
        correct(mette, sent, note="Forkert")
        office.now += MINUTE // 2
        mette.post(reverse("message-out", args=[last().pk]), {"act": "take-back"})
        (event,) = standing(office, "admission_report")
        assert event.attributes["note"] == "Hjælp om morgenen"
        assert office.deliver(later=HOUR).sent == 0

    def test_a_change_says_what_was_added_too(self, office: Office, owed: Obligation) -> None:
        ready = record(office, "doris", "ready_for_discharge", note="Klar")
        office.deliver(later=telling.HOLD)
        added = record(office, "doris", "treatment_finished")
        office.deliver(later=telling.HOLD)
        doris = client_of(office, "doris")
        earlier = office.now - 2 * HOUR
        assert correct(doris, ready, at=clock(earlier), note="Klar").status_code == 302
        letter = letter_of(last())
        assert (letter.status, letter.parent, letter.root) == ("change", added.message_id, ready.message_id)
        assert [(fact.kind, fact.suffix) for fact in letter.facts] == [
            ("ready_for_discharge", ""),
            ("treatment_finished", "treatment_finished"),
        ]
        office.deliver(later=telling.HOLD)
        first, second = sorted(standing(office, "ready_for_discharge", "treatment_finished"), key=str)
        assert {first.kind, second.kind} == {"ready_for_discharge", "treatment_finished"}
        assert clock(first.at if first.kind == "ready_for_discharge" else second.at) == clock(earlier)
        assert correct(doris, added, at=clock(earlier)).status_code == 302
        letter = letter_of(last())
        assert [clock(fact.at) for fact in letter.facts] == [clock(earlier)] * 2
        assert letter.facts[0].kind == "ready_for_discharge"

    def test_who_may(self, office: Office, owed: Obligation, sent: OutgoingMessage) -> None:
        page = reverse("message-correct", args=[sent.pk])
        office.deliver(later=telling.HOLD)
        for who in ("doris", "gunnar", "ole", "adam", "dina"):
            assert client_of(office, who).get(page).status_code in (403, 404), who
        notification = office.write()
        assert (
            client_of(office, "doris").get(reverse("message-correct", args=[notification.pk])).status_code
            == 404
        )
        with pytest.raises(telling.actions.ActionRefusedError):
            telling.actions.undo(office.here.users["mette"], owed.trigger, now=office.now, new_id=str)


class TestNorway:
    @pytest.fixture(autouse=True)
    def norwegian(self, office: Office, owed: Obligation) -> None:
        for key, number, service in (
            (HOSPITAL.sor, "8100001", ""),
            (MUNICIPALITY.sor, "8200001", ""),
            (MUNICIPALITY.sor, "8200002", "KP02"),
            (MUNICIPALITY.sor, "8200003", "KD0501"),
        ):
            with_her(key, number, service)
        citizen = office.here.citizen
        citizen.number_cipher = numbers.seal("15815010016")
        citizen.number_index = numbers.index("15815010016")
        citizen.save()

    def test_a_discharge_at_another_time(self, office: Office, settings: Settings) -> None:
        settings.COUNTRY = "NO"
        first = record(office, "doris", "discharged")
        office.deliver(later=telling.HOLD)
        (notice,) = standing(office, "discharge_notice")
        earlier = office.now - HOUR
        assert correct(client_of(office, "doris"), first, at=clock(earlier)).status_code == 302
        letter = letter_of(last())
        assert (letter.type, letter.status) == ("LOG_UTSKREVET", "change")
        assert (letter.parent, letter.root) == (first.message_id, first.message_id)
        office.deliver(later=telling.HOLD)
        assert again(last()).state == State.ACKNOWLEDGED
        (event,) = standing(office, "discharged")
        assert clock(event.at) == clock(earlier)
        (kept,) = standing(office, "discharge_notice")
        assert (kept.id, kept.at) == (notice.id, notice.at), "told when it was told"

    def test_a_warning_loses_and_gets_its_expected_date(self, office: Office) -> None:
        said = {"patient_status": "Oppegående", "expected_course": "Hjem", "expected_at": "2026-12-01T10:00"}
        first = record(office, "doris", "admission_warning", **said)
        office.deliver(later=telling.HOLD)
        doris = client_of(office, "doris")
        assert correct(doris, first, **(said | {"expected_at": ""})).status_code == 302
        office.deliver(later=telling.HOLD)
        assert not standing(office, "expected_ready")
        (event,) = standing(office, "admission_warning")
        assert event.attributes["complete"] is False
        second = last()
        assert correct(doris, second, **(said | {"expected_at": "2026-12-02T10:00"})).status_code == 302
        letter = letter_of(last())
        assert (letter.parent, letter.root) == (second.message_id, first.message_id)
        office.deliver(later=telling.HOLD)
        (expected,) = standing(office, "expected_ready")
        assert expected.attributes["expected_at"].startswith("2026-12-02T")
        (event,) = standing(office, "admission_warning")
        assert event.attributes["complete"] is True
        assert [text for _, text in letter.notes] == ["Oppegående", "Hjem"]
