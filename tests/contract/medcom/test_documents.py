"""Whole messages: two written by hand, and JSON against XML for all that our hospital writes."""

from pathlib import Path

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle

from naer.events.instant import text
from naer.messages import read
from naer.messages.content import Party
from naer.messages.medcom.classify import provisional
from naer.messages.medcom.codes import CODES
from tests.contract.medcom.hospital import WARD, message

FIXTURES = Path(__file__).parent / "fixtures"


def test_a_hand_written_admission_in_json():
    incoming = read((FIXTURES / "stin.json").read_bytes())
    assert (incoming.issues, incoming.flags, incoming.trimmed) == ([], [], None)
    assert (incoming.bundle_id, incoming.message_id) == ("proeve-bundt-1", "brev.77")
    assert incoming.sender == Party("90000000016010", "5799990000031", "Opdigtet Sygehus")
    assert incoming.receiver == Party("90000000016020", "5799990000048", "Opdigtet Kommune")
    said = incoming.notification
    assert provisional(said) == "STIN"
    assert (said.person_number, said.names) == ("6505551234", ("Ib Prøve Opdigtet",))
    assert (text(said.start), text(said.sent)) == ("2026-01-12T06:15:00Z", "2026-01-12T06:30:30Z")
    assert said.report_requested is True
    assert said.report_recipient.sor == said.service_provider.sor == "90000000016011"
    assert (said.episode.key, said.deceased) == ("forloeb0001", None)


def test_a_hand_written_leave_in_xml_with_more_than_allowed():
    incoming = read((FIXTURES / "stor.xml").read_bytes())
    assert (incoming.format, incoming.issues) == ("xml", [])
    assert {flag.path for flag in incoming.flags} == {"Encounter.diagnosis", "Patient.deceased"}
    said = incoming.notification
    assert provisional(said) == "STOR"
    assert text(said.leave_start) == "2026-01-14T11:45:00Z"
    assert (said.previous, said.previous_activity, said.deceased) == ("brev.77", "admit-inpatient", False)
    assert said.episode.key == "forloeb0001"
    assert b"secret" not in incoming.trimmed
    assert incoming.sender.gln == "5799990000031"


@pytest.mark.parametrize("code", CODES)
def test_json_and_xml_say_the_same(code):
    more = {"report_requested": True, "report_recipient": WARD} if code in ("STIN", "STAA") else {}
    by_json, by_xml = read(message(code, "json", **more)), read(message(code, "xml", **more))
    assert msgspec.structs.replace(by_xml, format="json", content_hash="") == msgspec.structs.replace(
        by_json, content_hash=""
    )


@pytest.mark.parametrize("code", CODES)
def test_what_our_hospital_writes_is_fhir(code):
    bundle = Bundle.model_validate_json(message(code, report_requested=True, report_recipient=WARD))
    assert bundle.type == "message"
    assert bundle.entry[0].resource.get_resource_type() == "MessageHeader"
