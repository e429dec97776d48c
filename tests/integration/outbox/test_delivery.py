"""What becomes of a message in the outbox: handed over, answered, tried again, late, given up."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from naer.events.instant import HOUR, MINUTE, SECOND
from naer.site import bulk
from naer.site.access.models import AccessEntry
from naer.site.messaging import dead_letters, delivery, outbox, record, resending, transport, ways
from naer.site.messaging.connections import Connection
from naer.site.messaging.models import Delivery, Message, OutgoingMessage
from naer.site.messaging.transport import Again, Handed, Never, Outcome, Parcel
from tests.integration.outbox.office import DELIVERER, Office, again
from tests.place import MUNICIPALITY, new_id

State = OutgoingMessage.State
Connect = Callable[[str], Path]
FILE = f'[[connection]]\nreceiver = "{MUNICIPALITY.sor}"\ntransport = "file"\naddress = "out"\n'


def receipt(message: OutgoingMessage, word: str, office: Office) -> None:
    """A receipt of the receiver's comes in."""
    writes = bulk.Writes()
    outbox.take_receipts([outbox.Receipt(message.message_id, word)], office.now, writes)
    writes.flush()


def test_a_message_to_an_organisation_of_this_installation_comes_in_there(office: Office) -> None:
    written = office.write()
    assert written.state == State.WAITING
    assert office.deliver().sent == 1
    arrived = Message.objects.get(message_id=written.message_id)
    assert arrived.channel == "local"
    assert arrived.stored
    assert again(written).transport == "local"
    assert [one.outcome for one in Delivery.objects.filter(message=written)] == ["delivered"]
    assert office.deliver().sent == 0


def test_every_writing_and_handing_over_leaves_a_trace(office: Office) -> None:
    written = office.write()
    office.deliver()
    traced = AccessEntry.objects.filter(citizen=office.here.citizen.key, subject=written.message_id)
    assert list(traced.order_by("pk").values_list("action", "user")) == [
        ("send", "test"),
        ("receive", "outbox"),
        ("deliver", "outbox"),
    ]


def test_a_folder_gets_the_message_whole_under_one_name(office: Office, connect: Connect) -> None:
    folder = connect(FILE) / "out"
    written = office.write()
    office.deliver()
    (file,) = folder.iterdir()
    assert file.suffix == ".json"
    assert file.read_bytes() == record.unpack(bytes(written.content))
    assert oct(file.stat().st_mode & 0o777) == "0o640"
    assert again(written).state == State.SENT


def test_a_transport_that_fails_is_tried_again_with_longer_and_longer_pauses(
    office: Office, connect: Connect
) -> None:
    (connect(FILE) / "out").write_text("a file where the folder should be")
    written = office.write()
    pauses = []
    for _ in range(12):
        assert office.deliver().failed == 1
        found = again(written)
        assert found.next_attempt is not None
        pauses.append(found.next_attempt - office.now)
        assert office.deliver().failed == 0, "not before its time"
        office.now = found.next_attempt
    assert pauses[:3] == [15 * SECOND, 30 * SECOND, MINUTE]
    assert pauses[-1] == resending.LONGEST_PAUSE
    found = again(written)
    assert found.attempts == 12
    assert "folder cannot be written" in found.last_error
    assert Delivery.objects.filter(message=written, outcome="failed").count() == 12


def test_after_a_day_it_needs_a_person_and_is_tried_all_the_same(office: Office, connect: Connect) -> None:
    out = connect(FILE) / "out"
    out.write_text("in the way")
    written = office.write()
    stuck = 0
    while again(written).state == State.WAITING:
        stuck += office.deliver().stuck
        office.now = again(written).next_attempt or 0
    assert stuck == 1
    assert Delivery.objects.filter(message=written).latest("pk").at - written.created >= 24 * HOUR
    out.unlink()
    assert office.deliver().sent == 1
    assert again(written).state == State.SENT


def test_without_a_connection_a_person_is_asked_at_once(office: Office, connect: Connect) -> None:
    connect('[[connection]]\nreceiver = "*"\nstandards = ["plo-*"]\ntransport = "file"\naddress = "out"\n')
    OutgoingMessage.objects.filter(pk=office.write().pk).update(receiver="nobody-known")
    assert office.deliver().stuck == 1
    found = OutgoingMessage.objects.get(receiver="nobody-known")
    assert (found.state, found.last_error) == (State.FAILED, "there is no connection to the receiver")
    assert office.deliver(later=HOUR).failed == 0


def test_one_partner_in_trouble_holds_up_nobody_else(office: Office, connect: Connect) -> None:
    folder = connect(
        FILE + '\n[[connection]]\nreceiver = "*"\ntransport = "file"\naddress = "others"\n',
    )
    (folder / "out").write_text("in the way")
    first, second = office.write(), office.write()
    OutgoingMessage.objects.filter(pk=second.pk).update(receiver="5790000000851")
    third = office.write()
    done = office.deliver()
    assert (done.sent, done.failed) == (1, 1)
    assert again(first).attempts == 1
    assert again(third).attempts == 0
    assert again(second).state == State.SENT


