"""Departures from the standard that are accepted: flagged, and read as they are meant."""

import json

import msgspec
import pytest

from naer.events.instant import ZONES, parse, text
from naer.messages import read
from naer.messages.content import Person
from naer.messages.medcom.findings import instant_of
from tests.contract.medcom.hospital import (
    EPISODE,
    HOSPITAL,
    KEY,
    MUNICIPALITY,
    PERSON,
    WARD,
    at,
    message,
    read_tree,
    resource,
    tree,
)

LPR3 = "https://www.esundhed.dk/Registre/Landspatientregisteret"


def accepted(bundle):
    incoming = read_tree(bundle)
    assert incoming.issues == []
    return incoming


def test_status_cancelled_is_entered_in_error():
    incoming = accepted(tree("AN_STIN", status="cancelled"))
    assert incoming.notification.status == "entered-in-error"
    assert [flag.path for flag in incoming.flags] == ["Encounter.status"]


def test_a_time_of_death_is_a_death():
    bundle = tree("MORS")
    patient = resource(bundle, "Patient")
    del patient["deceasedBoolean"]
    patient["deceasedDateTime"] = "2026-03-02T10:00:00+01:00"
    incoming = accepted(bundle)
    assert incoming.notification.deceased is True
    assert [flag.path for flag in incoming.flags] == ["Patient.deceased"]


@pytest.mark.parametrize("subject", [None, {"reference": "Patient/somebody-else"}, {"display": "Alma"}])
def test_a_stay_that_does_not_name_its_patient_is_the_patient_s(subject):
    bundle = tree()
    encounter = resource(bundle, "Encounter")
    del encounter["subject"]
    if subject:
        encounter["subject"] = subject
    incoming = accepted(bundle)
    assert incoming.notification == accepted(tree()).notification
    assert [flag.path for flag in incoming.flags] == ["Encounter.subject"]


@pytest.mark.parametrize(
    "name",
    [
        "diagnosis",
        "reasonCode",
        "reasonReference",
        "type",
        "serviceType",
        "priority",
        "location",
        "hospitalization",
    ],
)
def test_more_data_than_allowed_is_flagged_dropped_and_not_stored(name):
    bundle = tree()
    resource(bundle, "Encounter")[name] = [{"text": "a secret of the citizen"}]
    incoming = accepted(bundle)
    assert [flag.path for flag in incoming.flags] == [f"Encounter.{name}"]
    assert b"secret" not in msgspec.json.encode(msgspec.structs.replace(incoming, trimmed=None))
    assert b"secret" not in incoming.trimmed
    assert read(incoming.trimmed).notification == incoming.notification


def test_a_resource_that_may_not_be_there_is_dropped():
    bundle = tree()
    bundle["entry"].append({"resource": {"resourceType": "Condition", "code": {"text": "a secret"}}})
    incoming = accepted(bundle)
    assert [flag.path for flag in incoming.flags] == ["Bundle.entry"]
    assert b"secret" not in incoming.trimmed


def test_a_message_with_nothing_surplus_is_kept_as_it_came():
    assert read(message()).trimmed is None


def test_the_check_digit_of_a_person_number_is_never_checked():
    for last in range(10):
        person = Person(number=f"720190123{last}", family="Prøvesen")
        assert read(message(person=person)).issues == []


@pytest.mark.parametrize("number", ["720190-1234", " 7201901234", "720190 1234"])
def test_a_person_number_in_people_s_writing_is_read(number):
    incoming = read(message(person=Person(number=number, family="Prøvesen")))
    assert incoming.notification.person_number == "7201901234"
    assert [flag.path for flag in incoming.flags] == ["Patient.identifier"]


@pytest.mark.parametrize("written", [EPISODE, EPISODE[9:], KEY, KEY.upper(), "URN:UUID:" + KEY])
def test_an_episode_id_is_one_key_in_every_writing(written):
    episode = read(message(episodes=[written])).notification.episode
    assert (episode.key, episode.original) == (KEY, written)


def test_of_several_episode_ids_the_hospital_s_own_is_first():
    said = read(message(episodes=[(LPR3, "urn:uuid:aaaa-bbbb"), EPISODE])).notification
    assert [episode.key for episode in said.episodes] == [KEY, "aaaabbbb"]


def test_an_episode_id_need_not_be_a_uuid():
    assert read(message(episodes=["Forløb 7"])).notification.episode.key == "forløb 7"


def test_ids_need_not_be_uuids():
    assert read(message(header="letter_1/æ")).message_id == "letter_1/æ"


def test_the_three_clocks_are_instants_whatever_their_offsets():
    bundle = tree("SLHJ")
    resource(bundle, "Encounter")["period"] = {
        "start": "2026-03-01T07:55:00.5Z",
        "end": "2026-03-02T10:00:00+02:00",
    }
    provenance = resource(bundle, "Provenance", -1)
    provenance["occurredDateTime"] = "2026-03-02T09:00:00-01:00"
    bundle["timestamp"] = "2001-01-01T00:00:00Z"
    said = accepted(bundle).notification
    assert text(said.start) == "2026-03-01T07:55:00.500000Z"
    assert text(said.end) == "2026-03-02T08:00:00Z"
    assert text(said.sent) == "2026-03-02T10:00:00Z"


def test_a_time_without_offset_is_danish_time_and_flagged():
    bundle = tree()
    resource(bundle, "Encounter")["period"]["start"] = "2026-03-01T07:55:00"
    incoming = accepted(bundle)
    assert incoming.notification.start == at("1 07:55")
    assert [flag.path for flag in incoming.flags] == ["Encounter.period.start"]


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:00+01:00",
        "2026-03-01T12:00:00.5-14:59",
        "2026-03-01T12:00:00.123456789012Z",
        "2026-03-01T12:00Z",
        "2026-03-29T02:30:00",
        "2026-10-25T02:30",
        "2026-03-01",
    ],
)
def test_a_time_is_the_one_that_logs_read(written):
    assert instant_of(written) == parse(written, ZONES["DK"])


