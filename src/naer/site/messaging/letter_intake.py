"""A letter: kept because it was sent to somebody here, told as events, joined to its thread, answered.

Unlike a notification, which a hospital sends for everybody, a letter was written to its receiver about the
citizen: it is accepted also when nobody here knows the citizen, who is made known then (handbook Norway,
section 8).
"""

import msgspec

from naer.events.event import Event
from naer.messages import letter_events
from naer.messages.content import Letter
from naer.messages.envelope import Incoming, Issue, flag
from naer.messages.letter_events import PLO, source
from naer.site.messaging import answering, bundle_rules, copies, seen
from naer.site.messaging.answer import Prepared
from naer.site.messaging.desk import Desk
from naer.site.messaging.letters import Kept
from naer.site.messaging.record import Logged
from naer.site.pathways import live
from naer.site.pathways.register import Organisation
from naer.site.pathways.state import State

MUNICIPALITY = "municipality"

_MADE_KNOWN = flag("not-found", "the citizen was not known here, and is now", "Patient")
_ORIGINAL_UNKNOWN = flag("not-found", "what it changes or withdraws is not known here; it waits for that")
_COPY = flag("informational", "it came as a copy: it is shown, and meets no obligation", "OtherReceiver")
_NUMBERLESS = Issue("E30", "the patient has no number", "Patient")
_NAMELESS = Issue("E10", "the message has no id", "MsgId")


def take(
    desk: Desk, message: Prepared, letter: Letter, receiver: Organisation | None, verdict: seen.Verdict
) -> Logged:
    """Apply a valid letter that is new. A copy (to another receiver) tells nothing: no duty is met by one."""
    incoming = message.incoming
    lacks = _NAMELESS if not letter.message_id else _NUMBERLESS if not letter.person.number else None
    if lacks is not None:
        return desk.logged(message, desk.answer(message, answering.refusal(incoming), [lacks]), "refused")
    sender = desk.organisation(incoming.sender)
    if foreign := bundle_rules.refusals(incoming.standard, letter, sender):
        return desk.logged(message, desk.answer(message, answering.refusal(incoming), foreign), "refused")
    known = desk.states.get(desk.arrivals.citizen(letter.person) or "")
    if not bundle_rules.may_keep(incoming.standard, letter, known, desk):
        return desk.logged(message, desk.answer(message, "ok", []), "no-legal-basis")
    flags = [*incoming.flags, *([verdict.flag] if verdict.flag else [])]
    state = _citizen(desk, letter, flags)
    municipality = _municipality(receiver) or _municipality(sender)
    if state.provisional:
        desk.arrivals.newcomers.hear(state, letter, incoming.content_hash, municipality)
        desk.register.residence_of[state.key] = state.municipality
    else:
        municipality = municipality or state.municipality
    raw = []
    first_here, *others_here = copies.here(desk, letter) or [("", letter.receiver)]
    if first_here[1] in letter.copies:
        flags.append(_COPY)
    else:
        raw = [
            _addressed(event, sender, receiver)
            for event in _events(desk, incoming, state, municipality, verdict.reused)
        ]
    linked = _append(desk, state, raw)
    first = linked[0] if linked else None
    if any(event.attributes.get("original") == "unknown" for event in linked):
        flags.append(_ORIGINAL_UNKNOWN)
    position, segments = desk.arrivals.keep(
        Kept(
            letter,
            incoming.standard,
            state.key,
            desk.name(incoming.sender),
            first_here[0] or desk.name(incoming.receiver),
            incoming.content_hash,
        )
    )
    for key, _ in others_here:
        desk.arrivals.keep(
            Kept(letter, incoming.standard, state.key, desk.name(incoming.sender), key, incoming.content_hash)
        )
    answer = desk.answer(
        message,
        answering.acceptance(incoming),
        [*incoming.partial, *flags],
        shown=True,
        stored=True,
        citizen_status=state.status,
        citizen=state.key,
        pathway=first.pathway if first else None,
        event=str(first.id) if first else None,
        report_owed=live.owes_report(state, {str(event.id) for event in linked}),
        position=position,
        segments=segments,
    )
    desk.trace(state.key, incoming.message_id)
    return desk.logged(message, answer, "", flags=flags)


def _citizen(desk: Desk, letter: Letter, flags: list[Issue]) -> State:
    """Whom the letter is about; somebody unknown is made known, and that is flagged."""
    key = desk.arrivals.citizen(letter.person)
    if key is not None:
        return desk.states[key]
    state = desk.arrivals.welcome(letter.person, desk.new_id)
    desk.states[state.key] = state
    flags.append(_MADE_KNOWN)
    return state


def _events(desk: Desk, incoming: Incoming, state: State, municipality: str, reused: bool) -> list[Event]:
    """The raw events of the letter."""
    party = desk.name(incoming.sender) or None
    if source(incoming.standard) != PLO:
        return letter_events.events(
            incoming,
            citizen=state.key,
            organisation=party,
            municipality=municipality or None,
            received=desk.now,
            reused=reused,
        )
    from naer.messages.plo import events as plo

    raw = plo.events(incoming, state.key, party, municipality or None, desk.now, reused)
    return [
        msgspec.structs.replace(event, attributes={**event.attributes, **letter_events.copy_of(incoming)})
        for event in raw
    ]


def _addressed(event: Event, sender: Organisation | None, receiver: Organisation | None) -> Event:
    """The event with the roles of who asked or wrote, and whom, where its kind has them."""
    if event.kind not in ("correspondence", "request"):
        return event
    roles = {"to": receiver.role} if receiver is not None else {}
    if event.kind == "request" and sender is not None:
        roles["asked_by"] = sender.role
    return msgspec.structs.replace(event, attributes={**event.attributes, **roles})


def _append(desk: Desk, state: State, raw: list[Event]) -> list[Event]:
    """Add the events that the log has not, and judge; gives all of them as they are linked now.

    One that is there already was written here: the letter came back to another party of this installation.
    """
    known = {event.id for event in state.events}
    for event in raw:
        if event.id not in known:
            state.append(event)
    if not raw:
        return []
    judged = live.judge(state, desk.register, desk.now)
    return [settled for event in raw if (settled := judged.find(event)) is not None]


def _municipality(party: Organisation | None) -> str:
    """Code of a party that is a municipality."""
    return party.municipality if party is not None and party.role == MUNICIPALITY else ""
