"""A CareCommunication: what refuses it, what is only flagged, and what may be sent."""

import json

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle
from lxml import etree

from naer.messages.content import Person, Segment
from naer.messages.medcom import acknowledgement
from naer.messages.medcom.carecommunication import normalised, write
from naer.messages.medcom.carecommunication_codes import (
    CATEGORIES,
    FORBIDDEN_ACTIVITIES,
    NATIONAL_REPLACEMENT,
    key,
)
from naer.messages.medcom.carecommunication_faults import faults
from naer.messages.medcom.codes import CPR
from naer.messages.medcom.reader import read
from tests.contract.medcom.hospital import HOSPITAL, MUNICIPALITY, at, counter, read_tree, resource
from tests.contract.medcom.letters import (
    ALMA,
    OTHER_THREAD,
    PDF,
    STAY,
    THREAD,
    broken,
    came,
    care,
    file,
    named,
    text,
    written,
)

REGION = "urn:oid:1.2.208.176.1.6.1.3.81"


def said(bundle):
    return resource(bundle, "Communication")


def change(*path):
    """Sets what the last but one names in the Communication; None takes it away."""
    *names, name, value = path

    def done(bundle):
        holder = said(bundle)
        for step in names:
            holder = holder[step]
        if value is None:
            del holder[name]
        else:
            holder[name] = value

    return done


def patient(*identifiers):
    def done(bundle):
        resource(bundle, "Patient")["identifier"] = [
            {"system": system, "value": value} for system, value in identifiers
        ]

    return done


def activity(code):
    def done(bundle):
        resource(bundle, "Provenance")["activity"]["coding"][0]["code"] = code

    return done


def second(kind):
    def done(bundle):
        other = json.loads(json.dumps(resource(bundle, kind))) | {"id": "another"}
        bundle["entry"].append({"fullUrl": f"urn:x:{kind}/another", "resource": other})

    return done


def without(kind):
    def done(bundle):
        bundle["entry"] = [e for e in bundle["entry"] if e["resource"]["resourceType"] != kind]

    return done


REFUSED = {
    "no communication": (without("Communication"), "required", "Communication"),
    "two communications, none in focus": (
        lambda b: (second("Communication")(b), resource(b, "MessageHeader").pop("focus")),
        "structure",
        "MessageHeader.focus",
    ),
    "no patient": (without("Patient"), "required", "Patient"),
    "two patients": (second("Patient"), "invariant", "Patient"),
    "patient without a number": (patient(), "required", "Patient.identifier"),
    "an official number that cannot be one": (
        patient((CPR, "9999999999")),
        "value",
        "Patient.identifier",
    ),
    "two official numbers": (
        patient((CPR, "7201901234"), (CPR, "7101901234")),
        "invariant",
        "Patient.identifier",
    ),
    "no thread": (change("identifier", None), "required", "Communication.identifier"),
    "an empty thread": (change("identifier", 0, "value", " "), "required", "Communication.identifier"),
    "a thread too long": (
        change("identifier", 0, "value", "x" * 65),
        "MSG_Element_To_Long",
        "Communication.identifier",
    ),
    "no category": (change("category", None), "required", "Communication.category"),
    "an empty category": (change("category", [{"text": "x"}]), "required", "Communication.category"),
    "other without a topic": (
        change("category", 0, "coding", 0, "code", "other"),
        "invariant",
        "Communication.topic",
    ),
    "no payload": (change("payload", None), "required", "Communication.payload.contentString"),
    "a text of blanks": (
        change("payload", 0, "contentString", " \n "),
        "required",
        "Communication.payload.contentString",
    ),
    "an attachment that is not base64": (
        change("payload", 1, "contentAttachment", "data", "%%%"),
        "MSG_Datatype_Wrong",
        "Communication.payload.contentAttachment.data",
    ),
    "a time that is none": (
        change("payload", 0, "extension", 0, "valueDateTime", "yesterday"),
        "MSG_Datatype_Wrong",
        "Communication.payload.extension.valueDateTime",
    ),
    "no receiver": (
        lambda b: resource(b, "MessageHeader").pop("destination"),
        "MSG_Receiver_Identifier_MISSING",
        "MessageHeader.destination",
    ),
} | {
    f"activity {code}": (activity(code), "MSG_VALUESET_VALUE_UNKNOWN", "Provenance.activity")
    for code in FORBIDDEN_ACTIVITIES
}


