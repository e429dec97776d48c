"""The Acknowledgement: two Provenances, the right words, and back to who sent the message."""

import json
import re

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome

from naer.messages import read
from naer.messages.content import Party
from naer.messages.envelope import Incoming, Issue, Sent, flag
from naer.messages.medcom import acknowledgement
from tests.contract.medcom.hospital import (
    HOSPITAL,
    MUNICIPALITY,
    at,
    counter,
    message,
    read_tree,
    resource,
    tree,
    without,
)

NAER = Party("90000000016099", "5799990000099", "Naer")
UNKNOWN_VALUE = Issue("MSG_VALUESET_VALUE_UNKNOWN", "The class must be EMER or IMP.", "Encounter.class")


def answer(incoming, answer="ok", issues=()):
    return acknowledgement.write(
        incoming,
        answer=answer,
        issues=list(issues),
        sender_fallback=NAER,
        now=at("2 10:06"),
        new_id=counter("ack"),
    )


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("word", "issues"),
    [
        ("ok", []),
        ("ok", [Issue("duplicate", "Seen before.", "", "information")]),
        ("fatal-error", [UNKNOWN_VALUE]),
        ("transient-error", []),
    ],
)
def test_an_answer_is_read_back_as_it_was_meant(form, word, issues):
    incoming = read(message(format=form))
    back = read(answer(incoming, word, issues))
    assert (back.format, back.standard, back.issues, back.flags) == (form, "medcom-acknowledgement", [], [])
    assert (back.sender, back.receiver) == (MUNICIPALITY, HOSPITAL)
    assert (back.response.message_id, back.response.code) == ("header-1", word)
    assert back.response.chained_to == "header-1"
    assert back.sent == at("2 10:06")
    if issues:
        assert [(issue.code, issue.text) for issue in back.response.issues] == [
            (issue.code, issue.text) for issue in issues
        ]
    assert bool(back.response.issues) == (word != "ok" or bool(issues))


def test_it_names_the_header_and_not_the_bundle():
    sent = json.loads(answer(read(message())))
    assert resource(sent, "MessageHeader")["response"] == {"identifier": "header-1", "code": "ok"}


@pytest.mark.parametrize("code", ["STIN", "SLOR", "AN_STIN", "MORS"])
def test_it_has_exactly_the_newest_provenance_of_the_message_and_its_own(code):
    original = tree(code)
    newest = resource(original, "Provenance", -1)
    sent = json.loads(answer(read_tree(original)))
    provenances = [e["resource"] for e in sent["entry"] if e["resource"]["resourceType"] == "Provenance"]
    repeated, own = provenances
    for name in ("id", "target", "occurredDateTime", "recorded", "activity", "entity"):
        assert repeated.get(name) == newest.get(name)
    assert own["activity"]["coding"][0]["code"] == "acknowledgement"
    assert own["entity"] == [{"role": "revision", "what": {"reference": "MessageHeader/header-1"}}]
    assert own["target"] == [{"reference": "MessageHeader/" + resource(sent, "MessageHeader")["id"]}]


def test_every_reference_in_it_leads_somewhere():
    sent = answer(read(message()), "fatal-error", [UNKNOWN_VALUE])
    bundle = json.loads(sent)
    names = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in bundle["entry"]}
    header = resource(bundle, "MessageHeader")
    named = [header["sender"], header["destination"][0]["receiver"], header["response"]["details"]]
    for provenance in (resource(bundle, "Provenance", 0), resource(bundle, "Provenance", 1)):
        named += [agent["who"] for agent in provenance["agent"]]
    assert {one["reference"] for one in named} <= names


@pytest.mark.parametrize("broken", ["Provenance", "Encounter", "Patient"])
def test_a_refused_message_gets_a_full_answer_too(broken):
    incoming = read_tree(without(tree(), broken))
    sent = answer(incoming, "fatal-error", incoming.issues)
    Bundle.model_validate_json(sent)
    bundle = json.loads(sent)
    assert [e["resource"]["resourceType"] for e in bundle["entry"]].count("Provenance") == 2
    back = read(sent)
    assert (back.issues, back.response.code) == ([], "fatal-error")
    assert {issue.code for issue in back.response.issues} == {issue.code for issue in incoming.issues}


def test_what_cannot_be_repeated_is_not():
    bundle = tree()
    own = resource(bundle, "Provenance")
    own["id"], own["occurredDateTime"] = "not an id", "soon"
    own["activity"]["coding"][0]["code"] = " two  spaces "
    sent = answer(read_tree(bundle), "fatal-error", [UNKNOWN_VALUE])
    Bundle.model_validate_json(sent)


def test_without_a_receiver_the_answer_comes_from_us():
    bundle = tree()
    del resource(bundle, "MessageHeader")["destination"]
    incoming = read_tree(bundle)
    assert read(answer(incoming, "fatal-error", incoming.issues)).sender == NAER


@pytest.mark.parametrize("word", ["ok", "fatal-error", "transient-error"])
def test_an_answer_is_fhir(word):
    issues = [] if word == "ok" else [UNKNOWN_VALUE, Issue("required", "x", "Patient"), flag("value", "y")]
    Bundle.model_validate_json(answer(read(message("SLHJ")), word, issues))


def test_an_acknowledgement_is_never_acknowledged():
    back = read(answer(read(message())))
    assert not back.answerable
    with pytest.raises(ValueError, match="id and a sender"):
        answer(back)


def test_an_answer_that_names_two_messages_is_doubted():
    sent = json.loads(answer(read(message())))
    resource(sent, "MessageHeader")["response"]["identifier"] = "another"
    back = read_tree(sent)
    assert (back.response.message_id, back.response.chained_to) == ("another", "header-1")
    assert [found.path for found in back.flags] == ["MessageHeader.response"]


def test_an_answer_of_another_word_is_refused():
    sent = json.loads(answer(read(message())))
    resource(sent, "MessageHeader")["response"]["code"] = "AE"
    assert [issue.code for issue in read_tree(sent).issues] == ["MSG_VALUESET_VALUE_UNKNOWN"]


def test_an_operation_outcome_stands_alone():
    incoming = read(b"no message")
    outcome = OperationOutcome.model_validate_json(acknowledgement.operation_outcome(incoming.issues, "json"))
    assert (outcome.issue[0].severity, outcome.issue[0].code) == ("fatal", "structure")
    assert acknowledgement.operation_outcome(incoming.issues, "xml").startswith(b"<?xml")


def test_the_same_input_gives_the_same_bytes():
    incoming = read(message())
    assert answer(incoming) == answer(incoming)


@pytest.mark.parametrize("previous", ["", "header-0", 'h"0', "100 %s"])
@pytest.mark.parametrize("header", ["header-1", 'a "quoted\\ id', "50 %(now)s", "æøå"])
@pytest.mark.parametrize("name", ["Sygehus", 'Øst 100 % "godt" \\', ""])
def test_a_plain_ok_from_its_pattern_is_what_is_written_element_by_element(
    monkeypatch, previous, header, name
):
    sent = Sent("provenance-1", header, "2026-03-01T12:00:00+01:00", "", "admit-inpatient", "", previous)
    incoming = Incoming(
        format="json", message_id=header, sender=Party("90000000016001", "", name), receiver=None, header=sent
    )
    plain = answer(incoming)
    monkeypatch.setattr(acknowledgement, "_ESCAPED", re.compile(""))
    assert plain == answer(incoming)
    assert json.loads(plain)["entry"][0]["resource"]["response"] == {"identifier": header, "code": "ok"}
