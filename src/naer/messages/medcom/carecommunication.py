"""Writes CareCommunication 5.0: new messages, replies and forwards, with the thread's earlier Provenances."""

import base64
from collections.abc import Callable, Iterable, Mapping

import msgspec

from naer.messages.content import Conversation, Letter, Party, Segment, Step
from naer.messages.envelope import Format
from naer.messages.medcom import narrative, patient, writing
from naer.messages.medcom.carecommunication_codes import (
    CARE_COMMUNICATION,
    CATEGORY_SYSTEM,
    DEFINITION,
    ROLE_SYSTEM,
    ROLES,
    SEGMENT_AUTHOR,
    SEGMENT_ID,
    SEGMENT_PHONE,
    SEGMENT_TIME,
    SENDER_EXTENSION,
)
from naer.messages.medcom.carecommunication_faults import faults
from naer.messages.medcom.codes import CLASS_SYSTEM, CORE, CPR
from naer.messages.medcom.communication import TYPE, VERSION, fact
from naer.messages.medcom.resources import is_gln
from naer.messages.medcom.writing import Resource

BASE = "https://medcomfhir.dk/ig/carecommunication/"


def write(letter: Letter, *, new_id: Callable[[], str], format: Format = "json") -> bytes:
    """A CareCommunication; `new_id` names the Bundle and the resources, the letter names the message.

    Quoted attachments leave their content out of a reply; a forward carries it. What `read` gives back is
    `normalised(letter)`.

    Raises:
        ValueError: when the letter breaks a rule of the standard; `faults` says which, for people.
    """
    found = faults(letter)
    if found:
        raise ValueError(f"not a CareCommunication: {found[0].text} ({found[0].path})")
    told = normalised(letter)
    said = told.conversation
    if said is None:
        raise ValueError("a CareCommunication has a conversation")
    known = _Known(letter.sender, letter.receiver, new_id)
    about = patient.resource(letter.person, new_id())
    encounter = _encounter(told, about, new_id())
    communication = _communication(said, about, encounter, known, new_id())
    head = writing.header(
        letter.message_id,
        CARE_COMMUNICATION + "medcom-careCommunication-messageHeader",
        "care-communication-message",
        (letter.sender, known.sender),
        (letter.receiver, known.receiver),
    )
    head |= {"focus": [writing.reference(communication)], "definition": DEFINITION}
    own = Step(
        message_id=letter.message_id,
        activity=said.activity,
        sent=letter.sent,
        agent=letter.sender.sor or letter.sender.gln,
        segments=tuple(segment.id for segment in said.segments if segment.new),
        previous=said.previous,
    )
    provenances = [_provenance(step, known, new_id()) for step in (*said.chain, own)]
    first: list[Resource] = [head, about, communication]
    resources = [*first, *([encounter] if encounter else []), *known.resources, *provenances]
    profile = CARE_COMMUNICATION + "medcom-careCommunication-message"
    time = writing.exact(letter.sent)
    narrated = [narrative.narrated(resource) for resource in resources]
    return writing.written(writing.bundle(new_id(), profile, time, BASE, narrated), format)


def normalised(letter: Letter) -> Letter:
    """The letter as it comes back from `read`: what the message cannot hold is left out, what it must is in.

    Its own segments get the sender as assigner, parties go by their SOR id, an Encounter has its class and
    status; the parent is the message before, the fact that of a CareCommunication; quoted attachments of a
    reply lose their content.
    """
    said = letter.conversation
    if said is None:
        return letter
    mine = letter.sender.sor or letter.sender.gln
    sor = {one.gln: one.sor for one in (letter.receiver, letter.sender) if one.gln and one.sor}
    details = {}
    if letter.episode is not None:
        details = {
            "encounter_class": str(letter.details.get("encounter_class") or "IMP"),
            "encounter_status": str(letter.details.get("encounter_status") or "unknown"),
        }
    segments = tuple(_carried(segment, said, mine, sor) for segment in said.segments)
    steps = (
        msgspec.structs.replace(step, agent=sor.get(step.agent, step.agent) or mine) for step in said.chain
    )
    chain = tuple(sorted(steps, key=lambda step: (step.sent, step.message_id)))
    conversation = msgspec.structs.replace(said, segments=segments, chain=chain)
    someone = letter.person
    return Letter(
        type=TYPE,
        version=VERSION,
        message_id=letter.message_id,
        sent=letter.sent,
        sender=_told(letter.sender),
        receiver=_told(letter.receiver),
        person=msgspec.structs.replace(someone, system=someone.system or CPR, born="", sex=""),
        parent=_letter_id(said.previous),
        episode=letter.episode,
        facts=(fact(conversation, letter.sent),),
        conversation=conversation,
        details=details,
    )


