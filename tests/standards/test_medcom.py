"""The official MedCom examples, read where they lie; nothing of them is in this repository."""

import itertools
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import transaction
from fhir.resources.R4B.bundle import Bundle

from naer.cli.main import cli
from naer.messages import read
from naer.messages.medcom import carecommunication, thread
from naer.messages.medcom.carecommunication_codes import key
from naer.messages.medcom.classify import provisional
from naer.site.pathways import enrol

ROOT = Path(__file__).resolve().parents[2]
STANDARDS = Path(os.environ.get("NAER_STANDARDS") or ROOT.parent / "shared" / "standards")
MEDCOM = STANDARDS / "medcom"

pytestmark = [
    pytest.mark.standards,
    pytest.mark.skipif(
        not MEDCOM.is_dir(), reason=f"no official examples in {MEDCOM}; set NAER_STANDARDS to where they are"
    ),
]


def messages(standard):
    return [path.read_bytes() for path in sorted((MEDCOM / standard).glob("*.json"))]


def test_every_hospital_notification_is_accepted_without_a_remark_and_has_its_code():
    incoming = [read(data) for data in messages("hospitalnotification")]
    assert [one.issues for one in incoming] == [[]] * 12
    assert [one.flags for one in incoming] == [[]] * 12
    codes = Counter(provisional(one.notification) for one in incoming)
    assert codes == {
        "STIN": 3, "RE_STIN": 1, "AN_STIN": 1, "STOR": 1, "SLOR": 1, "SLHJ": 2, "MORS": 2, "STAA": 1,
    }  # fmt: skip


@pytest.mark.django_db
def test_naer_receive_acknowledges_each_of_them(tmp_path):
    """One by one, each in a town of its own: together they are no course (handbook, section 9)."""
    told = []
    for path in sorted((MEDCOM / "hospitalnotification").glob("*.json")):
        incoming = read(path.read_bytes())
        with transaction.atomic():
            for role, party in (("hospital", incoming.sender), ("municipality", incoming.receiver)):
                enrol.organisation(role, role, municipality="851", sor=party.sor, gln=party.gln)
            number = incoming.notification.person_number
            enrol.citizen(number, "851", new_id=lambda: "citizen", case="home-care")
            answers = tmp_path / path.stem
            done = CliRunner().invoke(cli, ["receive", str(path), "--json", "--ack-dir", str(answers)])
            assert done.exit_code == 0, done.output
            transaction.set_rollback(True)
        (one,) = [json.loads(line) for line in done.stdout.splitlines()]
        acknowledgement = read(next(answers.iterdir()).read_bytes())
        assert acknowledgement.issues == []
        assert (acknowledgement.response.message_id, acknowledgement.response.code) == (
            incoming.message_id,
            "ok",
        )
        assert acknowledgement.receiver.sor == incoming.sender.sor
        assert number not in done.output
        told.append(one)
    assert [(one["acknowledgement"], one["stored"]) for one in told] == [("ok", True)] * 12
    assert {issue["severity"] for one in told for issue in one["issues"]} <= {"warning"}
    assert Counter((one["code"], one["citizen_status"]) for one in told) == {
        ("STAA", "acute-ambulant"): 1, ("STIN", "admitted"): 3,
        ("RE_STIN", "none"): 1, ("AN_STIN", "none"): 1,
        ("STOR", "on-leave"): 1, ("SLOR", "admitted"): 1, ("SLHJ", "discharged"): 2, ("MORS", "deceased"): 2,
    }  # fmt: skip
    assert sum(one["report_owed"] for one in told) == 2


def test_every_episode_id_of_the_examples_is_one_key():
    found = [read(data).notification for data in messages("hospitalnotification")]
    assert len({said.episode.key for said in found}) == 1


def test_two_of_the_starts_ask_for_an_admission_report():
    found = [read(data).notification for data in messages("hospitalnotification")]
    asking = [said for said in found if said.report_requested]
    assert sorted(provisional(said) for said in asking) == ["STAA", "STIN"]
    assert all(said.report_recipient.sor for said in asking)


def test_three_of_four_acknowledgements_are_acknowledgements():
    incoming = [read(data) for data in messages("acknowledgement")]
    answers = sorted(one.response.code for one in incoming if one.response)
    assert answers == ["fatal-error", "ok", "transient-error"]
    assert [bool(one.issues) for one in incoming if one.response] == [False] * 3
    other = next(one for one in incoming if one.response is None)
    assert other.issues[0].code == "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE"


def test_two_of_the_acknowledgements_leave_a_doubt():
    incoming = [read(data) for data in messages("acknowledgement")]
    doubts = [one for one in incoming if one.response and one.response.chained_to != one.response.message_id]
    assert len(doubts) == 2
    assert all(one.flags for one in doubts)


