"""A letter as a Bundle of resources (transaction), for systems that speak FHIR and none of the messages.

What `bundle_reading` takes is written, and nothing else: a stay is an Encounter, what was written a
Communication, every other fact a Task with its kind and attributes as outputs, a note an Observation. `read`
of what is written gives `normalised(letter)`; what a bundle cannot say is refused by name.
"""

from collections.abc import Callable, Iterator

import msgspec

from naer.events.kinds import KINDS
from naer.messages.content import Episode, Fact, Letter, Party, Person, Scalar
from naer.messages.envelope import Format
from naer.messages.fhir.bundle_parties import HER, SYSTEMS
from naer.messages.fhir.bundle_reading import ATTRIBUTE, KIND, LONGEST, MOST, NOT_SAID, NOTE, TYPE
from naer.messages.fhir.elements import Element, coding, concept, encoded, given, identifier
from naer.messages.fhir.stay import ACT, CLASSES, DISPOSITION
from naer.messages.medcom.codes import GLN, SOR
from naer.messages.medcom.findings import MAX_ID, plain
from naer.messages.medcom.notification import episode_key
from naer.messages.medcom.segments import clean
from naer.messages.medcom.writing import exact

_ENDS = ("discharged", "died")
_LONGEST_KEY = 40
_URIS = {name: uri for uri, name in SYSTEMS.items()}