@pytest.mark.parametrize(
    "written", ["2026-03-01T24:00:00Z", "2026-02-30T12:00:00Z", "2026-03-01T12:00:60Z", "2026-03-01T12Z"]
)
def test_what_is_no_time_is_none(written):
    assert instant_of(written) is None


def test_an_unreadable_bundle_time_is_not_used_so_not_refused():
    bundle = tree()
    bundle["timestamp"] = "today"
    assert [flag.path for flag in accepted(bundle).flags] == ["Bundle.timestamp"]


@pytest.mark.parametrize("system", ["https://www.gs1.org/gln", "urn:oid:1.3.88"])
def test_location_numbers_have_two_names(system):
    bundle = tree()
    for organisation in (0, 1):
        for identifier in resource(bundle, "Organization", organisation)["identifier"]:
            if "gln" in identifier["system"]:
                identifier["system"] = system
    incoming = accepted(bundle)
    assert (incoming.sender, incoming.receiver) == (HOSPITAL, MUNICIPALITY)
    assert incoming.flags == []


def test_a_service_provider_may_have_only_a_sor_id():
    incoming = read(message(service_provider=WARD))
    assert incoming.flags == []
    assert incoming.notification.service_provider == WARD


def test_an_organisation_that_is_missing_is_known_by_its_endpoint():
    bundle = tree()
    resource(bundle, "MessageHeader")["destination"][0]["receiver"]["reference"] = "Organization/gone"
    incoming = accepted(bundle)
    assert incoming.receiver.sor == MUNICIPALITY.sor
    assert [flag.path for flag in incoming.flags] == ["MessageHeader.destination.receiver"]


@pytest.mark.parametrize(
    "write",
    [
        lambda kind, name: f"https://example.org/fhir/{kind}/{name}",
        lambda kind, name: f"{kind}/{name}/_history/2",
        lambda kind, name: f"urn:uuid:{name}",
    ],
)
def test_references_are_followed_by_type_and_id(write):
    bundle = tree()
    header = resource(bundle, "MessageHeader")
    for holder in (header["sender"], header["destination"][0]["receiver"], header["focus"][0]):
        kind, name = holder["reference"].split("/")
        holder["reference"] = write(kind, name)
    incoming = accepted(bundle)
    assert incoming.flags == []
    assert (incoming.sender, incoming.receiver) == (HOSPITAL, MUNICIPALITY)


def test_who_shall_have_the_report_is_read():
    said = read(message(report_requested=True, report_recipient=WARD)).notification
    assert said.report_requested is True
    assert said.report_recipient == WARD
    assert read(message()).notification.report_requested is None


def test_only_a_start_asks_for_a_report():
    incoming = read(message("SLHJ", report_requested=True))
    assert incoming.issues == []
    assert [flag.path for flag in incoming.flags] == ["MessageHeader.extension"]


def test_names_are_one_line_official_first():
    bundle = tree()
    resource(bundle, "Patient")["name"] = [
        {"use": "nickname", "text": "Al\nma"},
        {"use": "official", "family": "Prøve\u0000sen", "given": ["Alma", None]},
    ]
    assert accepted(bundle).notification.names == ("Alma Prøve sen", "Al ma")


@pytest.mark.parametrize(("code", "role"), [("RE_STIN", "removal"), ("AN_STIN", "revision")])
def test_a_role_that_does_not_fit_the_code_is_flagged(code, role):
    bundle = tree(code)
    resource(bundle, "Provenance", -1)["entity"][0]["role"] = role
    assert [flag.path for flag in accepted(bundle).flags] == ["Provenance.entity.role"]


def test_a_notification_does_not_show_the_person_in_logs_and_tracebacks():
    shown = repr(read(message()))
    assert "header-1" in shown
    assert PERSON.number not in shown
    assert PERSON.family not in shown


def test_the_hash_knows_xml_whatever_its_layout():
    plain = message("SLHJ", "xml")
    loose = plain.replace(b"><", b">\n  <").replace(b"<Bundle", b"<!-- again -->\n<Bundle")
    prefixed = plain.replace(b"<", b"<f:").replace(b"<f:/", b"</f:").replace(b"<f:?", b"<?")
    prefixed = prefixed.replace(b"xmlns=", b"xmlns:f=")
    assert read(loose).issues == read(prefixed).issues == []
    assert read(loose).content_hash == read(plain).content_hash == read(prefixed).content_hash
    assert read(plain.replace(b"10:00:00", b"10:00:01")).content_hash != read(plain).content_hash


def test_a_byte_order_mark_is_no_content():
    assert read(b"\xef\xbb\xbf" + message()).issues == []


def test_the_hash_knows_content_and_not_its_writing():
    bundle = tree("SLHJ")
    plain = read_tree(bundle).content_hash
    spaced = json.dumps(bundle, indent=3, ensure_ascii=False, sort_keys=True).encode()
    assert read(spaced).content_hash == plain
    resent = bundle | {"id": "another", "timestamp": "2026-03-03T00:00:00Z"}
    assert read_tree(resent).content_hash == plain
    reordered = bundle | {"entry": [bundle["entry"][0], *reversed(bundle["entry"][1:])]}
    assert read_tree(reordered).content_hash == plain
    changed = json.loads(spaced)
    resource(changed, "Encounter")["period"]["end"] = "2026-03-02T10:00:01+01:00"
    assert read_tree(changed).content_hash != plain
