"""Threads: whatever the order in which messages come, one thread; and replies and forwards made from it."""

import itertools
import time

import msgspec
import pytest

from naer.messages.medcom import replying, thread
from naer.messages.medcom.carecommunication_faults import faults
from tests.contract.medcom.hospital import HOSPITAL, MUNICIPALITY, WARD, at, read_tree, resource
from tests.contract.medcom.letters import (
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
)

GP = msgspec.structs.replace(WARD, gln="5799990000031")


def course():
    """Hospital asks, municipality answers with a file, hospital thanks; each as it is read."""
    first = came(care("m1", "1 10:00", text(1, "1 10:00"), episode=STAY)).letter
    answer = replying.reply(
        [first],
        [text(2, "2 10:00"), file(3, "2 10:00")],
        message_id="m2",
        sent=at("2 10:00"),
        sender=MUNICIPALITY,
    )
    second = came(answer).letter
    thanks = replying.reply(
        [first, second], [text(4, "3 10:00")], message_id="m3", sent=at("3 10:00"), sender=HOSPITAL
    )
    return [first, second, came(thanks).letter]


def shown(letters, **marks):
    return [(one.segment.id, one.message) for one in thread.arrange(map(thread.told, letters), **marks)]


def test_every_order_of_arrival_gives_the_same_thread():
    letters = course()
    expected = [(named(1), "m1"), (named(2), "m2"), (named(3), "m2"), (named(4), "m3")]
    for order in itertools.permutations(letters):
        assert shown(order) == expected
        assert shown([*order, order[0]]) == expected
    assert thread.ordered(letters)[2].segment.data == PDF


def test_position_is_the_place_of_what_a_message_brought_first():
    entries = thread.ordered(course())
    assert [thread.position(entries, name) for name in ("m1", "m2", "m3", "m9")] == [1, 2, 4, 0]


def test_position_of_one_of_two_contents_with_one_id():
    first, other = (came(care("m1", "1 10:00", text(number, f"{number} 10:00"))).letter for number in (1, 2))
    entries = thread.ordered([other, first])
    assert [thread.position(entries, "m1", letter) for letter in (first, other)] == [1, 2]


def test_the_last_message_alone_shows_what_it_quotes_and_the_others_join_it_later():
    first, second, third = course()
    alone = thread.ordered([third])
    assert [(one.segment.id, one.message) for one in alone] == [
        (named(1), ""), (named(2), ""), (named(3), ""), (named(4), "m3"),
    ]  # fmt: skip
    assert alone[2].segment.data is None
    assert [one.message for one in thread.ordered([third, first, second])] == ["m1", "m2", "m2", "m3"]


def test_what_comes_late_stands_at_its_place_unread():
    first, second, third = course()
    early = [thread.told(first, 100), thread.told(third, 200)]
    read = {"m1", "m3"}
    # m3 quotes what m2 brought, so nothing of m2 but its file's content is news.
    assert [one.unread for one in thread.arrange([*early, thread.told(second, 300)], read=read)] == [
        False
    ] * 4
    # A third party's word that no later message quoted is.
    beside = came(
        care("m2b", "2 11:00", text(9, "2 11:00"), activity="reply-message", previous="m1", thread=THREAD)
    ).letter
    entries = thread.arrange([*early, thread.told(beside, 300)], read=read)
    assert [(one.segment.id, one.unread, one.late) for one in entries] == [
        (named(1), False, False),
        (named(2), False, False),
        (named(3), False, False),
        (named(9), True, True),
        (named(4), False, False),
    ]


def test_what_one_wrote_oneself_is_not_unread():
    letters = [thread.told(letter) for letter in course()]
    unread = [one.segment.id for one in thread.arrange(letters, reader=HOSPITAL.sor) if one.unread]
    assert unread == [named(2), named(3)]


def test_parallel_replies_are_both_kept():
    first = came(care("m1", "1 10:00", text(1, "1 10:00"))).letter
    replies = [
        came(
            replying.reply([first], [text(place, "2 10:00")], message_id=name, sent=at("2 10:00"), sender=by)
        ).letter
        for place, name, by in ((8, "a", MUNICIPALITY), (9, "b", HOSPITAL))
    ]
    for order in itertools.permutations([first, *replies]):
        # Identical times: the initiator's segment stands first.
        assert [name for name, _ in shown(order)] == [named(1), named(9), named(8)]
        assert thread.parallel(map(thread.told, order)) == {"a", "b"}


def test_one_id_for_two_texts_keeps_both_and_says_so():
    first = came(care("m1", "1 10:00", text(1, "1 10:00", "Ja."))).letter
    other = came(
        care("m2", "1 11:00", text(1, "1 10:00", "Nej."), activity="reply-message", previous="m1")
    ).letter
    for order in ([first, other], [other, first]):
        entries = thread.ordered(order)
        assert [one.segment.text for one in entries] == ["Ja.", "Nej."]
        assert all(one.conflict for one in entries)
        assert len({one.name for one in entries}) == 2


