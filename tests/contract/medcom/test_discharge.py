"""The discharge family: what a letter may say, what refuses it, and how versions and stays are found."""

import itertools
import json

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle

from naer.events.kinds import KINDS
from naer.events.log import effective
from naer.messages.content import Fact, Letter
from naer.messages.letter_events import events
from naer.messages.linking import link
from naer.messages.medcom import discharge
from naer.messages.medcom.discharge_codes import TYPES
from naer.messages.medcom.discharge_faults import faults
from naer.messages.writing import standard_of
from tests.contract.medcom.hospital import HOSPITAL, MUNICIPALITY, at, counter, event, read_tree, resource
from tests.contract.medcom.letters import ALMA, STAY, broken, came, care, text, written


def report(name="XDIS19", message_id="r1", when="3 10:00", **changes):
    """A letter that says what its type is for."""
    given = {
        "type": name,
        "message_id": message_id,
        "sent": at(when),
        "sender": HOSPITAL,
        "receiver": MUNICIPALITY,
        "person": ALMA,
        "episode": STAY,
        "facts": (Fact(kind=TYPES[name].kinds[0], at=at(when)),),
    }
    return Letter(**(given | changes))


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_type_is_read_back_without_a_remark(name, form):
    letter = report(name, notes=(("Bemærkning", "Linje 1\nLinje 2 <&>"),), details={"ward": "B2", "days": 3})
    incoming = came(letter, form)
    assert (incoming.issues, incoming.flags) == ([], [])
    assert incoming.standard == standard_of(letter) == TYPES[name].standard
    assert incoming.letter == discharge.normalised(letter)
    assert incoming.letter.version == TYPES[name].version
    Bundle.model_validate(broken(letter))


def test_the_vocabulary_says_which_letter_carries_what():
    for name, kind in TYPES.items():
        for one in kind.kinds:
            assert any(name in carrier for carrier in KINDS[one].carried_by), (name, one)


def test_a_day_is_its_first_instant_in_danish_time():
    letter = report("G-GOP", facts=(Fact(kind="rehabilitation_plan", at=at("29"), precision="day"),))
    bundle = broken(letter)
    assert resource(bundle, "Observation")["effectiveDateTime"] == "2026-03-29"
    assert read_tree(bundle).letter.facts == letter.facts


def say(kind):
    def done(bundle):
        resource(bundle, "Observation")["code"]["coding"][0]["code"] = kind

    return done


def composition(name, value):
    def done(bundle):
        resource(bundle, "Composition")[name] = value

    return done


def without(kind):
    def done(bundle):
        bundle["entry"] = [e for e in bundle["entry"] if e["resource"]["resourceType"] != kind]

    return done


