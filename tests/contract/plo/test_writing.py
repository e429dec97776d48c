"""Letters written as Norwegian messages: what is written is read again, and nothing is lost or invented."""

import base64
import itertools

import msgspec
import pytest
from lxml import etree

from naer.messages import read
from naer.messages.content import Conversation, Fact, Party, Segment
from naer.messages.plo import types
from naer.messages.plo.completion import complete
from naer.messages.plo.writing import write
from tests.contract.plo import stay_letters
from tests.contract.plo.stay_letters import HOSPITAL, TOWN, cancel, fact, instant, letter

SENT = "2026-03-02T10:20:00"
OTHERS = {
    "LOG_DOD": letter("LOG_DOD", "m", SENT, fact("died", "2026-03-02T09:00:00")),
    "ORIENTERING_TJENESTETILBUD": msgspec.structs.replace(
        letter("ORIENTERING_TJENESTETILBUD", "m", SENT),
        details={
            "service1.type": "15",
            "service1.name": "Hjemmesykepleie",
            "service1.units": "2.5",
            "service1.unit": "timer i uken",
            "service1.from": "2026-03-09",
            "service2.private": True,
            "service2.by": "Et firma",
            "service2.about": "Trygghetsalarm",
            "service2.to": "2026-06-01",
            "service2.note": "Nøkkel i boks",
        },
    ),
    "MEDISINSKE_OPPLYSNINGER": letter("MEDISINSKE_OPPLYSNINGER", "m", SENT),
    "HELSEOPPLYSNINGER_LEGE": msgspec.structs.replace(
        letter("HELSEOPPLYSNINGER_LEGE", "m", SENT), details={"content": "1"}
    ),
    "FRAVARSMELDING": msgspec.structs.replace(
        letter("FRAVARSMELDING", "m", SENT),
        version="v1.5",
        details={
            "away_from": "2026-03-02",
            "away_to": "2026-03-09",
            "forwarded": False,
            "away_note": "Ferie",
        },
    ),
}
COMPOSED = {
    "LOG_INNLAGT": stay_letters.admitted("m", SENT, "2026-03-02T10:00:00"),
    "LOG_UTSKRIVNINGSKLAR": stay_letters.ready("m", SENT, "2026-03-02", "2026-03-01T08:00:00"),
    "LOG_AVMELDING": stay_letters.not_ready("m", SENT, "2026-03-02T10:00:00", "2026-03-01"),
    "LOG_UTSKREVET": stay_letters.discharged("m", SENT, "2026-03-02T10:00:00"),
    "HELSEOPPL_SOKNAD": stay_letters.warning("m", SENT),
    "INNLEGGELSESRAPPORT": stay_letters.report("m", SENT),
    "UTSKRIVNINGSRAPPORT": stay_letters.summary("m", SENT),
    **OTHERS,
}
VERSIONS = [
    (code, form.version)
    for code in COMPOSED
    for form in types.TYPES[code].forms
    if (code, form.version) != ("HELSEOPPL_SOKNAD", "v1.5")
]


def ids():
    counter = itertools.count(1)
    return lambda: f"part{next(counter)}"


def again(one):
    incoming = read(write(one, new_id=ids()))
    assert incoming.issues == []
    assert incoming.partial == []
    assert incoming.letter == complete(one)
    return incoming.letter


def tree(one):
    return etree.fromstring(write(one, new_id=ids()))


def test_every_care_message_is_here():
    assert set(COMPOSED) == {code for code, one in types.TYPES.items() if one.family != "dialogue"}


@pytest.mark.parametrize(("code", "version"), VERSIONS)
def test_what_is_composed_comes_back_with_its_facts(code, version):
    one = msgspec.structs.replace(COMPOSED[code], version=version)
    back = again(one)
    assert (back.type, back.version, back.status) == (code, version, "new")
    assert {(said.kind, said.at) for said in one.facts} <= {(said.kind, said.at) for said in back.facts}
    assert complete(back) == back