@pytest.mark.parametrize("rule", REFUSED)
def test_refused(rule):
    alter, code, path = REFUSED[rule]
    bundle = broken(care("m1", "2 10:00", text(1, "2 10:00"), file(2, "2 10:00")))
    assert read_tree(bundle).issues == []
    alter(bundle)
    incoming = read_tree(bundle)
    assert (code, path) in [(issue.code, issue.path) for issue in incoming.issues]
    assert incoming.letter is None
    assert incoming.answerable
    answer = acknowledgement.write(
        incoming,
        answer="fatal-error",
        issues=incoming.issues,
        sender_fallback=MUNICIPALITY,
        now=at("2 10:06"),
        new_id=counter(),
    )
    assert read(answer).response.code == "fatal-error"


FLAGGED = {
    "an unknown category": (
        change("category", 0, "coding", 0, "code", "gardening"),
        "MSG_VALUESET_VALUE_UNKNOWN",
    ),
    "a category of another system": (
        change("category", 0, "coding", 0, "system", "urn:x"),
        "MSG_CodeSystem_VALUE_UNKNOWN",
    ),
    "a priority where none may be": (change("priority", "asap"), "invariant"),
    "an unknown priority": (change("priority", "stat"), "MSG_VALUESET_VALUE_UNKNOWN"),
    "another status": (change("status", "completed"), "value"),
    "another activity": (activity("admit-inpatient"), "MSG_VALUESET_VALUE_UNKNOWN"),
    "no provenance": (without("Provenance"), "required"),
    "a segment without an id": (change("payload", 0, "extension", 1, {"url": "x"}), "required"),
    "a segment without a time": (change("payload", 0, "extension", 0, {"url": "x"}), "required"),
    "a text without an author": (change("payload", 0, "extension", 2, {"url": "x"}), "required"),
    "an attachment of a type not allowed": (
        change("payload", 1, "contentAttachment", "contentType", "text/html"),
        "MSG_VALUESET_VALUE_UNKNOWN",
    ),
    "an attachment without a title": (
        change("payload", 1, "contentAttachment", "title", None),
        "required",
    ),
    "a character no database holds": (
        change("payload", 0, "contentString", "a\x00b"),
        "value",
    ),
    "one id for two texts": (
        lambda b: said(b)["payload"].append(said(b)["payload"][0] | {"contentString": "Andet."}),
        "conflict",
    ),
    "a number of an unknown register": (
        patient(("urn:oid:1.2.3", "X1")),
        "MSG_CodeSystem_VALUE_UNKNOWN",
    ),
    "two recipients": (
        change("recipient", [{"reference": "CareTeam/a"}, {"reference": "CareTeam/b"}]),
        "structure",
    ),
}


@pytest.mark.parametrize("rule", FLAGGED)
def test_accepted_with_a_flag(rule):
    alter, code = FLAGGED[rule]
    bundle = broken(care("m1", "2 10:00", text(1, "2 10:00", "Ring."), file(2, "2 10:00")))
    alter(bundle)
    incoming = read_tree(bundle)
    assert incoming.issues == []
    assert code in [flag.code for flag in incoming.flags]
    texts = [one.text for one in incoming.letter.conversation.segments]
    assert ("a\ufffdb" if rule == "a character no database holds" else "Ring.") in texts


def test_what_follows_every_rule_has_no_remark():
    letter = care("m1", "2 10:00", text(1, "2 10:00"), file(2, "2 10:00"), episode=STAY)
    for form in ("json", "xml"):
        incoming = came(letter, form)
        assert (incoming.issues, incoming.flags) == ([], [])
        assert incoming.letter == normalised(letter)
        assert incoming.sent == at("2 10:00")


