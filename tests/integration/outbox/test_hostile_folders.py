"""Folders that a partner writes to: links, pipes, what cannot be read, what stands in the way."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from naer.messages.content import Party
from naer.site.identity import new_id
from naer.site.messaging import exchange, inbox_folder, transport_file
from naer.site.messaging.models import Message, OutgoingMessage
from naer.site.messaging.record import unpack
from naer.site.pathways.actor import Process
from tests.integration.outbox.office import Office, again
from tests.place import HOSPITAL, MUNICIPALITY

Connect = Callable[[str], Path]
FOLDERS = '[[connection]]\nreceiver = "*"\ntransport = "file"\naddress = "{0}out"\ninbox = "{0}in"\n'


@pytest.fixture
def inbox(office: Office, connect: Connect) -> Path:
    folder = connect(FOLDERS.format("")) / "in"
    folder.mkdir()
    return folder


def take(office: Office) -> int:
    return inbox_folder.take(lambda: office.now, new_id=new_id, actor=Process("outbox"))


def test_a_link_where_a_file_is_begun_is_not_written_through(tmp_path: Path) -> None:
    victim, out = tmp_path / "victim", tmp_path / "out"
    victim.write_bytes(b"ours")
    out.mkdir()
    for name in (".answer-x.json.part", "answer-x.json"):
        (out / name).symlink_to(victim)
    transport_file.write(out / "answer-x.json", b"theirs")
    assert victim.read_bytes() == b"ours"
    assert not (out / "answer-x.json").is_symlink()
    assert (out / "answer-x.json").read_bytes() == b"theirs"


def test_a_name_that_is_guessed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "victim").write_bytes(b"ours")
    monkeypatch.setattr(secrets, "token_hex", lambda _: "guessed")
    (tmp_path / ".x.json.guessed.part").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        transport_file.write(tmp_path / "x.json", b"theirs")
    assert (tmp_path / "victim").read_bytes() == b"ours"


def test_links_and_pipes_in_an_inbox_are_left_lying(office: Office, inbox: Path) -> None:
    (inbox.parent / "secret").write_bytes(b"ours")
    (inbox / "a.json").symlink_to(inbox.parent / "secret")
    os.mkfifo(inbox / "b.json")
    (inbox / "c.json").write_bytes(b"{}")
    assert take(office) == 1
    assert sorted(file.name for file in inbox.iterdir()) == ["a.json", "b.json", "taken"]
    assert Message.objects.count() == 1


def test_what_became_a_link_or_pipe_after_it_was_listed_is_not_read(
    office: Office, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox.parent / "secret").write_bytes(b"ours")
    (inbox / "a.json").symlink_to(inbox.parent / "secret")
    os.mkfifo(inbox / "b.json")
    monkeypatch.setattr(inbox_folder, "_waiting", lambda _: ["a.json", "b.json"])
    assert take(office) == 0
    assert not Message.objects.exists()


def test_taken_that_is_a_link_plants_nothing(office: Office, inbox: Path) -> None:
    elsewhere = inbox.parent / "elsewhere"
    elsewhere.mkdir()
    (inbox / "taken").symlink_to(elsewhere)
    (inbox / "one.json").write_bytes(b"{}")
    assert take(office) == 0
    assert not list(elsewhere.iterdir())
    assert not Message.objects.exists(), "it would come in again and again"


def test_one_bad_folder_holds_up_neither_others_nor_deliveries(office: Office, connect: Connect) -> None:
    folder = connect(FOLDERS.format("bad/") + FOLDERS.format("good/"))
    for name in ("bad", "good"):
        (folder / name / "in").mkdir(parents=True)
        (folder / name / "in" / "one.json").write_bytes(b"{}")
    (folder / "bad" / "in" / "taken").write_bytes(b"in the way")
    written = office.write()
    assert exchange.once("outbox", lambda: office.now).taken == 1
    assert (folder / "good" / "in" / "taken" / "one.json").exists()
    assert again(written).state == OutgoingMessage.State.SENT


def test_answers_that_cannot_be_written_leave_the_file_where_it_is(office: Office, inbox: Path) -> None:
    (inbox.parent / "out").write_bytes(b"in the way")
    (inbox / "one.json").write_bytes(b"{}")
    assert take(office) == 0
    assert not Message.objects.exists()
    (inbox.parent / "out").unlink()
    assert take(office) == 1


def test_one_file_that_cannot_move_holds_up_no_other(
    office: Office, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.json", "b.json"):
        (inbox / name).write_bytes(b"{}")
    real = os.rename

    def rename(source: str, target: Path, **where: int) -> None:
        if source == "a.json":
            raise PermissionError(1, "not allowed")
        real(source, target, **where)

    monkeypatch.setattr(os, "rename", rename)
    assert take(office) == 1
    assert (inbox / "taken" / "b.json").exists()


def test_files_that_cannot_be_read_do_not_hide_the_others(
    office: Office, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(inbox_folder.BATCH + 5):
        (inbox / f"{number:03d}.json").mkdir()
    (inbox / "last.json").write_bytes(unpack(bytes(office.write().content)))
    monkeypatch.setattr(inbox_folder, "_waiting", lambda _: sorted(one.name for one in inbox.iterdir()))
    assert take(office) == 1
    assert (inbox / "taken" / "last.json").exists()


def test_what_is_delivered_is_delivered_whatever_came_of_taking_in(
    office: Office, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise RuntimeError("the intake is broken")

    monkeypatch.setattr(inbox_folder, "take", broken)
    written = office.write()
    with pytest.raises(RuntimeError):
        exchange.once("outbox", lambda: office.now)
    assert again(written).state == OutgoingMessage.State.SENT


class TestWhoseInbox:
    """A folder of one partner's is not where another one's messages come from."""

    def put(self, office: Office, connect: Connect, receivers: list[str], sender: Party = HOSPITAL) -> Path:
        folder = connect("".join(FOLDERS.format("").replace('"*"', f'"{one}"') for one in receivers))
        (folder / "in").mkdir()
        data = unpack(bytes(office.write(sender=sender).content))
        (folder / "in" / "one.json").write_bytes(data)
        return folder / "in"

    @pytest.mark.parametrize(
        "receivers", [[HOSPITAL.sor], [HOSPITAL.gln], [MUNICIPALITY.sor, HOSPITAL.sor], ["*"]]
    )
    def test_its_own_is_taken(self, office: Office, connect: Connect, receivers: list[str]) -> None:
        inbox = self.put(office, connect, receivers)
        assert take(office) == 1
        assert (inbox / "taken" / "one.json").exists()
        assert Message.objects.count() == 1

    def test_anothers_is_refused_and_not_answered(self, office: Office, connect: Connect) -> None:
        inbox = self.put(office, connect, [MUNICIPALITY.sor])
        assert take(office) == 0
        assert sorted(file.name for file in inbox.iterdir()) == ["refused", "taken"]
        assert not list((inbox / "taken").iterdir())
        assert (inbox / "refused" / "one.json").exists()
        assert not (inbox.parent / "out").exists()
        assert not Message.objects.exists()

    def test_one_id_of_ones_own_beside_anothers_does_not_help(self, office: Office, connect: Connect) -> None:
        mixed = msgspec.structs.replace(HOSPITAL, gln=MUNICIPALITY.gln)
        self.put(office, connect, [MUNICIPALITY.sor], mixed)
        assert take(office) == 0
        assert not Message.objects.exists()

    @pytest.mark.parametrize(("receiver", "taken"), [("999000", 1), (MUNICIPALITY.sor, 0)])
    def test_a_partner_in_no_register(
        self, office: Office, connect: Connect, receiver: str, taken: int
    ) -> None:
        stranger = msgspec.structs.replace(HOSPITAL, sor="999000", gln="5790000999999")
        self.put(office, connect, [receiver], stranger)
        assert take(office) == taken

    def test_what_names_no_sender_is_answered(self, office: Office, connect: Connect) -> None:
        inbox = self.put(office, connect, [MUNICIPALITY.sor])
        (inbox / "one.json").write_bytes(b"no message")
        assert take(office) == 1
        assert (inbox.parent / "out" / "answer-one.json").exists()
