"""A Bundle of resources (transaction, batch, collection) as one letter: what Naer has words for is a fact.

| resource | fact |
|---|---|
| Encounter, class IMP, ACUTE, NONAC or EMER | admitted or acute_ambulant; discharged or died at its end |
| Task, CarePlan, ServiceRequest with a code of urn:naer:kind | that kind of event |
| Communication | correspondence, its texts as notes |
| Observation | a note |
| Patient, Organization, EpisodeOfCare, Provenance | whom it is about, who sends it, which course |

Everything else is kept with the message, and flagged as not used. Nothing here raises on bad input.
"""

from collections.abc import Callable, Iterator
from typing import Any

from naer.events.instant import Instant
from naer.events.kinds import KINDS
from naer.events.log import CANCELLED
from naer.messages.content import Episode, Fact, Letter, Party, Person, Scalar
from naer.messages.envelope import Format, Incoming
from naer.messages.fhir.bundle_parties import patient, sender
from naer.messages.fhir.elements import system
from naer.messages.medcom.findings import MAX_ID, Findings, instant_of, plain
from naer.messages.medcom.notification import episode_key
from naer.messages.medcom.segments import clean

STANDARD, TYPE = "fhir-bundle", "FHIR_BUNDLE"
BUNDLES = frozenset({"transaction", "batch", "collection"})
"""Types of Bundle that are read here; a message goes to the reader of its standard."""
KIND, ATTRIBUTE, NOTE = system("kind"), system("attribute"), system("note")
MOST = 500
"""Entries."""
LONGEST = 20_000
"""Characters of a note."""
_STAYS = {"IMP": "admitted", "ACUTE": "admitted", "NONAC": "admitted", "EMER": "acute_ambulant"}
_SILENT = frozenset({"Patient", "Organization", "EpisodeOfCare", "Provenance", "Location"})
_VOID = frozenset({"entered-in-error", "cancelled", "planned", "draft", "requested", "rejected", "not-done"})
NOT_SAID = frozenset({CANCELLED, "waived", "message_sent", "message_acknowledged"})
"""Kinds that follow from what is done here, and that no resource tells."""

Tree = dict[str, Any]


def incoming(tree: Tree, form: Format, digest: str) -> Incoming:
    """The bundle as a message; what refuses it is in `issues`, what is not used in `flags`."""
    findings = Findings()
    resources = _resources(tree, findings)
    message_id = _message_id(tree, findings)
    sent = findings.moment(_string(tree, "timestamp"), "Bundle.timestamp")
    if sent is None and not findings.issues:
        findings.refuse("required", "Bundle.timestamp is missing.", "Bundle.timestamp")
    party = sender([one for _, one in resources], findings)
    person = patient([one for _, one in resources], findings)
    said = _Said(resources, sent or 0, findings)
    said.read()
    if not said.facts and not said.notes and not findings.issues:
        findings.refuse("not-supported", "The bundle holds nothing that is taken here.", "Bundle.entry")
    letter = None
    if not findings.issues and party is not None and person is not None and sent is not None:
        letter = _letter(message_id, sent, party, person, said)
    return Incoming(
        format=form,
        standard=STANDARD,
        bundle_id=_string(tree, "id")[:MAX_ID],
        message_id=message_id,
        content_hash=digest,
        sender=party,
        sent=sent,
        issues=findings.issues,
        flags=findings.flags,
        letter=letter,
    )


def _letter(message_id: str, sent: Instant, party: Party, person: Person, said: "_Said") -> Letter:
    return Letter(
        type=TYPE,
        message_id=message_id,
        sent=sent,
        sender=party,
        receiver=Party(),
        person=person,
        episode=said.episode,
        facts=tuple(said.facts),
        notes=tuple(said.notes),
    )


def _resources(tree: Tree, findings: Findings) -> list[tuple[int, Tree]]:
    entries = tree.get("entry")
    if not isinstance(entries, list) or not entries:
        findings.refuse("required", "The bundle has no entries.", "Bundle.entry")
        return []
    if len(entries) > MOST:
        findings.refuse("too-long", f"The bundle has more than {MOST} entries.", "Bundle.entry")
    found = []
    for place, entry in enumerate(entries[:MOST]):
        path = f"Bundle.entry[{place}]"
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            findings.refuse("structure", "An entry holds no resource.", path)
            continue
        request = entry.get("request")
        if isinstance(request, dict) and request.get("method") not in ("POST", "PUT"):
            findings.refuse("not-supported", "Only POST and PUT are taken.", f"{path}.request.method")
        found.append((place, resource))
    return found