def test_its_one_fact_is_that_somebody_wrote_when_the_newest_was_written():
    letter = care("m1", "2 10:00", text(1, "2 09:00"), text(2, "2 09:30"))
    (fact,) = came(letter).letter.facts
    assert (fact.kind, fact.at, fact.suffix) == ("correspondence", at("2 09:30"), "")
    assert fact.attributes == {
        "thread": THREAD,
        "category": "carecoordination",
        "activity": "new-message",
    }


@pytest.mark.parametrize(
    ("numbers", "first"),
    [
        ([(NATIONAL_REPLACEMENT, "720190-1VJ4")], (NATIONAL_REPLACEMENT, "7201901VJ4")),
        ([(REGION, "7201901AB4")], (REGION, "7201901AB4")),
        ([(REGION, "7201901AB4"), (CPR, "7201901234")], (CPR, "7201901234")),
        (
            [(REGION, "7201901AB4"), (NATIONAL_REPLACEMENT, "7201901VJ4")],
            (NATIONAL_REPLACEMENT, "7201901VJ4"),
        ),
    ],
)
def test_replacement_numbers_are_read_and_the_official_one_comes_first(numbers, first):
    bundle = broken(care("m1", "2 10:00"))
    patient(*numbers)(bundle)
    incoming = read_tree(bundle)
    assert (incoming.issues, incoming.flags) == ([], [])
    person = incoming.letter.person
    assert (person.system, person.number) == first
    assert len(person.others) == len(numbers) - 1


def test_a_replacement_number_is_sent_as_a_temporary_one():
    someone = Person(number="7201901VJ4", system=NATIONAL_REPLACEMENT, family="Prøvesen")
    bundle = broken(care("m1", "2 10:00", person=someone))
    assert resource(bundle, "Patient")["identifier"] == [
        {"use": "temp", "system": NATIONAL_REPLACEMENT, "value": "7201901VJ4"}
    ]


def test_a_reply_leaves_the_content_of_quoted_attachments_out_and_a_forward_keeps_it():
    quoted = [text(1, "2 10:00", new=False, assigner="1"), file(2, "2 10:00", new=False, assigner="1")]
    for kind, data in (("reply-message", None), ("forward-message", PDF)):
        letter = care("m2", "3 10:00", *quoted, text(3, "3 10:00"), activity=kind, previous="m1")
        segments = came(letter).letter.conversation.segments
        assert [one.new for one in segments] == [False, False, True]
        assert [one.data for one in segments] == [None, data, None]
        assert segments[1].title == "Bilag 2"


def test_where_the_provenance_names_nothing_of_the_message_the_unknown_is_new():
    letter = care("m2", "3 10:00", text(1, "3 10:00"), activity="reply-message", previous="m1")
    bundle = broken(letter)
    resource(bundle, "Provenance")["entity"][0]["what"]["identifier"]["value"] = named(99)
    incoming = read_tree(bundle)
    assert [one.new for one in incoming.letter.conversation.segments] == [True]
    assert "not-found" in [flag.code for flag in incoming.flags]


@pytest.mark.parametrize("name", ["5790000121526#B30", "B30#5790000121526"])
def test_the_message_before_may_be_in_the_old_format(name):
    bundle = broken(care("m2", "3 10:00", activity="reply-message", previous=name))
    incoming = read_tree(bundle)
    assert incoming.letter.parent == "B30"
    assert incoming.letter.conversation.previous == name
    assert incoming.flags == []
    again = resource(json.loads(written(incoming.letter)), "Provenance")
    assert {"role": "revision", "what": {"identifier": {"value": name}}} in again["entity"]


def test_the_same_id_is_one_id_in_every_format():
    old = "0DD5A0F0AAAA4AAA8AAA000000000001"
    assert key(THREAD) == key(old) == key(THREAD.removeprefix("urn:uuid:"))


