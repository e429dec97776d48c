"""Every type of Norwegian message that Naer knows: names, namespaces, roots, and the event it brings.

A message is found by (namespace, root element, Type/@V): root names are not message names, and one root
may carry several types. HIS 1143–1149:2014 (PLO), HIS 1077 and 1152 (dialogue), code lists by their number
(KITH/Volven).
"""

from dataclasses import dataclass
from typing import Literal

from naer.messages.content import Status

MSGHEAD = "http://www.kith.no/xmlstds/msghead/2006-05-24"
MIG_VERSION = "v1.2 2006-05-24"
FK1 = "http://www.kith.no/xmlstds/felleskomponent1"
KITH = "http://www.kith.no/xmlstds"
BASE64 = "http://www.kith.no/xmlstds/base64container"
EPJ1 = "http://www.kith.no/xmlstds/epj/epj1/2008-02-20"
EPJ2 = "http://www.kith.no/xmlstds/epj/epj2/2008-02-20"
EPJ3 = "http://www.kith.no/xmlstds/epj/epj3/2008-02-20"
META = "http://www.kith.no/xmlstds/epj/meta/2008-02-20"
XHTML = "http://www.w3.org/1999/xhtml"
APPREC = {
    "1.0": "http://www.kith.no/xmlstds/apprec/2004-11-21",
    "1.1": "http://www.kith.no/xmlstds/apprec/2012-02-15",
}
"""Namespaces of the application receipt by version."""

_PO = "http://www.kith.no/xmlstds/po/"
V15, V16 = "2009-06-30", "2012-04-01"
COMPONENT = {"v1.5": f"{_PO}poKomponent/{V15}", "v1.6": f"{_PO}poKomponent/{V16}"}
"""Namespaces of the parts that the care messages share, by version."""
DIALOG = {
    "v1.0": "http://www.kith.no/xmlstds/dialog/2006-10-11",
    "v1.1": "http://www.kith.no/xmlstds/dialog/2013-01-23",
}

OID = "2.16.578.1.12.4.1.1."
"""What the number of a national code list is written after, as in 2.16.578.1.12.4.1.1.9121."""
MESSAGE_TYPES, STATUS_LIST, EVENT_LIST, CONTENT_LIST = "8279", "7309", "9121", "9140"
ORGANISATION_IDS, PERSON_IDS = "9051", "8116"
THEME_LIST, FAULT_LIST, HEADING_LIST = "7322", "8117", "9145"

STATUS: dict[str, Status] = {
    "N": "new",
    "M": "change",
    "C": "cancel",
    "A": "addition",
    "H": "history",
}
"""List 7309, Forsendelsesstatus."""
STATUS_NAMES = {"N": "Ny", "M": "Endring", "C": "Kansellering", "A": "Tillegg", "H": "Historikk"}

ADMITTED, DISCHARGED, READY, NOT_READY, DEAD = "1", "2", "3", "4", "13"
EVENT_NAMES = {
    ADMITTED: "Pasient innlagt",
    DISCHARGED: "Pasient utskrevet",
    READY: "Pasient utskrivningsklar",
    NOT_READY: "Avmelding av utskrivningsklar pasient",
    DEAD: "Pasienten er død",
}
"""List 9121, Hendelsekode: the ones that the messages here use."""

EARLY_WARNING, UPDATED = "1", "2"
CONTENT_NAMES = {EARLY_WARNING: "Varsel om innlagt pasient", UPDATED: "Oppdaterte opplysninger"}
"""List 9140, TypeInnhold of HELSEOPPL_SOKNAD."""
PATIENT_STATUS, EXPECTED_COURSE = "1", "2"
"""List 9145, headings of notes: the content that § 8 asks for beside the expected date."""
ANSWER_ON_READY = "7"
"""List 7322, theme of a dialogue message: the municipality's answer about a patient who is ready."""

PERSON_ID_TYPES = ("FNR", "DNR", "HNR", "FHN", "DUF")
"""List 8116, ids of a person in the order they are preferred; matched on @V whatever the list (@S)."""
PERSON_ID_NAMES = {
    "FNR": "Fødselsnummer",
    "DNR": "D-nummer",
    "HNR": "H-nummer",
    "FHN": "Felles hjelpenummer",
    "DUF": "DUF-nummer",
}

Family = Literal["logistics", "report", "dialogue"]


@dataclass(frozen=True, slots=True)
class Form:
    """How one type is written in one version."""

    version: str
    namespace: str
    root: str


@dataclass(frozen=True, slots=True)
class MessageType:
    """One type of message: `code` is Type/@V, `name` its Norwegian name (Type/@DN).

    `forms` has the version to write first. `part` is the element inside the root that a logistics message
    must have; `event` the code (9121) of the event it is about, `others` those it also carries. `kind` is
    the kind of event that Naer makes of it; what HELSEOPPL_SOKNAD and the dialogue bring also depends on
    their content, see `naer.messages.plo.facts`.
    """

    code: str
    name: str
    family: Family
    kind: str
    forms: tuple[Form, ...]
    part: str = ""
    event: str = ""
    others: tuple[str, ...] = ()

    @property
    def standard(self) -> str:
        """The name of the standard, as `plo-log-innlagt`."""
        return "plo-" + self.code.lower().replace("_", "-")

    def form(self, version: str = "") -> Form:
        """The form of a version, the preferred one when none is named.

        Raises:
            ValueError: when the type has no such version.
        """
        for form in self.forms:
            if form.version == version or not version:
                return form
        known = ", ".join(form.version for form in self.forms)
        raise ValueError(f"{self.code} has no version {version!r}; write one of {known}")


