"""The fixed names of MedCom's messages: systems, profiles, activities and the 18 codes derived from them."""

import msgspec

TERMINOLOGY = "http://medcomfhir.dk/ig/terminology/CodeSystem/"
MESSAGING = "http://medcomfhir.dk/ig/messaging/StructureDefinition/"
HOSPITAL_NOTIFICATION = "http://medcomfhir.dk/ig/hospitalnotification/StructureDefinition/"
ACKNOWLEDGEMENT = "http://medcomfhir.dk/ig/acknowledgement/StructureDefinition/"
CORE = "http://medcomfhir.dk/ig/core/StructureDefinition/"

EVENT_SYSTEM = TERMINOLOGY + "medcom-messaging-eventCodes"
ACTIVITY_SYSTEM = TERMINOLOGY + "medcom-messaging-activityCodes"
DESTINATION_SYSTEM = TERMINOLOGY + "medcom-messaging-destinationUse"
ERROR_SYSTEM = TERMINOLOGY + "medcom-acknowledgement-error-codes"
ISSUE_TYPE_SYSTEM = "http://hl7.org/fhir/issue-type"
CLASS_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

DESTINATION_USE = MESSAGING + "medcom-messaging-destinationUseExtension"
REPORT_REQUESTED = HOSPITAL_NOTIFICATION + "medcom-messaging-reportOfAdmissionExtension"
REPORT_RECIPIENT = HOSPITAL_NOTIFICATION + "medcom-messaging-reportOfAdmissionRecipientExtension"
LEAVE_PERIOD = HOSPITAL_NOTIFICATION + "medcom-hospitalnotifiation-leave-period-extension"
"""The misspelling is in the official name."""

SOR = "urn:oid:1.2.208.176.1.1"
GLN = "https://www.gs1.org/gln"
GLN_OLD = "urn:oid:1.3.88"
CPR = "urn:oid:1.2.208.176.1.2"
ENDPOINT = "https://sor2.sum.dsdn.dk/#id="

STANDARDS = {
    "hospital-notification-message": "medcom-hospitalnotification",
    "care-communication-message": "medcom-carecommunication",
    "acknowledgement-message": "medcom-acknowledgement",
}
"""Event code → name of the standard."""

FAMILIES = ("STAA", "STIN", "STOR", "SLOR", "SLHJ", "MORS")

KINDS = {
    "STAA": "acute_ambulant",
    "STIN": "admitted",
    "STOR": "leave_started",
    "SLOR": "leave_ended",
    "SLHJ": "discharged",
    "MORS": "died",
}
"""Family → kind of event."""

_ACTIVITIES = {
    "admit-emergency": ("STAA", ("EMER",)),
    "admit-inpatient": ("STIN", ("IMP",)),
    "start-leave-inpatient": ("STOR", ("IMP",)),
    "end-leave-inpatient": ("SLOR", ("IMP",)),
    "discharge-emergency-home": ("SLHJ", ("EMER",)),
    "discharge-inpatient-home": ("SLHJ", ("IMP",)),
}

_STATUS = {
    "STAA": "in-progress",
    "STIN": "in-progress",
    "STOR": "onleave",
    "SLOR": "in-progress",
    "SLHJ": "finished",
    "AN_STAA": "entered-in-error",
    "AN_STIN": "entered-in-error",
    "AN_STOR": "in-progress",
    "AN_SLOR": "onleave",
    "AN_SLHJ": "in-progress",
}


class Activity(msgspec.Struct, frozen=True):
    """What an activity means: the MedCom code, and the class and status that should stand beside it."""

    code: str
    classes: tuple[str, ...]
    status: str


def _activities() -> dict[str, Activity]:
    known = {}
    for name, (family, classes) in _ACTIVITIES.items():
        known[name] = Activity(family, classes, _STATUS[family])
        known["revise-" + name] = Activity("RE_" + family, classes, _STATUS[family])
        known["cancel-" + name] = Activity("AN_" + family, classes, _STATUS["AN_" + family])
    return known


ACTIVITIES: dict[str, Activity] = _activities()
"""Activity (lower case) → meaning."""

CODES = tuple(prefix + family for family in FAMILIES for prefix in ("", "RE_", "AN_"))
"""The 18 codes."""


def family(code: str) -> str:
    """The family a code belongs to: RE_STIN → STIN."""
    return code.removeprefix("RE_").removeprefix("AN_")


def amends(code: str) -> bool:
    """Whether the code corrects or cancels an earlier message."""
    return code.startswith(("RE_", "AN_"))
