"""Application receipts, as they are written and read (HIS 80415, handbook section 4)."""

import itertools

import pytest
from lxml import etree

from naer.events.instant import ZONES, parse
from naer.messages.content import Party
from naer.messages.envelope import Incoming, Issue, Response
from naer.messages.plo import apprec
from naer.messages.plo.types import APPREC
from naer.messages.plo.xml import parse as parse_xml
from naer.messages.plo.xml import tree

NOW = parse("2026-03-02T10:00:00", ZONES["NO"])
HOSPITAL = Party(her="7101", name="Nordvik sykehus HF", service="7102", service_name="Kirurgi")
TOWN = Party(her="8801", name="Nordvik kommune", service="8802", service_name="Saksbehandling")
MESSAGE = Incoming(
    format="xml",
    standard="plo-log-innlagt",
    bundle_id="m1",
    message_id="m1",
    sender=HOSPITAL,
    receiver=TOWN,
    sent=parse("2026-03-02T09:58:12", ZONES["NO"]),
)


def ids():
    counter = itertools.count(1)
    return lambda: f"r{next(counter)}"


def written(answer="ok", issues=(), version="1.1", message=MESSAGE):
    return apprec.write(message, answer=answer, issues=issues, now=NOW, new_id=ids(), version=version)


def read(data):
    return apprec.read(tree(parse_xml(data)))


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("answer", ["ok", "ok-with-errors", "rejected"])
def test_what_is_written_is_read(version, answer):
    issues = [] if answer == "ok" else [Issue("E21", "the receiver is not one of ours", "Receiver")]
    data = written(answer, issues, version)
    assert etree.fromstring(data).tag == f"{{{APPREC[version]}}}AppRec"
    incoming = read(data)
    assert incoming.standard == "apprec"
    assert incoming.issues == []
    assert incoming.message_id == incoming.bundle_id == "r1"
    assert (incoming.sender, incoming.receiver, incoming.sent) == (TOWN, HOSPITAL, NOW)
    assert incoming.response is not None
    assert (incoming.response.message_id, incoming.response.code) == ("m1", answer)
    assert [issue.code for issue in incoming.response.issues] == [issue.code for issue in issues]
    assert not incoming.answerable


def test_a_receipt_says_of_which_message_it_is():
    original = etree.fromstring(written()).find("{*}OriginalMsgId")
    assert original.find("{*}MsgType").get("V") == "LOG_INNLAGT"
    assert original.find("{*}IssueDate").text == "2026-03-02T09:58:12+01:00"
    assert original.find("{*}Id").text == "m1"


def test_status_and_errors_have_their_national_codes():
    for answer, number in (("ok", "1"), ("rejected", "2"), ("ok-with-errors", "3")):
        receipt = etree.fromstring(written(answer))
        assert receipt.find("{*}Status").get("V") == number
    error = etree.fromstring(written("rejected", [Issue("T02", "missing", "MsgHead.MsgInfo")])).find(
        "{*}Error"
    )
    assert error.attrib["V"] == "T02"
    assert error.attrib["S"] == "2.16.578.1.12.4.1.1.8221"
    assert error.attrib["OT"] == "MsgHead.MsgInfo: missing"


def test_a_refusal_always_has_an_error_and_one_without_a_national_code_is_another_fault():
    assert [one.get("V") for one in etree.fromstring(written("rejected")).findall("{*}Error")] == ["X99"]
    receipt = etree.fromstring(written("rejected", [Issue("processing", "it was refused")]))
    assert receipt.find("{*}Error").get("V") == "X99"


def test_a_plain_ok_has_no_error_whatever_was_flagged():
    assert etree.fromstring(written("ok", [Issue("X99", "odd")])).find("{*}Error") is None


def test_a_doctor_is_a_person_of_the_institution():
    from naer.messages.content import Letter, Person

    gp = Party(her="9901", name="Nordvik legesenter", service="9902", service_name="Kari Nordmann")
    letter = Letter(
        type="LOG_DOD",
        message_id="m1",
        sent=NOW,
        sender=TOWN,
        receiver=gp,
        person=Person(number=""),
        details={"receiver_professional": True},
    )
    message = Incoming(
        format="xml", standard="plo-log-dod", message_id="m1", sender=TOWN, receiver=gp, letter=letter
    )
    data = written(message=message)
    person = etree.fromstring(data).find("{*}Sender/{*}HCP/{*}Inst/{*}HCPerson")
    assert (person.find("{*}Name").text, person.find("{*}Id").text) == ("Kari Nordmann", "9902")
    assert read(data).sender == gp


def test_what_cannot_be_addressed_gets_no_receipt():
    for message in (
        Incoming(format="xml", sender=HOSPITAL),
        Incoming(format="xml", message_id="m1"),
        Incoming(format="xml", message_id="m1", sender=HOSPITAL, response=Response("m0", "ok")),
    ):
        with pytest.raises(ValueError, match="only a message"):
            written(message=message)


@pytest.mark.parametrize("missing", ["Id", "Status", "OriginalMsgId"])
def test_a_receipt_without_what_matters_is_refused(missing):
    receipt = etree.fromstring(written())
    receipt.remove(receipt.find(f"{{*}}{missing}"))
    incoming = read(etree.tostring(receipt))
    assert [issue.code for issue in incoming.issues] == ["T02"]
    assert incoming.response is None


def test_an_unknown_status_is_refused():
    receipt = etree.fromstring(written())
    receipt.find("{*}Status").set("V", "4")
    assert [issue.path for issue in read(etree.tostring(receipt)).issues] == ["AppRec.Status"]


def test_elements_of_another_version_do_not_belong_in_a_receipt():
    data = written().replace(b"<Status ", b'<Status xmlns="' + APPREC["1.0"].encode() + b'" ')
    assert [issue.code for issue in read(data).issues] == ["T02"]


def test_another_root_is_no_receipt():
    incoming = read(b"<AppRec/>")
    assert [issue.code for issue in incoming.issues] == ["T10"]
    assert incoming.content_hash


def test_a_party_may_be_a_professional_alone_or_have_its_her_id_beside_another():
    receipt = etree.fromstring(written())
    space = f"{{{APPREC['1.1']}}}"
    hcp = receipt.find(f"{space}Sender/{space}HCP")
    inst = hcp.find(f"{space}Inst")
    inst.find(f"{space}TypeId").set("V", "ENH")
    other = etree.SubElement(inst, f"{space}AdditionalId")
    etree.SubElement(other, f"{space}Id").text = "4711"
    etree.SubElement(other, f"{space}Type").set("V", "HER")
    assert read(etree.tostring(receipt)).sender.her == "4711"
    hcp.remove(inst)
    alone = etree.SubElement(hcp, f"{space}HCProf")
    etree.SubElement(alone, f"{space}Name").text = "Kari Nordmann"
    assert read(etree.tostring(receipt)).sender == Party(service_name="Kari Nordmann")


def test_the_hash_is_of_what_is_said_not_of_how_it_is_written():
    data = written()
    assert read(data.replace(b'"', b"'", 2).replace(b"><", b">\n<")).content_hash == read(data).content_hash
    assert read(data.replace(b"m1", b"m2")).content_hash != read(data).content_hash


def test_names_that_xml_cannot_hold_are_written_all_the_same():
    message = Incoming(format="xml", message_id="m1", sender=Party(her="1", name="a\x00b\x0bc"))
    assert read(written(message=message)).receiver.name == "a\ufffdb\ufffdc"
