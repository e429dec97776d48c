"""Letters of both countries through the one intake: what is kept, told, shown and answered."""

import operator
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from pytest_django import Settings

from naer.events.instant import DAY, HOUR
from naer.messages import read
from naer.site.access.models import AccessEntry
from naer.site.agreements import in_force
from naer.site.messaging import letters, prepared, record
from naer.site.messaging.models import Message, OutgoingMessage, StoredLetter, Thread, ThreadParty
from naer.site.pathways import enrol, live, store
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from tests.contract.plo.sample import TOWN as NORWEGIAN_TOWN
from tests.contract.plo.sample import message as norway_message
from tests.integration.intake.office import (
    ALMA,
    KARI,
    KOMMUNE,
    STRANGER,
    SYKEHUS,
    THREAD,
    care,
    changed,
    discharge,
    fjord,
    norway,
    post,
    segment,
    standard,
)
from tests.integration.intake.ward import (
    CODE,
    HOSPITAL,
    LATER,
    NOBODY,
    TOWN,
    Stay,
    at,
    edited,
    one_by_one,
    take_in,
    town,
)

pytestmark = pytest.mark.django_db

WHEN = at("3 10:00")
ADMITTED = norway.admitted("no-1", "2026-03-02T10:20:00", "2026-03-02T10:00:00")


def kinds(citizen: str) -> list[tuple[str, str]]:
    """What holds in a citizen's log: (kind, id)."""
    events = store.load([citizen], locked=False)[citizen].events
    return [(event.kind, str(event.id)) for event in live.log(events, LATER).events]


def test_a_care_communication_is_kept_told_and_acknowledged() -> None:
    town()
    (answer,) = take_in(post(care("cc-1", WHEN)))
    assert (answer.acknowledgement, answer.standard, answer.stored) == (
        "ok",
        "medcom-carecommunication",
        True,
    )
    assert (answer.thread, answer.position, answer.segments) == (THREAD, 1, 1)
    assert read(answer.body).response.message_id == "cc-1"
    assert kinds("citizen") == [("correspondence", "cc-1")]
    stored = StoredLetter.objects.get()
    assert (stored.sender, stored.receiver, stored.read) == (HOSPITAL.sor, TOWN.sor, None)
    assert letters.unpack(bytes(stored.content)).conversation.segments[0].text == "Tekst 1."
    assert AccessEntry.objects.get(action="receive").citizen == "citizen"
    assert examine(LATER).sound


def test_it_needs_no_case_since_it_was_written_to_the_town() -> None:
    town()
    enrol.citizen(STRANGER.number, CODE, new_id=lambda: "no-case")
    (answer,) = take_in(post(care("cc-1", WHEN, person=STRANGER)))
    assert answer.citizen == "no-case"
    assert [issue.code for issue in answer.issues] == []


def test_somebody_unknown_is_made_known_and_that_is_flagged() -> None:
    town()
    first, second = one_by_one(
        [post(care("cc-1", WHEN, person=STRANGER)), post(care("cc-2", WHEN + HOUR, person=STRANGER))]
    )
    assert first.citizen == second.citizen
    assert [issue.code for issue in first.issues] == ["not-found"]
    assert second.issues == []
    made = Citizen.objects.get(pk=first.citizen)
    assert (made.provisional, made.name, made.municipality) == (True, "Bo Ukendt", CODE)
    enrol.citizen(STRANGER.number, CODE, new_id=lambda: "another", name="Bo Prøve", moved=LATER)
    made.refresh_from_db()
    assert (made.provisional, made.name, made.former.count()) == (False, "Bo Prøve", 0)


def test_what_is_told_of_somebody_unknown_is_the_first_sent_letter_whatever_came_first() -> None:
    town()
    late = care("cc-2", WHEN + DAY, person=changed(STRANGER, given=("Bodil",)))
    early = care("cc-1", WHEN, person=STRANGER)
    one_by_one([post(late), post(early)])
    assert Citizen.objects.get(provisional=True).name == "Bo Ukendt"


def test_a_replacement_number_leads_to_the_citizen_in_the_register_and_to_no_guess() -> None:
    town()
    replaced = changed(STRANGER, system="urn:oid:1.2.208.176.1.6.1.1", number="010190AB1A")
    both = changed(replaced, others=((ALMA.system, ALMA.number),))
    answers = one_by_one(
        [post(care("cc-1", WHEN, person=both)), post(care("cc-2", WHEN + HOUR, person=replaced))]
    )
    assert answers[0].citizen == "citizen"
    assert answers[1].citizen != "citizen"


