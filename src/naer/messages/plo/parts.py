"""The content of a care message (PLO) as documented values: `details` and `notes` of its letter.

Names are those of docs/reference/messages-norway.md. Rows are numbered in document order, as in
`event1.code`, `event2.code`. Only what the message has and what is not blank becomes a value.
"""

from collections.abc import Callable, Mapping

from naer.messages.content import Scalar
from naer.messages.plo import types
from naer.messages.plo.msghead import full_name, line
from naer.messages.plo.xml import Node, child, children, coded, said

MAX_ROWS = 200
"""Rows of one sort that are read; further ones stay in the message itself."""
MAX_TEXT = 100_000
_NOTE = f"{{{types.EPJ2}}}Journaltekst"

Details = dict[str, Scalar]
Notes = list[tuple[str, str]]


def read(payload: Node) -> tuple[Details, Notes]:
    """Every documented value of a care message, and its notes as (heading, text)."""
    details: Details = {}
    notes: Notes = []
    shipment = child(payload, "InformasjonOmForsendelsen")
    _flag(details, "forward_reserved", said(shipment, "ForbeholdOmVideresending"))
    _flag(details, "answers_request", said(shipment, "SvarPaaForesporsel"))
    patient = child(payload, "TilleggsopplysningPasient")
    _flag(details, "lives_alone", said(patient, "BorAlene"))
    _put(details, "marital", coded(patient, "SivilStatus"))
    _put(details, "language", coded(patient, "Sprak"))
    content = child(payload, "TypeInnholdIMelding")
    _put(details, "content", coded(content, "TypeInnhold"))
    _put(details, "content_list", list_number(coded(content, "TypeInnhold", "S")))
    _put(details, "content", coded(child(payload, "InnholdKonsultasjon"), "TypeInnholdKonsultasjon"))
    _flag(details, "own_application", said(child(payload, "OpplysningerTilSoknad"), "EgensoknadSendt"))
    counts: dict[str, int] = {}
    for element in payload.every():
        if element.tag == _NOTE:
            _note(element, details, notes)
            continue
        reader = _ROWS.get(element.name)
        if reader is None:
            continue
        name, values = reader
        number = counts[name] = counts.get(name, 0) + 1
        if number > MAX_ROWS:
            continue
        for key, value in values(element).items():
            if value != "":
                details[f"{name}{number}.{key}" if name else key] = value
    return details, notes


def status(payload: Node) -> str:
    """Forsendelsesstatus (list 7309), "" when it is missing or empty."""
    return coded(child(payload, "InformasjonOmForsendelsen"), "Forsendelsesstatus")


def list_number(system: str) -> str:
    """The last number of a code system, as 9121 of 2.16.578.1.12.4.1.1.9121."""
    return system.rsplit(".", 1)[-1] if system else ""


def block(text: str | None) -> str:
    """A text for people: plain line ends, nothing unprintable else, no blanks at its ends."""
    if not text:
        return ""
    kept = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not kept.replace("\n", "").replace("\t", "").isprintable():
        kept = "".join(char if char.isprintable() or char in "\n\t" else " " for char in kept)
    return kept[:MAX_TEXT].strip()


def _note(entry: Node, details: Details, notes: Notes) -> None:
    if len(notes) >= MAX_ROWS:
        return
    number = len(notes) + 1
    heading = line(coded(entry, "Overskriftskode", "DN"))
    notes.append((heading, block(said(entry, "Notat"))))
    _put(details, f"note{number}.code", coded(entry, "Overskriftskode"))
    _put(details, f"note{number}.list", list_number(coded(entry, "Overskriftskode", "S")))
    _put(details, f"note{number}.remark", block(said(entry, "Merknad")))


def _event(element: Node) -> Mapping[str, Scalar]:
    values: Details = {
        "code": coded(element, "Hendelsekode"),
        "time": coded(element, "TidspunktForHendelse"),
        "text": block(said(element, "BeskrivelseAvHendelse")),
        "note": block(said(element, "Merknad")),
        "place": block(said(child(element, "StedForHendelse"), "StedHendelse")),
    }
    _flag(values, "estimate", said(element, "Anslag"))
    return values


def _discharged_to(element: Node) -> Mapping[str, Scalar]:
    return {"condition": coded(element, "Uttilstand"), "to": coded(element, "UtTil")}


def _diagnosis(element: Node) -> Mapping[str, Scalar]:
    values: Details = {
        "code": coded(element, "Diagnosekode"),
        "list": list_number(coded(element, "Diagnosekode", "S")),
        "text": block(said(element, "DiagnoseBeskrivelse") or coded(element, "Diagnosekode", "DN")),
    }
    _flag(values, "main", said(element, "Hoveddiagnose"))
    return values


