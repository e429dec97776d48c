"""Every type in every version is read, and says what the handbook says it does."""

import pytest

from naer.messages.plo import types
from tests.contract.plo.sample import (
    ADMITTED,
    BODIES,
    EXPECTED,
    READY,
    SENT,
    STATUS_AND_COURSE,
    at,
    codes,
    content,
    event,
    flagged,
    note,
    notes,
    received,
)

FORMS = [(one.code, form.version) for one in types.TYPES.values() for form in one.forms]
KINDS = {
    "LOG_INNLAGT": ["admitted"],
    "LOG_UTSKRIVNINGSKLAR": ["ready_for_discharge", "admitted"],
    "LOG_AVMELDING": ["ready_withdrawn", "admitted"],
    "LOG_UTSKREVET": ["discharged", "discharge_notice"],
    "LOG_DOD": ["died"],
    "HELSEOPPL_SOKNAD": ["admission_warning", "expected_ready"],
    "INNLEGGELSESRAPPORT": ["admission_report"],
    "UTSKRIVNINGSRAPPORT": ["discharge_report"],
    "ORIENTERING_TJENESTETILBUD": ["service_offer"],
    "MEDISINSKE_OPPLYSNINGER": ["medical_information"],
    "HELSEOPPLYSNINGER_LEGE": ["health_information"],
    "FRAVARSMELDING": ["absence_notice"],
    "DIALOG_FORESPORSEL": ["request"],
    "DIALOG_SVAR": ["answer"],
    "DIALOG_HELSEFAGLIG": ["municipality_answer"],
    "DIALOG_AVVIK": ["message_fault"],
}


def fact(kind, *args, **changes):
    (found,) = [one for one in received(*args, **changes).letter.facts if one.kind == kind]
    return found


@pytest.mark.parametrize(("code", "version"), FORMS)
def test_every_type_is_read_in_every_version(code, version):
    incoming = received(code, version=version)
    assert incoming.issues == incoming.partial == []
    assert incoming.standard == "plo-" + code.lower().replace("_", "-")
    letter = incoming.letter
    assert (letter.type, letter.version, letter.status) == (code, version, "new")
    assert (letter.sender.her, letter.sender.service) == ("7101", "7102")
    assert (letter.receiver.her, letter.receiver.service_name) == ("8801", "Saksbehandling")
    assert (letter.person.system, letter.person.family, letter.person.sex) == ("FNR", "Prøvesen", "female")
    assert incoming.sent == letter.sent == at(SENT)
    expected = KINDS[code]
    if (code, version) == ("HELSEOPPL_SOKNAD", "v1.5"):
        expected = ["admission_warning"]
    assert [one.kind for one in letter.facts] == expected
    assert len({one.suffix for one in letter.facts}) == len(letter.facts)


def test_every_type_brings_kinds_that_the_vocabulary_knows():
    from naer.events.kinds import KINDS as KNOWN

    for code, kinds in KINDS.items():
        assert set(kinds) <= set(KNOWN), code


def test_the_event_is_found_by_its_code_whatever_its_place():
    one = fact("ready_for_discharge", "LOG_UTSKRIVNINGSKLAR", READY + ADMITTED)
    assert (one.at, one.precision) == (at("2026-03-02"), "day")
    assert one.attributes == {"estimate": True, "admitted_at": "2026-03-01T07:55:00"}


def test_estimate_starts_and_stops_nothing():
    """Norm, profile and examples contradict one another about Anslag: the type of the message decides."""
    for code in ("LOG_INNLAGT", "LOG_UTSKRIVNINGSKLAR", "LOG_AVMELDING", "LOG_UTSKREVET", "LOG_DOD"):
        flipped = BODIES[code].replace("<Anslag>true", "<Anslag>x").replace("false</Anslag>", "true</Anslag>")
        flipped = flipped.replace("<Anslag>xtrue", "<Anslag>false").replace("<Anslag>x<", "<Anslag>false<")
        usual, other = received(code).letter, received(code, flipped).letter
        assert [(one.kind, one.at) for one in usual.facts] == [(one.kind, one.at) for one in other.facts]


def test_a_ready_patient_tells_of_the_admission_too():
    one = fact("admitted", "LOG_UTSKRIVNINGSKLAR")
    assert (one.at, one.suffix, one.attributes["reported"]) == (at("2026-03-01T07:55:00"), "admitted", True)


