"""Our own check of structure, for whoever has no schemas: order, number and type of the elements that count.

Not the national schemas: parts that Naer only passes on are not looked into. A content model is written
as in a DTD: `Name? Name* Name+ (Name|Name)`; a name without prefix has the namespace of its parent.
Prefixes: mh the head, p the payload, po the shared parts, fk1 people, epj1–3 parts of the record.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from naer.messages.plo import types
from naer.messages.plo.findings import Findings
from naer.messages.plo.times import is_valid, point
from naer.messages.plo.types import Form
from naer.messages.plo.xml import Document, Node

_NAMES = "FamilyName? MiddleName? GivenName? DateOfBirth? Sex? Nationality?"
_REACHED = "Address? TeleCom*"
_ADDRESS = "Type? StreetAdr? PostalCode? City? Postbox? County? Country?"
_PROFESSIONAL = f"TypeHealthcareProfessional? RoleToPatient? {_NAMES}"
_DOCUMENT = (
    "DocumentConnection? ContentType? ContentDescription? ContentCategory? Consent? Annotation? FromDate?"
    " ToDate? OidRef? EnquiryRefId? RefDoc"
)
_FK1_PERSON = "fk1:FamilyName? fk1:MiddleName? fk1:GivenName? fk1:DateOfBirth? fk1:Sex? fk1:Nationality?"
_FK1_PROFESSIONAL = (
    f"fk1:TypeHealthcareProfessional? fk1:RoleToPatient? {_FK1_PERSON} fk1:Ident+ fk1:Address? fk1:TeleCom*"
)
_FK1_ORGANISATION = (
    "fk1:TypeOrganisation? fk1:OrganisationName fk1:Ident+ fk1:Address? fk1:TeleCom* fk1:Organisation?"
)
_START = (
    "po:InformasjonOmForsendelsen po:TilleggsopplysningPasient? po:ParorendeForesatt* po:TilknyttetEnhet*"
    " po:KontaktpersonHelsepersonell* po:AnsvarForRapport* po:SendtDokument*"
)
_END_OF_APPLICATION = (
    "po:InfoMedisinskDiagnose* po:MedisinskfagligeOpplysninger? po:Sykepleierdokumentasjon?"
    " po:OpplysningerAndreFaggrupper* po:InfoKartleggingFunksjonsniva? po:InfoAssistertKommunikasjon*"
    " po:InfoInformasjonGitt* po:TjenesteBehov*"
)
_ASKED_1_0 = (
    "TypeForesp Sporsmal? Begrunnelse? Hastegrad? FraDato? TilDato? TypeJournalinfo? DokIdForesp?"
    " RollerRelatertNotat*"
)
_ASKED_1_1 = (
    "TypeForesp EmneSporsmal? Sporsmal? Formål? Begrunnelse? Hastegrad? FraDato? TilDato? TypeJournalinfo*"
    " KodetOpplysning? DokIdForesp? RollerRelatertNotat*"
)

MODELS: dict[str, str] = {
    "mh:MsgHead": "MsgInfo (Document+|PatientReport+) ds:Signature?",
    "mh:MsgInfo": (
        "Type MIGversion GenDate MsgId ProcessingStatus? RequestedPriority? Ack? ConversationRef? Sender"
        " Receiver OtherReceiver* Patient?"
    ),
    "mh:ConversationRef": "RefToParent RefToConversation",
    "mh:Sender": "ComMethod? Organisation",
    "mh:Receiver": "ComMethod? Organisation",
    "mh:OtherReceiver": ("ComMethod? RoleReceiver (Organisation?|Patient?|Person?|HealthcareProfessional?)"),
    "mh:Organisation": (
        f"(OrganisationName TypeOrganisation? Ident+ {_REACHED} Organisation? HealthcareProfessional?)?"
    ),
    "mh:HealthcareProfessional": f"{_PROFESSIONAL} Ident+ {_REACHED}",
    "mh:Patient": f"{_NAMES} Ident* {_REACHED}",
    "mh:Ident": "Id TypeId",
    "mh:Address": _ADDRESS,
    "mh:TeleCom": "TypeTelecom? TeleAddress",
    "mh:Document": _DOCUMENT,
    "mh:RefDoc": "IssueDate? MsgType Id? MimeType? Description? Compression? (FileReference?|Content?)",
    "fk1:Organisation": _FK1_ORGANISATION,
    "fk1:Ident": "Id TypeId",
    "fk1:Address": _ADDRESS,
    "fk1:TeleCom": "TypeTelecom? TeleAddress",
    "po:InformasjonOmForsendelsen": (
        "Forsendelsesstatus ForbeholdOmVideresending? SvarPaaForesporsel? Foresporsel?"
    ),
    "po:TilleggsopplysningPasient": "SivilStatus? BorAlene? Sprak?",
    "po:ParorendeForesatt": (
        "Slektskap? Omsorgsfunksjon? FodselsarMindrearigParorende? Referanseperson Merknad?"
    ),
    "v1.5 po:ParorendeForesatt": "Slektskap? Omsorgsfunksjon? Referanseperson Merknad?",
    "po:Referanseperson": f"{_FK1_PERSON} fk1:Ident* fk1:Address? fk1:TeleCom*",
    "po:TilknyttetEnhet": "Kontaktenhet Merknad?",
    "po:Kontaktenhet": _FK1_ORGANISATION,
    "po:KontaktpersonHelsepersonell": "Kontaktperson Merknad?",
    "po:Kontaktperson": _FK1_PROFESSIONAL,
    "po:AnsvarForRapport": "AnsvarligRapport GodkjentDato? TypeRelasjon? Merknad?",
    "po:AnsvarligRapport": _FK1_PROFESSIONAL,
    "po:SendtDokument": "Opplysning JaNei DatoSendt? TypeMottaker? NavnMottaker? Merknad?",
    "po:TidsfestetHendelse": (
        "Hendelsekode? BeskrivelseAvHendelse? TidspunktForHendelse Anslag Merknad? StedForHendelse?"
    ),
    "po:StedForHendelse": "StedHendelse",
    "po:UtskrevetTil": "Uttilstand? UtTil Merknad?",
    "po:TypeInnholdIMelding": "TypeInnhold Merknad?",
    "po:InnholdKonsultasjon": "TypeInnholdKonsultasjon Merknad?",
    "po:OpplysningOpphold": "TidsfestetHendelse",
    "po:OpplysningerTilSoknad": "EgensoknadSendt Merknad?",
    "po:InfoMedisinskDiagnose": "MedisinskDiagnose+",
    "po:MedisinskDiagnose": "Hoveddiagnose? Diagnosekode? DiagnoseBeskrivelse?",
    "v1.5 po:MedisinskDiagnose": "Hoveddiagnose Diagnosekode? DiagnoseBeskrivelse?",
    "po:MedisinskfagligeOpplysninger": (
        "RegistrertBlodtype? InfoTidligereSykdommer* epj1:Cave? epj1:Allerginotat* epj2:GenereltJournalnotat*"
    ),
    "po:Sykepleierdokumentasjon": (
        "InfoFraSykepleier? epj3:LegemidlerAdministrertVedOverforing? InfoAvtaleOmLegemiddeladm?"
        " InfoVurderinger* IverksatteTiltak* AnbefaltVidereTiltak* InfoMaalForventetRes* Ansvarlig*"
    ),
    "po:InfoFraSykepleier": "OpplysningerRelevantOppfolging? epj2:Journaltekst*",
    "po:EksisterendeTjeneste": (
        "IPLOStjenestetype? BetegnelseTjeneste? PrivatTjeneste TjenestenLevertAv? OpplysningerOmTjenesten?"
        " AntallEnheter? Enhet? Startdato? Sluttdato? Merknad?"
    ),
    "po:TjenesteBehov": (
        "IPLOStjenestetype? BetegnelseTjeneste? VedInstitusjon? BeskrivelseAvTjeneste? AntallEnheterOnsket?"
        " Enhet?"
    ),
    "po:InfoKartleggingFunksjonsniva": "SamletVurderingFunksjonsniva? KartlagtFunksjon+ Ansvarlig?",
    "po:KartlagtFunksjon": "Funksjonsvariabel? Vurdering? Merknad?",
    "po:Fraversassistent": (
        "MottakerFravarende MeldingVideresendt? FravarendeFraDato? FravarendeTilDato? VideresendtTil?"
        " Merknad?"
    ),
    "epj1:StikkordCave": "CaveStikkord epj2:Journaltekst?",
    "epj1:Allerginotat": "epj2:Journaltekst* Allergi",
    "epj2:GenereltJournalnotat": "Journaltekst+",
    "epj2:Journaltekst": "Overskriftskode? Notat Merknad?",
    "epj3:Legemiddelinfo": "ForenkletForskrivning",
    "epj3:ForenkletForskrivning": (
        "StatusTilForskrivningen? InngaarIMultidose? ReseptId? Merknad? Forskriver? Forskrivningsinfo"
    ),
    "epj3:Forskrivningsinfo": (
        "BruksomradeTekst? DosVeiledEnkel? Nr? Navn GeneriskNavn? Atc? Legemiddelform? Styrke? Bruk?"
        " DoseringStarttidspunkt? DoseringSluttidspunkt? SkalIkkeTasSammenMedAnnetLegemiddel?"
    ),
    "p:Pasientlogistikk": (
        f"{_START} (OrienteringOmDod|MeldingOmUtskrevetPasient|MeldingUtskrivningsklarPasient"
        "|AvmeldingUtskrivningsklarPasient|MeldingInnlagtPasient)"
    ),
    "p:MeldingInnlagtPasient": "po:TidsfestetHendelse",
    "p:OrienteringOmDod": "po:TidsfestetHendelse",
    "p:MeldingUtskrivningsklarPasient": "po:TidsfestetHendelse+",
    "p:AvmeldingUtskrivningsklarPasient": "po:TidsfestetHendelse+",
    "p:MeldingOmUtskrevetPasient": "po:UtskrevetTil po:TidsfestetHendelse po:InfoInformasjonGitt?",
    "p:HelseopplysningerVedSoknad": (
        f"{_START} po:TypeInnholdIMelding po:OpplysningOpphold+ po:OpplysningerTilSoknad?"
        f" {_END_OF_APPLICATION}"
    ),
    "v1.5 p:HelseopplysningerVedSoknad": f"{_START} po:OpplysningerTilSoknad {_END_OF_APPLICATION}",
    "p:Innleggelsesrapport": (
        f"{_START} po:InfoMedisinskDiagnose* po:MedisinskfagligeOpplysninger? epj3:Legemiddelinfo*"
        " po:EksisterendeTjeneste* po:InfoKartleggingFunksjonsniva? po:InfoAndreViktigeOpplysninger?"
        " po:Sykepleierdokumentasjon? po:OpplysningerAndreFaggrupper? po:OpplysningerOmHjelpemidler?"
        " po:InfoAssistertKommunikasjon* po:InfoReservasjon* po:InfoInformasjonGitt*"
    ),
    "p:TverrfagligEpikrise": (
        f"{_START} po:TypeInnholdIMelding po:OpplysningOpphold* po:InfoMedisinskDiagnose*"
        " po:MedisinskfagligeOpplysninger? epj3:Legemiddelinfo* po:InfoAndreViktigeOpplysninger?"
        " po:Sykepleierdokumentasjon? po:OpplysningerAndreFaggrupper* po:InfoKartleggingFunksjonsniva?"
        " po:TjenesteBehov* po:InfoInformasjonGitt* po:InfoAssistertKommunikasjon* po:InfoReservasjon*"
        " po:InfoKontrolltime* po:OpplysningerOmHjelpemidler?"
    ),
    "p:OrienteringOmTjenestetilbud": f"{_START} po:EksisterendeTjeneste+ po:AssistertKommunikasjon*",
    "p:OverforingMedisinskeOpplysninger": (
        f"{_START} po:TypeInnholdIMelding? po:OpplysningerTilSoknad? po:InfoMedisinskDiagnose?"
        " po:MedisinskfagligeOpplysninger? epj3:Legemiddelinfo* po:InfoIPLOSrelevantInformasjon?"
        " po:OpplysningerAndreFaggrupper* po:InfoKartleggingFunksjonsniva? po:InfoAssistertKommunikasjon*"
        " po:InfoInformasjonGitt* po:TjenesteBehov* po:InfoAndreViktigeOpplysninger? po:InfoReservasjon*"
    ),
    "p:Konsultasjon": (
        f"{_START} po:InnholdKonsultasjon? po:InfoMedisinskDiagnose* po:MedisinskfagligeOpplysninger?"
        " epj3:Legemiddelinfo* po:InfoAndreViktigeOpplysninger? po:Sykepleierdokumentasjon?"
        " po:InfoKartleggingFunksjonsniva? po:InfoInformasjonGitt* po:InfoAssistertKommunikasjon*"
        " po:InfoReservasjon*"
    ),
    "p:MeldingFravar": f"{_START} po:Fraversassistent",
    "p:Dialogmelding": "SakstypeKodet? Sakstype? (Foresporsel*|Notat*)",
    "p:Notat": (
        "TemaKodet Tema? TekstNotatInnhold? Merknad? DokIdNotat? DatoNotat? Foresporsel? RollerRelatertNotat*"
    ),
    "v1.0 p:Foresporsel": _ASKED_1_0,
    "v1.1 p:Foresporsel": _ASKED_1_1,
    "v1.0 p:RollerRelatertNotat": "RolleNotat? RoleToPatient? (HealthcareProfessional|Person)",
    "v1.1 p:RollerRelatertNotat": (
        "RolleNotat? RoleToPatient? TilknyttetEnhet? (HealthcareProfessional|Person)?"
    ),
    "p:HealthcareProfessional": f"{_PROFESSIONAL} Ident* {_REACHED}",
    "p:Person": f"GivenName? MiddleName? FamilyName? DateOfBirth? Sex? Nationality? Ident* {_REACHED}",
    "p:Ident": "fk1:Id fk1:TypeId",
    "p:TeleCom": "fk1:TypeTelecom? fk1:TeleAddress",
    "p:TilknyttetEnhet": "Kontaktenhet Merknad? (HealthcareProfessional|Person)?",
    "p:Kontaktenhet": _FK1_ORGANISATION,
}
"""Content models by prefix and name, with a version in front where versions differ."""

_BOOLEANS = frozenset(("true", "false", "0", "1"))
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d{1,18}(\.\d*)?|\.\d{1,18})", re.ASCII)


def _is_moment(text: str) -> bool:
    return "T" in text and point(text) is not None


def _is_date(text: str) -> bool:
    return "T" not in text and point(text) is not None


def _is_boolean(text: str) -> bool:
    return text in _BOOLEANS


_LEAVES: dict[str, tuple[Callable[[str], bool], str]] = (
    dict.fromkeys(("mh:GenDate",), (_is_moment, "a date and time"))
    | dict.fromkeys(
        (
            "mh:DateOfBirth",
            "fk1:DateOfBirth",
            "po:GodkjentDato",
            "po:DatoSendt",
            "po:Startdato",
            "po:Sluttdato",
            "po:FravarendeFraDato",
            "po:FravarendeTilDato",
            "p:DatoNotat",
            "p:FraDato",
            "p:TilDato",
            "p:DateOfBirth",
        ),
        (_is_date, "a date"),
    )
    | dict.fromkeys(
        (
            "po:Anslag",
            "po:ForbeholdOmVideresending",
            "po:SvarPaaForesporsel",
            "po:BorAlene",
            "po:JaNei",
            "po:EgensoknadSendt",
            "po:Hoveddiagnose",
            "po:PrivatTjeneste",
            "po:MottakerFravarende",
            "po:MeldingVideresendt",
        ),
        (_is_boolean, "true or false"),
    )
    | dict.fromkeys(("po:Vurdering",), (lambda text: _WHOLE.fullmatch(text) is not None, "a whole number"))
    | dict.fromkeys(
        ("po:AntallEnheter",), (lambda text: _DECIMAL.fullmatch(text) is not None, "a decimal number")
    )
)
"""Elements whose text has a type, by prefix and name."""
_POINTS = frozenset(
    (
        "mh:IssueDate",
        "po:TidspunktForHendelse",
        "epj3:DoseringStarttidspunkt",
        "epj3:DoseringSluttidspunkt",
    )
)
"""Elements whose attribute V is a kith:TS."""
_FREE = frozenset(("p:TekstNotatInnhold", "p:Sporsmal", "mh:Content", "ds:Signature"))
"""Elements that may hold anything."""

_ATTRIBUTES = frozenset(("V", "S", "DN", "OT", "U", "komponentID", "referanseViktigTilleggsinfo"))
"""Attributes without namespace; with one there are those of the record (EPJ-meta) and of XML Schema."""
_ATTRIBUTE_SPACES = (f"{{{types.META}}}", "{http://www.w3.org/2001/XMLSchema-instance}")

_NAME = re.compile(r"(?:(\w+):)?(\w+)([?*+]?)")


@cache
def _model(key: str, version: str) -> re.Pattern[str] | None:
    written = MODELS.get(f"{version} {key}") or MODELS.get(key)
    if written is None:
        return None
    own = key.split(":", 1)[0]

    def token(found: re.Match[str]) -> str:
        return f"(?:{found[1] or own}:{found[2]} ){found[3]}"

    return re.compile(_NAME.sub(token, written).replace("> ", ">").replace(" (?:", "(?:").replace(" (", "("))


class _Keys(dict[str, str]):
    """Tag → `prefix:Name`, with the prefix ? for a namespace that does not belong into the message."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        super().__init__()
        self._prefixes = prefixes

    def __missing__(self, tag: str) -> str:
        space, _, name = tag[1:].rpartition("}")
        key = f"{self._prefixes.get(space, '?')}:{name if len(name) < 60 else '…'}"
        if len(self) < 2000:
            self[tag] = key
        return key


