"""Norwegian messages about a person who cannot exist, written as text so that a test may break any of it."""

from naer.events.instant import ZONES, Instant, parse
from naer.messages import read
from naer.messages.envelope import Incoming
from naer.messages.plo import types

NUMBER = "15815010016"
"""A synthetic birth number: 80 is added to the month (Tenor)."""
HOSPITAL = ("Prøve sykehus HF", "7101", "Ortopedi", "7102")
TOWN = ("Prøve kommune", "8801", "Saksbehandling", "8802")
DOCTOR = ("Prøve legesenter", "9901", "", "9902")
PATIENT = f"""<Patient><FamilyName>Prøvesen</FamilyName><GivenName>Alma</GivenName>
<DateOfBirth>1950-01-15</DateOfBirth><Sex V="2" DN="Kvinne"/>
<Ident><Id>{NUMBER}</Id><TypeId V="FNR" S="2.16.578.1.12.4.1.1.8116"/></Ident></Patient>"""
IN_ROOT = {
    "LOG_INNLAGT": "MeldingInnlagtPasient",
    "LOG_UTSKRIVNINGSKLAR": "MeldingUtskrivningsklarPasient",
    "LOG_AVMELDING": "AvmeldingUtskrivningsklarPasient",
    "LOG_UTSKREVET": "MeldingOmUtskrevetPasient",
    "LOG_DOD": "OrienteringOmDod",
}
SENT = "2026-03-04T10:05:00"


def at(text: str) -> Instant:
    """An instant, in Norwegian time when the text has no offset."""
    return parse(text, ZONES["NO"])


def event(code: str, time: str, estimate: str = "false", more: str = "") -> str:
    """A TidsfestetHendelse; without code or time when those are empty."""
    coded = f'<Hendelsekode V="{code}" S="2.16.578.1.12.4.1.1.9121"/>' if code else ""
    return (
        f'<TidsfestetHendelse>{coded}<TidspunktForHendelse V="{time}"/><Anslag>{estimate}</Anslag>{more}'
        "</TidsfestetHendelse>"
    )


ADMITTED = event("1", "2026-03-01T07:55:00")
READY = event("3", "2026-03-02", "true")
SERVICE = "<EksisterendeTjeneste><PrivatTjeneste>false</PrivatTjeneste></EksisterendeTjeneste>"
EXPECTED = f"<OpplysningOpphold>{event('3', '2026-03-06', 'true')}</OpplysningOpphold>"


def note(code: str, text: str, listed: str = "9145") -> str:
    """A Journaltekst with a coded heading."""
    heading = f'<epj2:Overskriftskode V="{code}" DN="Overskrift {code}" S="2.16.578.1.12.4.1.1.{listed}"/>'
    return f"<epj2:Journaltekst>{heading}<epj2:Notat>{text}</epj2:Notat></epj2:Journaltekst>"


def notes(*written: str) -> str:
    """A GenereltJournalnotat in MedisinskfagligeOpplysninger."""
    return (
        '<MedisinskfagligeOpplysninger><epj2:GenereltJournalnotat m1:basiskomponenttype="EPJ dokument"'
        f' m1:komponenttype="2.16.578.1.12.4.1.6.13.11009.0" komponentID="k">{"".join(written)}'
        "</epj2:GenereltJournalnotat></MedisinskfagligeOpplysninger>"
    )


STATUS_AND_COURSE = notes(note("1", "Falt hjemme."), note("2", "Trenger opptrening."))


def content(code: str, listed: str = "9140") -> str:
    """A TypeInnholdIMelding."""
    value = f'<TypeInnhold V="{code}" S="2.16.578.1.12.4.1.1.{listed}"/>'
    return f"<TypeInnholdIMelding>{value}</TypeInnholdIMelding>"


BODIES = {
    "LOG_INNLAGT": ADMITTED,
    "LOG_UTSKRIVNINGSKLAR": ADMITTED + READY,
    "LOG_AVMELDING": ADMITTED + READY + event("4", "2026-03-03T09:00:00"),
    "LOG_UTSKREVET": '<UtskrevetTil><Uttilstand V="1"/><UtTil V="1"/></UtskrevetTil>'
    + event("2", "2026-03-04"),
    "LOG_DOD": event("13", "2026-03-04"),
    "HELSEOPPL_SOKNAD": content("1") + EXPECTED + STATUS_AND_COURSE,
    "INNLEGGELSESRAPPORT": "",
    "UTSKRIVNINGSRAPPORT": content("11", "9139"),
    "ORIENTERING_TJENESTETILBUD": SERVICE,
    "MEDISINSKE_OPPLYSNINGER": "",
    "HELSEOPPLYSNINGER_LEGE": "",
    "FRAVARSMELDING": "<Fraversassistent><MottakerFravarende>true</MottakerFravarende></Fraversassistent>",
    "DIALOG_FORESPORSEL": (
        '<p:Foresporsel><p:TypeForesp V="1"/><p:Sporsmal>Når?</p:Sporsmal></p:Foresporsel>'
    ),
    "DIALOG_SVAR": (
        '<p:Notat><p:TemaKodet V="6"/><p:TekstNotatInnhold>Fredag.</p:TekstNotatInnhold></p:Notat>'
    ),
    "DIALOG_HELSEFAGLIG": (
        '<p:Notat><p:TemaKodet V="7" S="2.16.578.1.12.4.1.1.7322"/>'
        "<p:TekstNotatInnhold>Vi kan ta imot.</p:TekstNotatInnhold></p:Notat>"
    ),
    "DIALOG_AVVIK": '<p:Notat><p:TemaKodet V="1" S="2.16.578.1.12.4.1.1.8117"/></p:Notat>',
}
"""The least that each type says."""
OLD_BODIES = BODIES | {
    "HELSEOPPL_SOKNAD": (
        "<OpplysningerTilSoknad><EgensoknadSendt>false</EgensoknadSendt></OpplysningerTilSoknad>"
        + STATUS_AND_COURSE
    )
}
"""The same in version 1.5, where they differ."""


