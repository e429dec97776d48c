"""The content of a care message (PLO), v1.5 and v1.6, in the order of its schema."""

from collections.abc import Callable, Sequence

from naer.messages.content import Letter
from naer.messages.plo import types
from naer.messages.plo.elements import Node, add, begin, code
from naer.messages.plo.rows import Row, listed, parted, text
from naer.messages.plo.types import EPJ1, EPJ2, EPJ3, FK1, META, OID, Form, MessageType

NewId = Callable[[], str]

_STATUS = {status: letter for letter, status in types.STATUS.items()}
_DOCUMENT, _CASE = "EPJ dokument", "EPJ sak"
_NOTE = (_DOCUMENT, "2.16.578.1.12.4.1.6.13.11009.0", "Andre notater")
_ALLERGY = (_DOCUMENT, "2.16.578.1.12.4.1.6.13.11036.1", "Cave/allergier")
_CAVE = (_CASE, "2.16.578.1.12.4.1.6.14.50001.0", "Cave/allergier")
_CAVE_HEAD = (_DOCUMENT, "2.16.578.1.12.4.1.6.13.10028.0", "Cave/allergier")
_MEDICINE = (_DOCUMENT, "2.16.578.1.12.4.1.6.13.10301.0", "Legemidler")
_ROLES, _SERVICES, _FUNCTIONS, _SUBSTANCES = "9034", "9151", "9111", "7180"
_STATES, _PLACES = "8431", "8408"
_START = ("shipment", "patient", "relative", "unit", "professional", "responsible")
_BODY: dict[str, tuple[str, ...]] = {
    "HELSEOPPL_SOKNAD": (
        "content", "stays", "application", "diagnosis", "record", "function", "need",
    ),
    "INNLEGGELSESRAPPORT": ("diagnosis", "record", "medicine", "service", "function"),
    "UTSKRIVNINGSRAPPORT": (
        "content", "stays", "diagnosis", "record", "medicine", "function", "need",
    ),
    "ORIENTERING_TJENESTETILBUD": ("service",),
    "MEDISINSKE_OPPLYSNINGER": (
        "content", "application", "diagnosis", "record", "medicine", "function", "need",
    ),
    "HELSEOPPLYSNINGER_LEGE": ("consultation", "diagnosis", "record", "medicine", "function"),
    "FRAVARSMELDING": ("away",),
}  # fmt: skip
"""What each type has after the parts that all have, in the order of its schema."""


def payload(content: Node, letter: Letter, known: MessageType, form: Form, new_id: NewId) -> None:
    """Add the root of the care message with all that the letter's details and notes say."""
    space = types.COMPONENT[form.version]
    element = begin(content, form.namespace, form.root, space, FK1, EPJ1, EPJ2, EPJ3, META)
    writer = _Writer(element, letter, form, new_id)
    for part in (*_START, *(("logistics",) if known.part else _BODY[known.code])):
        writer.write(part, known)


