"""The FHIR R4 elements of a CareCommunication that Naer reads beside those of every message."""

import msgspec

from naer.messages.medcom.resources import Coding, Concept, HumanName, Identifier, Reference


class AssignedIdentifier(msgspec.Struct):
    system: str = ""
    value: str = ""
    assigner: Reference | None = None


class ContactPoint(msgspec.Struct):
    system: str = ""
    value: str = ""


class CareExtension(msgspec.Struct, rename="camel"):
    url: str = ""
    value_date_time: str | None = None
    value_identifier: AssignedIdentifier | None = None
    value_reference: Reference | None = None
    value_contact_point: ContactPoint | None = None

    def is_a(self, url: str) -> bool:
        """Whether it is the extension of this URL, by its last part."""
        return self.url == url or self.url.rpartition("/")[2] == url.rpartition("/")[2]


class Attachment(msgspec.Struct, rename="camel"):
    content_type: str = ""
    data: str | None = None
    url: str = ""
    title: str = ""
    creation: str | None = None


class Payload(msgspec.Struct, rename="camel"):
    extension: list[CareExtension] = []
    content_string: str | None = None
    content_attachment: Attachment | None = None

    def extended(self, url: str) -> CareExtension | None:
        """The first extension of this URL; of the same last part where none has it whole."""
        for one in self.extension:
            if one.url == url:
                return one
        return next((one for one in self.extension if one.is_a(url)), None)


class Communication(msgspec.Struct):
    id: str = ""
    extension: list[CareExtension] = []
    identifier: list[Identifier] = []
    status: str = ""
    category: list[Concept] = []
    priority: str = ""
    subject: Reference | None = None
    topic: Concept | None = None
    encounter: Reference | None = None
    recipient: list[Reference] = []
    payload: list[Payload] = []


class Practitioner(msgspec.Struct):
    id: str = ""
    name: list[HumanName] = []


class PractitionerRole(msgspec.Struct):
    id: str = ""
    practitioner: Reference | None = None
    code: list[Concept] = []

    @property
    def role(self) -> str:
        """The code of the role, or its text."""
        codings: list[Coding] = [coding for concept in self.code for coding in concept.coding]
        texts = [concept.text for concept in self.code]
        return next((one.code for one in codings if one.code), "") or next((t for t in texts if t), "")


class CareTeam(msgspec.Struct):
    id: str = ""
    name: str = ""


CARE_TYPES: dict[str, type[msgspec.Struct]] = {
    "Communication": Communication,
    "Practitioner": Practitioner,
    "PractitionerRole": PractitionerRole,
    "CareTeam": CareTeam,
}
"""Resource type → the struct it is read into, in a CareCommunication."""