def write(letter: Letter, *, new_id: Callable[[], str], format: Format = "json") -> bytes:
    """The letter as a transaction.

    Raises:
        ValueError: when a bundle cannot say something of it; names only, never values.
    """
    if format != "json":
        raise ValueError("a bundle of resources is written in JSON")
    if lost := list(dict.fromkeys(_unsaid(letter))):
        raise ValueError(f"a bundle of resources cannot say {', '.join(lost[:10])}")
    done = normalised(letter)
    patient = _patient(done.person)
    resources = [patient, _organisation(done.sender), *_course(done.episode)]
    resources += _told(done.facts)
    resources += [_note(heading, text) for heading, text in done.notes]
    if len(resources) > MOST:
        raise ValueError(f"a bundle of resources cannot say more than {MOST} things")
    bundle = {
        "resourceType": "Bundle",
        "id": new_id(),
        "identifier": identifier("urn:naer:message", done.message_id),
        "type": "transaction",
        "timestamp": exact(done.sent),
        "entry": [
            {"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources
        ],
    }
    return encoded(bundle)


def normalised(letter: Letter) -> Letter:
    """The letter as it comes back from `read`: no receiver, each fact named by its resource."""
    episode, person = letter.episode, letter.person
    return msgspec.structs.replace(
        letter,
        type=TYPE,
        version="",
        status="new",
        parent="",
        root="",
        receiver=Party(),
        sender=Party(
            sor=letter.sender.sor, gln=letter.sender.gln, her=letter.sender.her, name=letter.sender.name
        ),
        person=msgspec.structs.replace(person, system=_register(person)),
        episode=None
        if episode is None
        else Episode(episode.system, episode.original, episode_key(episode.original)),
        facts=tuple(_named(letter.facts)),
    )


def _unsaid(letter: Letter) -> Iterator[str]:
    """What of a letter a bundle cannot say."""
    if not letter.message_id.strip() or not _is_id(letter.message_id):
        yield "message_id"
    if letter.status not in ("new", "history"):
        yield f"a letter that is a {letter.status}"
    for name in ("conversation", "details", "copies"):
        if getattr(letter, name):
            yield name
    party = letter.sender
    if not any((party.sor, party.gln, party.her)) or not all(
        _is_plain(one, MAX_ID) for one in (party.sor, party.gln, party.her)
    ):
        yield "sender"
    if party.service or party.service_name:
        yield "sender.service"
    if not _is_plain(party.name):
        yield "sender.name"
    person = letter.person
    if _register(person) not in _URIS or person.others:
        yield "person.number"
    if not all(_is_plain(one) for one in (person.family, *person.given, person.sex)) or "" in person.given:
        yield "person.name"
    if person.born and len(person.born) != len("2000-01-01"):
        yield "person.born"
    if letter.episode is not None and not _is_id(letter.episode.original):
        yield "episode"
    if not letter.facts and not letter.notes:
        yield "nothing"
    for fact in letter.facts:
        yield from _unsaid_of(fact)
    for heading, text in letter.notes:
        if not heading or not _is_plain(heading) or clean(text) != text or not 0 < len(text) <= LONGEST:
            yield "a note with this heading or text"
        elif not text.strip():
            yield "an empty note"


def _unsaid_of(fact: Fact) -> Iterator[str]:
    if fact.kind not in KINDS or fact.kind in NOT_SAID:
        yield fact.kind[:60]
        return
    for name, value in fact.attributes.items():
        fits = isinstance(value, bool | int) or (isinstance(value, str) and value and _is_plain(value))
        if name not in KINDS[fact.kind].attributes or not fits:
            yield f"{fact.kind}.{name[:60]}"


def _register(person: Person) -> str:
    """What the reader calls the register of a number: CPR's URI, FNR or DNR."""
    return person.system or SYSTEMS[next(iter(SYSTEMS))]


def _is_plain(text: str, longest: int = 200) -> bool:
    return text == text.strip() == plain(text, longest)


def _is_id(text: str) -> bool:
    return text.isprintable() and text == text.strip() and len(text) <= MAX_ID


# Facts


def _named(facts: tuple[Fact, ...]) -> Iterator[Fact]:
    """The facts under the names that their resources give them, each once."""
    used: set[str] = set()
    start = ""
    for place, fact in enumerate(facts):
        if start and fact.kind in _ENDS and not fact.attributes:
            name, start = f"{start}-end", ""
        else:
            name = _free(_resource(fact), fact.suffix, place, used)
            start = name if _resource(fact) == "Encounter" else ""
        used.add(name)
        yield msgspec.structs.replace(fact, suffix=name, precision="instant")


def _resource(fact: Fact) -> str:
    if fact.attributes:
        return "Task"
    return (
        "Encounter" if fact.kind in CLASSES else "Communication" if fact.kind == "correspondence" else "Task"
    )


def _free(kind: str, suffix: str, place: int, used: set[str]) -> str:
    """`Task-key`, with the fact's own suffix for key where that can be one."""
    key = suffix.removeprefix(f"{kind}-")
    fits = key and len(key) <= _LONGEST_KEY and key.replace("-", "").replace(".", "").isalnum()
    key = key if fits and key.isascii() and not key.endswith("-end") else f"fact{place}"
    while f"{kind}-{key}" in used:
        key = f"fact{place}" if key != f"fact{place}" else f"{key}.{len(used)}"
    return f"{kind}-{key}"


def _told(facts: tuple[Fact, ...]) -> Iterator[Element]:
    """The resources of named facts; a stay and its end are one."""
    for place, fact in enumerate(facts):
        kind, _, key = fact.suffix.partition("-")
        following = facts[place + 1] if place + 1 < len(facts) else None
        if kind == "Encounter" and fact.kind in CLASSES:
            end = following if following is not None and following.suffix == f"{fact.suffix}-end" else None
            yield _stay(key, fact, end)
        elif kind == "Communication":
            yield {"resourceType": kind, "id": key, "status": "completed", "sent": exact(fact.at)}
        elif kind == "Task":
            yield _task(key, fact)


def _stay(key: str, start: Fact, end: Fact | None) -> Element:
    died = end is not None and end.kind == "died"
    return given(
        {
            "resourceType": "Encounter",
            "id": key,
            "status": "in-progress" if end is None else "finished",
            "class": coding(ACT, CLASSES[start.kind]),
            "subject": {"reference": "Patient/patient"},
            "period": given({"start": exact(start.at), "end": exact(end.at) if end is not None else ""}),
            "hospitalization": {"dischargeDisposition": concept(DISPOSITION, "exp")} if died else None,
            "serviceProvider": {"reference": "Organization/sender"},
        }
    )


def _task(key: str, fact: Fact) -> Element:
    outputs: list[Element] = [{"type": concept(KIND, fact.kind), "valueDateTime": exact(fact.at)}]
    for name, value in fact.attributes.items():
        outputs.append({"type": concept(ATTRIBUTE, name), _value(value): value})
    return {
        "resourceType": "Task",
        "id": key,
        "status": "completed",
        "intent": "order",
        "for": {"reference": "Patient/patient"},
        "output": outputs,
    }


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return "valueBoolean"
    return "valueInteger" if isinstance(value, int) else "valueString"


def _note(heading: str, text: str) -> Element:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(NOTE, "note", heading),
        "subject": {"reference": "Patient/patient"},
        "valueString": text,
    }


# Whom it is about, and who sends it


def _patient(person: Person) -> Element:
    return given(
        {
            "resourceType": "Patient",
            "id": "patient",
            "identifier": [identifier(_URIS[person.system], person.number)],
            "name": [given({"family": person.family, "given": list(person.given)})]
            if person.family or person.given
            else [],
            "gender": person.sex,
            "birthDate": person.born,
        }
    )


def _organisation(party: Party) -> Element:
    ids = ((SOR, party.sor), (GLN, party.gln), (HER, party.her))
    return given(
        {
            "resourceType": "Organization",
            "id": "sender",
            "identifier": [identifier(uri, value) for uri, value in ids if value],
            "name": party.name,
        }
    )


def _course(episode: Episode | None) -> list[Element]:
    if episode is None:
        return []
    return [
        {
            "resourceType": "EpisodeOfCare",
            "id": "course",
            "identifier": [identifier(episode.system, episode.original)],
            "status": "active",
            "patient": {"reference": "Patient/patient"},
        }
    ]