def test_the_thread_has_the_place_of_what_each_message_brings() -> None:
    town()
    first, answered = segment(1, WHEN), segment(2, WHEN + 2 * HOUR)
    late = segment(3, WHEN + HOUR)
    answers = one_by_one(
        [
            post(care("cc-1", WHEN, first)),
            post(
                care(
                    "cc-2", WHEN + 2 * HOUR, changed(first, new=False), answered, back=True, previous="cc-1"
                ),
                "xml",
            ),
            post(care("cc-3", WHEN + HOUR, changed(first, new=False), late, previous="cc-1")),
        ]
    )
    assert [(one.position, one.segments) for one in answers] == [(1, 1), (2, 2), (2, 3)]
    thread = Thread.objects.get()
    assert thread.newest == WHEN + 2 * HOUR
    assert sorted(ThreadParty.objects.values_list("organisation", "unread")) == [
        (HOSPITAL.sor, 1),
        (TOWN.sor, 2),
    ]
    assert letters.mark_read(thread.key, TOWN.sor, by="eva", now=LATER) == 2
    assert ThreadParty.objects.get(organisation=TOWN.sor).unread == 0


def test_one_thread_id_about_two_citizens_is_two_threads() -> None:
    town()
    one_by_one([post(care("cc-1", WHEN)), post(care("cc-2", WHEN, person=STRANGER))])
    assert Thread.objects.count() == 2


def test_the_data_of_an_attachment_is_read_from_the_message_again() -> None:
    town()
    file = changed(
        segment(2, WHEN),
        text="",
        author="",
        role="",
        phone="",
        title="Bilag",
        content_type="application/pdf",
        data=b"%PDF-1.4",
    )
    take_in(post(care("cc-1", WHEN, segment(1, WHEN), file)))
    stored = StoredLetter.objects.get()
    assert letters.unpack(bytes(stored.content)).conversation.segments[1].data is None
    assert letters.attachment(stored, 1) == ("application/pdf", b"%PDF-1.4")
    assert letters.attachment(stored, 0) is None
    assert letters.attachment(stored, 7) is None


def test_an_admission_report_meets_what_the_notification_asked_for() -> None:
    town()
    take_in(Stay().send("STIN", at("2 10:00"), report_requested=True), now=at("2 10:05"))
    assert Obligation.objects.get(clause="admission-report").outcome == ""
    report = discharge("XDIS16", "xd-1", at("2 12:00"), "admission_report")
    (answer,) = take_in(post(report), now=at("2 12:01"))
    assert (answer.acknowledgement, answer.standard) == ("ok", "medcom-xdis16")
    owed = Obligation.objects.get(clause="admission-report")
    assert (owed.outcome, owed.closed_by) == ("kept", "xd-1")


def test_a_norwegian_message_makes_its_citizen_known_and_is_answered_by_an_apprec() -> None:
    fjord()
    (answer,) = take_in(post(ADMITTED))
    assert (answer.acknowledgement, answer.http_status) == ("ok", 200)
    assert answer.content_type.startswith("application/xml")
    said = read(answer.body)
    assert (said.standard, said.response.message_id, said.response.code) == ("apprec", "no-1", "ok")
    told = answer.as_json("f.xml")
    assert (told["type"], told["version"], told["code"]) == ("LOG_INNLAGT", "v1.6", None)
    citizen = Citizen.objects.get()
    assert (citizen.provisional, citizen.municipality, citizen.status) == (True, "4601", "admitted")
    event = LoggedEvent.objects.get()
    assert (event.organisation, event.municipality, event.source) == ("her:7101", "4601", "PLO")
    assert Message.objects.get().code == "LOG_INNLAGT"


def test_an_organisation_is_found_by_its_service_and_by_itself() -> None:
    fjord()
    alone = changed(ADMITTED, receiver=changed(KOMMUNE, service="", service_name=""), message_id="no-2")
    only = changed(ADMITTED, receiver=changed(KOMMUNE, her="1", name="Feil"), message_id="no-3")
    take_in(post(ADMITTED), post(alone), post(only))
    assert set(Message.objects.values_list("receiver", flat=True)) == {"her:8801"}