CARE = {
    # file: (activity, category, segments, new ones, attachments, messages before, flags)
    "0d5b3c18": ("new-message", "examination-results", 1, 1, 0, 0, []),
    "3dcb5618": ("reply-message", "examination-results", 4, 1, 1, 2, []),
    "add5e7e2": ("new-message", "examination-results", 1, 1, 0, 0, []),
    "b56549f7": ("reply-message", "examination-results", 3, 2, 1, 1, []),
    "c0426e3e": ("forward-message", "examination-results", 5, 1, 1, 3, ["conflict"]),
    "d11968f5": ("forward-message", "examination-results", 7, 2, 2, 4, ["not-found"]),
    "gfd00bc2": ("new-message", "regarding-referral", 3, 3, 2, 0, ["not-found"]),
    "k7bfbc0c": ("reply-message", "carecoordination", 1, 1, 0, 0, ["not-found"]),
}
"""What each of the eight says. The flags: an endpoint of another unit than the organisation; Provenances that
name segments which are not there (handbook 4.2)."""


def care(name):
    return read(next((MEDCOM / "carecommunication").glob(f"Bundle-{name}*.json")).read_bytes())


def test_there_are_eight_care_communications():
    assert len(messages("carecommunication")) == len(CARE)


@pytest.mark.parametrize("name", CARE)
def test_every_care_communication_is_accepted_and_says_what_it_says(name):
    incoming = care(name)
    assert incoming.issues == []
    assert incoming.standard == "medcom-carecommunication"
    said = incoming.letter.conversation
    assert (
        said.activity,
        said.category,
        len(said.segments),
        sum(segment.new for segment in said.segments),
        sum(segment.is_attachment for segment in said.segments),
        len(said.chain),
        [flag.code for flag in incoming.flags],
    ) == CARE[name]
    assert [fact.kind for fact in incoming.letter.facts] == ["correspondence"]


def test_what_only_one_of_the_care_communications_has():
    replaced = care("0d5b3c18").letter.person
    assert replaced.system == "urn:oid:1.2.208.176.1.6.1.1"
    assert not replaced.number.isdigit()
    everything = care("gfd00bc2").letter
    assert everything.conversation.priority == "asap"
    assert everything.conversation.from_unit
    assert everything.conversation.from_role == "sygeplejerske"
    assert everything.conversation.to_unit
    assert everything.conversation.to_role == ""
    assert everything.episode.key == "gfd00bc29c264174934ef6e4360845de"
    old = care("k7bfbc0c").letter
    assert "#" in old.conversation.previous
    assert old.parent == old.conversation.previous.partition("#")[0]
    segments = care("d11968f5").letter.conversation.segments
    assert [segment.role for segment in segments if segment.new and not segment.is_attachment] == [
        "Visitator"
    ]
    assert [segment.url.startswith("https://") for segment in segments if segment.new] == [True, False]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_care_communication_can_be_written_again_and_says_the_same(form):
    for name in CARE:
        letter = care(name).letter
        numbers = itertools.count()
        data = carecommunication.write(letter, new_id=lambda: f"r{next(numbers)}", format=form)  # noqa: B023
        again = read(data)
        assert again.issues == []
        assert again.letter == carecommunication.normalised(letter)
        if form == "json":
            Bundle.model_validate(json.loads(data))


def test_the_examples_make_threads_in_any_order():
    """Three messages are one thread; the two forwards share another (handbook 4.2)."""
    told = [thread.told(care(name).letter) for name in ("add5e7e2", "b56549f7", "3dcb5618")]
    for order in itertools.permutations(told):
        entries = thread.arrange(order)
        assert [thread.position(entries, one.message_id) for one in told] == [1, 2, 4]
        assert len(entries) == 4
        assert not any(entry.conflict for entry in entries)
        assert sum(entry.segment.data is not None for entry in entries) == 1
    forwards = [thread.told(care(name).letter) for name in ("c0426e3e", "d11968f5")]
    assert len({key(one.conversation.thread) for one in forwards}) == 1
    for order in itertools.permutations(forwards):
        entries = thread.arrange(order)
        assert len(entries) == 8
        assert [thread.position(entries, one.message_id) for one in forwards] == [5, 7]


@pytest.mark.django_db
def test_naer_receive_takes_the_care_communications_in_any_order(tmp_path):
    paths = sorted((MEDCOM / "carecommunication").glob("*.json"), reverse=True)
    answers = tmp_path / "answers"
    with transaction.atomic():
        arguments = ["receive", *map(str, paths), "--json", "--ack-dir", str(answers)]
        done = CliRunner().invoke(cli, arguments)
        transaction.set_rollback(True)
    assert done.exit_code == 0, done.output
    told = {Path(one["file"]).stem[7:15]: one for one in map(json.loads, done.stdout.splitlines())}
    assert {one["acknowledgement"] for one in told.values()} == {"ok"}
    assert {name: (one["position"], one["segments"]) for name, one in told.items()} == {
        "k7bfbc0c": (1, 1), "gfd00bc2": (1, 3), "d11968f5": (6, 7), "c0426e3e": (5, 8), "b56549f7": (2, 3),
        "add5e7e2": (1, 3), "3dcb5618": (4, 4), "0d5b3c18": (1, 1),
    }  # fmt: skip
    for path in answers.iterdir():
        assert read(path.read_bytes()).response.code == "ok"