def _told(party: Party) -> Party:
    return Party(party.sor, party.gln, party.name)


def _letter_id(previous: str) -> str:
    left, mark, right = previous.partition("#")
    if not mark:
        return left
    return (left if is_gln(right) and not is_gln(left) else right).strip()


def _carried(segment: Segment, said: Conversation, sender: str, sor: Mapping[str, str]) -> Segment:
    left_out = said.activity == "reply-message" and not segment.new
    return msgspec.structs.replace(
        segment,
        assigner=sor.get(segment.assigner, segment.assigner) or (sender if segment.new else ""),
        data=None if left_out else segment.data,
    )


class _Known:
    """The organisations, people and teams a message names, each written once."""

    def __init__(self, sender: Party, receiver: Party, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self.sender = writing.organisation(sender, new_id())
        self.receiver = writing.organisation(receiver, new_id())
        self.resources: list[Resource] = [self.sender, self.receiver]
        self._organisations = {
            name: resource
            for party, resource in ((receiver, self.receiver), (sender, self.sender))
            for name in (party.sor, party.gln)
            if name
        }
        self._people: dict[tuple[str, str, str], Resource] = {}

    def organisation(self, name: str) -> Resource:
        """The Organization of a SOR id or location number; one of neither party is written with only that."""
        if name not in self._organisations:
            party = Party(gln=name) if is_gln(name) else Party(sor=name)
            self._organisations[name] = self._added(writing.organisation(party, self._new_id()))
        return self._organisations[name]

    def person(self, name: str, role: str, organisation: Resource | None = None) -> Resource:
        """The PractitionerRole of a person, and the Practitioner beside it."""
        place = organisation["id"] if organisation else ""
        if (name, role, place) not in self._people:
            held: Resource = {
                "resourceType": "PractitionerRole",
                "id": self._new_id(),
                "meta": {"profile": [CORE + "medcom-core-practitionerrole"]},
            }
            if name:
                held["practitioner"] = writing.reference(self._practitioner(name))
            if organisation:
                held["organization"] = writing.reference(organisation)
            if role:
                held["code"] = [_role(role)]
            self._people[name, role, place] = self._added(held)
        return self._people[name, role, place]

    def team(self, name: str, organisation: Resource) -> Resource:
        """A CareTeam of an organisation."""
        return self._added(
            {
                "resourceType": "CareTeam",
                "id": self._new_id(),
                "meta": {"profile": [CORE + "medcom-core-careteam"]},
                "name": name,
                "managingOrganization": [writing.reference(organisation)],
            }
        )

    def unit(self, name: str, role: str, organisation: Resource) -> Resource:
        """Who or what is meant inside an organisation: a person in a role, else a team."""
        return self.person(name, role, organisation) if role else self.team(name, organisation)

    def _practitioner(self, name: str) -> Resource:
        given, _, family = name.rpartition(" ")
        called: Resource = {"family": family}
        if given:
            called["given"] = given.split()
        return self._added(
            {
                "resourceType": "Practitioner",
                "id": self._new_id(),
                "meta": {"profile": [CORE + "medcom-core-practitioner"]},
                "name": [called],
            }
        )

    def _added(self, resource: Resource) -> Resource:
        self.resources.append(resource)
        return resource


def _role(role: str) -> Resource:
    return {"coding": [{"system": ROLE_SYSTEM, "code": role}]} if role in ROLES else {"text": role}


def _communication(
    said: Conversation,
    about: Resource,
    encounter: Resource | None,
    known: _Known,
    name: str,
) -> Resource:
    resource: Resource = {
        "resourceType": "Communication",
        "id": name,
        "meta": {"profile": [CARE_COMMUNICATION + "medcom-careCommunication-communication"]},
    }
    if said.from_unit:
        by = known.unit(said.from_unit, said.from_role, known.sender)
        resource["extension"] = [{"url": SENDER_EXTENSION, "valueReference": writing.reference(by)}]
    resource |= {
        "identifier": [{"value": said.thread}],
        "status": "unknown",
        "category": [{"coding": [{"system": CATEGORY_SYSTEM, "code": said.category}]}],
    }
    if said.priority:
        resource["priority"] = said.priority
    resource["subject"] = writing.reference(about)
    if said.topic:
        resource["topic"] = {"text": said.topic}
    if encounter is not None:
        resource["encounter"] = writing.reference(encounter)
    if said.to_unit:
        resource["recipient"] = [writing.reference(known.unit(said.to_unit, said.to_role, known.receiver))]
    resource["payload"] = [_payload(segment, known) for segment in said.segments]
    return resource


def _payload(segment: Segment, known: _Known) -> Resource:
    identifier: Resource = {"value": segment.id}
    if segment.assigner:
        identifier["assigner"] = writing.reference(known.organisation(segment.assigner))
    extension: list[Resource] = [
        {"url": SEGMENT_TIME, "valueDateTime": writing.exact(segment.at)},
        {"url": SEGMENT_ID, "valueIdentifier": identifier},
    ]
    if segment.author or segment.role:
        held = known.person(segment.author, segment.role)
        extension.append({"url": SEGMENT_AUTHOR, "valueReference": writing.reference(held)})
    if segment.phone:
        contact = {"system": "phone", "value": segment.phone}
        extension.append({"url": SEGMENT_PHONE, "valueContactPoint": contact})
    if not segment.is_attachment:
        return {"extension": extension, "contentString": segment.text}
    return {"extension": extension, "contentAttachment": dict(_attachment(segment))}


def _attachment(segment: Segment) -> Iterable[tuple[str, str]]:
    if segment.content_type:
        yield "contentType", segment.content_type
    if segment.data is not None:
        yield "data", base64.b64encode(segment.data).decode()
    if segment.url:
        yield "url", segment.url
    if segment.title:
        yield "title", segment.title
    if segment.created is not None:
        yield "creation", writing.exact(segment.created)


def _encounter(told: Letter, about: Resource, name: str) -> Resource | None:
    episode, details = told.episode, told.details
    if episode is None:
        return None
    identifier = {"system": episode.system, "value": episode.original}
    return {
        "resourceType": "Encounter",
        "id": name,
        "meta": {"profile": [CORE + "medcom-core-encounter"]},
        "status": details["encounter_status"],
        "class": {"system": CLASS_SYSTEM, "code": details["encounter_class"]},
        "subject": writing.reference(about),
        "episodeOfCare": [{"identifier": {key: value for key, value in identifier.items() if value}}],
    }


def _provenance(step: Step, known: _Known, name: str) -> Resource:
    time = writing.exact(step.sent)
    agent = known.organisation(step.agent) if step.agent else known.sender
    resource = writing.provenance(name, step.message_id, time, step.activity, agent)
    resource["meta"] = {"profile": [CARE_COMMUNICATION + "medcom-careCommunication-provenance"]}
    entities: list[Resource] = [
        {"role": "source", "what": {"identifier": {"value": segment}}} for segment in step.segments
    ]
    if step.previous:
        what: Resource = {"reference": f"MessageHeader/{step.previous}"}
        if "#" in step.previous:
            what = {"identifier": {"value": step.previous}}
        entities.append({"role": "revision", "what": what})
    return resource | ({"entity": entities} if entities else {})
