"""The FHIR R4 elements of the discharge family that Naer reads beside those of every message."""

import msgspec

from naer.messages.medcom.resources import Concept, Identifier, Reference


class VersionedCoding(msgspec.Struct):
    system: str = ""
    version: str = ""
    code: str = ""


class VersionedConcept(msgspec.Struct):
    coding: list[VersionedCoding] = []
    text: str = ""


class Relation(msgspec.Struct, rename="camel"):
    code: str = ""
    target_identifier: Identifier | None = None


class Section(msgspec.Struct):
    title: str = ""
    entry: list[Reference] = []


class Composition(msgspec.Struct, rename="camel"):
    id: str = ""
    status: str = ""
    type: VersionedConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    relates_to: list[Relation] = []
    section: list[Section] = []


class Quantity(msgspec.Struct):
    value: int | float | str | None = None
    unit: str = ""


class Component(msgspec.Struct, rename="camel"):
    code: Concept | None = None
    value_boolean: bool | None = None
    value_string: str | None = None
    value_integer: int | str | None = None
    value_quantity: Quantity | None = None


class Observation(msgspec.Struct, rename="camel"):
    id: str = ""
    identifier: list[Identifier] = []
    code: Concept | None = None
    effective_date_time: str | None = None
    value_string: str | None = None
    component: list[Component] = []


REPORT_TYPES: dict[str, type[msgspec.Struct]] = {"Composition": Composition, "Observation": Observation}
"""Resource type → the struct it is read into, in a message of the discharge family."""