def test_who_is_meant_inside_the_organisations():
    letter = care("m1", "2 10:00", from_unit="Ib Test Hansen", from_role="sygeplejerske", to_unit="Team Nord")
    bundle = broken(letter)
    assert resource(bundle, "CareTeam")["managingOrganization"][0]["reference"].startswith("Organization/")
    conversation = read_tree(bundle).letter.conversation
    assert (conversation.from_unit, conversation.from_role) == ("Ib Test Hansen", "sygeplejerske")
    assert (conversation.to_unit, conversation.to_role) == ("Team Nord", "")


def test_its_acknowledgement_repeats_the_newest_provenance():
    letter = care("m2", "3 10:00", activity="reply-message", previous="m1")
    sent = acknowledgement.write(
        came(letter),
        answer="ok",
        issues=[],
        sender_fallback=MUNICIPALITY,
        now=at("3 10:01"),
        new_id=counter(),
    )
    back = read(sent)
    assert (back.response.message_id, back.response.code, back.flags) == ("m2", "ok", [])
    repeated = resource(json.loads(sent), "Provenance")
    assert repeated["activity"]["coding"][0]["code"] == "reply-message"
    assert repeated["entity"] == [{"role": "revision", "what": {"reference": "MessageHeader/m1"}}]


UNSENDABLE = {
    "no category": care("m", "2 10:00", category=""),
    "unknown category": care("m", "2 10:00", category="gardening"),
    "other without a topic": care("m", "2 10:00", category="other"),
    "a priority without a referral": care("m", "2 10:00", priority="asap"),
    "an unknown priority": care("m", "2 10:00", category="regarding-referral", priority="stat"),
    "a reply to nothing": care("m", "2 10:00", activity="reply-message"),
    "a new message with one before": care("m", "2 10:00", previous="m0"),
    "a thread without a UUID": care("m", "2 10:00", thread="t1"),
    "nothing new": care(
        "m", "2 10:00", text(1, "2 10:00", new=False), activity="reply-message", previous="x"
    ),
    "no text": care("m", "2 10:00", file(1, "2 10:00")),
    "no author": care("m", "2 10:00", text(1, "2 10:00", author="")),
    "no role": care("m", "2 10:00", text(1, "2 10:00", role="")),
    "no phone": care("m", "2 10:00", text(1, "2 10:00", phone="")),
    "a segment without a UUID": care("m", "2 10:00", text(1, "2 10:00", id="s1")),
    "a web page": care("m", "2 10:00", text(1, "2 10:00"), file(2, "2 10:00", content_type="text/html")),
    "a script as a link": care(
        "m", "2 10:00", text(1, "2 10:00"), Segment(id=named(2), at=0, title="x", url="javascript:alert(1)")
    ),
    "an attachment without a title": care("m", "2 10:00", text(1, "2 10:00"), file(2, "2 10:00", title="")),
    "an attachment of nothing": care("m", "2 10:00", text(1, "2 10:00"), file(2, "2 10:00", data=None)),
    "a copy": care("m", "2 10:00", copies=(HOSPITAL,)),
    "a sender without a location number": care(
        "m", "2 10:00", sender=msgspec.structs.replace(HOSPITAL, gln="")
    ),
    "itself before it": care("m", "2 10:00", activity="reply-message", previous="m"),
    "a number that cannot be": care(
        "m", "2 10:00", person=msgspec.structs.replace(ALMA, number="9999999999")
    ),
    "a control character": care("m", "2 10:00", text(1, "2 10:00", "a\x00b")),
}


@pytest.mark.parametrize("case", UNSENDABLE)
def test_a_letter_that_breaks_a_rule_is_not_written(case):
    letter = UNSENDABLE[case]
    found = faults(letter)
    assert found
    with pytest.raises(ValueError, match="not a CareCommunication") as raised:
        write(letter, new_id=counter())
    assert ALMA.number not in str(raised.value)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_can_be_sent_and_is_valid_fhir(category):
    letter = care(
        "m1", "2 10:00", text(1, "2 10:00"), file(2, "2 10:00"),
        category=category, topic="Emne", episode=STAY, to_unit="Team Nord",
        priority="asap" if category == "regarding-referral" else "",
    )  # fmt: skip
    bundle = broken(letter)
    Bundle.model_validate(bundle)
    assert read_tree(bundle).letter.conversation.category == category