def _message_id(tree: Tree, findings: Findings) -> str:
    """What tells this bundle from others: its identifier, else its id."""
    identifier = tree.get("identifier")
    value = identifier.get("value") if isinstance(identifier, dict) else None
    return findings.id(value if value is not None else tree.get("id"), "Bundle.identifier.value")


class _Said:
    """What the resources say, in the order of the bundle."""

    def __init__(self, resources: list[tuple[int, Tree]], sent: Instant, findings: Findings) -> None:
        self.resources, self.sent, self.findings = resources, sent, findings
        self.facts: list[Fact] = []
        self.notes: list[tuple[str, str]] = []
        self.episode: Episode | None = None
        self.readers: dict[str, Callable[[Tree, str, str], None]] = {
            "Encounter": self._encounter,
            "Task": self._coded,
            "CarePlan": self._coded,
            "ServiceRequest": self._coded,
            "Communication": self._communication,
            "Observation": self._observation,
        }

    def read(self) -> None:
        """Read every resource; what is of no use here is flagged."""
        for place, resource in self.resources:
            kind, path = resource["resourceType"], f"Bundle.entry[{place}].resource"
            reader = self.readers.get(kind)
            if kind == "EpisodeOfCare":
                self._episode(resource.get("identifier"))
            if reader is None:
                if kind not in _SILENT:
                    text = "Resources of this type are kept with the message and not used."
                    self.findings.flag("not-supported", text, path)
            elif _string(resource, "status") in _VOID:
                self.findings.flag("not-supported", "What did not happen is not used.", f"{path}.status")
            else:
                reader(resource, path, self._name(resource, place))

    def _name(self, resource: Tree, place: int) -> str:
        """What tells the facts of one resource from those of another: its id, else its place."""
        key = resource.get("id")
        named = isinstance(key, str) and key and len(key) <= 40 and plain(key) == key
        return f"{resource['resourceType']}-{key}" if named else f"{resource['resourceType']}-{place}"

    def _add(self, kind: str, at: Instant, suffix: str, attributes: dict[str, Scalar] | None = None) -> None:
        if any(one.suffix == suffix for one in self.facts):
            suffix = f"{suffix}-{len(self.facts)}"
        self.facts.append(Fact(kind=kind, at=at, suffix=suffix, attributes=attributes or {}))

    def _at(self, resource: Tree, path: str, *names: str) -> Instant | None:
        """The first of some times that is there; None, and flagged, when none is or it cannot be read."""
        for name in names:
            outer, _, inner = name.partition(".")
            value = resource.get(outer)
            if inner:
                value = value.get(inner) if isinstance(value, dict) else None
            if value is None:
                continue
            at = instant_of(value) if isinstance(value, str) else None
            if at is None:
                self.findings.refuse("value", "The time cannot be read.", f"{path}.{name}")
            return at
        self.findings.flag("required", f"None of {', '.join(names)} says when.", path)
        return None

    def _encounter(self, resource: Tree, path: str, name: str) -> None:
        codes = [code for of, code in _codings(resource.get("class"))]
        kind = next((_STAYS[code] for code in codes if code in _STAYS), "")
        for reference in _list(resource.get("episodeOfCare")):
            self._episode(reference.get("identifier") if isinstance(reference, dict) else None)
        if not kind:
            self.findings.flag("not-supported", "Only stays at a hospital are used.", f"{path}.class")
            return
        start = self._at(resource, path, "period.start")
        if start is not None:
            self._add(kind, start, name)
        over = isinstance(resource.get("period"), dict) and resource["period"].get("end") is not None
        if over and (end := self._at(resource, path, "period.end")) is not None:
            stay = resource.get("hospitalization")
            left = _codings(stay.get("dischargeDisposition")) if isinstance(stay, dict) else ()
            died = any(code == "exp" for _, code in left)
            self._add("died" if died else "discharged", end, f"{name}-end")

    def _coded(self, resource: Tree, path: str, name: str) -> None:
        """A Task by its output, a plan or request by its code: a kind of event of Naer's own."""
        outputs = [one for one in _list(resource.get("output")) if isinstance(one, dict)]
        kinds = [code for one in outputs for of, code in _codings(one.get("type")) if of == KIND]
        for element in ("code", "category"):
            kinds += [code for of, code in _codings(resource.get(element)) if of == KIND]
        kind = kinds[0] if kinds else ""
        if kind not in KINDS or kind in NOT_SAID:
            text = f"Without a code of {KIND} that can be told, it is not used."
            self.findings.flag("code-invalid", text, path)
            return
        done = next(
            (one for one in outputs if one.get("valueDateTime") and KIND in str(one.get("type"))), None
        )
        if done is not None:
            at = self._at(done, f"{path}.output", "valueDateTime")
        else:
            times = ("occurrenceDateTime", "executionPeriod.end", "period.start", "authoredOn", "created")
            at = self._at(resource, path, *times)
        if at is not None:
            self._add(kind, at, name, self._attributes(kind, outputs, path))

    def _attributes(self, kind: str, outputs: list[Tree], path: str) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {}
        for one in outputs:
            for of, code in _codings(one.get("type")):
                value = next((one[name] for name in one if name.startswith("value")), None)
                if of != ATTRIBUTE:
                    continue
                if code in KINDS[kind].attributes and isinstance(value, bool | int | str):
                    found[code] = plain(value) if isinstance(value, str) else value
                else:
                    text = "It is no attribute of its kind, and is not used."
                    self.findings.flag("code-invalid", text, f"{path}.output")
        return found

    def _communication(self, resource: Tree, path: str, name: str) -> None:
        at = self._at(resource, path, "sent", "received")
        topic = resource.get("topic")
        heading = _string(topic, "text") if isinstance(topic, dict) else ""
        texts = [
            _string(one, "contentString")
            for one in _list(resource.get("payload"))
            if isinstance(one, dict) and _string(one, "contentString").strip()
        ]
        if at is not None:
            self._add("correspondence", at, name)
        self._note(heading or "Communication", "\n\n".join(texts))

    def _observation(self, resource: Tree, path: str, name: str) -> None:  # noqa: ARG002
        """What people wrote keeps its lines; a value is written as people write one."""
        heading, text = _words(resource.get("code")) or "Observation", _string(resource, "valueString")
        if text and any(of == NOTE for of, _ in _codings(resource.get("code"))):
            self._note(heading, clean(text))
        else:
            self._note(heading, ", ".join(_values(resource)))

    def _note(self, heading: str, text: str) -> None:
        if text.strip():
            self.notes.append((plain(heading.strip()) or "-", text[:LONGEST]))

    def _episode(self, identifiers: object) -> None:
        """The first identifier of a course of care that can be kept."""
        for one in _list(identifiers):
            value = _string(one, "value") if isinstance(one, dict) else ""
            key = episode_key(value)
            if self.episode is None and key and len(key) <= MAX_ID and key.isprintable():
                self.episode = Episode(_string(one, "system"), value, key)


