"""Rounds as an installation runs them: folders of a partner, `naer send`, the process beside the server."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from naer.cli.send import send
from naer.messages import read
from naer.messages.envelope import Issue
from naer.messages.medcom import acknowledgement
from naer.site.identity import new_id
from naer.site.messaging import composing, exchange
from naer.site.messaging.connections import WrongConnectionsError
from naer.site.messaging.models import Message, OutgoingMessage
from naer.site.messaging.record import unpack
from tests.integration.outbox.office import Office, again
from tests.integration.outbox.partner import partner
from tests.place import MUNICIPALITY

Connect = Callable[[str], Path]
FOLDERS = '[[connection]]\nreceiver = "*"\ntransport = "file"\naddress = "out"\ninbox = "in"\n'


def command(*arguments: str) -> Result:
    return CliRunner().invoke(send, arguments, standalone_mode=False)


class TestFolders:
    def test_what_a_partner_puts_there_is_taken_in_and_answered(
        self, office: Office, connect: Connect
    ) -> None:
        folder = connect(FOLDERS)
        inbox = folder / "in"
        inbox.mkdir()
        data = unpack(bytes(office.write().content))
        OutgoingMessage.objects.all().delete()
        (inbox / "one.json").write_bytes(data)
        (inbox / "two.json").write_bytes(b"no message")
        (inbox / ".three.json.part").write_bytes(b"not finished")
        assert exchange.once("outbox", lambda: office.now).taken == 2
        assert sorted(file.name for file in inbox.iterdir()) == [".three.json.part", "taken"]
        assert sorted(file.name for file in (inbox / "taken").iterdir()) == ["one.json", "two.json"]
        answers = {file.name: file.read_bytes() for file in (folder / "out").iterdir()}
        assert b"acknowledgement-message" in answers["answer-one.json"]
        assert b"OperationOutcome" in answers["answer-two.json"]
        assert Message.objects.filter(channel="folder").count() == 2

    def test_a_second_file_of_the_same_name_is_kept_too(self, office: Office, connect: Connect) -> None:
        inbox = connect(FOLDERS) / "in"
        inbox.mkdir()
        for _ in range(2):
            (inbox / "same.json").write_bytes(b"{}")
            exchange.once("outbox", lambda: office.now)
        assert sorted(file.name for file in (inbox / "taken").iterdir()) == ["same-2.json", "same.json"]


class TestSend:
    def test_into_a_folder(self, office: Office, tmp_path: Path) -> None:
        written = office.write()
        done = command("--to", str(tmp_path / "drop"), "--json")
        assert json.loads(done.output)["sent"] == 1
        (file,) = (tmp_path / "drop").iterdir()
        assert file.read_bytes() == unpack(bytes(written.content))
        assert json.loads(command("--to", str(tmp_path / "drop"), "--json").output)["sent"] == 0

    def test_it_says_what_it_did(self, office: Office) -> None:
        office.write()
        assert command().output.startswith("1 sent, 0 of them again; 0 tries failed")

    def test_the_list_holds_no_citizen(self, office: Office) -> None:
        written = office.write()
        (line,) = command("--list", "--json").output.splitlines()
        assert json.loads(line)["message_id"] == written.message_id
        assert json.loads(line)["state"] == "waiting"
        assert "Testgaard" not in line
        assert office.here.citizen.key not in line

    def test_wrong_connections_are_said(self, office: Office, connect: Connect) -> None:
        connect("[[connection]]\n")
        assert isinstance(command().exception, Exception)
        assert "receiver is missing" in str(command().exception)
        with pytest.raises(WrongConnectionsError):
            exchange.once("outbox", lambda: office.now)

    def test_a_try_that_failed_is_an_exit_code(self, office: Office, connect: Connect) -> None:
        (connect(FOLDERS) / "out").write_text("in the way")
        written = office.write()
        assert command().return_value == 1
        assert again(written).attempts == 1


def receipt_of(data: bytes) -> tuple[int, str, bytes]:
    """What a partner's system answers: an acknowledgement of what it got."""
    answer = acknowledgement.write(
        read(data, None), answer="ok", issues=(), sender_fallback=MUNICIPALITY, now=10**15, new_id=new_id
    )
    return 200, "application/fhir+json", answer


