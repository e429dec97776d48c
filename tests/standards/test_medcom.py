"""The official MedCom examples, read where they lie; nothing of them is in this repository."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import transaction

from naer.cli.main import cli
from naer.messages import read
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