class _Writer:
    """Adds parts to one payload; a part of which nothing is said is left out."""

    def __init__(self, element: Node, letter: Letter, form: Form, new_id: NewId) -> None:
        self.element = element
        self.letter = letter
        self.form = form
        self.space = types.COMPONENT[form.version]
        self.new_id = new_id
        self.plain, rows = parted(letter.details)
        self.rows = {name: listed(found) for name, found in rows.items()}
        self.about = rows["note"]

    def write(self, part: str, known: MessageType) -> None:
        """Add one part."""
        if part in ("relative", "unit", "professional", "responsible"):
            for row in self.rows["contact"]:
                if row.get("kind") == part:
                    self._contact(row, part)
        elif part == "logistics":
            self._logistics(known)
        else:
            getattr(self, f"_{part}")()

    # Parts of every message

    def _shipment(self) -> None:
        shipment = self._add(self.element, "InformasjonOmForsendelsen")
        letter = _STATUS[self.letter.status]
        code(shipment, self.space, "Forsendelsesstatus", letter, types.STATUS_NAMES[letter])
        self._texts(shipment, self.plain, "forward_reserved ForbeholdOmVideresending")
        self._texts(shipment, self.plain, "answers_request SvarPaaForesporsel")

    def _patient(self) -> None:
        if not self.plain.keys() & {"marital", "lives_alone", "language"}:
            return
        patient = self._add(self.element, "TilleggsopplysningPasient")
        self._code(patient, "SivilStatus", self.plain, "marital")
        self._texts(patient, self.plain, "lives_alone BorAlene")
        self._code(patient, "Sprak", self.plain, "language")

    def _contact(self, row: Row, kind: str) -> None:
        outer, inner = {
            "relative": ("ParorendeForesatt", "Referanseperson"),
            "unit": ("TilknyttetEnhet", "Kontaktenhet"),
            "professional": ("KontaktpersonHelsepersonell", "Kontaktperson"),
            "responsible": ("AnsvarForRapport", "AnsvarligRapport"),
        }[kind]
        contact = self._add(self.element, outer)
        if kind == "relative":
            self._code(contact, "Slektskap", row, "role")
        person = self._add(contact, inner)
        if kind == "unit":
            add(person, FK1, "OrganisationName", text(row, "name"))
        else:
            if kind != "relative":
                self._fk1(person, "TypeHealthcareProfessional", row, "type")
                self._fk1(person, "RoleToPatient", row, "role", _ROLES)
            *given, family = text(row, "name").split() or [""]
            if family:
                add(person, FK1, "FamilyName", family)
            if given:
                add(person, FK1, "GivenName", " ".join(given))
        if kind != "relative" or row.keys() & {"id", "id_type"}:
            ident = add(person, FK1, "Ident")
            add(ident, FK1, "Id", text(row, "id"))
            listed = types.ORGANISATION_IDS if kind == "unit" else types.PERSON_IDS
            kind_of_id = text(row, "id_type")
            add(ident, FK1, "TypeId", **({"V": kind_of_id, "S": OID + listed} if kind_of_id else {}))
        if phone := text(row, "phone"):
            add(add(person, FK1, "TeleCom"), FK1, "TeleAddress", V=f"tel:{phone}")
        self._texts(contact, row, "approved GodkjentDato", "note Merknad")

    # What logistics messages say

    def _logistics(self, known: MessageType) -> None:
        part = add(self.element, self.form.namespace, known.part)
        if known.code == "LOG_UTSKREVET":
            to = self._add(part, "UtskrevetTil")
            self._code(to, "Uttilstand", self.plain, "condition", _STATES)
            if not self._code(to, "UtTil", self.plain, "to", _PLACES):
                self._add(to, "UtTil")
        for row in self.rows["event"]:
            self._event(part, row)

    def _event(self, parent: Node, row: Row) -> None:
        event = self._add(parent, "TidsfestetHendelse")
        if value := text(row, "code"):
            words = types.EVENT_NAMES.get(value, "")
            code(event, self.space, "Hendelsekode", value, words, types.EVENT_LIST)
        self._texts(event, row, "text BeskrivelseAvHendelse")
        time = text(row, "time")
        add(event, self.space, "TidspunktForHendelse", **({"V": time} if time else {}))
        self._texts(event, row, "estimate Anslag", "note Merknad")
        if place := text(row, "place"):
            add(self._add(event, "StedForHendelse"), self.space, "StedHendelse", place)

    # What reports say

    def _content(self) -> None:
        if self.letter.version == "v1.5" and self.letter.type == "HELSEOPPL_SOKNAD":
            return
        value = text(self.plain, "content")
        if not value:
            return
        number = text(self.plain, "content_list")
        words = types.CONTENT_NAMES.get(value, "") if number == types.CONTENT_LIST else ""
        words = "Utskrivningsrapport" if (value, number) == ("11", "9139") else words
        code(self._add(self.element, "TypeInnholdIMelding"), self.space, "TypeInnhold", value, words, number)

    def _consultation(self) -> None:
        if value := text(self.plain, "content"):
            code(self._add(self.element, "InnholdKonsultasjon"), self.space, "TypeInnholdKonsultasjon", value)

    def _stays(self) -> None:
        for row in self.rows["event"]:
            self._event(self._add(self.element, "OpplysningOpphold"), row)

    def _application(self) -> None:
        if "own_application" in self.plain:
            application = self._add(self.element, "OpplysningerTilSoknad")
            self._texts(application, self.plain, "own_application EgensoknadSendt")

    def _diagnosis(self) -> None:
        if not self.rows["diagnosis"]:
            return
        parent = self._add(self.element, "InfoMedisinskDiagnose")
        for row in self.rows["diagnosis"]:
            diagnosis = self._add(parent, "MedisinskDiagnose")
            self._texts(diagnosis, row, "main Hoveddiagnose")
            self._code(diagnosis, "Diagnosekode", row, "code", text(row, "list"))
            self._texts(diagnosis, row, "text DiagnoseBeskrivelse")

    def _record(self) -> None:
        """Allergies and notes."""
        allergies = self.rows["allergy"]
        if not (allergies or self.letter.notes):
            return
        parent = self._add(self.element, "MedisinskfagligeOpplysninger")
        plain = [row for row in allergies if not row.get("code")]
        if plain:
            head = self._part(self._part(parent, EPJ1, "Cave", _CAVE), EPJ1, "SakshodeCave", _CAVE_HEAD)
            for row in plain:
                add(add(head, EPJ1, "StikkordCave"), EPJ1, "CaveStikkord", text(row, "text"))
        for row in allergies:
            if row.get("code"):
                allergy = add(self._part(parent, EPJ1, "Allerginotat", _ALLERGY), EPJ1, "Allergi")
                add(allergy, EPJ1, "AllergiskMot", text(row, "text"))
                code(allergy, EPJ1, "VirkestoffLegemiddel", text(row, "code"), number=_SUBSTANCES)
        if self.letter.notes:
            self._notes(self._part(parent, EPJ2, "GenereltJournalnotat", _NOTE), self.letter.notes)

    def _notes(self, parent: Node, notes: Sequence[tuple[str, str]]) -> None:
        for number, (heading, said) in enumerate(notes, 1):
            row = self.about.get(number, {})
            entry = add(parent, EPJ2, "Journaltekst")
            values = {"V": text(row, "code"), "S": text(row, "list"), "DN": heading}
            if any(values.values()):
                values["S"] = OID + values["S"] if values["S"] else ""
                add(
                    entry, EPJ2, "Overskriftskode", **{name: value for name, value in values.items() if value}
                )
            add(entry, EPJ2, "Notat", said)
            if remark := text(row, "remark"):
                add(entry, EPJ2, "Merknad", remark)

    def _medicine(self) -> None:
        for row in self.rows["medicine"]:
            info = self._part(self.element, EPJ3, "Legemiddelinfo", _MEDICINE)
            order = add(info, EPJ3, "ForenkletForskrivning")
            self._values(order, "InngaarIMultidose", V=text(row, "multidose"))
            if note := text(row, "note"):
                add(order, EPJ3, "Merknad", note)
            drug = add(order, EPJ3, "Forskrivningsinfo")
            for name, key in (("BruksomradeTekst", "for"), ("DosVeiledEnkel", "dose")):
                if value := text(row, key):
                    add(drug, EPJ3, name, value)
            add(drug, EPJ3, "Navn", text(row, "name"))
            self._values(drug, "Atc", V=text(row, "atc"))
            self._values(drug, "Legemiddelform", V=text(row, "form"))
            self._values(drug, "Styrke", V=text(row, "strength"), U=text(row, "unit"))
            self._values(drug, "Bruk", V=text(row, "use"))
            self._values(drug, "DoseringStarttidspunkt", V=text(row, "from"))
            self._values(drug, "DoseringSluttidspunkt", V=text(row, "to"))

    def _service(self) -> None:
        for row in self.rows["service"]:
            service = self._add(self.element, "EksisterendeTjeneste")
            self._code(service, "IPLOStjenestetype", row, "type", _SERVICES)
            self._texts(
                service,
                row,
                "name BetegnelseTjeneste",
                "private PrivatTjeneste",
                "by TjenestenLevertAv",
                "about OpplysningerOmTjenesten",
                "units AntallEnheter",
                "unit Enhet",
                "from Startdato",
                "to Sluttdato",
                "note Merknad",
            )

    def _need(self) -> None:
        for row in self.rows["need"]:
            need = self._add(self.element, "TjenesteBehov")
            self._code(need, "IPLOStjenestetype", row, "type", _SERVICES)
            self._texts(
                need,
                row,
                "name BetegnelseTjeneste",
                "at VedInstitusjon",
                "about BeskrivelseAvTjeneste",
                "units AntallEnheterOnsket",
                "unit Enhet",
            )

    def _function(self) -> None:
        if not self.rows["function"]:
            return
        parent = self._add(self.element, "InfoKartleggingFunksjonsniva")
        for row in self.rows["function"]:
            function = self._add(parent, "KartlagtFunksjon")
            self._code(function, "Funksjonsvariabel", row, "variable", _FUNCTIONS)
            self._texts(function, row, "value Vurdering", "note Merknad")

    def _away(self) -> None:
        away = self._add(self.element, "Fraversassistent")
        self._texts(
            away,
            self.plain,
            "away MottakerFravarende",
            "forwarded MeldingVideresendt",
            "away_from FravarendeFraDato",
            "away_to FravarendeTilDato",
            "away_note Merknad",
        )

    # Elements

    def _add(self, parent: Node, name: str) -> Node:
        return add(parent, self.space, name)

    def _texts(self, parent: Node, row: Row, *pairs: str) -> None:
        """Add `key Node` pairs whose key has a value."""
        for pair in pairs:
            key, name = pair.split()
            if key in row:
                add(parent, self.space, name, text(row, key))

    def _code(self, parent: Node, name: str, row: Row, key: str, number: str = "") -> bool:
        """Add a coded value when there is one (or only its list); whether it was added."""
        value = text(row, key)
        if not (value or (key == "code" and number)):
            return False
        values = {"V": value, "S": OID + number if number else ""}
        add(parent, self.space, name, **{name: said for name, said in values.items() if said})
        return True

    def _fk1(self, parent: Node, name: str, row: Row, key: str, number: str = "") -> None:
        if value := text(row, key):
            code(parent, FK1, name, value, number=number)

    def _values(self, parent: Node, name: str, **values: str) -> None:
        if any(values.values()):
            add(parent, EPJ3, name, **{key: value for key, value in values.items() if value})

    def _part(self, parent: Node, space: str, name: str, marks: tuple[str, str, str]) -> Node:
        """A part of the patient record, with the marks and the id that such parts have."""
        base, component, category = marks
        part = add(parent, space, name, komponentID=self.new_id())
        mark = f' m1:basiskomponenttype="{base}" m1:komponenttype="{component}"'
        part.attributes += f'{mark} m1:informasjonskategori="{category}"'
        return part