def _values(resource: Tree) -> Iterator[str]:
    """The values of an observation and of its components, as people write them."""
    for name, value in resource.items():
        if name.startswith("value") and (told := _told(value)):
            yield told
    for one in _list(resource.get("component")):
        if isinstance(one, dict) and (told := ", ".join(_values(one))):
            yield f"{_words(one.get('code')) or '?'} {told}"


def _told(value: object) -> str:
    if isinstance(value, dict):
        if "value" in value:
            return plain(f"{value['value']} {_string(value, 'unit')}".strip())
        return _words(value)
    return "" if isinstance(value, list) else plain(str(value))


def _words(concept: object) -> str:
    """What a CodeableConcept is called."""
    if not isinstance(concept, dict):
        return ""
    displays = [_string(one, "display") for one in _list(concept.get("coding")) if isinstance(one, dict)]
    codes = [code for _, code in _codings(concept)]
    return plain(next((one for one in (_string(concept, "text"), *displays, *codes) if one.strip()), ""))


def _codings(element: object) -> Iterator[tuple[str, str]]:
    """(system, code) of a Coding, a CodeableConcept, or a list of them."""
    for one in _list(element):
        if isinstance(one, dict) and "coding" in one:
            yield from _codings(one["coding"])
        elif isinstance(one, dict) and isinstance(one.get("code"), str):
            yield _string(one, "system"), one["code"]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _string(element: Tree, name: str) -> str:
    value = element.get(name)
    return value if isinstance(value, str) else ""