REFUSED = {
    "a death in a letter about readiness": (say("died"), "MSG_VALUESET_VALUE_UNKNOWN"),
    "nothing of what it is for": (say("expected_ready"), "required"),
    "no report": (without("Composition"), "required"),
    "no provenance": (without("Provenance"), "required"),
    "no patient": (without("Patient"), "required"),
    "an unknown status": (composition("status", "preliminary"), "MSG_VALUESET_VALUE_UNKNOWN"),
    "a change of nothing": (composition("relatesTo", [{"code": "replaces"}]), "MSG_VALUESET_VALUE_UNKNOWN"),
    "no time": (lambda b: resource(b, "Observation").pop("effectiveDateTime"), "required"),
    "a time that is none": (
        lambda b: resource(b, "Observation").update(effectiveDateTime="soon"),
        "MSG_Datatype_Wrong",
    ),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_refused(rule):
    alter, code = REFUSED[rule]
    bundle = broken(report())
    assert read_tree(bundle).issues == []
    alter(bundle)
    incoming = read_tree(bundle)
    assert code in [issue.code for issue in incoming.issues]
    assert incoming.letter is None
    assert incoming.answerable


UNSENDABLE = {
    "another type": report(type="XDIS91"),
    "nothing said": report(facts=()),
    "what it is not for": report(facts=(*report().facts, Fact(kind="died", at=0, suffix="x"))),
    "two of one suffix": report(facts=report().facts * 2),
    "a change of nothing": report(status="change"),
    "an empty heading": report(notes=(("", "x"),)),
    "an empty note": report(notes=(("x", " "),)),
    "an endless number": report(
        facts=(Fact(kind="ready_for_discharge", at=0, attributes={"n": float("inf")}),)
    ),
    "a name of a value with blanks": report(details={"a b": 1}),
    "half a day": report(facts=(Fact(kind="ready_for_discharge", at=at("2 10:00"), precision="day"),)),
    "a copy": report(copies=(HOSPITAL,)),
    "no number": report(person=msgspec.structs.replace(ALMA, number="")),
    "a conversation": report(conversation=care("m", "2 10:00").conversation),
}


@pytest.mark.parametrize("case", UNSENDABLE)
def test_a_letter_that_breaks_a_rule_is_not_written(case):
    assert faults(UNSENDABLE[case])
    with pytest.raises(ValueError, match="not a letter of the discharge family") as raised:
        discharge.write(UNSENDABLE[case], new_id=counter())
    assert ALMA.number not in str(raised.value)


def told(*letters):
    """The raw events of letters, as the intake makes them."""
    return [
        one
        for letter in letters
        for one in events(
            came(letter), citizen="c1", organisation="hospital", municipality="851", received=letter.sent
        )
    ]


def holding(log):
    """(kind, at) of what holds after everything was settled, and the pathways."""
    linked = link(log)
    return [(one.kind, one.at) for one in effective(linked).events], {one.pathway for one in linked}


def orders(log):
    return itertools.islice(itertools.permutations(log), 120)


def test_a_letter_finds_the_stay_by_its_episode_in_any_order():
    log = [event("STIN"), *told(report(when="3 10:00"), report("XDIS18", "r2", "4 10:00"))]
    for order in orders(log):
        kinds, pathways = holding(order)
        assert [kind for kind, _ in kinds] == ["admitted", "ready_for_discharge", "discharge_report"]
        assert pathways == {"p1"}


def test_a_letter_without_an_episode_goes_to_what_it_answers_else_to_the_latest_stay():
    answer = report("XDIS16", episode=None, parent="header-1", when="2 12:00")
    later = report("XDIS18", "r2", "4 10:00", episode=None)
    other = event(
        "STIN", header="h2", pathway="p2", episodes=["other"], start=at("3 08:00"), sent=at("3 08:00")
    )
    for order in orders([event("STIN"), other, *told(answer, later)]):
        linked = {one.id: one.pathway for one in link(order)}
        assert linked == {"header-1": "p1", "h2": "p2", "r1": "p1", "r2": "p2"}


def test_a_conversation_goes_where_one_of_its_messages_named_an_episode():
    first = care("m1", "2 10:00", text(1, "2 10:00"), episode=STAY)
    second = care("m2", "3 10:00", text(2, "3 10:00"), activity="reply-message", previous="m1")
    for order in orders([event("STIN"), *told(first, second)]):
        assert {one.pathway for one in link(order)} == {"p1"}
        assert len({one.pathway for one in link(told(first, second))}) == 1
    (alone,) = link(told(second))
    assert alone.pathway.startswith("c1.")


def test_what_was_recorded_beside_a_letter_follows_it_to_the_stay():
    (letter,) = told(report(episode=None, when="3 10:00"))
    recorded = msgspec.structs.replace(letter, id="by-hand", kind="phone_call", source="form")
    for order in orders([event("STIN"), letter, recorded]):
        assert {one.pathway for one in link(order)} == {"p1"}
    assert {one.pathway for one in link([letter, recorded])} == {letter.pathway}


def test_a_version_without_an_episode_goes_with_its_line():
    first = report(message_id="r1", when="3 10:00")
    cancelled = report(message_id="r2", when="3 11:00", status="cancel", parent="r1", facts=(), episode=None)
    elsewhere = event(
        "STIN", header="h2", pathway="p2", episodes=["o"], start=at("3 10:30"), sent=at("3 10:30")
    )
    for order in orders([event("STIN"), elsewhere, *told(first, cancelled)]):
        linked = {one.id: one.pathway for one in link(order)}
        assert linked == {"header-1": "p1", "h2": "p2", "r1": "p1", "r2": "p1"}


def test_a_changed_and_a_cancelled_report_in_any_order():
    ready = Fact(kind="ready_for_discharge", at=at("3 09:00"))
    first = report(facts=(ready,))
    changed = report(
        message_id="r2", when="3 11:00", status="change", parent="r1",
        facts=(msgspec.structs.replace(ready, at=at("3 12:00")),),
    )  # fmt: skip
    cancelled = report(message_id="r3", when="3 13:00", status="cancel", parent="r2", root="r1", facts=())
    log = [event("STIN"), *told(first, changed)]
    for order in orders(log):
        assert holding(order)[0][1:] == [("ready_for_discharge", at("3 12:00"))]
    for order in orders([*log, *told(cancelled)]):
        assert [kind for kind, _ in holding(order)[0]] == ["admitted"]
        assert len({one.pathway for one in link(order)}) == 1


def test_a_change_whose_original_is_not_here_stands_and_says_so():
    (only,) = link(told(report(message_id="r2", status="change", parent="r1")))
    assert only.attributes["original"] == "unknown"
    assert only.kind == "ready_for_discharge"


def test_nobody_cancels_what_another_organisation_said():
    (first,) = told(report())
    cancelled = report(message_id="r2", when="3 11:00", status="cancel", parent="r1", facts=())
    (theirs,) = (msgspec.structs.replace(one, organisation="another") for one in told(cancelled))
    for order in orders([first, theirs]):
        assert [kind for kind, _ in holding(order)[0]] == ["ready_for_discharge"]
        assert {one.attributes.get("original") for one in link(order) if one.id == "r2"} == {"unknown"}


def test_letters_that_name_each_other_end():
    facts = report().facts
    one = report(message_id="a", status="change", parent="b", facts=facts)
    other = report(message_id="b", status="change", parent="a", facts=facts)
    for order in orders(told(one, other)):
        assert len(link(order)) == 2


def test_a_fact_cannot_say_what_only_its_letter_may():
    letter = report(facts=(Fact(kind="ready_for_discharge", at=at("3 10:00"), attributes={"x": "cancel"}),))
    bundle = broken(letter)
    component = resource(bundle, "Observation")["component"][0]
    component["code"]["coding"][0]["code"] = "status"
    assert "business-rule" in [issue.code for issue in read_tree(bundle).issues]
    fact = msgspec.structs.replace(letter.facts[0], attributes={"status": "cancel"})
    assert faults(msgspec.structs.replace(letter, facts=(fact,)))


def test_values_keep_their_types_in_both_formats():
    values = {"yes": True, "one": 1, "big": 1_790_000_000_000_000, "half": 0.5, "whole": 2.0, "text": "x"}
    letter = report(facts=(Fact(kind="ready_for_discharge", at=0, attributes=values),))
    for form in ("json", "xml"):
        back = came(letter, form).letter.facts[0].attributes
        assert back == values
        assert {name: type(value) for name, value in back.items()} == {
            name: type(value) for name, value in values.items()
        }


def test_its_event_code_is_of_naer_s_own_system():
    bundle = json.loads(written(report()))
    coding = resource(bundle, "MessageHeader")["eventCoding"]
    assert coding == {"system": "urn:naer:discharge-messages", "code": "xdis19"}
    coding["system"] = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-messaging-eventCodes"
    assert [issue.code for issue in read_tree(bundle).issues] == ["MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE"]