def test_a_receiver_that_is_not_here_is_refused_where_that_is_checked(settings) -> None:
    town()
    fjord()
    settings.CHECK_RECEIVER = True
    far = changed(KOMMUNE, her="999", service="998")
    answers = take_in(
        post(changed(ADMITTED, receiver=far)),
        post(care("cc-1", WHEN, receiver=NOBODY)),
        post(changed(ADMITTED, message_id="no-9")),
        post(care("cc-2", WHEN)),
    )
    assert [one.acknowledgement for one in answers] == ["rejected", "fatal-error", "ok", "ok"]
    assert [issue.code for one in answers[:2] for issue in one.issues] == [
        "E21",
        "MSG_Receiver_Identifier_UNKNOWN",
    ]
    said = read(answers[0].body).response
    assert (said.code, said.issues[0].code) == ("rejected", "E21")
    assert StoredLetter.objects.count() == 2


@pytest.mark.parametrize(
    ("letter", "other"),
    [
        (care("cc-1", WHEN), care("cc-1", WHEN, segment(2, WHEN))),
        (ADMITTED, changed(ADMITTED, sent=ADMITTED.sent + HOUR)),
    ],
    ids=["carecommunication", "plo"],
)
def test_one_message_id_on_two_contents_is_two_letters_and_a_copy_gets_its_own_answer(letter, other) -> None:
    town()
    fjord()
    feed = [post(letter), post(other, sending="y")]
    first, second, again, once_more = one_by_one([*feed, *feed])
    assert [one.acknowledgement for one in (first, second)] == ["ok", "ok"]
    assert "duplicate" in [issue.code for issue in second.issues]
    assert (again.duplicate, again.body, once_more.body) == (True, first.body, second.body)
    assert (again.position, again.segments) == (second.position and 1, second.segments)
    assert StoredLetter.objects.count() == 2
    assert LoggedEvent.objects.count() == 2
    assert examine(LATER).sound


def test_a_damaged_copy_gets_the_answer_of_the_first_and_its_content_is_ignored() -> None:
    """Handbook Denmark, section 7: Bundle.id and header seen; the sender alone cannot be read any more."""
    town()
    message = post(care("cc-1", WHEN))
    damaged = edited(message, lambda bundle: bundle["entry"][0]["resource"].pop("sender"))
    damaged = edited(damaged, lambda bundle: bundle["entry"][0]["resource"]["source"].pop("endpoint", None))
    first, again = one_by_one([message, damaged])
    assert (again.duplicate, again.acknowledgement, again.http_status) == (True, "ok", 200)
    assert again.body == first.body
    assert StoredLetter.objects.count() == 1


def test_a_copy_is_shown_to_its_receiver_and_tells_nothing(settings) -> None:
    """Handbook Norway, 6.9: an obligation is met by the message to the agreed receiver, not by a copy."""
    fjord()
    settings.CHECK_RECEIVER = True
    far = changed(KOMMUNE, her="999", service="998")
    report = norway.report("no-1", "2026-03-02T15:00:00")
    copied = changed(report, sender=far, receiver=changed(far, her="997", service="996"), copies=(KOMMUNE,))
    (answer,) = take_in(post(copied))
    assert (answer.acknowledgement, answer.stored, answer.event) == ("ok", True, None)
    assert "informational" in [issue.code for issue in answer.issues]
    assert read(answer.body).sender.her == KOMMUNE.her
    assert StoredLetter.objects.get().receiver == "her:8801"
    assert not LoggedEvent.objects.exists()


def test_a_message_without_its_patient_is_refused_and_nothing_of_it_is_kept() -> None:
    fjord()
    data = post(ADMITTED).replace(KARI.number.encode(), b"")
    (answer,) = take_in(data)
    assert answer.acknowledgement == "rejected"
    assert answer.issues[0].code.startswith("E3")
    assert not StoredLetter.objects.exists()
    assert not Citizen.objects.exists()
    assert Message.objects.get().content is None


def test_what_came_back_from_here_tells_nothing_twice() -> None:
    """Both parties live in one installation: what one wrote is in the log when the other receives it."""
    town()
    letter = care("cc-1", WHEN)
    take_in(post(letter))
    told = LoggedEvent.objects.values_list("id", "digest").get()
    StoredLetter.objects.all().delete()
    Message.objects.all().delete()
    citizen = Citizen.objects.get()
    letters.keep(
        letter,
        standard=standard(letter),
        citizen=citizen,
        sender=HOSPITAL.sor,
        receiver=TOWN.sor,
        outgoing=OutgoingMessage.objects.create(
            message_id="cc-1", kind="letter", receiver=TOWN.sor, created=WHEN, content=b""
        ),
        now=WHEN,
    )
    (answer,) = take_in(post(letter))
    assert (answer.acknowledgement, answer.event) == ("ok", "cc-1")
    assert LoggedEvent.objects.values_list("id", "digest").get() == told
    thread = Thread.objects.get().key
    for organisation, out in ((HOSPITAL.sor, True), (TOWN.sor, False)):
        ((row, said),) = letters.of_thread(thread, organisation)
        assert (row.outgoing is not None, said.message_id) == (out, "cc-1")
    assert ThreadParty.objects.get(organisation=TOWN.sor).unread == 1
    assert ThreadParty.objects.get(organisation=HOSPITAL.sor).unread == 0