def test_a_dead_address_with_any_number_of_messages_starves_nobody(
    office: Office, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PAGE", 2)
    folder = connect(
        FILE + '\n[[connection]]\nreceiver = "*"\ntransport = "file"\naddress = "others"\n',
    )
    (folder / "out").write_text("in the way")
    asked = []
    real = ways.way

    def way(standard: str, receiver: str) -> Connection | None:
        asked.append(receiver)
        return real(standard, receiver)

    monkeypatch.setattr(ways, "way", way)
    dead = [office.write() for _ in range(5)]
    other = office.write()
    OutgoingMessage.objects.filter(pk=other.pk).update(receiver="5790000000851")
    done = delivery.deliver(lambda: office.now, new_id=new_id, actor=DELIVERER, most=2)
    assert (done.sent, done.failed) == (1, 1)
    assert again(other).state == State.SENT
    assert sum(again(one).attempts for one in dead) == 1
    assert len(asked) == 2, "each way is looked up once"


def test_a_round_ends_after_so_many_tries(office: Office) -> None:
    for _ in range(3):
        office.write()
    assert delivery.deliver(lambda: office.now, new_id=new_id, actor=DELIVERER, most=2).sent == 2


def test_a_subscription_in_trouble_holds_up_no_other_of_its_organisation(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = [office.write() for _ in range(4)]
    for one, to in zip(notices, ("dead", "dead", "well", "well"), strict=True):
        OutgoingMessage.objects.filter(pk=one.pk).update(transport="rest-hook", answers=f"Subscription/{to}")

    def call(message: OutgoingMessage, _: bytes) -> Outcome:
        return Again("no answer") if message.answers.endswith("dead") else Handed(final=True)

    monkeypatch.setattr(delivery, "hook_of", lambda transport: call if transport == "rest-hook" else None)
    done = office.deliver()
    assert (done.sent, done.failed) == (2, 1)


def test_a_receipt_closes_a_message_and_the_first_one_stands(office: Office, connect: Connect) -> None:
    connect(FILE)
    written = office.write()
    office.deliver()
    receipt(written, "ok", office)
    receipt(written, "fatal-error", office)
    found = again(written)
    assert (found.state, found.answered_with) == (State.ACKNOWLEDGED, "ok")


def test_without_a_receipt_it_is_late_after_thirty_minutes(office: Office, connect: Connect) -> None:
    connect(FILE)
    written = office.write()
    office.deliver()
    assert office.deliver(later=30 * MINUTE - 1).late == 0
    assert office.deliver(later=1).late == 1
    assert again(written).state == State.LATE
    receipt(written, "ok", office)
    assert again(written).state == State.ACKNOWLEDGED


def test_a_person_sends_it_again_twice_and_not_a_third_time(office: Office, connect: Connect) -> None:
    folder = connect(FILE) / "out"
    written = office.write()
    office.deliver()
    for _ in range(2):
        office.deliver(later=30 * MINUTE)
        assert "again" in dead_letters.possible(again(written))
        assert dead_letters.send_again(again(written), DELIVERER, now=office.now, new_id=new_id)
        office.deliver()
    office.deliver(later=30 * MINUTE)
    assert "again" not in dead_letters.possible(again(written))
    with pytest.raises(dead_letters.NothingToDoError):
        dead_letters.send_again(again(written), DELIVERER, now=office.now, new_id=new_id)
    bundles = [json.loads(file.read_bytes()) for file in sorted(folder.iterdir())]
    assert len({bundle["id"] for bundle in bundles}) == 3
    headers = {bundle["entry"][0]["resource"]["id"] for bundle in bundles}
    assert headers == {written.message_id}
    for bundle in bundles:
        del bundle["id"], bundle["timestamp"]
    assert bundles[0] == bundles[1] == bundles[2]


def test_where_it_is_agreed_it_goes_again_by_itself(office: Office, connect: Connect) -> None:
    connect(FILE + 'resend = "automatic"\n')
    written = office.write()
    office.deliver()
    counts = [office.deliver(later=30 * MINUTE).resent for _ in range(4)]
    assert counts == [1, 1, 0, 0]
    found = again(written)
    assert (found.state, found.resends) == (State.LATE, 2)
    assert Delivery.objects.filter(message=written, outcome="resent").count() == 2


def test_a_copy_sent_again_is_known_as_a_copy(office: Office) -> None:
    written = office.write()
    office.deliver()
    OutgoingMessage.objects.filter(pk=written.pk).update(state=State.LATE, answered_with="", answered=None)
    dead_letters.send_again(again(written), DELIVERER, now=office.now, new_id=new_id)
    office.deliver()
    first, copy = Message.objects.filter(message_id=written.message_id).order_by("pk")
    assert copy.duplicate_of_id == first.pk
    assert copy.bundle_id != first.bundle_id


def test_not_now_may_be_sent_again_and_a_refusal_may_not(office: Office, connect: Connect) -> None:
    connect(FILE)
    first, second = office.write(), office.write()
    office.deliver()
    receipt(first, "transient-error", office)
    receipt(second, "fatal-error", office)
    assert dead_letters.possible(again(first)) == {"again", "give-up"}
    assert dead_letters.possible(again(second)) == {"give-up"}


def test_giving_up_needs_a_reason_and_a_late_receipt_is_still_taken(office: Office, connect: Connect) -> None:
    connect(FILE)
    written = office.write()
    office.deliver()
    office.deliver(later=HOUR)
    with pytest.raises(dead_letters.NothingToDoError):
        dead_letters.give_up(again(written), DELIVERER, " ", now=office.now)
    dead_letters.give_up(again(written), DELIVERER, "Told by telephone", now=office.now)
    assert (again(written).state, again(written).reason) == (State.GIVEN_UP, "Told by telephone")
    receipt(written, "ok", office)
    assert again(written).state == State.ACKNOWLEDGED


def test_what_is_held_can_be_taken_back_until_it_leaves(office: Office) -> None:
    kept, held = office.write(hold=MINUTE), office.write("RE_STIN", hold=MINUTE)
    assert office.deliver().sent == 0
    assert dead_letters.take_back(held, DELIVERER, now=office.now)
    assert office.deliver(later=MINUTE).sent == 1
    assert again(held).state == State.GIVEN_UP
    assert not dead_letters.take_back(kept, DELIVERER, now=office.now)


def test_a_claim_of_a_process_that_died_runs_out(office: Office, connect: Connect) -> None:
    connect(FILE)
    written = office.write()
    OutgoingMessage.objects.filter(pk=written.pk).update(attempts=1, next_attempt=office.now + 5 * MINUTE)
    assert office.deliver().sent == 0
    assert office.deliver(later=5 * MINUTE).sent == 1


def test_xml_is_sent_again_as_xml(office: Office, connect: Connect) -> None:
    folder = connect(FILE) / "out"
    written = office.write(form="xml")
    office.deliver()
    office.deliver(later=30 * MINUTE)
    dead_letters.send_again(again(written), DELIVERER, now=office.now, new_id=new_id)
    office.deliver()
    first, second = sorted(folder.iterdir())
    assert first.suffix == second.suffix == ".xml"
    assert first.read_bytes() != second.read_bytes()


def test_two_processes_at_once_send_a_message_once(
    office: Office, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one hands it over, the other's whole round passes: it finds the message claimed."""
    folder = connect(FILE) / "out"
    written = office.write()
    others = []
    real = delivery.hand_over

    def hand_over(parcel: Parcel, connection: Connection) -> Outcome:
        others.append(office.deliver().sent)
        return real(parcel, connection)

    monkeypatch.setattr(delivery, "hand_over", hand_over)
    assert office.deliver().sent == 1
    assert others == [0]
    assert len(list(folder.iterdir())) == 1
    assert Delivery.objects.filter(message=written).count() == 1


@pytest.mark.parametrize("late", [Never("not taken"), Again("no answer")])
def test_a_late_loser_changes_nothing_for_what_another_delivered(
    office: Office, connect: Connect, monkeypatch: pytest.MonkeyPatch, late: Outcome
) -> None:
    """The first try outlasts its claim; another round delivers the message; then the first one fails."""
    connect(FILE)
    written = office.write()
    rounds = []

    def hand_over(parcel: Parcel, connection: Connection) -> Outcome:
        rounds.append(parcel)
        if len(rounds) > 1:
            return transport.hand_over(parcel, connection)
        assert office.deliver(later=delivery.LEASE).sent == 1
        return late

    monkeypatch.setattr(delivery, "hand_over", hand_over)
    assert office.deliver().stuck == 0
    found = again(written)
    assert (found.state, found.next_attempt, found.last_error) == (State.SENT, None, "")
    told = Delivery.objects.filter(message=written).order_by("pk").values_list("outcome", flat=True)
    assert list(told) == ["delivered", "refused" if isinstance(late, Never) else "failed"]


def test_nothing_is_offered_while_a_message_is_handed_over(
    office: Office, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(FILE)
    written = office.write()
    offered = []

    def hand_over(_: Parcel, __: Connection) -> Outcome:
        offered.append(dead_letters.possible(again(written)))
        with pytest.raises(dead_letters.NothingToDoError):
            dead_letters.give_up(again(written), DELIVERER, "Told by telephone", now=office.now)
        return Again("no answer")

    monkeypatch.setattr(delivery, "hand_over", hand_over)
    for _ in range(2):
        office.deliver(later=MINUTE)
        assert dead_letters.possible(again(written)) == {"retry", "give-up"}
    assert offered == [frozenset(), frozenset()]


def test_the_database_keeps_the_record_of_deliveries(office: Office) -> None:
    office.write()
    office.deliver()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Delivery.objects.update(outcome="failed")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Delivery.objects.all().delete()
