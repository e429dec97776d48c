"""What the standard says must be refused, one rule a row; and that nothing personal is repeated."""

import json
import subprocess
import sys

import pytest

from naer.messages import read
from tests.contract.medcom.hospital import PERSON, message, read_tree, resource, tree, without


def patient(bundle):
    return resource(bundle, "Patient")


def encounter(bundle):
    return resource(bundle, "Encounter")


def header(bundle):
    return resource(bundle, "MessageHeader")


def own(bundle):
    return resource(bundle, "Provenance")


def put(holder, *path_and_value):
    """A change: the value at a path below a resource; None removes it."""
    *path, value = path_and_value

    def change(bundle):
        node = holder(bundle)
        for step in path[:-1]:
            node = node[step]
        if value is None:
            del node[path[-1]]
        else:
            node[path[-1]] = value

    return change


def number(value):
    return put(patient, "identifier", 0, "value", value)


def bundle_of(tree):
    return tree


def again(kind):
    return lambda bundle: bundle["entry"].append({"resource": dict(resource(bundle, kind), id="again")})


def drop(kind):
    def change(bundle):
        bundle["entry"] = without(bundle, kind)["entry"]

    return change


REFUSED = {
    "no bundle id": (put(bundle_of, "id", None), "required", "Bundle.id"),
    "bundle id too long": (put(bundle_of, "id", "x" * 65), "MSG_Element_To_Long", "Bundle.id"),
    "bundle id no text": (put(bundle_of, "id", 7), "MSG_Datatype_Wrong", "Bundle.id"),
    "bundle id unprintable": (put(bundle_of, "id", "a\u0000b"), "value", "Bundle.id"),
    "no message bundle": (put(bundle_of, "type", "collection"), "value", "Bundle.type"),
    "no timestamp": (put(bundle_of, "timestamp", None), "required", "Bundle.timestamp"),
    "no entries": (put(bundle_of, "entry", []), "required", "Bundle.entry"),
    "an entry without resource": (put(bundle_of, "entry", 1, {}), "structure", "Bundle.entry[1]"),
    "header not first": (lambda b: b["entry"].reverse(), "structure", "Bundle.entry[0]"),
    "no header": (drop("MessageHeader"), "structure", "Bundle.entry[0]"),
    "two headers": (again("MessageHeader"), "structure", "Bundle.entry"),
    "no message id": (put(header, "id", None), "required", "MessageHeader.id"),
    "message id too long": (put(header, "id", "x" * 65), "MSG_Element_To_Long", "MessageHeader.id"),
    "no event code": (put(header, "eventCoding", None), "required", "MessageHeader.eventCoding"),
    "a message type not received": (
        put(header, "eventCoding", "code", "home-care-observation-message"),
        "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE",
        "MessageHeader.eventCoding",
    ),
    "an empty message": (
        put(header, "eventCoding", "code", "empty-message"),
        "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE",
        "MessageHeader.eventCoding",
    ),
    "no receiver": (
        put(header, "destination", None),
        "MSG_Receiver_Identifier_MISSING",
        "MessageHeader.destination",
    ),
    "destination names no receiver": (
        lambda b: header(b)["destination"][0].pop("receiver"),
        "MSG_Receiver_Identifier_MISSING",
        "MessageHeader.destination.receiver",
    ),
    "receiver without ids": (
        lambda b: header(b)["destination"][0].update(receiver={"reference": "Organization/x"}, endpoint=""),
        "MSG_Receiver_Identifier_MISSING",
        "MessageHeader.destination.receiver",
    ),
    "carbon copy": (
        lambda b: header(b)["destination"].append(dict(header(b)["destination"][0])),
        "invariant",
        "MessageHeader.destination",
    ),
    "receiver not primary": (
        put(header, "destination", 0, "extension", 0, "valueCoding", "code", "cc"),
        "invariant",
        "MessageHeader.destination.extension",
    ),
    "no sender": (
        lambda b: header(b).update(sender={"reference": "Organization/x"}, source={}),
        "required",
        "MessageHeader.sender",
    ),
    "no patient": (drop("Patient"), "required", "Patient"),
    "two patients": (again("Patient"), "invariant", "Patient"),
    "patient not by CPR": (
        put(patient, "identifier", 0, "system", "urn:oid:1.2.208.176.1.6.1.1"),
        "invariant",
        "Patient.identifier",
    ),
    "two person numbers": (
        lambda b: patient(b)["identifier"].append(dict(patient(b)["identifier"][0], value="7301901234")),
        "invariant",
        "Patient.identifier",
    ),
    "number too short": (number("720190123"), "value", "Patient.identifier"),
    "number with letters": (number("720190123X"), "value", "Patient.identifier"),
    "number of other digits": (number("٧٢٠١٩٠١٢٣٤"), "value", "Patient.identifier"),
    "number of no day": (number("9201901234"), "value", "Patient.identifier"),
    "number of no month": (number("7213901234"), "value", "Patient.identifier"),
    "no 29 February in 1900": (number("8902000234"), "value", "Patient.identifier"),
    "no encounter": (drop("Encounter"), "required", "Encounter"),
    "no class": (put(encounter, "class", None), "required", "Encounter.class"),
    "class not in the value set": (
        put(encounter, "class", "code", "AMB"),
        "MSG_VALUESET_VALUE_UNKNOWN",
        "Encounter.class",
    ),
    "no status": (put(encounter, "status", None), "required", "Encounter.status"),
    "status not in the value set": (
        put(encounter, "status", "planned"),
        "MSG_VALUESET_VALUE_UNKNOWN",
        "Encounter.status",
    ),
    "no start": (put(encounter, "period", "start", None), "required", "Encounter.period.start"),
    "no period": (put(encounter, "period", None), "required", "Encounter.period.start"),
    "start no time": (
        put(encounter, "period", "start", "yesterday"),
        "MSG_Datatype_Wrong",
        "Encounter.period.start",
    ),
    "start on no day": (
        put(encounter, "period", "start", "2026-02-30T10:00:00+01:00"),
        "MSG_Datatype_Wrong",
        "Encounter.period.start",
    ),
    "start in another age": (
        put(encounter, "period", "start", "0001-01-01T00:00:00+14:00"),
        "MSG_Datatype_Wrong",
        "Encounter.period.start",
    ),
    "start a number": (put(encounter, "period", "start", 5), "MSG_Datatype_Wrong", "Encounter.period.start"),
    "no episode": (
        put(encounter, "episodeOfCare", None),
        "required",
        "Encounter.episodeOfCare.identifier",
    ),
    "an empty episode": (
        put(encounter, "episodeOfCare", 0, "identifier", "value", "urn:uuid:"),
        "required",
        "Encounter.episodeOfCare.identifier",
    ),
    "episode too long": (
        put(encounter, "episodeOfCare", 0, "identifier", "value", "e" * 65),
        "MSG_Element_To_Long",
        "Encounter.episodeOfCare.identifier",
    ),
    "on leave since when": (put(encounter, "status", "onleave"), "invariant", "Encounter.extension"),
    "no provenance": (drop("Provenance"), "required", "Provenance"),
    "no activity": (put(own, "activity", None), "MSG_VALUESET_VALUE_UNKNOWN", "Provenance.activity"),
    "activity unknown": (
        put(own, "activity", "coding", 0, "code", "admit-somewhere"),
        "MSG_VALUESET_VALUE_UNKNOWN",
        "Provenance.activity",
    ),
    "never sent": (
        lambda b: [own(b).pop(name) for name in ("occurredDateTime", "recorded")],
        "required",
        "Provenance.occurredDateTime",
    ),
    "sent no time": (
        put(own, "occurredDateTime", "soon"),
        "MSG_Datatype_Wrong",
        "Provenance.occurredDateTime",
    ),
    "deceased no truth": (
        put(patient, "deceasedBoolean", "yes"),
        "MSG_Datatype_Wrong",
        "Patient.deceasedBoolean",
    ),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_refused(rule):
    change, code, path = REFUSED[rule]
    bundle = tree()
    change(bundle)
    incoming = read_tree(bundle)
    assert (code, path) in [(issue.code, issue.path) for issue in incoming.issues]
    assert incoming.notification is None
    assert {issue.severity for issue in incoming.issues} <= {"error", "fatal"}


def test_an_older_activity_that_is_unknown_refuses_too():
    bundle = tree("SLHJ")
    own(bundle)["activity"]["coding"][0]["code"] = "admit-somewhere"
    assert [issue.code for issue in read_tree(bundle).issues] == ["MSG_VALUESET_VALUE_UNKNOWN"]


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"", "json"),
        (b"hello", "json"),
        (b"\xff\xfe\x00", "json"),
        (b"{", "json"),
        (b"[]", "json"),
        (b"null", "json"),
        (b'{"resourceType": "Patient"}', "json"),
        (b'{"resourceType": "Bundle", "id": "\\ud800"}', "json"),
        (b"<", "xml"),
        (b"<Bundle/>", "xml"),
        (b"<Bundle xmlns='http://hl7.org/fhir'>", "xml"),
        (b"<Patient xmlns='http://hl7.org/fhir'/>", "xml"),
        (b"\xef\xbb\xbf<Bundle xmlns='http://hl7.org/v3'/>", "xml"),
    ],
)
def test_what_is_no_bundle_is_unreadable_and_cannot_be_acknowledged(data, form):
    incoming = read(data)
    assert incoming.format == form
    assert [issue.severity for issue in incoming.issues] == ["fatal"]
    assert not incoming.answerable
    assert len(incoming.content_hash) == 64


