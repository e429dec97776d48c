"""What a CareCommunication says, checked: the mandatory refuses, the rest is flagged, no text is lost."""

from naer.events.instant import Instant
from naer.messages.content import Activity, Conversation, Episode, Fact, Letter, Party, Scalar, Step
from naer.messages.medcom.bundle import Bundle, party_of
from naer.messages.medcom.care_resources import CARE_TYPES, Communication
from naer.messages.medcom.carecommunication_codes import (
    ACTIVITIES,
    CATEGORIES,
    CATEGORY_SYSTEM,
    FORBIDDEN_ACTIVITIES,
    PRIORITIES,
    PRIORITY_CATEGORY,
    SENDER_EXTENSION,
    TOPIC_CATEGORY,
)
from naer.messages.medcom.findings import Findings, instant_of, plain
from naer.messages.medcom.notification import episodes
from naer.messages.medcom.patient import person
from naer.messages.medcom.resources import Encounter, MessageHeader, Organization, Patient, Provenance
from naer.messages.medcom.segments import named, segments

TYPE = "CARE_COMMUNICATION"
VERSION = "5.0"
KIND = "correspondence"
"""Kind of the event a CareCommunication gives."""


def letter(
    bundle: Bundle,
    header: MessageHeader,
    own: Provenance | None,
    sent: Instant | None,
    sender: Party | None,
    receiver: Party | None,
    findings: Findings,
) -> Letter | None:
    """The letter, or None when a mandatory part is missing; what is wrong goes into `findings`."""
    bundle.open(CARE_TYPES)
    patient = person(bundle, findings)
    said = _communication(bundle, header, findings)
    if said is None:
        return None
    if bundle.all(Patient) and bundle.follow(said.subject, Patient) is None:
        findings.flag(
            "not-found", "The message does not say that it is about its patient.", "Communication.subject"
        )
    activity = _activity(own, findings)
    thread = _thread(said, findings)
    category = _category(said, findings)
    topic = plain(said.topic.text.strip(), 500) if said.topic else ""
    if category == TOPIC_CATEGORY and not topic:
        findings.refuse("invariant", "The category other requires a topic.", "Communication.topic")
    read = segments(said, bundle, own, sent, findings)
    episode, details = _encounter(said, bundle, findings)
    by = next((one.value_reference for one in said.extension if one.is_a(SENDER_EXTENSION)), None)
    to = said.recipient[0] if said.recipient else None
    if len(said.recipient) > 1:
        findings.flag("structure", "Only one specific recipient may be named.", "Communication.recipient")
    (from_unit, from_role), (to_unit, to_role) = named(by, bundle), named(to, bundle)
    if patient is None or sender is None or receiver is None or not (thread and category and read):
        return None
    if sent is None:
        sent = max((one.at for one in read if one.new), default=read[-1].at)
    previous = (own.former or own.previous or "") if own else ""
    conversation = Conversation(
        thread=thread,
        activity=activity,
        segments=read,
        category=category,
        topic=topic,
        priority=_priority(said, category, findings),
        previous=plain(previous, 100),
        from_unit=from_unit,
        to_unit=to_unit,
        from_role=from_role,
        to_role=to_role,
        chain=_chain(bundle, own, findings),
    )
    _conform(conversation, own, findings)
    return Letter(
        type=TYPE,
        version=VERSION,
        message_id=header.id,
        sent=sent,
        sender=sender,
        receiver=receiver,
        person=patient,
        parent=plain((own.previous or "") if own else "", 100),
        episode=episode,
        facts=(fact(conversation, sent),),
        conversation=conversation,
        details=details,
    )


def fact(said: Conversation, sent: Instant) -> Fact:
    """What a CareCommunication tells the log: somebody wrote, when the newest of it was written."""
    return Fact(
        kind=KIND,
        at=max((one.at for one in said.segments if one.new), default=sent),
        attributes={"thread": said.thread, "category": said.category, "activity": said.activity},
    )


def _communication(bundle: Bundle, header: MessageHeader, findings: Findings) -> Communication | None:
    found = bundle.all(Communication)
    for reference in header.focus:
        if (focus := bundle.follow(reference, Communication)) is not None:
            if len(found) > 1:
                findings.flag("structure", "The message has more than one Communication.", "Communication")
            return focus
    if len(found) == 1:
        findings.flag(
            "not-found", "The header's focus does not name the Communication.", "MessageHeader.focus"
        )
        return found[0]
    if found:
        findings.refuse(
            "structure", "The header does not say which Communication is meant.", "MessageHeader.focus"
        )
    elif "Communication" not in bundle.types:
        findings.refuse("required", "The message has no Communication.", "Communication")
    return None