_HEAD_KEYS = _Keys({types.MSGHEAD: "mh", "http://www.w3.org/2000/09/xmldsig#": "ds"})
_SHARED = {types.FK1: "fk1", types.EPJ1: "epj1", types.EPJ2: "epj2", types.EPJ3: "epj3"}


@cache
def _keys(form: Form) -> _Keys:
    prefixes = _SHARED | {form.namespace: "p"}
    if form.version in types.COMPONENT:
        prefixes[types.COMPONENT[form.version]] = "po"
    return _Keys(prefixes)


Leaf = tuple[int, str, str]
"""A node whose value has a type: its place in the document, its key, its path."""
_PLANS: dict[str, tuple[Leaf, ...]] = {}
"""Shape of a sound document → what of it has to be checked for its value."""
MAX_PLANS, MAX_SHAPE = 256, 50_000


def check(document: Document, payload: Node | None, form: Form | None, findings: Findings) -> None:
    """Refuses (T02) elements that are missing, out of order, too many or of the wrong type.

    Also a payload that mixes the namespaces of two versions. Messages mostly have a shape that was seen
    before: of those only the values are checked.
    """
    leaves = _PLANS.get(document.shape)
    if leaves is None:
        before = len(findings.issues)
        places = {id(node): place for place, node in enumerate(document.nodes)}
        found = _walk(document.root, "mh:MsgHead", _HEAD_KEYS, "", places, findings)
        if payload is not None and form is not None:
            found += _walk(payload, f"p:{form.root}", _keys(form), form.version, places, findings)
        leaves = tuple(found)
        if form is not None and len(findings.issues) == before and len(document.shape) <= MAX_SHAPE:
            if len(_PLANS) >= MAX_PLANS:
                _PLANS.clear()
            _PLANS[document.shape] = leaves
    for place, key, path in leaves:
        _value(document.nodes[place], key, path, findings)