def party(name: str, her: str, service: str, service_her: str) -> str:
    """An Organisation with a service in it, or a doctor when the service has no name."""

    def ident(number: str, listed: str = "9051") -> str:
        return f'<Ident><Id>{number}</Id><TypeId V="HER" S="2.16.578.1.12.4.1.1.{listed}"/></Ident>'

    inner = f"<Organisation><OrganisationName>{service}</OrganisationName>{ident(service_her)}</Organisation>"
    if not service:
        inner = (
            "<HealthcareProfessional><FamilyName>Lege</FamilyName><GivenName>Ola</GivenName>"
            f"{ident(service_her, '8116')}</HealthcareProfessional>"
        )
    return f"<Organisation><OrganisationName>{name}</OrganisationName>{ident(her)}{inner}</Organisation>"


def payload(
    code: str, body: str | None = None, *, version: str = "", status: str = "N", start: str = ""
) -> str:
    """The payload of a type, by default with the least that it must say."""
    form = types.TYPES[code].form(version)
    said = (OLD_BODIES if form.version == "v1.5" else BODIES)[code] if body is None else body
    if code.startswith("DIALOG"):
        return f'<p:{form.root} xmlns:p="{form.namespace}">{said}</p:{form.root}>'
    if code in IN_ROOT:
        said = f"<p:{IN_ROOT[code]}>{said}</p:{IN_ROOT[code]}>"
    return (
        f'<p:{form.root} xmlns:p="{form.namespace}" xmlns="{types.COMPONENT[form.version]}"'
        f' xmlns:fk1="{types.FK1}" xmlns:epj1="{types.EPJ1}" xmlns:epj2="{types.EPJ2}"'
        f' xmlns:epj3="{types.EPJ3}" xmlns:m1="{types.META}"><InformasjonOmForsendelsen>'
        f'<Forsendelsesstatus V="{status}"/>'
        f"</InformasjonOmForsendelsen>{start}{said}</p:{form.root}>"
    )


def message(
    code: str = "LOG_INNLAGT",
    body: str | None = None,
    *,
    version: str = "",
    status: str = "N",
    start: str = "",
    id: str = "11111111-aaaa-4bbb-8ccc-000000000001",
    sent: str = SENT,
    parent: str = "",
    root: str = "",
    sender: tuple[str, str, str, str] = HOSPITAL,
    receiver: tuple[str, str, str, str] = TOWN,
    copies: str = "",
    patient: str = PATIENT,
    inside: str | None = None,
    documents: str = "",
) -> bytes:
    """A message that follows every rule, unless told otherwise."""
    reference = ""
    if parent:
        reference = (
            f"<ConversationRef><RefToParent>{parent}</RefToParent>"
            f"<RefToConversation>{root or parent}</RefToConversation></ConversationRef>"
        )
    if inside is None:
        inside = payload(code, body, version=version, status=status, start=start)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- written by a test -->
<MsgHead xmlns="{types.MSGHEAD}"><MsgInfo><Type V="{code}"/><MIGversion>{types.MIG_VERSION}</MIGversion>
<GenDate>{sent}</GenDate><MsgId>{id}</MsgId>{reference}<Sender>{party(*sender)}</Sender>
<Receiver>{party(*receiver)}</Receiver>{copies}{patient}</MsgInfo>
<Document><RefDoc><IssueDate V="{sent}"/><MsgType V="XML"/><Content>{inside}</Content></RefDoc></Document>
{documents}</MsgHead>""".encode()


def received(*args: str, **changes: str) -> Incoming:
    """The same, read."""
    return read(message(*args, **changes))  # type: ignore[arg-type]


def codes(incoming: Incoming) -> list[str]:
    """The codes that refuse a message, in order."""
    return [issue.code for issue in incoming.issues]


def flagged(incoming: Incoming) -> list[str]:
    """The codes of what is strange about a message."""
    return [issue.code for issue in incoming.flags]