def _activity(own: Provenance | None, findings: Findings) -> Activity:
    path = "Provenance.activity"
    if own is None:
        findings.flag("required", "The message has no Provenance; it is read as a new one.", "Provenance")
        return "new-message"
    for activity in ACTIVITIES:
        if own.code == activity:
            return activity
    if own.code in FORBIDDEN_ACTIVITIES:
        findings.refuse(
            "MSG_VALUESET_VALUE_UNKNOWN", "A CareCommunication cannot be taken back, changed or copied.", path
        )
    else:
        findings.flag("MSG_VALUESET_VALUE_UNKNOWN", "The activity is not one of a CareCommunication.", path)
    return "reply-message" if own.previous else "new-message"


def _thread(said: Communication, findings: Findings) -> str:
    path = "Communication.identifier"
    if len(said.identifier) > 1:
        findings.flag("structure", "The message names more than one thread; the first is taken.", path)
    return findings.id(said.identifier[0].value.strip() if said.identifier else None, path)


def _category(said: Communication, findings: Findings) -> str:
    path = "Communication.category"
    if len(said.category) > 1:
        findings.flag("structure", "The message has more than one category; the first is taken.", path)
    codings = said.category[0].coding if said.category else []
    code = plain(codings[0].code.strip(), 64) if codings else ""
    if not code:
        findings.refuse("required", "The message has no category.", path)
    elif code not in CATEGORIES:
        findings.flag("MSG_VALUESET_VALUE_UNKNOWN", "The category is not known.", path)
    elif codings[0].system != CATEGORY_SYSTEM:
        findings.flag("MSG_CodeSystem_VALUE_UNKNOWN", "The category names another code system.", path)
    return code


def _priority(said: Communication, category: str, findings: Findings) -> str:
    path = "Communication.priority"
    priority = plain(said.priority.strip(), 20)
    if priority and priority not in PRIORITIES:
        findings.flag("MSG_VALUESET_VALUE_UNKNOWN", "The priority must be routine or asap.", path)
    elif priority and category != PRIORITY_CATEGORY:
        findings.flag("invariant", "Only a message regarding a referral may have a priority.", path)
    if said.status != "unknown":
        findings.flag("value", "The status should be unknown.", "Communication.status")
    return priority


def _encounter(
    said: Communication, bundle: Bundle, findings: Findings
) -> tuple[Episode | None, dict[str, Scalar]]:
    encounter = bundle.follow(said.encounter, Encounter) or next(iter(bundle.all(Encounter)), None)
    if encounter is None:
        return None, {}
    if bundle.follow(said.encounter, Encounter) is None:
        findings.flag("invariant", "The message does not refer to its Encounter.", "Communication.encounter")
    found = episodes(encounter, findings)
    if not found:
        findings.flag("required", "The stay has no episode-of-care id.", "Encounter.episodeOfCare")
        return None, {}
    details: dict[str, Scalar] = {}
    if encounter.class_ is not None and encounter.class_.code:
        details["encounter_class"] = plain(encounter.class_.code, 20)
    if encounter.status:
        details["encounter_status"] = plain(encounter.status, 40)
    return found[0], details


def _chain(bundle: Bundle, own: Provenance | None, findings: Findings) -> tuple[Step, ...]:
    """The earlier messages, oldest first; a Provenance without a time or a target cannot be repeated."""
    steps = []
    for one in bundle.all(Provenance):
        at = instant_of(one.occurred_date_time or one.recorded or "")
        if one is own or at is None or not one.targets:
            continue
        if one.code not in ACTIVITIES:
            findings.flag(
                "MSG_VALUESET_VALUE_UNKNOWN", "An earlier message has an odd activity.", "Provenance.activity"
            )
        organisation = bundle.follow(one.agent[0].who if one.agent else None, Organization)
        party = party_of(organisation) if organisation else Party()
        steps.append(
            Step(
                message_id=plain(one.targets[0], 64),
                activity=plain(one.code, 64) or "new-message",
                sent=at,
                agent=(party.sor or party.gln)[:64],
                segments=tuple(plain(name.strip(), 64) for name in one.sources if name.strip()),
                previous=plain(one.former or one.previous or "", 100),
            )
        )
    return tuple(sorted(steps, key=lambda step: (step.sent, step.message_id)))


def _conform(said: Conversation, own: Provenance | None, findings: Findings) -> None:
    if said.activity == "new-message":
        if said.previous:
            findings.flag("business-rule", "A new message names one before it.", "Provenance.entity")
        return
    if own is not None and not said.previous:
        findings.flag("required", "The message does not name the one before it.", "Provenance.entity")
    elif (
        said.previous and "#" not in said.previous and said.previous not in {s.message_id for s in said.chain}
    ):
        findings.flag("not-found", "The chain points to a message that is not in it.", "Provenance.entity")
    if not any(segment.new for segment in said.segments):
        findings.flag("business-rule", "The message brings nothing new.", "Communication.payload")
