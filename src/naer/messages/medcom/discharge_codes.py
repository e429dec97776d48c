"""The Danish discharge family as Naer exchanges it: which message says what, and the names of its profile.

MedCom publishes XDIS16, XDIS18, XDIS19, XDIS21, XREF22, XDIS22 and G-GOP as OIOXML and EDIFACT of which no
official sample is at hand. What is written here is a FHIR R4 message of Naer's own profile, between
installations of Naer and whoever reads it; it is not MedCom's format (docs/reference/messages-denmark.md).
"""

import msgspec

from naer.messages.content import Status

EVENT_SYSTEM = "urn:naer:discharge-messages"
KIND_SYSTEM = "urn:naer:event-kinds"
ATTRIBUTE_SYSTEM = "urn:naer:event-attributes"
PART_SYSTEM = "urn:naer:fact-parts"
DETAIL_SYSTEM = "urn:naer:letter-details"
NOTE_SYSTEM = "urn:naer:letter-notes"
PROFILE = "urn:naer:StructureDefinition:discharge-message"
BASE = "urn:naer:discharge:"


class Type(msgspec.Struct, frozen=True):
    """One message: its name in code, its title, the version code MedCom's own carries, what it may say.

    The first of `kinds` is what it is sent for; a message without it says nothing.
    """

    code: str
    title: str
    version: str
    kinds: tuple[str, ...]

    @property
    def standard(self) -> str:
        """The name of the standard in Naer."""
        return f"medcom-{self.code}"


TYPES = {
    "XDIS16": Type("xdis16", "Indlæggelsesrapport", "XD1630C", ("admission_report",)),
    "XDIS21": Type(
        "xdis21", "Plejeforløbsplan", "XD2134C", ("care_forecast", "expected_ready", "need_assessed")
    ),
    "XDIS19": Type(
        "xdis19",
        "Melding om færdigbehandling",
        "XD1934C",
        ("ready_for_discharge", "treatment_finished", "expected_ready", "ready_withdrawn"),
    ),
    "XDIS18": Type("xdis18", "Udskrivningsrapport", "XD1834C", ("discharge_report", "medication_list")),
    "G-GOP": Type("g-gop", "Genoptræningsplan", "", ("rehabilitation_plan",)),
    "XREF22": Type("xref22", "Henvisning til akutfunktion", "XH2230R", ("acute_referral",)),
    "XDIS22": Type("xdis22", "Afslutning fra akutfunktion", "XD2230L", ("acute_closing",)),
}
"""Letter.type → the message."""

BY_CODE = {kind.code: name for name, kind in TYPES.items()}
"""Event code → Letter.type."""

STATUSES: dict[Status, tuple[str, str, str, str]] = {
    "new": ("final", "new-message", "revision", ""),
    "change": ("amended", "modified-message", "revision", "replaces"),
    "addition": ("final", "reply-message", "revision", "appends"),
    "cancel": ("entered-in-error", "retract-message", "removal", "replaces"),
}
"""Letter.status → Composition.status, activity and role of the Provenance, relation to the parent."""

RESERVED = frozenset(
    """
    letter content type status parent root thread episode episodes part precision original revised
    code class header activity previous amends deceased message of of_at
    """.split()  # noqa: SIM905
)
"""Attributes of events that say where an event comes from: no letter may set them itself."""