Place = tuple[Node, str, Any]
"""An element, its key, and the place of its parent (None at the top)."""


def _walk(
    first: Node, key: str, keys: _Keys, version: str, places: dict[int, int], findings: Findings
) -> list[Leaf]:
    leaves: list[Leaf] = []
    waiting: list[Place] = [(first, key, None)]
    while waiting:
        place = waiting.pop()
        node, own, _ = place
        if own in _FREE:
            continue
        named = [keys[one.tag] for one in node.below]
        _children(place, named, version, findings)
        _attributes(place, findings)
        waiting += [(one, name, place) for one, name in zip(node.below, named, strict=True)][::-1]
        if own in _LEAVES or own in _POINTS:
            leaves.append((places[id(node)], own, _path(place)))
    return leaves


def _children(place: Place, named: list[str], version: str, findings: Findings) -> None:
    node, key, _ = place
    model = _model(key, version)
    if model is not None:
        if model.fullmatch("".join([f"{name} " for name in named])) is None:
            _told(place, "Elements are missing, unknown, too many or out of order.", findings)
        if node.text and not node.text.isspace():
            _told(place, "There is text where only elements may stand.", findings)
    if any(name.startswith("?:") for name in named):
        _told(place, "An element has a namespace that does not belong here.", findings)


def _attributes(place: Place, findings: Findings) -> None:
    node = place[0]
    if "V" in node.attrib and (node.below or (node.text and not node.text.isspace())):
        _told(place, "An element with a value in V has content as well.", findings)
    if not all(name in _ATTRIBUTES or name.startswith(_ATTRIBUTE_SPACES) for name in node.attrib):
        _told(place, "The element has an attribute that does not belong here.", findings)


def _value(node: Node, key: str, path: str, findings: Findings) -> None:
    typed = _LEAVES.get(key)
    if typed is not None and not typed[0](node.text.strip()):
        findings.refuse("T02", f"The element must be {typed[1]}.", path)
    value = node.attrib.get("V") if key in _POINTS else None
    if value is not None and not is_valid(value.strip()):
        findings.refuse("T02", "V must be a date, with or without a time.", path)


def _told(place: Place, text: str, findings: Findings) -> None:
    findings.refuse("T02", text, _path(place))


def _path(place: Place) -> str:
    names: list[str] = []
    above: Place | None = place
    while above is not None:
        names.append(above[1].split(":", 1)[1])
        above = above[2]
    return "/".join(reversed(names))