def test_the_named_constraints_of_the_standard_hold_for_what_is_written():
    """MedCom CareCommunication 5.0 invariants 1-15, and what the messaging profiles demand."""
    letter = care(
        "m2", "3 10:00",
        text(1, "2 10:00", new=False, assigner=MUNICIPALITY.sor), text(2, "3 10:00"), file(3, "3 10:00"),
        activity="forward-message", thread=OTHER_THREAD, previous="m1", episode=STAY,
        from_unit="Ib Test Hansen", from_role="sygeplejerske", to_unit="Team Nord",
    )  # fmt: skip
    bundle = broken(letter)
    header, communication = resource(bundle, "MessageHeader"), said(bundle)
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds[0] == "MessageHeader"
    assert header["meta"]["profile"][0].endswith("/medcom-careCommunication-messageHeader")
    assert header["definition"].endswith("|5.0")
    assert len(header["destination"]) == kinds.count("Patient") == kinds.count("Communication") == 1
    provenances = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Provenance"]
    assert all(
        one["meta"]["profile"][0].endswith("/medcom-careCommunication-provenance") for one in provenances
    )
    assert all(any(e["role"] == "source" for e in one["entity"]) for one in provenances)
    by_name = {
        f"{e['resource']['resourceType']}/{e['resource']['id']}": e["resource"] for e in bundle["entry"]
    }
    by = by_name[communication["extension"][0]["valueReference"]["reference"]]
    assert by["organization"] == header["sender"]
    to = by_name[communication["recipient"][0]["reference"]]
    assert to["managingOrganization"] == [header["destination"][0]["receiver"]]
    assert by_name[communication["encounter"]["reference"]]["episodeOfCare"][0]["identifier"]["value"]
    for payload in communication["payload"]:
        urls = [one["url"].rpartition("-")[0].rpartition("-")[2] for one in payload["extension"]]
        assert {"datetime", "identifier"} <= set(urls)
        if "contentString" in payload:
            assert {"practitioner", "contact"} <= set(urls)
    for name, one in by_name.items():
        if name.startswith("PractitionerRole/"):
            assert by_name[one["practitioner"]["reference"]]["name"][0]["family"]
            assert len(one["code"]) == 1
    referred = {ref for ref in json.dumps(bundle).split('"') if "/" in ref and ref.split("/")[0] in kinds}
    known = set(by_name) | {"MessageHeader/m1"}
    assert referred <= known


def test_every_resource_has_a_narrative_that_says_what_it_says_and_holds_no_markup_of_its_own():
    letter = care("m1", "2 10:00", text(1, "2 10:00", "Linje <b>1</b>\nLinje 2 &"), file(2, "2 10:00"))
    for entry in broken(letter)["entry"]:
        told = entry["resource"]["text"]
        assert list(entry["resource"])[:4] == ["resourceType", "id", "meta", "text"]
        div = etree.fromstring(told["div"])
        assert div.tag == "{http://www.w3.org/1999/xhtml}div"
        assert {one.tag.rpartition("}")[2] for one in div.iter()} <= {"div", "p", "br"}
    communication = said(broken(letter))["text"]
    assert communication["status"] == "extensions"
    assert "Linje &lt;b&gt;1&lt;/b&gt;<br/>Linje 2 &amp;" in communication["div"]
    assert "Bilag 2" in communication["div"]
    assert "JVBERi" not in communication["div"]
    in_xml = etree.fromstring(written(letter, "xml"))
    assert len(in_xml.findall(".//{http://www.w3.org/1999/xhtml}div")) == len(broken(letter)["entry"])


def test_nothing_of_the_person_shows_in_a_repr():
    incoming = came(care("m1", "2 10:00"))
    for shown in (repr(incoming), repr(incoming.letter), repr(incoming.letter.conversation)):
        assert ALMA.number not in shown
        assert ALMA.family not in shown