@pytest.mark.parametrize(("code", "version"), VERSIONS)
@pytest.mark.parametrize("status", ["change", "cancel", "addition", "history"])
def test_every_status_comes_back_with_its_references(code, version, status):
    one = msgspec.structs.replace(
        COMPOSED[code], version=version, status=status, parent="p", root="r", message_id="m2"
    )
    if status == "cancel":
        one = msgspec.structs.replace(one, facts=(fact("cancelled", SENT),))
    back = again(one)
    assert (back.status, back.parent, back.root) == (status, "p", "r")
    if status == "cancel":
        assert [said.kind for said in back.facts] == ["cancelled"]


def test_a_cancellation_needs_no_more_than_its_type_and_parent():
    for code in ("LOG_INNLAGT", "LOG_UTSKRIVNINGSKLAR", "LOG_DOD", "LOG_UTSKREVET", "INNLEGGELSESRAPPORT"):
        back = again(cancel(code, "x", SENT, "m"))
        assert (back.parent, back.root) == ("m", "m")


def test_a_cancelled_time_is_repeated_where_it_is_known():
    one = letter(
        "LOG_INNLAGT",
        "x",
        SENT,
        fact("cancelled", SENT, of="admitted", of_at="2026-03-02T10:00:00"),
        status="cancel",
        parent="m",
    )
    assert again(one).facts[0].attributes["of_at"] == "2026-03-02T10:00:00"


def test_which_warning_it_is_follows_from_what_it_tells():
    assert again(stay_letters.warning("m", SENT)).details["content"] == "1"
    assert again(stay_letters.warning("m", SENT, content="2")).details["content"] == "2"
    withdrawn = letter(
        "HELSEOPPL_SOKNAD",
        "x",
        SENT,
        fact("cancelled", SENT, of="warning_updated"),
        status="cancel",
        parent="m",
    )
    assert again(withdrawn).details["content"] == "2"


def test_a_warning_of_the_old_version_cannot_tell_an_expected_time():
    one = msgspec.structs.replace(stay_letters.warning("m", SENT), version="v1.5")
    with pytest.raises(ValueError, match="cannot tell expected_ready"):
        write(one, new_id=ids())
    one = msgspec.structs.replace(one, facts=one.facts[:1])
    assert [said.kind for said in again(one).facts] == ["admission_warning"]


def test_a_day_stays_a_day_and_an_instant_an_instant():
    back = again(stay_letters.ready("m", SENT, "2026-03-02", "2026-03-01T08:00:00"))
    assert [(said.kind, said.precision) for said in back.facts] == [
        ("ready_for_discharge", "day"),
        ("admitted", "instant"),
    ]
    assert back.details["event2.time"] == "2026-03-02"


