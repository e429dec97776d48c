"""The value sets of CareCommunication 5.0 and the rules that hang on them.

Sources: MedCom CareCommunication 5.0.2 (profile MedComCareCommunication, invariants 5 and 6), terminology
2.0.1 (category codes of 22 September 2025, attachment types 1.8.1, the administrative staff classification).
"""

import re

from naer.messages.content import Activity
from naer.messages.medcom.codes import CORE, TERMINOLOGY

CARE_COMMUNICATION = "http://medcomfhir.dk/ig/carecommunication/StructureDefinition/"
DEFINITION = "http://medcomfhir.dk/ig/messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition|5.0"
CATEGORY_SYSTEM = TERMINOLOGY + "medcom-careCommunication-categoryCodes"
ROLE_SYSTEM = TERMINOLOGY + "medcom-core-PractitionerRolesSKSadministrativ"

SEGMENT_TIME = CORE + "medcom-core-datetime-extension"
SEGMENT_ID = CORE + "medcom-core-identifier-extension"
SEGMENT_AUTHOR = CORE + "medcom-core-practitioner-extension"
SEGMENT_PHONE = CORE + "medcom-core-contact-extension"
SENDER_EXTENSION = CORE + "medcom-core-sender-extension"

NATIONAL_REPLACEMENT = "urn:oid:1.2.208.176.1.6.1.1"
REGIONAL_REPLACEMENT = "urn:oid:1.2.208.176.1.6.1.3."
"""Systems of replacement person numbers: the national one, and what those of the regions begin with."""

CATEGORIES = (
    "alcohol-and-drug-treatment",
    "assistive-devices",
    "carecoordination",
    "decease",
    "discharge",
    "examination-results",
    "healthcare",
    "home-care-assessment",
    "medicine",
    "nursing",
    "outpatient",
    "psychiatry-social-disability",
    "regarding-referral",
    "telemedicine",
    "training",
    "acute-ambulant",
    "extended-care-responsibility",
    "other",
)
"""The 18 categories."""
PRIORITIES = ("routine", "asap")
PRIORITY_CATEGORY = "regarding-referral"
"""The only category that may have a priority."""
TOPIC_CATEGORY = "other"
"""The category that must have a topic."""
ACTIVITIES: tuple[Activity, ...] = ("new-message", "reply-message", "forward-message")
FORBIDDEN_ACTIVITIES = ("retract-message", "modified-message", "carboncopy-message")
"""In the code system, and allowed in no CareCommunication."""

ATTACHMENT_TYPES = (
    "application/pdf",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/bmp",
)
"""Media types of attachments (value set 1.8.1)."""

ROLES = frozenset(
    """
    speciallaege speciallaegeipraksis cheflaege overlaege afdelingslaege sygehuslaege sygeplejerske
    sundhedsplejerske socialogsundhedsassistent socialogsundhedsmedhjaelper sygehjaelper plejer
    plejehjemsassistent tandlaege klinisktandtekniker tandplejer farmaceut apoteker psykolog jordemoder
    fysioterapeut ergoterapeut bioanalytiker radiograf diaetist diaetistassistent kiropraktor zoneterapeut
    psykoterapeut audiologopaed laegesekretaer ledendelaegesekretaer sygeplejesekretaer fodterapeut
    socialraadgiver ledendesocialraadgiver laerer paedagog beskaeftigelsesvejleder bandagist optiker
    """.split()  # noqa: SIM905
)
"""Roles that have a code; any other role is written as text."""

UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
"""How a thread or a segment is named by who starts it; what others sent may look otherwise."""


def key(text: str) -> str:
    """A thread or segment id as it is compared: the old formats drop `urn:uuid:` and the hyphens."""
    return text.strip().lower().removeprefix("urn:uuid:").replace("-", "").strip()
