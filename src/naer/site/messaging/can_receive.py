"""Whether a municipality can receive a citizen who is ready: said in Naer, and read out of what others wrote.

A Norwegian message carries the answer as free text only (HIS 1077, theme 7). So the structured answer is an
event; the words that are sent follow from it, and words that came are read by a person, never trusted alone.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied

from naer.events.event import Event
from naer.events.instant import Instant, parse, text
from naer.messages import ready_answer
from naer.messages.content import Letter
from naer.messages.medcom.communication import TYPE as CARE_TYPE
from naer.messages.plo.types import ANSWER_ON_READY
from naer.messages.ready_answer import Proposed
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import composing, drafts, telling
from naer.site.messaging.conversation_words import CARE, NOTE
from naer.site.messaging.correspondence import (
    organisation_of,
    relation_to,
    send,
    signed,
    standard_for,
)
from naer.site.messaging.drafts import Sending, Written
from naer.site.messaging.models import StoredLetter, Thread
from naer.site.pathways import actions, live, store
from naer.site.pathways.actions import ActionRefusedError, NewId
from naer.site.pathways.courses import courses
from naer.site.pathways.models import Citizen
from naer.site.pathways.state import State
from naer.site.ui.times import ZONE

ANSWERED = "municipality_answer"
READING = "reading"
"""`Event.source` of what somebody read out of a message."""


def answer_ready(
    user: User,
    citizen: Citizen,
    receiver: str,
    can: bool,
    since: Instant | None,
    written: Written,
    *,
    pathway: str,
    now: Instant,
    new_id: NewId,
) -> StoredLetter:
    """The municipality says whether it can receive a citizen who is ready, and from when.

    The structured answer is the event `municipality_answer`; what is sent says the same in words (Norway:
    health dialogue, theme 7).

    Raises:
        ActionRefusedError: as `begin`, and when the citizen has no such pathway.
        PermissionDenied: when it is not for the user's organisation to say (`may_say`).
        UnwritableError: as `begin`.
    """
    relation = rules.require(user, citizen, "send", now)
    if not may_say(user, citizen, now):
        raise PermissionDenied("only the municipality of somebody in hospital answers for it")
    if pathway and pathway not in courses(citizen.key, now):
        raise ActionRefusedError("the citizen has no such pathway")
    sending = Sending(composing.party(organisation_of(user)), composing.party(receiver), now, new_id)
    standard = standard_for(sending.sender, sending.receiver)
    care = standard == CARE
    letter = drafts.begin(
        signed(user, written, care=care),
        sending,
        composing.person(citizen),
        standard=standard,
        category="discharge" if care else ANSWER_ON_READY,
        episode=telling.episode_of(citizen.key, pathway) if care else None,
    )
    said: dict[str, Any] = {"can_receive": can}
    if since is not None:
        said["from"] = text(since)
    return send(
        user, citizen, letter, receiver, relation, pathway, now=now, new_id=new_id,
        kind=ANSWERED, said=said,
    )  # fmt: skip


def confirm_answer(
    user: User,
    thread: Thread,
    letter: StoredLetter,
    can: bool,
    since: Instant | None,
    *,
    now: Instant,
    new_id: NewId,
) -> Event:
    """Somebody who got the municipality's answer says what its words mean: can it receive, and from when.

    It corrects the event that the message made, or stands beside a message that made none; a later reading
    corrects an earlier one. It is the municipality's answer, with the name of who read it so.

    Raises:
        ActionRefusedError: when the message is none that a municipality sent here.
        PermissionDenied: when the conversation is not the user's to read.
    """
    relation = relation_to(user, thread, now)
    sender = Organisation.objects.filter(pk=letter.sender, role=Organisation.Role.MUNICIPALITY).first()
    if letter.thread_id != thread.key or letter.receiver != organisation_of(user) or sender is None:
        raise ActionRefusedError("only a message from a municipality says whether it can receive")
    said: dict[str, Any] = {
        "by": user.name,
        "channel": "message",
        "can_receive": can,
        "answers": letter.message_id,
    }
    if since is not None:
        said["from"] = text(since)

    def make(state: State) -> list[Event]:
        earlier = _answered(state.events, letter.message_id)
        written = [one for one in state.events if one.id == letter.message_id]
        return [
            Event(
                id=new_id(),
                pathway=(earlier or written or state.events)[-1].pathway if state.events else state.key,
                citizen=state.key,
                kind=ANSWERED,
                at=letter.sent,
                sent=now,
                received=now,
                organisation=sender.key,
                municipality=sender.municipality or state.municipality,
                attributes=said,
                source=READING,
                changes=earlier[0].id if earlier else None,
            )
        ]

    (event,) = actions.append(
        user,
        thread.citizen_id,
        make,
        action="record",
        subject=ANSWERED,
        relation=relation,
        now=now,
    )
    return event


def _answered(events: Sequence[Event], message_id: str) -> list[Event]:
    """The municipality's answers that a message is, in the order they were written."""
    return [
        one
        for one in events
        if one.kind == ANSWERED and message_id in (one.id, one.attributes.get("answers"))
    ]


def may_say(user: User, citizen: Citizen, now: Instant) -> bool:
    """Whether `user` can answer for the municipality: the citizen is in hospital, or on leave from there."""
    own = user.organisation
    return (
        own is not None
        and own.role == Organisation.Role.MUNICIPALITY
        and citizen.status in rules.IN_HOSPITAL
        and bool(rules.relation(user, citizen, now, "send"))
    )


def wording(can: bool, since: Instant | None, more: str, *, care: bool) -> str:
    """What is sent: the answer in the language of the country that the message is of."""
    return ready_answer.write(can, since, more, "DK" if care else "NO")


def to_be_read(user: User, held: Sequence[tuple[StoredLetter, Letter]]) -> tuple[StoredLetter, Letter] | None:
    """The latest message from a municipality to a hospital that seems to be its answer; None without one.

    A Norwegian one says so itself (theme 7); of a Danish one only its words do.
    """
    own = user.organisation
    if own is None or own.role != Organisation.Role.HOSPITAL:
        return None
    senders = {row.sender for row, _ in held if row.receiver == own.key}
    municipal = set(
        Organisation.objects.filter(pk__in=senders, role=Organisation.Role.MUNICIPALITY).values_list(
            "pk", flat=True
        )
    )
    for row, letter in reversed(held):
        if row.receiver == own.key and row.sender in municipal and (_says_so(letter) or proposed(letter)):
            return row, letter
    return None


def proposed(letter: Letter) -> Proposed | None:
    """What the words of a message seem to answer."""
    said = letter.conversation
    texts = [one.text for one in said.segments if one.new and one.text] if said is not None else []
    return ready_answer.propose("\n".join(texts), "DK" if letter.type == CARE_TYPE else "NO")


def reading(letter: StoredLetter, now: Instant) -> Event | None:
    """The structured answer that stands for a message: said by its sender, or read out of it by somebody."""
    (state,) = store.load([letter.citizen_id], locked=False).values()
    ids = {one.id for one in _answered(state.events, letter.message_id)}
    held = [one for one in live.log(state.events, now).events if one.id in ids]
    return next((one for one in reversed(held) if "can_receive" in one.attributes), None)


def since_of(event: Event) -> Instant | None:
    """From when the municipality can receive, as an answer says it; None when it does not."""
    try:
        return parse(str(event.attributes["from"]), ZONE)
    except (KeyError, ValueError):
        return None


def _says_so(letter: Letter) -> bool:
    said = letter.conversation
    return letter.type == NOTE and said is not None and said.category == ANSWER_ON_READY