def test_no_longer_ready_has_the_time_that_ends_it():
    one = fact("ready_withdrawn", "LOG_AVMELDING")
    assert one.at == at("2026-03-03T09:00:00")
    assert one.attributes["ready_at"] == "2026-03-02"


@pytest.mark.parametrize(("condition", "dead"), [("1", False), ("2", True), ("3", True)])
def test_who_was_discharged_dead_has_died(condition, dead):
    body = BODIES["LOG_UTSKREVET"].replace('<Uttilstand V="1"/>', f'<Uttilstand V="{condition}"/>')
    letter = received("LOG_UTSKREVET", body).letter
    assert ("died" in [one.kind for one in letter.facts]) is dead
    assert letter.facts[0].attributes["condition"] == condition


@pytest.mark.parametrize(
    ("code", "kind"), [("1", "admission_warning"), ("2", "warning_updated"), ("9", "correspondence")]
)
def test_the_content_code_tells_a_warning_from_its_update(code, kind):
    letter = received("HELSEOPPL_SOKNAD", content(code) + EXPECTED + STATUS_AND_COURSE).letter
    assert letter.facts[0].kind == kind
    assert letter.facts[0].at == letter.sent


def test_the_expected_date_keeps_what_was_said():
    one = fact("expected_ready", "HELSEOPPL_SOKNAD")
    assert one.attributes == {"expected_at": "2026-03-06", "estimate": True}


def test_version_1_5_has_no_content_code_so_that_a_change_is_an_update():
    usual = received("HELSEOPPL_SOKNAD", version="v1.5")
    changed = received("HELSEOPPL_SOKNAD", version="v1.5", status="M", parent="first")
    assert usual.letter.facts[0].kind == "admission_warning"
    assert changed.letter.facts[0].kind == "warning_updated"
    assert "content" in flagged(usual)


@pytest.mark.parametrize(
    ("body", "lacks"),
    [
        (content("1") + EXPECTED, 2),
        (content("1") + EXPECTED + notes(note("1", "Falt.")), 1),
        (content("1") + EXPECTED + notes(note("1", "Falt."), note("2", "Uklart.", "9142")), 1),
        (
            content("1") + f"<OpplysningOpphold>{event('3', '2026')}</OpplysningOpphold>" + STATUS_AND_COURSE,
            1,
        ),
        (content("1") + EXPECTED + STATUS_AND_COURSE, 0),
    ],
)
def test_a_warning_is_complete_with_status_course_and_expected_date(body, lacks):
    """Regulation § 8 asks for these three."""
    incoming = received("HELSEOPPL_SOKNAD", body)
    assert flagged(incoming).count("content") == lacks
    assert incoming.letter.facts[0].attributes["complete"] is (lacks == 0)


@pytest.mark.parametrize("code", [code for code in KINDS if not code.startswith("DIALOG")])
def test_a_cancellation_says_only_what_it_removes(code):
    letter = received(code, status="C", parent="second", root="first").letter
    assert (letter.status, letter.parent, letter.root) == ("cancel", "second", "first")
    (one,) = letter.facts
    assert (one.kind, one.at, one.attributes["of"]) == ("cancelled", letter.sent, KINDS[code][0])


def test_a_cancellation_keeps_the_time_of_what_it_removes():
    one = fact("cancelled", "LOG_UTSKRIVNINGSKLAR", status="C", parent="first")
    assert one.attributes == {"of": "ready_for_discharge", "of_at": "2026-03-02"}


@pytest.mark.parametrize(
    ("code", "status"), [("N", "new"), ("M", "change"), ("C", "cancel"), ("A", "addition"), ("H", "history")]
)
def test_status_is_read(code, status):
    assert received(status=code, parent="first").letter.status == status


def test_several_versions_may_stand_in_one_conversation():
    old = received(version="v1.5", id="first").letter
    new = received(version="v1.6", status="M", parent="first", id="second").letter
    assert (old.version, new.version, new.parent) == ("v1.5", "v1.6", "first")
    assert [one.kind for one in old.facts] == [one.kind for one in new.facts]


def test_copies_are_kept_apart_from_the_receiver():
    copy = (
        '<OtherReceiver><RoleReceiver V="1"/><Organisation><OrganisationName>Legen</OrganisationName>'
        '<Ident><Id>9901</Id><TypeId V="HER"/></Ident></Organisation></OtherReceiver>'
    )
    incoming = received(copies=copy)
    assert codes(incoming) == []
    assert incoming.receiver.her == "8801"
    assert [party.her for party in incoming.letter.copies] == ["9901"]
