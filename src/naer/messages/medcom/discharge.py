"""Writes the discharge family: admission report, forecast, ready, discharge report, rehabilitation plan …"""

from collections.abc import Callable, Mapping

import msgspec

from naer.events.instant import ZONES, local_date
from naer.messages.content import Fact, Letter, Party, Scalar
from naer.messages.envelope import Format
from naer.messages.medcom import narrative, patient, writing
from naer.messages.medcom.codes import CLASS_SYSTEM, CORE, CPR, MESSAGING
from naer.messages.medcom.discharge_codes import (
    ATTRIBUTE_SYSTEM,
    BASE,
    DETAIL_SYSTEM,
    EVENT_SYSTEM,
    KIND_SYSTEM,
    NOTE_SYSTEM,
    PART_SYSTEM,
    PROFILE,
    STATUSES,
    TYPES,
)
from naer.messages.medcom.discharge_faults import faults
from naer.messages.medcom.writing import Resource

_WHOLE = 2**31
"""What a FHIR integer cannot hold is written as a quantity without a unit."""


def write(letter: Letter, *, new_id: Callable[[], str], format: Format = "json") -> bytes:
    """The letter as a FHIR message of Naer's own profile; `read` gives back `normalised(letter)`.

    Raises:
        ValueError: when the letter breaks a rule of the profile; `faults` says which, for people.
    """
    found = faults(letter)
    if found:
        raise ValueError(f"not a letter of the discharge family: {found[0].text} ({found[0].path})")
    kind = TYPES[letter.type]
    sender, receiver = (writing.organisation(party, new_id()) for party in (letter.sender, letter.receiver))
    about = patient.resource(letter.person, new_id())
    encounter = _encounter(letter, about, new_id())
    facts = [_fact(fact, about, new_id()) for fact in letter.facts]
    notes = [_note(heading, text, about, new_id()) for heading, text in letter.notes]
    details = [_details(letter.details, about, new_id())] if letter.details else []
    composition = _composition(letter, about, encounter, sender, (facts, notes, details), new_id())
    head = writing.header(
        letter.message_id,
        PROFILE,
        kind.code,
        (letter.sender, sender),
        (letter.receiver, receiver),
    )
    head["eventCoding"]["system"] = EVENT_SYSTEM
    head["focus"] = [writing.reference(composition)]
    middle = [encounter] if encounter else []
    provenance = _provenance(letter, sender, new_id())
    resources = [
        *(head, about, composition, *middle, *facts, *notes, *details),
        *(sender, receiver, provenance),
    ]
    time = writing.exact(letter.sent)
    narrated = [narrative.narrated(resource) for resource in resources]
    return writing.written(writing.bundle(new_id(), PROFILE, time, BASE, narrated), format)


def normalised(letter: Letter) -> Letter:
    """The letter as it comes back from `read`: with its type's version, the register of the person number."""
    return msgspec.structs.replace(
        letter,
        version=letter.version or TYPES[letter.type].version,
        sender=_told(letter.sender),
        receiver=_told(letter.receiver),
        person=msgspec.structs.replace(letter.person, system=letter.person.system or CPR, born="", sex=""),
    )


def _told(party: Party) -> Party:
    return Party(party.sor, party.gln, party.name)


def _composition(
    letter: Letter,
    about: Resource,
    encounter: Resource | None,
    author: Resource,
    parts: tuple[list[Resource], list[Resource], list[Resource]],
    name: str,
) -> Resource:
    kind = TYPES[letter.type]
    status, _, _, relation = STATUSES[letter.status]
    coding = {"system": EVENT_SYSTEM, "version": letter.version or kind.version, "code": letter.type}
    resource: Resource = {
        "resourceType": "Composition",
        "id": name,
        "meta": {"profile": [PROFILE]},
        "status": status,
        "type": {"coding": [{key: value for key, value in coding.items() if value}], "text": kind.title},
        "subject": writing.reference(about),
    }
    if encounter is not None:
        resource["encounter"] = writing.reference(encounter)
    resource |= {
        "date": writing.exact(letter.sent),
        "author": [writing.reference(author)],
        "title": kind.title,
    }
    if relation:
        target = {"value": letter.parent}
        resource["relatesTo"] = [{"code": relation, "targetIdentifier": target}]
    facts, notes, details = parts
    sections = [{"title": KIND_SYSTEM, "entry": [writing.reference(one) for one in facts]}] if facts else []
    sections += [{"title": one["code"]["text"], "entry": [writing.reference(one)]} for one in notes]
    sections += [{"title": DETAIL_SYSTEM, "entry": [writing.reference(one)]} for one in details]
    return resource | ({"section": sections} if sections else {})


def _observation(code: Resource, about: Resource, name: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": code,
        "subject": writing.reference(about),
    }


def _fact(fact: Fact, about: Resource, name: str) -> Resource:
    resource = _observation({"coding": [{"system": KIND_SYSTEM, "code": fact.kind}]}, about, name)
    if fact.suffix:
        part = {"identifier": [{"system": PART_SYSTEM, "value": fact.suffix}]}
        resource = {"resourceType": "Observation", "id": name} | part | resource
    day = local_date(fact.at, ZONES["DK"]).isoformat()
    resource["effectiveDateTime"] = day if fact.precision == "day" else writing.exact(fact.at)
    return resource | _components(fact.attributes)


def _note(heading: str, text: str, about: Resource, name: str) -> Resource:
    code = {"coding": [{"system": NOTE_SYSTEM, "code": "note"}], "text": heading}
    return _observation(code, about, name) | {"valueString": text}


def _details(details: Mapping[str, Scalar], about: Resource, name: str) -> Resource:
    code = {"coding": [{"system": DETAIL_SYSTEM, "code": "details"}]}
    return _observation(code, about, name) | _components(details)


def _components(values: Mapping[str, Scalar]) -> Resource:
    if not values:
        return {}
    return {
        "component": [
            {"code": {"coding": [{"system": ATTRIBUTE_SYSTEM, "code": key}]}} | _value(value)
            for key, value in values.items()
        ]
    }


def _value(value: Scalar) -> Resource:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, str):
        return {"valueString": value}
    if isinstance(value, int) and -_WHOLE <= value < _WHOLE:
        return {"valueInteger": value}
    if isinstance(value, int):
        return {"valueQuantity": {"value": value, "unit": "whole"}}
    return {"valueQuantity": {"value": value}}


def _encounter(letter: Letter, about: Resource, name: str) -> Resource | None:
    episode = letter.episode
    if episode is None:
        return None
    identifier = {"system": episode.system, "value": episode.original}
    return {
        "resourceType": "Encounter",
        "id": name,
        "meta": {"profile": [CORE + "medcom-core-encounter"]},
        "status": "unknown",
        "class": {"system": CLASS_SYSTEM, "code": "IMP"},
        "subject": writing.reference(about),
        "episodeOfCare": [{"identifier": {key: value for key, value in identifier.items() if value}}],
    }


def _provenance(letter: Letter, sender: Resource, name: str) -> Resource:
    _, activity, role, _ = STATUSES[letter.status]
    time = writing.exact(letter.sent)
    resource = writing.provenance(
        name, letter.message_id, time, activity, sender, role=role, previous=letter.parent
    )
    resource["meta"] = {"profile": [MESSAGING + "medcom-messaging-provenance"]}
    if letter.root:
        root = {"role": "derivation", "what": {"reference": f"MessageHeader/{letter.root}"}}
        resource["entity"] = [*resource["entity"], root]
    return resource