def _forms(name: str, root: str, old: str = "") -> tuple[Form, ...]:
    newer = Form("v1.6", f"{_PO}{name}/{V16}", root)
    return (newer, Form("v1.5", f"{_PO}{old or name}/{V15}", root))


_LOGISTICS = _forms("Pasientlogistikk", "Pasientlogistikk")
_DIALOGUE = (Form("v1.0", DIALOG["v1.0"], "Dialogmelding"), Form("v1.1", DIALOG["v1.1"], "Dialogmelding"))

_ALL = (
    MessageType(
        "LOG_INNLAGT",
        "Melding om innlagt pasient",
        "logistics",
        "admitted",
        _LOGISTICS,
        "MeldingInnlagtPasient",
        ADMITTED,
    ),
    MessageType(
        "LOG_UTSKRIVNINGSKLAR",
        "Melding om utskrivningsklar pasient",
        "logistics",
        "ready_for_discharge",
        _LOGISTICS,
        "MeldingUtskrivningsklarPasient",
        READY,
        (ADMITTED,),
    ),
    MessageType(
        "LOG_AVMELDING",
        "Avmelding av utskrivningsklar pasient",
        "logistics",
        "ready_withdrawn",
        _LOGISTICS,
        "AvmeldingUtskrivningsklarPasient",
        NOT_READY,
        (ADMITTED, READY),
    ),
    MessageType(
        "LOG_UTSKREVET",
        "Melding om utskrevet pasient",
        "logistics",
        "discharged",
        _LOGISTICS,
        "MeldingOmUtskrevetPasient",
        DISCHARGED,
    ),
    MessageType(
        "LOG_DOD", "Orientering om dødsfall", "logistics", "died", _LOGISTICS, "OrienteringOmDod", DEAD
    ),
    MessageType(
        "HELSEOPPL_SOKNAD",
        "Helseopplysninger",
        "report",
        "admission_warning",
        _forms("HelseopplysningerVedSoknad", "HelseopplysningerVedSoknad"),
        event=READY,
    ),
    MessageType(
        "INNLEGGELSESRAPPORT",
        "Innleggelsesrapport",
        "report",
        "admission_report",
        _forms("Innleggelsesrapport", "Innleggelsesrapport"),
    ),
    MessageType(
        "UTSKRIVNINGSRAPPORT",
        "Utskrivningsrapport",
        "report",
        "discharge_report",
        _forms("TverrfagligEpikrise", "TverrfagligEpikrise"),
    ),
    MessageType(
        "ORIENTERING_TJENESTETILBUD",
        "Orientering om tjenestetilbud",
        "report",
        "service_offer",
        _forms("OrienteringOmTjenestetilbud", "OrienteringOmTjenestetilbud"),
    ),
    MessageType(
        "MEDISINSKE_OPPLYSNINGER",
        "Medisinske opplysninger",
        "report",
        "medical_information",
        _forms(
            "MedisinskeOpplysninger", "OverforingMedisinskeOpplysninger", "OverforingMedisinskeOpplysninger"
        ),
    ),
    MessageType(
        "HELSEOPPLYSNINGER_LEGE",
        "Helseopplysninger til lege",
        "report",
        "health_information",
        _forms("HelseopplysningerTilLege", "Konsultasjon", "Konsultasjon"),
    ),
    MessageType(
        "FRAVARSMELDING",
        "Melding om fravær",
        "report",
        "absence_notice",
        (Form("v1.5", f"{_PO}MeldingFravar/{V15}", "MeldingFravar"),),
    ),
    MessageType("DIALOG_FORESPORSEL", "Forespørsel", "dialogue", "request", _DIALOGUE),
    MessageType("DIALOG_SVAR", "Svar på forespørsel", "dialogue", "answer", _DIALOGUE),
    MessageType(
        "DIALOG_HELSEFAGLIG", "Helsefaglig dialog", "dialogue", "correspondence", tuple(reversed(_DIALOGUE))
    ),
    MessageType("DIALOG_AVVIK", "Avvik på mottatt melding", "dialogue", "message_fault", _DIALOGUE),
)

TYPES: dict[str, MessageType] = {one.code: one for one in _ALL}
"""Every type by its code."""
UNKNOWN = "plo-unknown"
"""The standard of a Norwegian message whose type cannot be read, or is not received here."""
STANDARDS: dict[str, MessageType] = {one.standard: one for one in _ALL}
"""Every type by the name of its standard."""
FORMS: dict[tuple[str, str, str], tuple[MessageType, Form]] = {
    (one.code, form.namespace, form.root): (one, form) for one in _ALL for form in one.forms
}
"""Type and form by (Type/@V, namespace, root)."""
ROOTS: frozenset[tuple[str, str]] = frozenset(
    (form.namespace, form.root) for one in _ALL for form in one.forms
)
"""Every (namespace, root) that can stand in a message."""