def test_a_partners_receipt_in_the_answer_acknowledges_the_message(office: Office, connect: Connect) -> None:
    with partner(receipt_of) as system:
        connect(f'[[connection]]\nreceiver = "*"\ntransport = "http"\naddress = "{system.url}"\n')
        written = office.write()
        assert office.deliver().sent == 1
    found = again(written)
    assert (found.state, found.transport) == (OutgoingMessage.State.ACKNOWLEDGED, "http")
    assert Message.objects.get(channel="answer").standard == "medcom-acknowledgement"


def refusal_of(data: bytes) -> tuple[int, str, bytes]:
    """A partner that says no with a status of its own, and why in a receipt."""
    issue = Issue("MSG_VALUESET_VALUE_UNKNOWN", "A code is not known here.", "Encounter.class")
    answer = acknowledgement.write(
        read(data, None),
        answer="fatal-error",
        issues=(issue,),
        sender_fallback=MUNICIPALITY,
        now=10**15,
        new_id=new_id,
    )
    return 422, "application/fhir+json", answer


def test_a_refusal_is_a_refusal_whatever_the_status(office: Office, connect: Connect) -> None:
    with partner(refusal_of) as system:
        connect(f'[[connection]]\nreceiver = "*"\ntransport = "http"\naddress = "{system.url}"\n')
        written = office.write()
        office.deliver()
    found = again(written)
    assert (found.state, found.answered_with) == (OutgoingMessage.State.REFUSED, "fatal-error")
    assert found.issues[0]["code"] == "MSG_VALUESET_VALUE_UNKNOWN"


def test_a_receipt_that_comes_by_folder_acknowledges_the_message(office: Office, connect: Connect) -> None:
    folder = connect(FOLDERS)
    written = office.write()
    office.deliver()
    assert again(written).state == OutgoingMessage.State.SENT
    (sent,) = (folder / "out").iterdir()
    (folder / "in").mkdir()
    (folder / "in" / "receipt.json").write_bytes(receipt_of(sent.read_bytes())[2])
    exchange.once("outbox", lambda: office.now)
    assert again(written).state == OutgoingMessage.State.ACKNOWLEDGED
    assert [file.name for file in (folder / "out").iterdir()] == [sent.name], "a receipt gets no receipt"


def test_a_partner_that_wants_xml_gets_xml(office: Office, connect: Connect) -> None:
    connect(FOLDERS + 'format = "xml"\n')
    assert composing.format_for("medcom-xdis16", MUNICIPALITY.sor) == "xml"
    connect(FOLDERS)
    assert composing.format_for("medcom-xdis16", MUNICIPALITY.sor) == "json"


WRITE = """
from naer.site import boot
boot.setup()
from tests.integration.outbox.office import Office
Office().write()
"""
BESIDE = """
import time
from naer.site import boot
boot.setup()
from naer.site.companion import OUTBOX, running
with running(OUTBOX):
    time.sleep(60)
"""


def test_the_process_beside_the_server_delivers_within_seconds(tmp_path: Path, tables: Path) -> None:
    """A real process on a database of its own: what another process wrote leaves by itself."""
    database = Path(shutil.copy(tables, tmp_path / "naer.sqlite3"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAER_")}
    environment = kept | {
        "NAER_MODE": "demo",
        "NAER_DATABASE": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "naer.site.settings",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parents[3]), *sys.path]),
    }
    subprocess.run([sys.executable, "-c", WRITE], env=environment, cwd=tmp_path, check=True, timeout=60)
    beside = subprocess.Popen([sys.executable, "-c", BESIDE], env=environment, cwd=tmp_path)
    try:
        for _ in range(600):
            if _states(database) == ["acknowledged"]:
                break
            time.sleep(0.2)
        assert _states(database) == ["acknowledged"]
    finally:
        beside.terminate()
        beside.wait(15)


def _states(database: Path) -> list[str]:
    with sqlite3.connect(database) as raw:
        return [state for (state,) in raw.execute("SELECT state FROM messaging_outgoingmessage")]