def test_the_content_stands_in_no_column_unsealed() -> None:
    town()
    take_in(post(care("cc-1", WHEN, segment(1, WHEN, "Noget fortroligt."))))
    for model in (Message, StoredLetter, Thread, LoggedEvent, AccessEntry):
        for row in model.objects.values():
            plain = msgspec.json.encode(
                [str(value) if not isinstance(value, bytes) else value.hex() for value in row.values()]
            )
            assert b"fortroligt" not in plain
            assert b"Noget fortroligt".hex().encode() not in plain
            assert ALMA.number.encode() not in plain
    assert b"fortroligt" in record.unpack(bytes(Message.objects.get().content))


@pytest.mark.parametrize("step", ["read", "pack", "answering.written"])
def test_a_message_that_we_fail_on_is_refused_and_no_other(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it fails while it is read, while its answer is written, or while it is sealed."""
    town()
    place, _, name = f"naer.site.messaging.prepared.{step}".rpartition(".")
    real = operator.attrgetter(step)(prepared)

    def trip(what: Any, *given: Any, **more: Any) -> Any:
        if b"cc-2" in (what if isinstance(what, bytes) else what.message_id.encode()):
            raise RecursionError("a fault of ours")
        return real(what, *given, **more)

    monkeypatch.setattr(f"{place}.{name}", trip)
    answers = take_in(*(post(care(f"cc-{number}", WHEN + number * HOUR)) for number in (1, 2, 3)))
    assert [one.acknowledgement for one in answers] == ["ok", "fatal-error", "ok"]
    assert [one.http_status for one in answers] == [200, 400, 200]
    assert [issue.code for issue in answers[1].issues] == ["exception"]
    assert StoredLetter.objects.count() == 2


def test_a_question_says_who_asked_and_whom() -> None:
    """A doctor owes the municipality an answer within three days; no message says who has which role."""
    fjord()
    doctor = enrol.organisation("Prøve legesenter", "gp", municipality="4601", her=[enrol.Her("9901")])[0]
    question = norway_message(
        "DIALOG_FORESPORSEL", sender=NORWEGIAN_TOWN, receiver=("Prøve legesenter", "9901", "", "9902")
    )
    (answer,) = take_in(question)
    events = store.load([answer.citizen], locked=False)[answer.citizen].events
    assert doctor.role == "gp"
    (asked,) = [event for event in events if event.kind == "request"]
    assert (asked.attributes["asked_by"], asked.attributes["to"]) == ("municipality", "gp")


@pytest.fixture
def in_norway(settings: Settings) -> Iterator[None]:
    """The agreements of Norway are in force."""
    settings.COUNTRY = "NO"
    for kept in (in_force.agreements, live.deliveries, live._of_municipalities):
        kept.cache_clear()
    yield
    for kept in (in_force.agreements, live.deliveries, live._of_municipalities):
        kept.cache_clear()


@pytest.mark.usefixtures("in_norway")
def test_a_norwegian_stay_owes_what_the_regulation_says_and_the_messages_meet_it() -> None:
    """FOR-2011-11-18-1115: the admission asks for a report within 24 h; messages alone meet it."""
    fjord()
    course = [
        ADMITTED,
        norway.warning("no-2", "2026-03-02T16:00:00"),
        norway.ready("no-3", "2026-03-05T09:20:00", "2026-03-05", admitted_at="2026-03-02T10:00:00"),
    ]
    answers = one_by_one([post(letter) for letter in course])
    assert [one.report_owed for one in answers] == [True, False, False]
    owed = Obligation.objects.filter(withdrawn=False)
    assert owed.get(clause="admission-report").owed_by == "her:8801"
    back = {"sender": KOMMUNE, "receiver": SYKEHUS}
    take_in(post(changed(norway.report("no-4", "2026-03-02T18:00:00"), **back)))
    assert owed.get(clause="admission-report").outcome == "kept"
    assert len({answer.pathway for answer in answers}) == 1
    assert examine(LATER).sound