def test_ids_in_the_old_format_are_the_same_segments():
    first = came(care("m1", "1 10:00", text(1, "1 10:00"))).letter
    old = text(1, "1 10:00", id=named(1).removeprefix("urn:uuid:").replace("-", "").upper(), new=False)
    second = came(
        care("m2", "2 10:00", old, text(2, "2 10:00"), activity="reply-message", previous="m1")
    ).letter
    assert len(thread.ordered([second, first])) == 2


def test_a_reply_goes_to_the_other_party_and_carries_the_thread_on():
    first, second, third = course()
    assert (second.sender, second.receiver) == (MUNICIPALITY, HOSPITAL)
    assert (third.sender, third.receiver) == (HOSPITAL, MUNICIPALITY)
    assert {letter.conversation.thread for letter in (first, second, third)} == {THREAD}
    assert [letter.conversation.previous for letter in (first, second, third)] == ["", "m1", "m2"]
    assert [step.message_id for step in third.conversation.chain] == ["m1", "m2"]
    assert [step.segments for step in third.conversation.chain] == [(named(1),), (named(2), named(3))]
    assert second.episode == third.episode == STAY
    assert came(third).flags == []


def test_a_reply_to_one_s_own_last_message_goes_where_that_went():
    letters = course()
    again = replying.reply(
        letters, [text(5, "4 10:00")], message_id="m4", sent=at("4 10:00"), sender=HOSPITAL
    )
    assert (again.sender, again.receiver) == (HOSPITAL, MUNICIPALITY)
    assert faults(again) == []


def test_the_specific_sender_becomes_the_specific_recipient():
    first = came(
        care(
            "m1", "1 10:00", text(1, "1 10:00"), from_unit="Ib Hansen", from_role="laege", to_unit="Team Nord"
        )
    ).letter
    reply = replying.reply(
        [first], [text(2, "2 10:00")], message_id="m2", sent=at("2 10:00"), sender=MUNICIPALITY
    )
    assert (reply.conversation.to_unit, reply.conversation.to_role) == ("Ib Hansen", "laege")
    own = replying.reply([first], [text(2, "2 10:00")], message_id="m2", sent=at("2 10:00"), sender=HOSPITAL)
    assert (own.conversation.to_unit, own.conversation.to_role) == ("Team Nord", "")


def passed_on(letters, chosen=None):
    return replying.forward(
        letters,
        [text(7, "4 10:00")],
        new_thread=OTHER_THREAD,
        message_id="f1",
        sent=at("4 10:00"),
        sender=MUNICIPALITY,
        receiver=GP,
        chosen=chosen,
    )


def test_a_forward_is_a_new_thread_with_all_that_was_said():
    letters = course()
    forward = came(passed_on(letters)).letter
    said = forward.conversation
    assert (said.thread, said.activity, said.previous) == (OTHER_THREAD, "forward-message", "m3")
    assert [one.new for one in said.segments] == [False] * 4 + [True]
    assert said.segments[2].data == PDF
    assert [step.message_id for step in said.chain] == ["m1", "m2", "m3"]
    assert (forward.sender, forward.receiver) == (MUNICIPALITY, GP)
    answer = replying.reply([forward], [text(8, "5 10:00")], message_id="f2", sent=at("5 10:00"), sender=GP)
    assert (answer.receiver, answer.conversation.thread) == (MUNICIPALITY, OTHER_THREAD)
    assert shown([*letters]) == shown(letters[::-1])


def test_a_forward_of_a_part_takes_only_its_messages_along():
    part = passed_on(course(), chosen={named(1), named(4)})
    assert [one.id for one in part.conversation.segments] == [named(1), named(4), named(7)]
    assert [step.message_id for step in part.conversation.chain] == ["m1", "m3"]
    assert came(part).issues == []
    with pytest.raises(ValueError, match="attachments"):
        passed_on(course(), chosen={named(1), named(2), named(4)})


def test_nobody_answers_an_empty_thread():
    with pytest.raises(ValueError, match="conversations"):
        replying.latest([])


def test_an_id_used_by_many_texts_takes_no_time():
    letters = [
        care(f"m{number}", "1 10:00", *(text(1, "1 10:00", f"{number} {n}") for n in range(500)))
        for number in range(20)
    ]
    began = time.process_time()
    assert len(thread.ordered(letters)) == 10_000
    assert time.process_time() - began < 4


def test_a_message_of_endless_segments_is_refused():
    letter = care("m1", "1 10:00", text(1, "1 10:00"))
    bundle = broken(letter)
    resource(bundle, "Communication")["payload"] *= 501
    assert [issue.code for issue in read_tree(bundle).issues] == ["too-long"]
    assert faults(care("m1", "1 10:00", *(text(n, "1 10:00") for n in range(501))))


def test_copies_with_other_contents_are_told_apart():
    first = came(care("m1", "1 10:00", text(1, "1 10:00"), file(2, "1 10:00"))).letter
    other = came(care("m2", "1 11:00", text(1, "1 10:00"), file(2, "1 10:00", data=b"%PDF other"))).letter
    for order in ([first, other], [other, first]):
        assert [(one.message, one.conflict) for one in thread.ordered(order)] == [
            ("m1", False), ("m1", True), ("m2", True),
        ]  # fmt: skip
