"""The 18 codes: what hospitals send, and what it is called."""

import pytest

from naer.messages import read
from naer.messages.medcom.classify import provisional
from naer.messages.medcom.codes import CODES
from tests.contract.medcom.hospital import at, message, read_tree, resource, tree

TABLE = """
code    | class     | status           | activity                         | deceased
STAA    | EMER      | in-progress      | admit-emergency                  | -
RE_STAA | EMER      | in-progress      | revise-admit-emergency           | -
AN_STAA | EMER      | entered-in-error | cancel-admit-emergency           | -
STIN    | IMP       | in-progress      | admit-inpatient                  | -
RE_STIN | IMP       | in-progress      | revise-admit-inpatient           | -
AN_STIN | IMP       | entered-in-error | cancel-admit-inpatient           | -
STOR    | IMP       | onleave          | start-leave-inpatient            | -
RE_STOR | IMP       | onleave          | revise-start-leave-inpatient     | -
AN_STOR | IMP       | in-progress      | cancel-start-leave-inpatient     | -
SLOR    | IMP       | in-progress      | end-leave-inpatient              | -
RE_SLOR | IMP       | in-progress      | revise-end-leave-inpatient       | -
AN_SLOR | IMP       | onleave          | cancel-end-leave-inpatient       | -
SLHJ    | IMP       | finished         | discharge-inpatient-home         | -
SLHJ    | EMER      | finished         | discharge-emergency-home         | -
RE_SLHJ | IMP       | finished         | revise-discharge-inpatient-home  | -
RE_SLHJ | EMER      | finished         | revise-discharge-emergency-home  | -
AN_SLHJ | IMP       | in-progress      | cancel-discharge-inpatient-home  | -
AN_SLHJ | EMER      | in-progress      | cancel-discharge-emergency-home  | -
MORS    | IMP       | finished         | admit-inpatient                  | true
AN_MORS | IMP       | in-progress      | admit-inpatient                  | false
"""

ROWS = [tuple(cell.strip() for cell in row.split("|")) for row in TABLE.strip().splitlines()[1:]]


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("code", CODES)
def test_every_code_is_written_and_read_back_without_a_remark(code, form):
    leave = at("1 12:00") if code in ("AN_SLOR",) else None
    extra = {"leave_start": leave} if leave else {}
    incoming = read(message(code, form, **extra))
    assert (incoming.format, incoming.standard) == (form, "medcom-hospitalnotification")
    assert incoming.issues == []
    assert incoming.flags == []
    # One message alone cannot know that a death was told before; `link` settles RE_MORS.
    assert provisional(incoming.notification) == ("MORS" if code == "RE_MORS" else code)


@pytest.mark.parametrize(("code", "ward", "status", "activity", "deceased"), ROWS)
def test_code_follows_from_class_status_activity_and_deceased(code, ward, status, activity, deceased):
    bundle = tree("AN_MORS" if code == "AN_MORS" else "STIN", leave_start=at("1 12:00"))
    encounter, patient = resource(bundle, "Encounter"), resource(bundle, "Patient")
    encounter["status"], encounter["class"]["code"] = status, ward
    encounter["period"]["end"] = "2026-03-02T10:00:00+01:00"
    patient.pop("deceasedBoolean", None)
    if deceased != "-":
        patient["deceasedBoolean"] = deceased == "true"
    own = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Provenance"][-1]
    own["activity"]["coding"][0]["code"] = activity
    incoming = read_tree(bundle)
    assert incoming.issues == []
    assert provisional(incoming.notification) == code
    assert incoming.notification.encounter_class == ward


def test_the_table_has_all_codes_but_the_one_that_needs_history():
    assert {row[0] for row in ROWS} == set(CODES) - {"RE_MORS"}


def test_activity_is_read_in_any_case():
    bundle = tree()
    resource(bundle, "Provenance")["activity"]["coding"][0]["code"] = "Admit-Inpatient"
    assert provisional(read_tree(bundle).notification) == "STIN"


def test_dead_on_arrival_may_be_the_first_message():
    said = read(message("MORS", chain=(), encounter_class="EMER")).notification
    assert provisional(said) == "MORS"
    assert said.encounter_class == "EMER"


def test_alive_beside_an_activity_of_its_own_is_no_cancelled_death():
    incoming = read(message("STOR", deceased=False))
    assert provisional(incoming.notification) == "STOR"
    assert any(flag.path == "Patient.deceased" for flag in incoming.flags)


def test_alive_in_a_first_message_is_no_cancelled_death():
    assert provisional(read(message("STIN", deceased=False)).notification) == "STIN"


def test_alive_and_removing_with_a_broken_chain_cancels_the_death():
    bundle = tree("AN_MORS")
    own = resource(bundle, "Provenance", -1)
    bundle["entry"] = [
        e for e in bundle["entry"] if e["resource"]["resourceType"] != "Provenance" or e["resource"] is own
    ]
    assert provisional(read_tree(bundle).notification) == "AN_MORS"


def test_a_death_is_three_valued():
    assert read(message()).notification.deceased is None
    assert read(message(deceased=False)).notification.deceased is False
    assert read(message("MORS")).notification.deceased is True


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda encounter: encounter.update(status="finished"), "Encounter.status"),
        (lambda encounter: encounter["class"].update(code="EMER"), "Encounter.class"),
    ],
)
def test_class_and_status_are_checked_but_never_decide(change, path):
    bundle = tree()
    change(resource(bundle, "Encounter"))
    incoming = read_tree(bundle)
    assert incoming.issues == []
    assert [flag.path for flag in incoming.flags] == [path]
    assert provisional(incoming.notification) == "STIN"


@pytest.mark.parametrize("code", ["SLHJ", "MORS"])
def test_an_end_without_its_time_is_flagged_and_dated_when_sent(code):
    incoming = read(message(code, end=None))
    assert incoming.issues == []
    assert [flag.path for flag in incoming.flags] == ["Encounter.period.end"]