def _service(element: Node) -> Mapping[str, Scalar]:
    values: Details = {
        "type": coded(element, "IPLOStjenestetype"),
        "name": block(said(element, "BetegnelseTjeneste")),
        "by": block(said(element, "TjenestenLevertAv")),
        "about": block(said(element, "OpplysningerOmTjenesten")),
        "units": said(element, "AntallEnheter"),
        "unit": block(said(element, "Enhet")),
        "from": said(element, "Startdato"),
        "to": said(element, "Sluttdato"),
        "note": block(said(element, "Merknad")),
    }
    _flag(values, "private", said(element, "PrivatTjeneste"))
    return values


def _need(element: Node) -> Mapping[str, Scalar]:
    return {
        "type": coded(element, "IPLOStjenestetype"),
        "name": block(said(element, "BetegnelseTjeneste")),
        "at": block(said(element, "VedInstitusjon")),
        "about": block(said(element, "BeskrivelseAvTjeneste")),
        "units": said(element, "AntallEnheterOnsket"),
        "unit": block(said(element, "Enhet")),
    }


def _function(element: Node) -> Mapping[str, Scalar]:
    return {
        "variable": coded(element, "Funksjonsvariabel"),
        "value": said(element, "Vurdering"),
        "note": block(said(element, "Merknad")),
    }


def _away(element: Node) -> Mapping[str, Scalar]:
    values: Details = {
        "away_from": said(element, "FravarendeFraDato"),
        "away_to": said(element, "FravarendeTilDato"),
        "away_note": block(said(element, "Merknad")),
    }
    _flag(values, "away", said(element, "MottakerFravarende"))
    _flag(values, "forwarded", said(element, "MeldingVideresendt"))
    return values


def _medicine(element: Node) -> Mapping[str, Scalar]:
    drug = child(element, "Forskrivningsinfo")
    return {
        "name": block(said(drug, "Navn")),
        "dose": block(said(drug, "DosVeiledEnkel")),
        "atc": coded(drug, "Atc"),
        "form": coded(drug, "Legemiddelform"),
        "strength": coded(drug, "Styrke"),
        "unit": coded(drug, "Styrke", "U"),
        "use": coded(drug, "Bruk"),
        "from": coded(drug, "DoseringStarttidspunkt"),
        "to": coded(drug, "DoseringSluttidspunkt"),
        "for": block(said(drug, "BruksomradeTekst")),
        "note": block(said(element, "Merknad")),
        "multidose": coded(element, "InngaarIMultidose"),
    }


def _cave(element: Node) -> Mapping[str, Scalar]:
    return {"text": block(said(element, "CaveStikkord"))}


def _allergy(element: Node) -> Mapping[str, Scalar]:
    return {
        "text": block(said(element, "AllergiskMot")),
        "code": coded(element, "VirkestoffLegemiddel"),
    }


def _contact(kind: str, inner: str) -> "Reader":
    def values(element: Node) -> Mapping[str, Scalar]:
        person = child(element, inner)
        if person is None:
            return {}
        ident = child(person, "Ident")
        phone = next((coded(one, "TeleAddress") for one in children(person, "TeleCom")), "")
        relation = coded(element, "Slektskap") if kind == "relative" else ""
        return {
            "kind": kind,
            "role": relation or coded(person, "RoleToPatient"),
            "type": coded(person, "TypeHealthcareProfessional"),
            "name": line(said(person, "OrganisationName")) or full_name(person),
            "phone": line(phone.removeprefix("tel:")),
            "id": line(said(ident, "Id")),
            "id_type": coded(ident, "TypeId"),
            "note": block(said(element, "Merknad")),
            "approved": said(element, "GodkjentDato"),
        }

    return values


Reader = Callable[[Node], Mapping[str, Scalar]]
_ROWS: dict[str, tuple[str, Reader]] = {
    "TidsfestetHendelse": ("event", _event),
    "UtskrevetTil": ("", _discharged_to),
    "MedisinskDiagnose": ("diagnosis", _diagnosis),
    "EksisterendeTjeneste": ("service", _service),
    "TjenesteBehov": ("need", _need),
    "KartlagtFunksjon": ("function", _function),
    "Fraversassistent": ("", _away),
    "ForenkletForskrivning": ("medicine", _medicine),
    "StikkordCave": ("allergy", _cave),
    "Allergi": ("allergy", _allergy),
    "TilknyttetEnhet": ("contact", _contact("unit", "Kontaktenhet")),
    "KontaktpersonHelsepersonell": ("contact", _contact("professional", "Kontaktperson")),
    "AnsvarForRapport": ("contact", _contact("responsible", "AnsvarligRapport")),
    "ParorendeForesatt": ("contact", _contact("relative", "Referanseperson")),
}


def _put(details: Details, name: str, value: str) -> None:
    if value:
        details[name] = value


def _flag(details: Details, name: str, text: str) -> None:
    if text:
        details[name] = text in ("true", "1")
