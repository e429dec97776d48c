"""The FHIR R4 elements that Naer reads, and no others: what is not here is never decoded.

The resources are told apart by their `resourceType`, so that a whole bundle can be read in one call.
"""

from typing import TypeVar

import msgspec


class FhirResource(msgspec.Struct, tag_field="resourceType", tag=str):
    """What all resources of a bundle have; each is tagged with its own name."""

    id: str = ""


class Identifier(msgspec.Struct):
    system: str = ""
    value: str = ""


class Reference(msgspec.Struct):
    reference: str = ""
    identifier: Identifier | None = None


class Coding(msgspec.Struct):
    system: str = ""
    code: str = ""


class Concept(msgspec.Struct):
    coding: list[Coding] = []
    text: str = ""


class Period(msgspec.Struct):
    start: str | None = None
    end: str | None = None


class Extension(msgspec.Struct, rename="camel"):
    url: str = ""
    value_boolean: bool | None = None
    value_reference: Reference | None = None
    value_period: Period | None = None
    value_coding: Coding | None = None

    def is_a(self, url: str) -> bool:
        """Whether it is the extension of this URL, by its last part: the texts differ in the rest."""
        return self.url == url or self.url.rpartition("/")[2] == url.rpartition("/")[2]


class Destination(msgspec.Struct):
    extension: list[Extension] = []
    endpoint: str = ""
    receiver: Reference | None = None


class Source(msgspec.Struct):
    endpoint: str = ""


class HeaderResponse(msgspec.Struct):
    identifier: str = ""
    code: str = ""


class MessageHeader(FhirResource, rename="camel"):
    extension: list[Extension] = []
    event_coding: Coding | None = None
    destination: list[Destination] = []
    sender: Reference | None = None
    source: Source | None = None
    focus: list[Reference] = []
    response: HeaderResponse | None = None


class HumanName(msgspec.Struct):
    use: str = ""
    text: str = ""
    family: str = ""
    given: list[str | None] = []


class Patient(FhirResource, rename="camel"):
    identifier: list[Identifier] = []
    name: list[HumanName] = []
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


class Encounter(
    FhirResource,
    rename={"class_": "class", "episode_of_care": "episodeOfCare", "service_provider": "serviceProvider"},
):
    extension: list[Extension] = []
    status: str = ""
    class_: Coding | None = None
    subject: Reference | None = None
    episode_of_care: list[Reference] = []
    period: Period | None = None
    service_provider: Reference | None = None


class Agent(msgspec.Struct):
    who: Reference | None = None


class Entity(msgspec.Struct):
    role: str = ""
    what: Reference | None = None


class Provenance(FhirResource, rename="camel"):
    target: list[Reference] = []
    occurred_date_time: str | None = None
    recorded: str | None = None
    activity: Concept | None = None
    agent: list[Agent] = []
    entity: list[Entity] = []

    @property
    def code(self) -> str:
        """The activity, in lower case: the code system does not tell the cases apart."""
        codings = self.activity.coding if self.activity else []
        return codings[0].code.strip().lower() if codings else ""

    @property
    def targets(self) -> list[str]:
        """Ids of the messages it is about."""
        return [_last(reference.reference) for reference in self.target]

    def is_about(self, message_id: str) -> bool:
        """Whether a message with this id is among its targets."""
        return any(
            one.reference.endswith(message_id) and _last(one.reference) == message_id for one in self.target
        )

    @property
    def _before(self) -> Entity | None:
        """The entity that names the message before; a CareCommunication names its segments beside it."""
        referring = other = None
        for one in self.entity:
            if one.what is None:
                continue
            if one.role in ("revision", "removal"):
                return one
            if referring is None and one.what.reference:
                referring = one
            if other is None and one.role != "source":
                other = one
        return referring or other

    @property
    def role(self) -> str:
        """revision or removal; empty for the first message of a course."""
        before = self._before
        return before.role if before else ""

    @property
    def sources(self) -> list[str]:
        """Ids of the segments that this message brought, in a CareCommunication."""
        whats = [one.what for one in self.entity if one.role == "source" and one.what is not None]
        return [what.identifier.value for what in whats if what.identifier and what.identifier.value]

    @property
    def former(self) -> str:
        """The message before, if in the old format: location number and letter id around a `#`; else ""."""
        before = self._before
        what = before.what if before else None
        if what is None or what.reference or what.identifier is None:
            return ""
        return what.identifier.value.strip() if "#" in what.identifier.value else ""

    @property
    def previous(self) -> str | None:
        """Id of the message before it; None for a first message.

        A message in the old format is named by location number and letter id around a `#`, in either order.
        """
        before = self._before
        what = before.what if before else None
        if what is None:
            return None
        if what.reference:
            return _last(what.reference) or None
        left, mark, right = (what.identifier.value if what.identifier else "").partition("#")
        if not mark:
            return left.strip() or None
        letter = left if is_gln(right) and not is_gln(left) else right
        return letter.strip() or None


class Organization(FhirResource):
    identifier: list[Identifier] = []
    name: str = ""


class OutcomeIssue(msgspec.Struct):
    severity: str = ""
    code: str = ""
    details: Concept | None = None
    diagnostics: str = ""


class OperationOutcome(FhirResource):
    issue: list[OutcomeIssue] = []


R = TypeVar("R", bound=msgspec.Struct)

TYPES: dict[str, type[msgspec.Struct]] = {
    "MessageHeader": MessageHeader,
    "Patient": Patient,
    "Encounter": Encounter,
    "Provenance": Provenance,
    "Organization": Organization,
    "OperationOutcome": OperationOutcome,
}
"""Resource type → the struct it is read into, in every message."""


def _last(reference: str) -> str:
    """The id that a reference ends with."""
    return reference.rpartition("/")[2].rpartition(":")[2]


def is_gln(text: str) -> bool:
    """Whether the text is a location number: 13 digits."""
    stripped = text.strip()
    return len(stripped) == 13 and stripped.isascii() and stripped.isdigit()