def test_the_content_type_decides_only_where_the_bytes_do_not():
    assert read(b"", "application/fhir+xml; charset=utf-8").format == "xml"
    assert read(message(), "application/fhir+xml").format == "json"


@pytest.mark.parametrize(
    "prologue",
    [
        b'<!DOCTYPE Bundle [<!ENTITY a "x">]>',
        b'<!DOCTYPE Bundle SYSTEM "file:///etc/passwd">',
        b'<?xml version="1.0"?><!DOCTYPE Bundle [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]>',
    ],
)
def test_xml_with_a_document_type_is_refused(prologue):
    data = prologue + message(format="xml").split(b"?>", 1)[1]
    assert [issue.code for issue in read(data).issues] == ["structure"]


def test_a_document_type_cannot_hide_in_another_encoding():
    text = '<!DOCTYPE Bundle [<!ENTITY a "x">]><Bundle xmlns="http://hl7.org/fhir"/>'
    assert read(text.encode("utf-16")).issues
    assert read(b'<?xml version="1.0" encoding="utf-7"?>' + text.encode("utf-7")).issues


@pytest.mark.parametrize("depth", [60, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_what_nests_too_deep_is_refused(depth, opening, closing):
    deep = opening * depth + "1" + closing * depth
    data = message().replace(b'"type":"message"', b'"type":"message","deep":' + deep.encode())
    assert [issue.code for issue in read(data).issues] == ["structure"]


@pytest.mark.parametrize("data", ["b'[' * 10_000", "b'{\"a\":' * 200_000", "b'<a>' * 200_000"])
def test_what_nests_without_end_is_refused_where_the_stack_is_small(data):
    """As in a thread of the server: a reader that recurses for every level would end the whole process."""
    program = f"""
import threading
from naer.messages import read
threading.stack_size(256 * 1024)
thread = threading.Thread(target=lambda: print([issue.code for issue in read({data}).issues]))
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "['structure']\n")


@pytest.mark.parametrize("text", ["[" * 100, "{" * 100 + '\\"', "[{" * 50])
def test_brackets_in_a_text_nest_nothing(text):
    bundle = tree()
    resource(bundle, "Patient")["name"][0]["family"] = text
    assert read_tree(bundle).issues == []


def test_xml_that_nests_too_deep_is_refused():
    deep = b"<a>" * 200 + b"</a>" * 200
    data = message(format="xml").replace(b"</Bundle>", deep + b"</Bundle>")
    assert [issue.code for issue in read(data).issues] == ["structure"]


def test_what_is_too_large_is_refused():
    assert [issue.code for issue in read(message() + b" " * 5_000_000).issues] == ["too-long"]


def test_a_message_of_countless_entries_is_refused():
    bundle = tree()
    bundle["entry"] += [{"resource": {"resourceType": "Basic"}}] * 1000
    assert "too-long" in [issue.code for issue in read_tree(bundle).issues]


def test_refusals_and_flags_never_repeat_what_the_message_says():
    secret = PERSON.number
    for change, _, _ in REFUSED.values():
        bundle = tree()
        change(bundle)
        encounter_text = json.dumps(bundle).replace("admit-somewhere", secret).replace("yesterday", secret)
        incoming = read(encounter_text.encode())
        assert secret not in repr(incoming.issues) + repr(incoming.flags)
        assert PERSON.family not in repr(incoming.issues) + repr(incoming.flags)


def test_a_refused_message_with_header_and_sender_can_be_answered():
    bundle = without(tree(), "Encounter")
    assert read_tree(bundle).answerable
    resource(bundle, "MessageHeader").update(sender={}, source={})
    assert not read_tree(bundle).answerable
