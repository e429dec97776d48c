"""Every standard together: state, threads and outbox are functions of what was said, not of how it came."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naer.events.instant import HOUR, Instant
from naer.messages.content import Letter
from naer.messages.medcom import thread
from naer.site import bulk
from naer.site.messaging import letters
from naer.site.messaging.models import Message, OutgoingMessage, StoredLetter, Thread, ThreadParty
from naer.site.pathways import live, store
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import Citizen, LoggedEvent, Obligation
from tests.integration.intake.office import (
    STRANGER,
    appreceipt,
    care,
    changed,
    discharge,
    fjord,
    norway,
    post,
    receipt,
    segment,
)
from tests.integration.intake.ward import (
    HOSPITAL,
    LATER,
    TOWN,
    Stay,
    at,
    one_by_one,
    resent,
    take_in,
    town,
)

pytestmark = pytest.mark.django_db

WITHOUT_FIXTURE_CHECK = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def danish() -> list[bytes]:
    """A stay, its reports, a conversation with a late reply and a reused id, and receipts."""
    stay = Stay()
    day = at("3 10:00")
    first, second, late = (segment(n, day + n * HOUR) for n in (1, 2, 3))
    quoted = changed(first, new=False)
    return [
        stay.send("STIN", at("2 10:00"), report_requested=True),
        post(discharge("XDIS16", "xd-1", at("2 13:00"), "admission_report")),
        post(discharge("XDIS19", "xd-2", at("4 09:00"), "ready_for_discharge")),
        stay.send("SLHJ", at("4 12:00")),
        post(_again("xd-3", at("4 10:00"), "change", "xd-2")),
        post(_again("xd-4", at("4 11:00"), "cancel", "xd-3")),
        post(changed(_again("xd-5", at("4 11:30"), "new", ""), episode=None)),
        post(care("cc-1", day, first)),
        post(care("cc-2", day + 4 * HOUR, quoted, second, back=True, previous="cc-1"), "xml"),
        post(care("cc-3", day + 3 * HOUR, quoted, late, previous="cc-1")),
        post(
            care("cc-3", day + 3 * HOUR, quoted, changed(late, text="Andet."), previous="cc-1"), sending="y"
        ),
        post(care("cc-4", day, person=STRANGER, thread="urn:uuid:0dd5a0f0-cccc-4aaa-8aaa-000000000001")),
        post(care("cc-5", day - HOUR, person=changed(STRANGER, given=("Bodil",)))),
        receipt("out-1", by=HOSPITAL, to=TOWN, name="ack-1", when=day + HOUR, word="fatal-error"),
        receipt("out-1", by=HOSPITAL, to=TOWN, name="ack-2", when=day + 2 * HOUR),
    ]


def _again(message_id: str, when: Instant, status: str, parent: str) -> Letter:
    """A version of the message that the citizen is ready."""
    letter = discharge("XDIS19", message_id, when, "ready_for_discharge")
    facts = () if status == "cancel" else letter.facts
    root = "xd-2" if parent else ""
    return changed(letter, status=status, parent=parent, root=root, facts=facts)


def norwegian() -> list[bytes]:
    """A stay with a warning that changes, a ready that was never so, and a reused id."""
    warned = norway.warning("n-2", "2026-03-02T16:00:00")
    return [
        post(norway.admitted("n-1", "2026-03-02T10:20:00", "2026-03-02T10:00:00")),
        post(warned),
        post(changed(warned, sent=warned.sent + HOUR)),
        post(norway.warning("n-3", "2026-03-03T09:00:00", content="2", status="change", parent="n-2")),
        post(norway.ready("n-4", "2026-03-05T09:20:00", "2026-03-05", admitted_at="2026-03-02T10:00:00")),
        post(norway.cancel("LOG_UTSKRIVNINGSKLAR", "n-5", "2026-03-05T11:00:00", "n-4")),
        post(norway.report("n-6", "2026-03-02T15:00:00")),
        post(norway.discharged("n-7", "2026-03-07T12:00:00", "2026-03-07T11:00:00")),
        appreceipt(norway.report("out-2", "2026-03-03T10:00:00"), name="rec-1", when=at("3 12:00")),
    ]


def ours() -> None:
    """What was sent from here before."""
    town()
    fjord()
    for message_id, receiver in (("out-1", HOSPITAL.sor), ("out-2", "her:8801")):
        OutgoingMessage.objects.create(
            message_id=message_id,
            kind="letter",
            receiver=receiver,
            citizen_id="citizen",
            pathway="citizen.stay",
            created=at("3 09:00"),
            state="sent",
            content=b"",
        )


def outcome() -> dict[str, Any]:
    """Everything that may not depend on how it came; citizens by the index of their number."""
    told: dict[str, Any] = {"out": sorted(OutgoingMessage.objects.values_list("message_id", "state"))}
    for citizen in Citizen.objects.all():
        state = store.load([citizen.key], locked=False)[citizen.key]

        def plain(text: object, key: str = citizen.key) -> str:
            return str(text).replace(key, "whoever")

        told[citizen.number_index] = {
            "known": (citizen.name, citizen.born, citizen.municipality, citizen.provisional),
            "status": (state.status, state.status_since, state.wake),
            "log": [
                (e.id, e.at, e.kind, plain(e.pathway), plain(json.dumps(dict(e.attributes), sort_keys=True)))
                for e in live.log(state.events, LATER).events
            ],
            "owed": {
                plain(identity): plain(owed) for identity, owed in state.owed.items() if not owed.withdrawn
            },
            "threads": sorted(
                (
                    found.identifier,
                    found.newest,
                    [(e.name, e.segment, e.message) for e in thread.ordered(_letters(found))],
                    sorted(found.parties.values_list("organisation", "unread", "newest")),
                )
                for found in Thread.objects.filter(citizen=citizen)
            ),
        }
    return told


def _letters(found: Thread) -> list[Any]:
    return [letter for _, letter in letters.of_thread(found.key)]


def everything() -> int:
    """Rows that messages leave."""
    tables = (Message, StoredLetter, Thread, ThreadParty, LoggedEvent, Obligation)
    return sum(model.objects.count() for model in tables) + Citizen.objects.filter(provisional=True).count()


DANISH, NORWEGIAN = danish(), norwegian()


@st.composite
def feeds(draw: st.DrawFn) -> tuple[list[bytes], list[bytes]]:
    """Some messages in the order they were written, and the same mixed, with copies."""
    pool = draw(st.sampled_from([DANISH, NORWEGIAN, DANISH + NORWEGIAN]))
    chosen = sorted(draw(st.sets(st.integers(0, len(pool) - 1), min_size=2, max_size=9)))
    messages = [pool[place] for place in chosen]
    copies = [
        resent(one, f"again-{place}") if one.startswith(b"{") and place % 2 else one
        for place, one in enumerate(draw(st.lists(st.sampled_from(messages), max_size=3)))
    ]
    return messages, draw(st.permutations(messages + copies))


@settings(max_examples=15, suppress_health_check=WITHOUT_FIXTURE_CHECK)
@given(feeds(), st.data())
def test_order_and_copies_change_nothing(feed: tuple[list[bytes], list[bytes]], data: st.DataObject) -> None:
    written, mixed = feed
    cut = data.draw(st.integers(0, len(mixed)), label="cut")
    with transaction.atomic():
        ours()
        one_by_one(written)
        wanted = outcome()
        transaction.set_rollback(True)
    with transaction.atomic():
        ours()
        take_in(*mixed[:cut])
        one_by_one(mixed[cut:])
        assert outcome() == wanted
        assert examine(LATER).findings == []
        transaction.set_rollback(True)


@settings(max_examples=15, suppress_health_check=WITHOUT_FIXTURE_CHECK)
@given(feeds(), st.integers(0, 40))
def test_what_breaks_off_leaves_nothing_and_comes_again_as_if_for_the_first_time(
    feed: tuple[list[bytes], list[bytes]], breaks_at: int
) -> None:
    written, mixed = feed
    with transaction.atomic():
        ours()
        one_by_one(written)
        wanted = outcome()
        transaction.set_rollback(True)
    with transaction.atomic():
        ours()
        _broken(mixed, breaks_at)
        one_by_one(mixed)
        assert outcome() == wanted
        transaction.set_rollback(True)


def _broken(mixed: Sequence[bytes], breaks_at: int) -> None:
    """Take messages in one at a time while the database fails from its `breaks_at`-th write on."""
    written = 0
    sends = {name: getattr(bulk, name) for name in ("_send_alone", "_send_together")}

    def failing(real: Any) -> Any:
        def send(given: Any) -> None:
            nonlocal written
            written += 1
            if written > breaks_at:
                raise DatabaseError("the disk is full")
            real(given)

        return send

    with pytest.MonkeyPatch.context() as patch:
        for name, real in sends.items():
            patch.setattr(bulk, name, failing(real))
        for message in mixed:
            before = everything()
            (answer,) = take_in(message)
            if answer.acknowledgement == "transient-error":
                assert everything() == before