@pytest.mark.parametrize("text", ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"])
def test_both_readings_of_a_doubled_hour_come_back(text):
    one = stay_letters.admitted("m", "2026-10-25T05:00:00", "2026-10-25T01:00:00")
    one = msgspec.structs.replace(one, facts=(Fact(kind="admitted", at=instant(text)),))
    assert again(one).facts[0].at == instant(text)


def test_microseconds_come_back():
    one = msgspec.structs.replace(COMPOSED["INNLEGGELSESRAPPORT"], sent=instant(SENT) + 123456)
    assert again(one).sent == instant(SENT) + 123456


RICH = {
    "lives_alone": True,
    "marital": "2",
    "language": "SE",
    "forward_reserved": True,
    "answers_request": False,
    "diagnosis1.code": "S720",
    "diagnosis1.list": "7110",
    "diagnosis1.text": "Brudd i lårhals",
    "diagnosis1.main": True,
    "diagnosis2.text": "Uten kode",
    "diagnosis2.main": False,
    "function1.variable": "1",
    "function1.value": "3",
    "function1.note": "Trenger hjelp",
    "medicine1.name": "Paracet",
    "medicine1.dose": "1 tabl ved behov",
    "medicine1.atc": "N02BE01",
    "medicine1.form": "53",
    "medicine1.strength": "500",
    "medicine1.unit": "mg",
    "medicine1.use": "2",
    "medicine1.from": "2026-03-01",
    "medicine1.to": "2026-04-01",
    "medicine1.for": "Smerte",
    "medicine1.note": "Deles",
    "medicine1.multidose": "1",
    "allergy1.text": "Veps",
    "allergy2.text": "Penicillin",
    "allergy2.code": "J01CE",
    "contact1.kind": "relative",
    "contact1.role": "SO",
    "contact1.name": "Per Olav Nordmann",
    "contact1.phone": "99999999",
    "contact2.kind": "unit",
    "contact2.name": "Sengepost 3",
    "contact2.id": "POST3",
    "contact2.id_type": "LAV",
    "contact3.kind": "professional",
    "contact3.type": "LE",
    "contact3.role": "19",
    "contact3.name": "Magnus Lege",
    "contact3.id": "1234567",
    "contact3.id_type": "HPR",
    "contact4.kind": "responsible",
    "contact4.type": "SP",
    "contact4.name": "Gunn Pleier",
    "contact4.approved": "2026-03-02",
    "contact4.note": "Nås på dagtid",
    "note1.code": "1",
    "note1.list": "9145",
    "note2.remark": "Muntlig",
}
NOTES = (
    ("Pasientens status", "Innlagt etter fall.\n\nStabil & våken <nå>."),
    ("", "Ingen overskrift"),
    ("Fri", ""),
)


@pytest.mark.parametrize("version", ["v1.5", "v1.6"])
@pytest.mark.parametrize("code", ["INNLEGGELSESRAPPORT", "UTSKRIVNINGSRAPPORT", "HELSEOPPLYSNINGER_LEGE"])
def test_all_that_a_report_can_say_comes_back(code, version):
    one = msgspec.structs.replace(
        COMPOSED[code], version=version, details={**COMPOSED[code].details, **RICH}, notes=NOTES
    )
    back = again(one)
    assert RICH.items() <= back.details.items()
    assert back.notes == NOTES


def test_rows_are_closed_up_and_contacts_and_allergies_stand_in_the_order_of_the_schema():
    details = {
        "contact1.kind": "responsible",
        "contact1.name": "A",
        "contact7.kind": "relative",
        "contact7.name": "B",
        "allergy1.text": "kodet",
        "allergy1.code": "J01",
        "allergy2.text": "fri",
    }
    back = again(msgspec.structs.replace(COMPOSED["INNLEGGELSESRAPPORT"], details=details))
    assert [back.details[f"contact{n}.kind"] for n in (1, 2)] == ["relative", "responsible"]
    assert [back.details[f"allergy{n}.text"] for n in (1, 2)] == ["fri", "kodet"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"details": {"colour": "red"}}, "colour"),
        ({"details": {"medicine1.name": "x"}}, "medicine1.name"),
        ({"details": {"contact1.kind": "friend"}}, "a contact is one of"),
        ({"notes": (("", "text"),)}, "notes"),
        ({"version": "v9"}, "no version"),
        ({"type": "LETTER"}, "no Norwegian message"),
        ({"message_id": ""}, "message_id"),
        ({"sender": Party(name="x", her="abc")}, "sender"),
        ({"facts": (Fact(kind="home_visit", at=0),)}, "cannot tell home_visit"),
        ({"details": {"event1.code": "1", "event1.time": "yesterday"}}, "event1.time"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(change, told):
    with pytest.raises(ValueError, match=told):
        write(msgspec.structs.replace(COMPOSED["LOG_INNLAGT"], **change), new_id=ids())


def test_a_refusal_never_repeats_a_value():
    person = msgspec.structs.replace(COMPOSED["LOG_INNLAGT"].person, number="12345678901")
    with pytest.raises(ValueError, match=r"person\.number") as refused:
        write(msgspec.structs.replace(COMPOSED["LOG_INNLAGT"], person=person), new_id=ids())
    assert "12345678901" not in str(refused.value)


def test_a_service_offer_without_a_service_says_nothing_and_is_refused():
    with pytest.raises(ValueError, match="an offer without a service"):
        write(letter("ORIENTERING_TJENESTETILBUD", "m", SENT), new_id=ids())


def test_a_doctor_is_written_to_as_a_person():
    gp = Party(her="9901", name="Nordvik legesenter", service="9902", service_name="Kari Anne Nordmann")
    one = msgspec.structs.replace(
        COMPOSED["LOG_DOD"], receiver=gp, details={"receiver_professional": True}, copies=(TOWN, HOSPITAL)
    )
    back = again(one)
    assert (back.receiver, back.copies) == (gp, (TOWN, HOSPITAL))
    person = tree(one).find(".//{*}Receiver/{*}Organisation/{*}HealthcareProfessional")
    assert person.find("{*}FamilyName").text == "Nordmann"


def test_a_message_without_offset_free_times_says_where_its_clock_stands():
    assert tree(COMPOSED["LOG_INNLAGT"]).find(".//{*}GenDate").text == "2026-03-02T10:20:00+01:00"


# Dialogue


def talk(code, *segments, version="", **more):
    details = more.pop("details", {})
    said = Conversation(
        thread="m", activity="new-message", segments=segments, category=more.pop("category", "1"), **more
    )
    return msgspec.structs.replace(
        letter(code, "m", SENT), version=version, conversation=said, details=details
    )


def segment(text, id="s1", **more):
    return Segment(id=id, at=instant(SENT), text=text, **more)


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
@pytest.mark.parametrize("code", ["DIALOG_FORESPORSEL", "DIALOG_SVAR", "DIALOG_HELSEFAGLIG", "DIALOG_AVVIK"])
def test_a_dialogue_message_comes_back(code, version):
    one = talk(
        code,
        segment(
            "Kan dere ta imot?\nHilsen <post 3> & co", author="Gunn Berit Pleier", role="9", phone="73555555"
        ),
        version=version,
    )
    back = again(one)
    assert back.version == version
    assert [(said.text, said.author, said.role, said.phone) for said in back.conversation.segments] == [
        ("Kan dere ta imot?\nHilsen <post 3> & co", "Gunn Berit Pleier", "9", "73555555")
    ]


def test_an_answer_carries_the_thread_and_what_it_answers():
    one = msgspec.structs.replace(
        talk("DIALOG_HELSEFAGLIG", segment("Ja."), category="7"), parent="p", root="r", message_id="m2"
    )
    back = again(one)
    assert (back.conversation.thread, back.conversation.previous) == ("r", "p")
    assert back.conversation.activity == "reply-message"
    assert [said.kind for said in back.facts] == ["municipality_answer"]
    assert back.details["category_list"] == "7322"


def test_several_notes_with_remarks_a_quoted_question_and_files():
    one = talk(
        "DIALOG_SVAR",
        segment("Svar", "a", author="Gunn Pleier"),
        segment("Spørsmål", "b", new=False),
        segment("Mer", "c"),
        segment("", "f", title="Bilde", content_type="image/png", data=b"\x89PNG\x00"),
        segment("", "g", title="", data=b""),
        details={"segment2.kind": "quoted", "segment1.remark": "Haster ikke"},
        topic="Medisiner",
    )
    back = again(one)
    assert [said.id for said in back.conversation.segments] == ["a", "b", "c", "f", "g"]
    assert [said.data for said in back.conversation.segments][3:] == [b"\x89PNG\x00", b""]
    assert back.details["segment1.remark"] == "Haster ikke"
    container = tree(one).find(".//{*}Base64Container")
    assert base64.b64decode(container.text) == b"\x89PNG\x00"


def test_what_an_answer_only_quotes_is_left_out():
    one = talk("DIALOG_SVAR", segment("Svar", "a"), segment("Sitert", "b", new=False))
    assert [said.id for said in again(one).conversation.segments] == ["a"]


def test_a_question_with_a_subject_needs_the_newer_version():
    one = talk("DIALOG_FORESPORSEL", segment("Hva?"), topic="Medisiner", priority="1")
    back = again(one)
    assert (back.version, back.conversation.topic, back.conversation.priority) == ("v1.1", "Medisiner", "1")
    with pytest.raises(ValueError, match="conversation"):
        write(msgspec.structs.replace(one, version="v1.0"), new_id=ids())


def test_a_link_is_no_file():
    with pytest.raises(ValueError, match="not as a link"):
        write(talk("DIALOG_SVAR", segment("", title="x", url="https://example.org/x")), new_id=ids())


def test_a_dialogue_needs_a_conversation():
    with pytest.raises(ValueError, match="needs a conversation"):
        write(msgspec.structs.replace(letter("DIALOG_SVAR", "m", SENT), version=""), new_id=ids())
